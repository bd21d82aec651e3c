//! An installation with keys, and what is asked of it.

use std::path::Path;

use harness::key::{ACTIVE, sealed};
use harness::kubeseal::Run;
use harness::{Cluster, Context, Installation, Key, Namespace, Options, Result, kubeseal};
use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;
use kube::api::ListParams;
use serde_json::{Value, json};

/// Anybody's: nobody opens what is for it here.
pub(crate) const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

/// A controller with keys a and b, of which b is the newer.
pub(crate) async fn two_keys(prefix: &str) -> Result<Installation> {
    let namespace = Cluster::connect().await?.namespace(prefix).await?;
    Key::b().store(&namespace, "key-b", Some(ACTIVE)).await?;
    let place = Installation::with(&namespace, Options::default()).await?;
    place.controller.proxied().await?;
    Ok(place)
}

/// A key Secret that holds no key, and that nobody uses.
pub(crate) async fn retired(namespace: &Namespace, name: &str) -> Result<()> {
    let items = json!({ "tls.crt": "x", "tls.key": "y" });
    harness::key::store(namespace, name, Some((ACTIVE.0, "compromised")), items).await
}

pub(crate) fn manifest(name: &str) -> Value {
    json!({ "metadata": { "name": name }, "stringData": { "a": "value" } })
}

pub(crate) async fn bring_about(place: &Installation, name: &str, key: &Key) -> Result<()> {
    let mut secret = manifest(name);
    secret["metadata"]["namespace"] = place.namespace.name().into();
    let sealed = place.labelled(sealed(&key.public(), secret));
    place.synced(&place.apply(&sealed).await?).await?;
    Ok(())
}

/// `kubeseal keys …` for the keys and objects of one installation: others run beside it.
pub(crate) async fn of(place: &Installation, args: &[&str]) -> Result<Run> {
    let namespace = place.namespace.name();
    let home = format!("--controller-namespace={namespace}");
    let only = format!("--only-namespace={namespace}");
    let looks = ["list", "retire", "verify-backup"].contains(args.first().unwrap_or(&""));
    let only = looks.then_some(only.as_str());
    let args = ["keys"].iter().chain(args).copied().chain([home.as_str()]).chain(only);
    kubeseal::run(&place.namespace.cluster().kubeconfig(), args, "").await
}

pub(crate) async fn restored(
    to: &Namespace,
    file: &str,
    identity: &str,
    more: &[&str],
) -> Result<Run> {
    let home = format!("--controller-namespace={}", to.name());
    let args = ["keys", "restore", file, "-i", identity, home.as_str()];
    let args = args.iter().chain(more).copied();
    kubeseal::run(&to.cluster().kubeconfig(), args, "").await
}

/// The Secrets labelled as keys, by name.
pub(crate) async fn keys(namespace: &Namespace) -> Result<Vec<Secret>> {
    let labelled = ListParams::default().labels(ACTIVE.0);
    let found = namespace.api::<Secret>().list(&labelled).await;
    let mut found = found.context(|| "cannot list keys")?.items;
    found.sort_by_key(ResourceExt::name_any);
    Ok(found)
}

pub(crate) fn label(secret: &Secret) -> String {
    secret.labels()[ACTIVE.0].clone()
}

pub(crate) fn fingerprint(key: &Key) -> String {
    key.public().fingerprint().to_string()
}

/// Nothing of a private key is said, whatever was done with it.
pub(crate) fn silent_about_keys(runs: &[Run]) {
    for run in runs {
        for text in [&run.stdout, &run.stderr] {
            assert!(
                !text.contains("PRIVATE KEY") && !text.contains("LS0tLS1CRUdJTiBSU0E"),
                "{text}"
            );
        }
    }
}

pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).map(|there| there.permissions().mode() & 0o777).unwrap_or_default()
}
