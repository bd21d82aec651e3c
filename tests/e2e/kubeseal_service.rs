//! Which Service kubeseal takes for the controller, and what it makes of the answers.

#[path = "kubeseal_stand_ins.rs"]
#[allow(dead_code, reason = "shared with the tests of the way to the cluster")]
mod stand_ins;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use harness::kubeseal::{Run, run};
use harness::sandbox::POD_ADDRESS;
use harness::{
    Cluster, Context, Installation, Namespace, Options, Result, controller, eventually, service,
};
use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::api::{DeleteParams, PostParams};
use serde_json::{Value, json};
use stand_ins::{SILENCE, StandIn, answer, server};

const HELMS: &str = "sealed-secrets";
const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn when_the_default_name_does_not_exist_helms_is_taken() -> Result<()> {
    let place = installed_by_helm("helm").await?;
    let namespace = place.namespace.name();
    let note = note(namespace);
    let two = format!("{}\n---\n{}", place.seal(secret("one")), place.seal(secret("two")));
    for (args, input) in
        [(&["--fetch-cert"][..], ""), (&["--validate"], &two), (&[], &secret("db").to_string())]
    {
        let run = place.kubeseal(args, input).await?;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), note.as_str()), "{args:?}");
    }
    // Who says which is meant gets that and no other, and no note when it is the one.
    let run = place.kubeseal(&["--fetch-cert", "--controller-name=sealed-secrets"], "").await?;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let run = place.kubeseal(&["--fetch-cert", "--controller-name=mine"], "").await?;
    assert_fails(&run, &format!("there is no Service {namespace}/mine"));
    Ok(())
}

#[tokio::test]
async fn without_the_right_to_read_services_they_are_asked_all_the_same() -> Result<()> {
    let place = installed_by_helm("helm-blind").await?;
    let namespace = place.namespace.name();
    let both = user(&place.namespace, &[controller::NAME, HELMS]).await?;
    let found = ask(&both, namespace, &["--fetch-cert"], "").await?;
    assert_eq!((found.code, found.stderr), (Some(0), note(namespace)));
    let sealed = place.seal(secret("db")).to_string();
    let found = ask(&both, namespace, &["--validate"], &sealed).await?;
    assert_eq!((found.code, found.stderr), (Some(0), note(namespace)));

    let helms = user(&place.namespace, &[HELMS]).await?;
    let named = ["--fetch-cert", "--controller-name=sealed-secrets"];
    let found = ask(&helms, namespace, &named, "").await?;
    assert_eq!((found.code, found.stderr.as_str()), (Some(0), ""));
    // Whether the default name exists is not known to whoever may not ask it.
    let found = ask(&helms, namespace, &["--fetch-cert"], "").await?;
    assert_fails(&found, &format!("no permission to reach {namespace}/{}: ", controller::NAME));
    assert!(found.stderr.contains("--controller-name=sealed-secrets"), "{}", found.stderr);
    Ok(())
}

#[tokio::test]
async fn a_controller_under_the_default_name_is_reached_without_reading_its_service() -> Result<()>
{
    let place = Installation::new("blind").await?;
    place.controller.proxied().await?;
    let user = user(&place.namespace, &[controller::NAME]).await?;
    let found = ask(&user, place.namespace.name(), &["--fetch-cert"], "").await?;
    assert_eq!((found.code, found.stderr.as_str()), (Some(0), ""));
    assert_eq!(found.stdout, place.key.certificate_pem());
    Ok(())
}

/// Any tenant could have made them.
#[tokio::test]
async fn services_elsewhere_and_with_other_names_are_not_looked_for() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let (here, elsewhere) = (cluster.namespace("here").await?, cluster.namespace("away").await?);
    let trap = stand_in(&elsewhere, HELMS, |_| answer(200, "", "")).await?;
    service::declare(&elsewhere, controller::NAME).await?;
    let close = stand_in(&here, "sealed-secrets-web", |_| answer(200, "", "")).await?;
    let sealed = json!({ "kind": "SealedSecret", "metadata": { "name": "db" } }).to_string();
    let nothing =
        format!("there is no Service {0}/{1}, nor {0}/{HELMS}", here.name(), controller::NAME);
    for (args, input) in [(&["--fetch-cert"][..], ""), (&["--validate"], &sealed)] {
        let found = ask(&cluster.kubeconfig(), here.name(), args, input).await?;
        assert_fails(&found, &nothing);
    }
    // Nor does it help that Helm's name may not be read: nothing is known of it then.
    let user = user(&here, &[controller::NAME]).await?;
    let found = ask(&user, here.name(), &["--fetch-cert"], "").await?;
    let closed = format!(
        "there is no Service {0}/{1}, and no permission to reach {0}/{HELMS}",
        here.name(),
        controller::NAME
    );
    assert_fails(&found, &closed);
    assert_eq!((trap.asked(), close.asked()), (Vec::new(), Vec::new()));
    Ok(())
}

#[tokio::test]
async fn several_documents_pass_however_tight_the_limit() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("tight").await?;
    let args = ["--rate-limit=1", "--rate-limit-burst=1"].map(str::to_owned).to_vec();
    let place = Installation::with(&namespace, Options { args, ..Options::default() }).await?;
    place.controller.proxied().await?;
    let documents: Vec<_> =
        (0..5).map(|number| place.seal(secret(&format!("s{number}"))).to_string()).collect();
    let start = Instant::now();
    let run = place.kubeseal(&["--validate"], &documents.join("\n---\n")).await?;
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
    assert!(start.elapsed() > Duration::from_secs(2), "it did not have to wait");
    Ok(())
}

#[tokio::test]
async fn of_several_documents_each_that_fails_is_named_and_the_first_is_the_error() -> Result<()> {
    let place = Installation::new("several").await?;
    place.controller.proxied().await?;
    let renamed = |name: &str| {
        let mut sealed = place.seal(secret("original"));
        sealed["metadata"]["name"] = name.into();
        sealed
    };
    let mut torn = place.seal(secret("torn"));
    torn["spec"]["encryptedData"]["a"] = "!".into();
    let good = place.seal(secret("good"));
    let documents = [good.clone(), renamed("thief"), torn, good, renamed("robber")];
    let documents = documents.map(|document| document.to_string()).join("\n---\n");
    let run = place.kubeseal(&["--validate"], &documents).await?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    let lines: Vec<_> = run.stderr.lines().collect();
    let [first, second, third, error, hint] = lines[..] else { panic!("{}", run.stderr) };
    assert_eq!(first, "document 2 (thief): unable to decrypt sealed secret");
    assert_eq!(second, "document 3 (torn): not a valid SealedSecret");
    assert_eq!(third, "document 5 (robber): unable to decrypt sealed secret");
    assert_eq!(error, "error: unable to decrypt sealed secret: thief");
    assert!(hint.starts_with("hint: "), "{hint}");
    Ok(())
}

#[tokio::test]
async fn whoever_is_asked_too_often_says_when_to_come_again() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("later").await?;
    let asked = AtomicU32::new(0);
    let busy = stand_in(&namespace, controller::NAME, move |_| {
        match asked.fetch_add(1, Ordering::Relaxed) {
            0 => answer(429, "retry-after: 2\r\n", "limit exceeded\n"),
            1 => answer(429, "", ""),
            2 => answer(200, "", ""),
            _ => answer(429, "retry-after: 300\r\n", ""),
        }
    })
    .await?;
    let kubeconfig = namespace.cluster().kubeconfig();
    let sealed = json!({ "kind": "SealedSecret", "metadata": { "name": "db" } }).to_string();
    let start = Instant::now();
    let found = ask(&kubeconfig, namespace.name(), &["--validate"], &sealed).await?;
    assert_eq!((found.code, found.stderr.as_str()), (Some(0), ""));
    assert!(start.elapsed() >= Duration::from_secs(3), "{:?}", start.elapsed());
    assert_eq!(busy.asked().len(), 3);
    // Five minutes nobody waits.
    let found = ask(&kubeconfig, namespace.name(), &["--validate"], &sealed).await?;
    let service = format!("{}/{}", namespace.name(), controller::NAME);
    assert_fails(&found, &format!("{service} is asked too often\nhint: try again in 300 seconds"));
    Ok(())
}

#[tokio::test]
async fn what_the_controller_answers_is_told_in_words() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("words").await?;
    let _words = stand_in(&namespace, controller::NAME, |request| match request {
        verify if verify.starts_with("POST /v1/verify ") => answer(413, "", ""),
        _ => answer(200, "content-type: text/html\r\n", "<html>Welcome to nginx</html>"),
    })
    .await?;
    let kubeconfig = namespace.cluster().kubeconfig();
    let service = format!("{}/{}", namespace.name(), controller::NAME);
    let sealed = json!({ "kind": "SealedSecret", "metadata": { "name": "db" } }).to_string();
    for (args, input, expected) in [
        (
            &["--validate"][..],
            sealed.as_str(),
            "input (db): too large for the controller".to_owned(),
        ),
        (
            &["--fetch-cert"],
            "",
            format!("cannot fetch the certificate from {service}: it answers with a web page"),
        ),
        (
            &[],
            &secret("db").to_string(),
            format!("cannot fetch the certificate from {service}: it answers with a web page"),
        ),
    ] {
        let found = ask(&kubeconfig, namespace.name(), args, input).await?;
        assert_fails(&found, &expected);
    }
    Ok(())
}

#[tokio::test]
async fn a_controller_that_never_answers_is_given_up() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("hangs").await?;
    let _stand_in = stand_in(&namespace, controller::NAME, |request| {
        if request.starts_with("POST") { SILENCE.to_owned() } else { answer(200, "", "") }
    })
    .await?;
    let sealed = json!({ "kind": "SealedSecret", "metadata": { "name": "db" } }).to_string();
    let args = ["--validate", "--request-timeout=2s"];
    let kubeconfig = namespace.cluster().kubeconfig();
    let found = ask(&kubeconfig, namespace.name(), &args, &sealed).await?;
    let service = format!("{}/{}", namespace.name(), controller::NAME);
    assert_fails(
        &found,
        &format!("cannot reach {service} at https://10.99.0.1:6443: no answer within 2s\nhint: "),
    );
    Ok(())
}

/// A controller under Helm's name, and none under upstream's.
async fn installed_by_helm(prefix: &str) -> Result<Installation> {
    let place = Installation::new(prefix).await?;
    let services = place.namespace.api::<Service>();
    let deleted = services.delete(controller::NAME, &DeleteParams::default()).await;
    deleted.context(|| "cannot delete the Service")?;
    service::declare(&place.namespace, HELMS).await?;
    let port = place.controller.url();
    let port = port.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default();
    behind(&place.namespace, HELMS, port).await?;
    Ok(place)
}

/// A server of the test's own behind a Service.
async fn stand_in(
    namespace: &Namespace,
    name: &str,
    reply: impl Fn(&str) -> String + Send + Sync + 'static,
) -> Result<StandIn> {
    let healthy = move |request: &str| match request {
        health if health.starts_with("GET /healthz ") => answer(200, "", "ok"),
        other => reply(other),
    };
    let stand_in = server(&format!("{POD_ADDRESS}:0"), healthy).await?;
    service::declare(namespace, name).await?;
    behind(namespace, name, stand_in.address.port()).await?;
    Ok(stand_in.after_its_start())
}

async fn behind(namespace: &Namespace, name: &str, port: u16) -> Result<()> {
    service::add_endpoint(namespace, name, port).await?;
    let reached = async || service::proxied(namespace, name, "healthz").await;
    eventually(&format!("the proxy reaches {name}"), LIMIT, reached).await.map(drop)
}

/// Somebody who may ask these Services and read none.
async fn user(namespace: &Namespace, services: &[&str]) -> Result<PathBuf> {
    let cluster = namespace.cluster();
    let own = cluster.namespace("asker").await?;
    let proxied =
        services.iter().flat_map(|name| [format!("http:{name}:"), format!("http:{name}:http")]);
    let role = json!({
        "metadata": { "name": own.name() },
        "rules": [{
            "apiGroups": [""],
            "resources": ["services/proxy"],
            "resourceNames": proxied.collect::<Vec<_>>(),
            "verbs": ["create", "get"],
        }],
    });
    let binding = json!({
        "metadata": { "name": own.name() },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": own.name() },
        "subjects": [{ "kind": "ServiceAccount", "namespace": own.name(), "name": "default" }],
    });
    let step = || "cannot grant the right to ask";
    let role: Role = serde_json::from_value(role).context(step)?;
    let binding: RoleBinding = serde_json::from_value(binding).context(step)?;
    namespace.api().create(&PostParams::default(), &role).await.context(step)?;
    namespace.api().create(&PostParams::default(), &binding).await.context(step)?;
    // What the harness lets everybody do who is logged in would be too much.
    let everyone = format!("{}-service-proxier", controller::NAME);
    let bindings = namespace.api::<RoleBinding>();
    let _ = bindings.delete(&everyone, &DeleteParams::default()).await;
    let user = format!("system:serviceaccount:{}:default", own.name());
    in_force(namespace, &user, controller::NAME, false).await?;
    for name in services {
        in_force(namespace, &user, &format!("http:{name}:"), true).await?;
    }
    cluster.kubeconfig_for_token(own.name(), "default").await
}

/// Waits until the API server has learnt what this user may do.
async fn in_force(namespace: &Namespace, user: &str, name: &str, expected: bool) -> Result<()> {
    let (subresource, verb) = if name.contains(':') { ("proxy", "create") } else { ("", "get") };
    let question = json!({ "spec": {
        "user": user,
        "groups": ["system:authenticated"],
        "resourceAttributes": {
            "namespace": namespace.name(),
            "verb": verb,
            "resource": "services",
            "subresource": subresource,
            "name": name,
        },
    } });
    let question: SubjectAccessReview =
        serde_json::from_value(question).context(|| "cannot ask for rights")?;
    let reviews = kube::Api::<SubjectAccessReview>::all(namespace.cluster().client());
    eventually(&format!("whether {user} may reach {name}"), LIMIT, async || {
        let answer = reviews.create(&PostParams::default(), &question).await;
        let status = answer.map_err(|error| error.to_string())?.status.unwrap_or_default();
        if status.allowed == expected { Ok(()) } else { Err(format!("{status:?}")) }
    })
    .await
}

async fn ask(kubeconfig: &Path, namespace: &str, args: &[&str], input: &str) -> Result<Run> {
    let namespace = format!("--controller-namespace={namespace}");
    run(kubeconfig, [namespace.as_str()].iter().chain(args), input).await
}

fn note(namespace: &str) -> String {
    format!(
        "note: there is no Service {namespace}/{}; using {namespace}/{HELMS}, Helm's name for it\n",
        controller::NAME
    )
}

fn assert_fails(run: &Run, expected: &str) {
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{}", run.stderr);
    assert!(run.stderr.starts_with(&format!("error: {expected}")), "{expected}: {}", run.stderr);
    let lines: Vec<_> = run.stderr.lines().collect();
    assert!(matches!(lines[..], [_, hint] if hint.starts_with("hint: ")), "{}", run.stderr);
}

fn secret(name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": { "name": name },
        "stringData": { "a": "one" },
    })
}
