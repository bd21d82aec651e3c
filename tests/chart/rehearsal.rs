//! The upgrade from sealed-secrets, rehearsed: keys, objects and Secrets as its controller leaves them,
//! recorded from its own; ours in its place, under its rights; a new key; and the way back.

mod left_behind;
mod recorded;

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::{Error, Result, eventually, http, kubeseal};
use serde_json::{Value, json};

use crate::own_cluster::{OwnCluster, THEIRS};
use left_behind::Left;

const LIMIT: Duration = Duration::from_secs(60);
const DEPLOYMENT: &str = "deployment/sealed-secrets-controller";
const PODS: &str = "name=sealed-secrets-controller";
const KEY_LABEL: &str = "sealedsecrets.bitnami.com/sealed-secrets-key";

#[tokio::test]
async fn what_sealed_secrets_left_is_taken_as_it_is_and_given_back() -> Result<()> {
    let mut place = OwnCluster::start("rehearsal").await?;
    prepare(&place).await?;
    let theirs = place.installed().await?;
    place.kubectl(&["create", "namespace", "team"]).await?;
    left_behind::keys(&place).await?;
    let keys = keys(&place).await?;
    // Ours by its image alone. How old the recorded keys are is not to count.
    set(&place, &["image", DEPLOYMENT, "*=ghcr.io/sealwright/controller:0"]).await?;
    set(&place, &["env", DEPLOYMENT, "SEALED_SECRETS_KEY_RENEW_PERIOD=0"]).await?;

    let rounds = recorded::rounds()?;
    let mut left = Left::default();
    for objects in rounds {
        left.remove(&place).await?;
        left = Left::leave(&place, objects).await?;
        let before = place.secrets().await?;
        scale(&mut place, 1).await?;
        is_taken(&mut place, &left).await?;
        assert_eq!(place.secrets().await?, before, "a Secret was written");
        is_made_again(&mut place, &left).await?;
        scale(&mut place, 0).await?;
    }
    assert_eq!(self::keys(&place).await?, keys);

    let before = place.secrets().await?;
    scale(&mut place, 1).await?;
    let new = renewed(&mut place, &keys).await?;
    place.unseals("with-the-new-key").await?;

    // Away with it, and back with theirs; the node runs nothing yet.
    scale(&mut place, 0).await?;
    set(&place, &["env", DEPLOYMENT, "SEALED_SECRETS_KEY_RENEW_PERIOD-"]).await?;
    set(&place, &["env", DEPLOYMENT, "SEALED_SECRETS_KEY_CUTOFF_TIME-"]).await?;
    prepare(&place).await?;
    assert_eq!(place.installed().await?, theirs);
    let after = place.secrets().await?;
    for (secret, version) in &before {
        assert_eq!(after.get(secret), Some(version), "{secret} was written or is gone");
    }
    is_a_key_of_theirs(&new);
    left.is_unchanged(&place).await?;

    scale(&mut place, 1).await?;
    is_taken(&mut place, &left).await?;
    place.still_holds(&["with-the-new-key"]).await?;
    place.unseals("after").await
}

/// Their manifest, with no controller: what it would have done is done by hand.
async fn prepare(place: &OwnCluster) -> Result<()> {
    place.applied(&THEIRS).await?;
    place.kubectl(&["-n", "kube-system", "scale", DEPLOYMENT, "--replicas=0"]).await.map(drop)
}

async fn set(place: &OwnCluster, arguments: &[&str]) -> Result<()> {
    place.kubectl(&[&["-n", "kube-system", "set"], arguments].concat()).await.map(drop)
}

/// Starts the controller, or ends it.
async fn scale(place: &mut OwnCluster, replicas: u8) -> Result<()> {
    let replicas_flag = format!("--replicas={replicas}");
    place.kubectl(&["-n", "kube-system", "scale", DEPLOYMENT, &replicas_flag]).await?;
    if replicas > 0 {
        return place.rolled_out().await;
    }
    let gone = ["-n", "kube-system", "wait", "--for=delete", "pod", "-l", PODS, "--timeout=60s"];
    place.works_beside(&gone).await.map(drop)
}

/// Waits until the controller tells of every object what was recorded, and sees that it says so.
async fn is_taken(place: &mut OwnCluster, left: &Left) -> Result<()> {
    let pods = place.found(&["-n", "kube-system", "pods", "-l", PODS]).await?;
    let address = pods.iter().find_map(|pod| pod["status"]["podIP"].as_str());
    let address = address.ok_or_else(|| Error::new("there is no pod"))?;
    let url = format!("http://{address}:8081/metrics");
    let told = eventually("metrics tell of every object", LIMIT, async || {
        let answer = http::get(&url).await.map_err(|error| format!("{error:#}"))?;
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        let (told, expected) = (told(&text), left.conditions());
        let is_so = expected.iter().all(|(object, value)| told.get(object) == Some(value));
        if is_so { Ok(()) } else { Err(format!("{told:?} and not {expected:?}")) }
    });
    place.beside(told).await?;
    left.is_reported(place).await
}

/// What `condition_info` says, by namespace and name.
fn told(metrics: &str) -> BTreeMap<String, String> {
    let series = metrics.lines().filter_map(|line| {
        let labels = line.strip_prefix("sealed_secrets_controller_condition_info{")?;
        let (labels, value) = labels.rsplit_once("} ")?;
        let label = |name: &str| {
            let mut pairs = labels.split(',').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value.trim_matches('"'))
        };
        Some((format!("{}/{}", label("namespace")?, label("name")?), value.to_owned()))
    });
    series.collect()
}

/// Deletes the Secrets: what the controller makes in their place is byte for byte what was recorded.
async fn is_made_again(place: &mut OwnCluster, left: &Left) -> Result<()> {
    let cluster = place.cluster().clone();
    let before = left_behind::all(&cluster, "secrets").await?;
    left.delete_secrets(place).await?;
    let made = eventually("the Secrets are made again", LIMIT, async || {
        left.are_made_again(&cluster, &before).await
    });
    place.beside(made).await
}

/// Everything in the key Secrets, by name.
async fn keys(place: &OwnCluster) -> Result<BTreeMap<String, Value>> {
    let found = place.found(&["-n", "kube-system", "secrets"]).await?;
    let name = |key: &Value| key["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    Ok(found.into_iter().map(|key| (name(&key), key)).collect())
}

/// Has the controller make a key, as the documentation says, and returns it once it seals.
async fn renewed(place: &mut OwnCluster, old: &BTreeMap<String, Value>) -> Result<Value> {
    let now = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S +0000");
    let cutoff = format!("SEALED_SECRETS_KEY_CUTOFF_TIME={now}");
    set(place, &["env", DEPLOYMENT, &cutoff]).await?;
    place.rolled_out().await?;
    let kubeconfig = place.cluster().kubeconfig();
    let served = eventually("a new key is served", LIMIT, async || {
        let run = kubeseal::run(&kubeconfig, ["--fetch-cert"], "").await;
        let run = run.map_err(|error| format!("{error:#}"))?;
        let is_old = old.values().any(|key| text(key, "tls.crt") == run.stdout);
        if run.code == Some(0) && !is_old { Ok(run.stdout) } else { Err(run.stderr) }
    });
    let served = place.beside(served).await?;
    let mut keys = keys(place).await?;
    for (name, key) in old {
        assert_eq!(keys.remove(name).as_ref(), Some(key), "{name}");
    }
    let [new] = &keys.into_values().collect::<Vec<_>>()[..] else { panic!("one key is new") };
    assert_eq!(text(new, "tls.crt"), served);
    Ok(new.clone())
}

/// What their controller asks of a key Secret.
fn is_a_key_of_theirs(key: &Value) {
    assert_eq!(key["type"], "kubernetes.io/tls");
    assert_eq!(key["metadata"]["labels"], json!({ KEY_LABEL: "active" }));
    assert_eq!(key["metadata"]["ownerReferences"], Value::Null);
    let name = key["metadata"]["name"].as_str().unwrap_or_default();
    assert!(name.starts_with("sealed-secrets-key"), "{name}");
    let items = key["data"].as_object().into_iter().flatten();
    assert_eq!(items.map(|(item, _)| item).collect::<Vec<_>>(), ["tls.crt", "tls.key"]);
    assert!(text(key, "tls.key").starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
    assert!(text(key, "tls.crt").starts_with("-----BEGIN CERTIFICATE-----\n"));
}

/// An item of a Secret.
fn text(secret: &Value, item: &str) -> String {
    let bytes = STANDARD.decode(secret["data"][item].as_str().unwrap_or_default());
    String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
}
