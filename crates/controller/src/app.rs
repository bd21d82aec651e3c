//! Starting and stopping: keys, watches, HTTP server.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Namespace, Secret};
use kube::api::ListParams;
use kube::{Api, Client, Config};
use sealwright_api::SealedSecret;
use sealwright_crypto::Keyring;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::args::Args;
use crate::backoff::Backoff;
use crate::error::Error;
use crate::report::Reporter;
use crate::{http, keys, watch as watches};

/// Where a pod's service account says which namespace it lives in.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
/// How long work in hand may take once the process is told to stop.
const GRACE: Duration = Duration::from_secs(20);

/// What every reconciliation shares.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) reporter: Reporter,
    pub(crate) backoff: Backoff,
    pub(crate) accept_deprecated_data: bool,
}

/// Runs until SIGTERM or SIGINT.
///
/// # Errors
/// When the start fails: no cluster, no permission to read keys, no address to listen on.
pub(crate) async fn run(args: Args) -> Result<(), Error> {
    let client = connect().await?;
    let own_namespace = own_namespace();
    let scope = watched_namespaces(&client, &args, &own_namespace).await;
    info!("sealwright controller v{} in {own_namespace}", env!("CARGO_PKG_VERSION"));

    check_label_selector(&client, &args.label_selector).await?;

    let key_secrets: Api<Secret> = Api::namespaced(client.clone(), &own_namespace);
    let keyring = keys::load_or_generate(&key_secrets, &args).await?;
    let context = Arc::new(Context {
        reporter: Reporter::new(client.clone(), args.update_status),
        client,
        keyring: keyring.clone(),
        backoff: Backoff::default(),
        accept_deprecated_data: args.accept_deprecated_v1_data,
    });

    let (stop, stopping) = watch::channel(false);
    let server = http::serve(&args.listen_addr, keyring, stopping.clone()).await?;
    let watches = scope.into_iter().map(|namespace| {
        watches::run(namespace, &args.label_selector, context.clone(), stopping.clone())
    });
    let watches = futures::future::join_all(watches);
    tokio::spawn(stop_on_signal(stop));
    let finished = async { tokio::join!(server, watches) };
    tokio::select! {
        _ = finished => info!("stopped"),
        () = overdue(stopping) => warn!("stopped with work unfinished after {} s", GRACE.as_secs()),
    }
    Ok(())
}

async fn connect() -> Result<Client, Error> {
    let no_cluster = |error: &dyn std::error::Error| Error::NoCluster(error.to_string());
    let mut config = Config::infer().await.map_err(|error| no_cluster(&error))?;
    config.connect_timeout = Some(Duration::from_secs(10));
    Client::try_from(config).map_err(|error| no_cluster(&error))
}

fn own_namespace() -> String {
    let variable = std::env::var("POD_NAMESPACE").ok();
    let file = || std::fs::read_to_string(SERVICE_ACCOUNT).ok();
    let namespace = variable.or_else(file).map(|text| text.trim().to_owned());
    namespace.filter(|text| !text.is_empty()).unwrap_or_else(|| "default".to_owned())
}

/// The namespaces to watch, `None` standing for all of them.
async fn watched_namespaces(client: &Client, args: &Args, own: &str) -> Vec<Option<String>> {
    let additional = args.additional_namespaces.iter().filter(|name| !name.is_empty());
    let mut additional: Vec<&String> = additional.collect();
    additional.sort();
    additional.dedup();
    if args.all_namespaces && additional.is_empty() {
        return vec![None];
    }
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let mut watched = vec![Some(own.to_owned())];
    for name in additional.into_iter().filter(|name| *name != own) {
        match namespaces.get_opt(name).await {
            Ok(None) => warn!("additional namespace {name} does not exist: it is skipped"),
            // Without the right to look, watching is the only way to find out.
            Ok(Some(_)) | Err(_) => watched.push(Some(name.clone())),
        }
    }
    watched
}

/// Lets the API server read the selector, which would else fail in every watch.
async fn check_label_selector(client: &Client, selector: &str) -> Result<(), Error> {
    let namespace = own_namespace();
    let objects: Api<SealedSecret> = Api::namespaced(client.clone(), &namespace);
    let one = ListParams::default().labels(selector).limit(1);
    match objects.list(&one).await {
        Err(kube::Error::Api(status)) if status.code == 400 => {
            Err(Error::LabelSelector(status.message))
        }
        _ => Ok(()),
    }
}

async fn stop_on_signal(stop: watch::Sender<bool>) {
    let listen = |kind| signal(kind).expect("the runtime can listen for signals");
    let (mut terminate, mut interrupt) =
        (listen(SignalKind::terminate()), listen(SignalKind::interrupt()));
    tokio::select! {
        _ = terminate.recv() => info!("SIGTERM: finishing the work in hand"),
        _ = interrupt.recv() => info!("SIGINT: finishing the work in hand"),
    }
    stop.send_replace(true);
}

async fn overdue(mut stopping: watch::Receiver<bool>) {
    stopped(&mut stopping).await;
    tokio::time::sleep(GRACE).await;
}

/// Resolves once the process is told to stop.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    if stopping.wait_for(|stop| *stop).await.is_err() {
        // The sender is gone only when the process is on its way out.
        std::future::pending::<()>().await;
    }
}
