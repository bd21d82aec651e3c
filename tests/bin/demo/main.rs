//! `make demo`: a Secret is sealed, committed in thought, and unsealed by the controller; every
//! step is shown. On the cluster of `--context`, or of the kubeconfig that is set.

mod cluster;
mod processes;
mod show;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use harness::{Context, Result, eventually};
use kube::ResourceExt;

use cluster::Stage;
use processes::{Controller, kubeseal};

const LIMIT: Duration = Duration::from_secs(60);

/// A Secret nobody should commit.
const SECRET: &str = "apiVersion: v1
kind: Secret
metadata:
  name: db
stringData:
  username: admin
  password: correct horse battery staple
";

#[derive(Parser)]
#[command(about = "Seals a Secret and shows how the controller opens it")]
struct Args {
    /// Context of the kubeconfig to use instead of the current one
    #[arg(long)]
    context: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match demo(Args::parse().context).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            show::failure(&error);
            ExitCode::FAILURE
        }
    }
}

async fn demo(context: Option<String>) -> Result<()> {
    let mut ctrl_c = std::pin::pin!(tokio::signal::ctrl_c());
    let mut stage = Stage::connect(context).await?;
    let outcome = tokio::select! {
        outcome = play(&mut stage) => outcome,
        _ = &mut ctrl_c => Ok(()),
    };
    show::step("Clean up", "What the demo made is being removed; the cluster finishes that alone.");
    stage.strike().await?;
    outcome
}

async fn play(stage: &mut Stage) -> Result<()> {
    stage.set_up().await?;
    acts(stage).await
}

async fn acts(stage: &Stage) -> Result<()> {
    show::step(
        "The controller starts",
        "It finds no sealing key, so it makes one and keeps the private half in the cluster.",
    );
    let controller = Controller::start(stage).await?;
    show::text(&controller.log());

    show::step(
        "A Secret",
        "Whoever reads it knows the password: this must never be committed to Git.",
    );
    show::text(SECRET);

    show::step("kubeseal seals it", "Anyone can, with the public certificate alone.");
    let (cert, namespace) = (controller.certificate_url(), stage.namespace());
    let args = ["--cert", &cert, "--namespace", namespace, "--format", "yaml"];
    show::command(&format!("kubeseal {} < secret.yaml", args.join(" ")));
    let sealed = kubeseal(&args, SECRET)?;
    show::text(&sealed);

    show::step("The SealedSecret is applied", "It is safe in Git: only this cluster opens it.");
    show::command("kubectl apply -f sealed.yaml");
    let sealed = stage.apply(&sealed).await?;
    let name = sealed.name_any();
    eventually("the Secret is there", LIMIT, async || stage.secret(&name).await).await?;
    let status = eventually("status says Synced", LIMIT, async || stage.status(&name).await);
    show::step(
        "The controller opened it",
        "The same values, and the SealedSecret owns the Secret.",
    );
    show::status(status.await?);
    show::secret(&stage.secret(&name).await.context(|| "reading the Secret")?);
    show::event(&eventually("an event is there", LIMIT, async || stage.event(&name).await).await?);

    show::step(
        "Somebody renames the SealedSecret",
        "A value is bound to its name and namespace, so a copy elsewhere does not open.",
    );
    stage.apply_renamed(&sealed, "stolen").await?;
    let status = async || stage.status("stolen").await;
    show::status(eventually("status is there", LIMIT, status).await?);
    controller.stop().await
}
