//! `kubeseal doctor` on installations that are well, and on those that are not.

use std::path::{Path, PathBuf};
use std::time::Duration;

use harness::key::{self, ACTIVE};
use harness::kubeseal::{self, Run};
use harness::{
    Cluster, Context, Error, Installation, Namespace, Neighbour, Node, Options, Pods, Result,
    Rights, controller, eventually, page,
};
use sealwright_crypto::{Certificate, KeySize, PrivateKey, Validity};
use serde_json::{Value, json};
use tokio::process::Command;

const LIMIT: Duration = Duration::from_secs(60);

/// What was found of one thing: states and texts, one by one.
fn found(run: &Run, check: &str) -> Vec<(String, String)> {
    let told: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let all = told["findings"].as_array().into_iter().flatten();
    let those = all.filter(|finding| finding["check"] == check);
    let text =
        |finding: &Value, field: &str| finding[field].as_str().unwrap_or_default().to_owned();
    those
        .map(|finding| {
            let details = finding["details"].as_array().into_iter().flatten();
            let details = details.filter_map(Value::as_str).map(|detail| format!("\n{detail}"));
            let whole = text(finding, "found") + &details.collect::<String>();
            (text(finding, "state"), whole)
        })
        .collect()
}

/// That there is a finding of that kind, with that in it.
fn assert_found(run: &Run, check: &str, state: &str, text: &str) {
    let found = found(run, check);
    let is_there = found.iter().any(|(is, whole)| is == state && whole.contains(text));
    assert!(is_there, "{check}: {found:?}\n{}", run.stderr);
}

fn states(run: &Run, state: &str) -> Vec<String> {
    let told: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let all = told["findings"].as_array().into_iter().flatten();
    let those = all.filter(|finding| finding["state"] == state);
    those.map(|finding| finding["check"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn examine(place: &Installation) -> Result<Run> {
    examine_with(place, &[]).await
}

/// A verb comes first.
async fn examine_with(place: &Installation, more: &[&str]) -> Result<Run> {
    let home = ["--controller-namespace", place.namespace.name()];
    let words = ["doctor", "--output=json"].iter().chain(&home).chain(more);
    kubeseal::run(&place.namespace.cluster().kubeconfig(), words, "").await
}

async fn installed(prefix: &str) -> Result<Installation> {
    let namespace = Cluster::connect().await?.namespace(prefix).await?;
    let options = Options { rights: Rights::Ours, ..Options::default() };
    let place = Installation::with(&namespace, options).await?;
    place.controller.proxied().await?;
    Ok(place)
}

#[tokio::test]
async fn a_controller_and_its_certificate_are_found() -> Result<()> {
    let place = installed("doctor").await?;
    let published = "ConfigMap sealed-secrets-cert publishes it";
    let run = eventually("it is published", LIMIT, async || {
        let run = examine(&place).await.map_err(|error| format!("{error:#}"))?;
        if run.stdout.contains(published) { Ok(run) } else { Err(run.stdout) }
    })
    .await?;
    assert_found(&run, "cluster", "ok", "(context sealwright, Kubernetes v1.");
    assert_found(&run, "cluster", "ok", " as admin");
    assert_found(&run, "clock", "ok", "have the same time");
    assert_found(&run, "definition", "ok", "with all that is reported");
    assert_found(&run, "controller", "ok", ": 1 pod is ready");
    let key =
        Certificate::from_pem(place.key.certificate_pem()).context(|| "no key")?.fingerprint();
    assert_found(&run, "certificate", "ok", &format!("({key})"));
    assert_found(&run, "certificate", "ok", "the only active key");
    assert_found(&run, "certificate", "ok", published);
    assert_found(&run, "your rights", "ok", "you may fetch the certificate, have values verified");
    Ok(())
}

#[tokio::test]
async fn a_newer_key_and_one_that_was_seen_before_are_told() -> Result<()> {
    let place = installed("doctor-keys").await?;
    let settings = tempfile::tempdir().context(|| "cannot make a folder")?;
    let run_with = async |args: &[&str]| {
        let home = ["--controller-namespace", place.namespace.name()];
        let args = args.iter().chain(&home);
        kubeseal::run_with(&place.namespace.cluster().kubeconfig(), settings.path(), args, "").await
    };
    run_with(&["--fetch-cert"]).await?;
    let run = run_with(&["doctor", "--output=json"]).await?;
    assert_found(&run, "certificate", "ok", "it is the one that you saw here before");
    // Looking is not seeing: what it found is not remembered.
    let pins = settings.path().join("kubeseal/pins.json");
    let before = std::fs::read(&pins).context(|| "no pins")?;
    harness::Key::b().store(&place.namespace, "key-b", Some(ACTIVE)).await?;
    let second = eventually("the second key is served", LIMIT, async || {
        let run =
            run_with(&["doctor", "--output=json"]).await.map_err(|error| format!("{error:#}"))?;
        if run.stdout.contains("newest of 2") { Ok(run) } else { Err(run.stdout) }
    })
    .await?;
    assert_found(&second, "certificate", "warning", "not known to follow from");
    assert_eq!(std::fs::read(&pins).context(|| "no pins")?, before);
    Ok(())
}

#[tokio::test]
async fn a_controller_that_is_down_is_a_problem() -> Result<()> {
    let mut place = installed("doctor-down").await?;
    place.controller.stop().await?;
    let run = eventually("nobody stands behind the Service", LIMIT, async || {
        let run = examine(&place).await.map_err(|error| format!("{error:#}"))?;
        if run.stdout.contains("no pod that is ready") { Ok(run) } else { Err(run.stdout) }
    })
    .await?;
    assert_eq!(run.code, Some(1));
    assert_found(&run, "certificate", "problem", "the controller does not answer: ");
    let nobody = examine_with(&place, &["--controller-name=nobody"]).await?;
    let there_is_none = format!("there is no Service {}/nobody", place.namespace.name());
    assert_found(&nobody, "controller", "problem", &there_is_none);
    assert_eq!(found(&nobody, "certificate"), []);
    Ok(())
}

#[tokio::test]
async fn an_expired_certificate_is_a_problem() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("doctor-expired").await?;
    let private = PrivateKey::generate(KeySize::Rsa2048);
    let validity = Validity { not_before: 1_600_000_000, not_after: 1_700_000_000 };
    let certificate = Certificate::self_signed(&private, "", validity);
    let certificate = certificate.context(|| "cannot make a certificate")?;
    let items = json!({
        "tls.crt": certificate.to_pem(),
        "tls.key": private.to_pkcs1_pem().as_str(),
    });
    key::store(&namespace, "key-old", Some(ACTIVE), items).await?;
    let options = Options { rights: Rights::Ours, ..Options::default() };
    let place = Installation::without_key(&namespace, options).await?;
    place.controller.proxied().await?;
    let run = examine(&place).await?;
    assert_eq!(run.code, Some(1));
    assert_found(&run, "certificate", "problem", "expired on 2023-11-14");
    Ok(())
}

#[tokio::test]
async fn who_may_do_little_is_told_which_rights_are_missing() -> Result<()> {
    let place = installed("doctor-few").await?;
    let cluster = place.namespace.cluster();
    let user = cluster.namespace("doctor-user").await?;
    let user = cluster.kubeconfig_for_token(user.name(), "default").await?;
    let args = ["doctor", "--output=json", "--controller-namespace", place.namespace.name()];
    let run = kubeseal::run(&user, args, "").await?;
    // Everybody may seal; that the rest is not to be seen is nobody's fault.
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    assert_found(&run, "definition", "ok", "with all that is reported");
    assert_found(&run, "your rights", "ok", "you may fetch the certificate");
    assert_found(&run, "certificate", "ok", "valid until");
    for (check, right) in [
        ("controller", "cannot list resource \"endpointslices\""),
        ("certificate", "cannot list resource \"secrets\""),
        ("SealedSecrets", "cannot list resource \"sealedsecrets\""),
        ("controller's rights", "cannot list resource \"deployments\""),
        ("key readers", "cannot list resource \"clusterrolebindings\""),
        ("encryption at rest", "cannot be seen"),
    ] {
        assert_found(&run, check, "unknown", right);
    }
    // Where not even sealing is allowed, that is told.
    let closed = cluster.namespace("doctor-closed").await?;
    let args = ["doctor", "--output=json", "--controller-namespace", closed.name()];
    let run = kubeseal::run(&user, args, "").await?;
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert_found(&run, "controller", "unknown", "cannot get resource \"services\"");
    assert_found(&run, "your rights", "warning", "not fetch the certificate");
    Ok(())
}

#[tokio::test]
async fn credentials_that_are_not_accepted_lead_nowhere() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let namespace = cluster.namespace("doctor-nobody").await?;
    let user = cluster.kubeconfig_for_token(namespace.name(), "default").await?;
    let run = kubeseal::run(&user, ["doctor", "--token=nope", "--output=json"], "").await?;
    assert_eq!(run.code, Some(3), "{}", run.stdout);
    assert_found(&run, "cluster", "problem", "does not accept the credentials");
    assert_eq!(run.stderr, "the other checks are left out: they need the cluster\n");
    Ok(())
}

#[tokio::test]
async fn who_else_may_read_the_keys_is_named() -> Result<()> {
    let place = installed("doctor-readers").await?;
    let (namespace, config) = (place.namespace.name(), place.namespace.cluster().kubeconfig());
    // It says whose account is the controller's.
    deployed(&place.namespace, controller::NAME).await?;
    let own = format!("ServiceAccount {namespace}/{} may get", controller::NAME);
    let kubectl = async |words: &[&str]| kubectl(&config, words).await;
    kubectl(&["-n", namespace, "create", "role", "r", "--verb=get", "--resource=secrets"]).await?;
    kubectl(&["-n", namespace, "create", "rolebinding", "b", "--role=r", "--user=ann"]).await?;
    let ann = "User ann may get, by RoleBinding b of Role r";
    let run = readers(&place, ann).await?;
    assert_found(&run, "key readers", "warning", ann);
    kubectl(&[
        "-n",
        namespace,
        "create",
        "rolebinding",
        "c",
        "--clusterrole=cluster-admin",
        "--group=system:serviceaccounts",
    ])
    .await?;
    let everybody = "Group system:serviceaccounts may get, list, watch, patch, update, delete, deletecollection, by RoleBinding c of ClusterRole cluster-admin";
    let run = readers(&place, everybody).await?;
    assert_found(&run, "key readers", "problem", "whole groups may read Secrets in");
    assert!(!run.stdout.contains(&own), "{}", run.stdout);
    Ok(())
}

async fn readers(place: &Installation, line: &str) -> Result<Run> {
    let run = examine(place).await?;
    assert!(run.stdout.contains(line), "{}", run.stdout);
    assert_eq!(run.code, Some(1));
    Ok(run)
}

#[tokio::test]
async fn what_the_controller_may_not_do_is_named() -> Result<()> {
    let place = installed("doctor-rights").await?;
    deployed(&place.namespace, controller::NAME).await?;
    let run = examine(&place).await?;
    assert_found(&run, "controller's rights", "ok", "may do what the controller needs");
    assert_found(&run, "controller", "ok", "image example.com/controller:1");
    deployed(&place.namespace, "default").await?;
    let run = examine(&place).await?;
    assert_found(&run, "controller's rights", "problem", "update sealedsecrets/status everywhere");
    assert_found(&run, "controller's rights", "problem", "\nget, list, create, update, delete");
    Ok(())
}

/// A Deployment of which no pod is made.
async fn deployed(namespace: &Namespace, account: &str) -> Result<()> {
    let labels = json!({ "name": controller::NAME });
    let deployment = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": "c", "namespace": namespace.name() },
        "spec": {
            "paused": true,
            "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": {
                    "serviceAccountName": account,
                    "containers": [{ "name": "c", "image": "example.com/controller:1" }],
                },
            },
        },
    });
    let folder = tempfile::tempdir().context(|| "cannot make a folder")?;
    let file = folder.path().join("deployment.json");
    std::fs::write(&file, deployment.to_string()).context(|| "cannot write")?;
    kubectl(&namespace.cluster().kubeconfig(), &["apply", "-f", &file.display().to_string()]).await
}

/// In a cluster of its own, with etcd encrypted: all is well, and then less and less.
#[tokio::test]
async fn a_whole_installation_is_well_until_something_befalls_it() -> Result<()> {
    let folder = tempfile::tempdir().context(|| "cannot make a folder")?;
    let encryption =
        vec![format!("--encryption-provider-config={}", encryption(folder.path())?.display())];
    let crds = page::root().join("charts/sealwright/crds");
    let shared = Cluster::connect().await?;
    let own = Neighbour::start_with(&shared, "doctor", &crds, &encryption).await?;
    let mut node = Node::new(own.cluster(), Pods::of_controllers()?, folder.path());
    node.beside(decline(own.cluster(), folder.path())).await
}

async fn decline(cluster: &Cluster, folder: &Path) -> Result<()> {
    let config = cluster.kubeconfig();
    let doctor = async || kubeseal::run(&config, ["doctor", "--output=json"], "").await;
    let manifest = page::root().join("deploy/controller.yaml").display().to_string();
    kubectl(&config, &["apply", "-f", &manifest]).await?;
    let well = eventually("all is well", LIMIT, async || {
        let run = doctor().await.map_err(|error| format!("{error:#}"))?;
        if run.code == Some(0) { Ok(run) } else { Err(run.stdout) }
    })
    .await?;
    assert_eq!(states(&well, "unknown"), [""; 0], "{}", well.stdout);
    assert_found(&well, "encryption at rest", "ok", "encrypts Secrets in etcd (secretbox:v1)");
    assert_found(&well, "key readers", "ok", "nobody but the cluster's own components");
    assert_found(&well, "SealedSecrets", "ok", "there is none in the cluster");

    // A SealedSecret that nobody can open.
    let sealed = json!({
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": { "name": "db", "namespace": "default" },
        "spec": { "encryptedData": { "a": "AgA=" } },
    });
    let file = folder.join("sealed.json");
    std::fs::write(&file, sealed.to_string()).context(|| "cannot write")?;
    kubectl(&config, &["apply", "-f", &file.display().to_string()]).await?;
    let failing = eventually("it fails", LIMIT, async || {
        let run = doctor().await.map_err(|error| format!("{error:#}"))?;
        if run.stdout.contains("does not sync") { Ok(run) } else { Err(run.stdout) }
    })
    .await?;
    assert_eq!(
        (failing.code, states(&failing, "warning")),
        (Some(1), vec!["SealedSecrets".to_owned()])
    );
    assert_found(&failing, "SealedSecrets", "warning", "\ndefault/db");

    let scale = ["-n", "kube-system", "scale", "--replicas=0", "deploy/sealed-secrets-controller"];
    kubectl(&config, &scale).await?;
    eventually("it is down", LIMIT, async || {
        let run = doctor().await.map_err(|error| format!("{error:#}"))?;
        if run.stdout.contains("scaled down to no replica") { Ok(()) } else { Err(run.stdout) }
    })
    .await
}

/// An encryption configuration for Secrets.
fn encryption(folder: &Path) -> Result<PathBuf> {
    let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let configuration = json!({
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "EncryptionConfiguration",
        "resources": [{
            "resources": ["secrets"],
            "providers": [
                { "secretbox": { "keys": [{ "name": "key1", "secret": key }] } },
                { "identity": {} },
            ],
        }],
    });
    let file = folder.join("encryption.json");
    std::fs::write(&file, configuration.to_string()).context(|| "cannot write")?;
    Ok(file)
}

#[tokio::test]
async fn a_cluster_without_the_resource_definition_and_one_with_upstreams() -> Result<()> {
    let none = tempfile::tempdir().context(|| "cannot make a folder")?;
    let own = Neighbour::start(&Cluster::connect().await?, "bare", none.path()).await?;
    let config = own.cluster().kubeconfig();
    let doctor = async || kubeseal::run(&config, ["doctor", "--output=json"], "").await;
    let run = doctor().await?;
    assert_eq!(run.code, Some(1));
    assert_found(&run, "definition", "problem", "the cluster does not know SealedSecrets");
    assert_found(
        &run,
        "controller",
        "problem",
        "kube-system/sealed-secrets-controller or kube-system/sealed-secrets",
    );
    assert_found(&run, "encryption at rest", "warning", "encrypted nothing in etcd");
    assert_eq!(found(&run, "SealedSecrets"), []);

    let older = page::root().join("tests/crds/older/sealedsecrets.yaml").display().to_string();
    kubectl(&config, &["apply", "-f", &older]).await?;
    // Their controller reports no more than that keeps; ours, which publishes its certificate, does.
    let theirs = eventually("it is served", LIMIT, async || {
        let run = doctor().await.map_err(|error| format!("{error:#}"))?;
        if run.stdout.contains("v1alpha1 is served") { Ok(run) } else { Err(run.stdout) }
    })
    .await?;
    assert_found(&theirs, "definition", "ok", "as sealed-secrets has it");
    kubectl(&config, &["-n", "kube-system", "create", "configmap", "sealed-secrets-cert"]).await?;
    let ours = doctor().await?;
    assert_found(&ours, "definition", "warning", "it drops which keys an object needs");
    Ok(())
}

async fn kubectl(config: &Path, words: &[&str]) -> Result<()> {
    let output = Command::new("kubectl").args(words).env("KUBECONFIG", config).output().await;
    let output = output.context(|| "cannot run kubectl")?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::new(format!("kubectl {words:?}: {}", String::from_utf8_lossy(&output.stderr))))
}
