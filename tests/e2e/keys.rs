//! Which keys the controller makes, loads and passes over.

use harness::installation::items;
use harness::key::{self, ACTIVE};
use harness::{Cluster, Context, Installation, Key, Namespace, Options, Result, http};
use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;
use kube::api::{ListParams, Patch, PatchParams};
use sealwright_crypto::{Certificate, PrivateKey};
use serde_json::{Value, json};
use x509_cert::der::DecodePem;

const COMPROMISED: (&str, &str) = (ACTIVE.0, "compromised");
const LEGACY: &str = "sealed-secrets-key";

const UNKNOWN_KEY: &str = "no key could decrypt secret: sealed with a key that is not here, or for \
                           another name, namespace or scope (a)";

#[tokio::test]
async fn without_a_key_one_is_made_in_upstreams_form() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("new-key").await?;
    let place = Installation::without_key(&namespace, small(&["--my-cn=seal.example.com"])).await?;

    let [secret] = &active(&namespace).await?[..] else { panic!("not one key") };
    let name = secret.name_any();
    assert!(name.starts_with(LEGACY) && name.len() > LEGACY.len(), "{name}");
    assert_eq!(secret.metadata.generate_name.as_deref(), Some(LEGACY));
    assert_eq!(secret.type_.as_deref(), Some("kubernetes.io/tls"));
    let (key, certificate) = halves(secret);
    assert!(key.starts_with("-----BEGIN RSA PRIVATE KEY-----\n"), "not PKCS#1");
    let private = PrivateKey::from_pem(&key).expect("a private key");
    assert_eq!(private.public().modulus_len(), 2048 / 8);
    let parsed = x509_cert::Certificate::from_pem(&certificate).expect("a certificate");
    assert_eq!(parsed.tbs_certificate().subject().to_string(), "CN=seal.example.com");
    let served = Certificate::from_pem(&served(&place).await?).expect("a certificate");
    assert_eq!(served.fingerprint(), private.public().fingerprint());
    Ok(())
}

#[tokio::test]
async fn a_new_key_has_the_labels_and_annotations_asked_for() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("dressed-key").await?;
    let args = ["--privatekey-labels=team=a,tier=b", "--privatekey-annotations=backup=yes"];
    let _place = Installation::without_key(&namespace, small(&args)).await?;
    let [secret] = &active(&namespace).await?[..] else { panic!("not one key") };
    assert_eq!((secret.labels()["team"].as_str(), secret.labels()["tier"].as_str()), ("a", "b"));
    assert_eq!(secret.annotations()["backup"], "yes");
    Ok(())
}

#[tokio::test]
async fn a_broken_key_under_the_next_keys_name_does_not_keep_one_from_being_made() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("broken-name").await?;
    let mut place = Installation::without_key(&namespace, small(&[])).await?;
    let [secret] = &active(&namespace).await?[..] else { panic!("not one key") };
    place.controller.stop().await?;
    let broken = Patch::Merge(json!({ "data": { "tls.key": "YnJva2Vu" } }));
    let secrets = namespace.api::<Secret>();
    let patched = secrets.patch(&secret.name_any(), &PatchParams::default(), &broken).await;
    patched.context(|| "cannot break it")?;

    place.start_again(small(&[])).await?;
    assert_eq!(active(&namespace).await?.len(), 2);
    let served = Certificate::from_pem(&served(&place).await?).expect("a certificate");
    let (_, before) = halves(secret);
    let before = Certificate::from_pem(&before).expect("a certificate");
    assert_ne!(served.fingerprint(), before.fingerprint());
    Ok(())
}

#[tokio::test]
async fn a_new_key_is_kept_over_a_restart_and_opens_then() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("kept-key").await?;
    let mut place = Installation::without_key(&namespace, small(&[])).await?;
    let before = served(&place).await?;
    place.controller.stop().await?;
    let home = format!("--namespace={}", namespace.name());
    let file = tempfile::NamedTempFile::new().context(|| "cannot make a file")?;
    std::fs::write(file.path(), &before).context(|| "cannot write the certificate")?;
    let certificate = format!("--cert={}", file.path().display());
    let run = place.kubeseal(&[&certificate, &home], &secret("db").to_string()).await?;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));

    place.start_again(small(&[])).await?;
    assert_eq!(served(&place).await?, before);
    assert_eq!(active(&namespace).await?.len(), 1);
    let sealed = serde_json::from_str(&run.stdout).expect("kubeseal writes JSON");
    let sealed = place.synced(&place.apply(&place.labelled(sealed)).await?).await?;
    assert_eq!(items(&place.secret(&sealed).await?), json!({ "a": "one" }));
    Ok(())
}

#[tokio::test]
async fn the_key_prefix_names_new_keys() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("prefix").await?;
    let _place = Installation::without_key(&namespace, small(&["--key-prefix=team-key-"])).await?;
    let [secret] = &active(&namespace).await?[..] else { panic!("not one key") };
    assert!(secret.name_any().starts_with("team-key-"), "{}", secret.name_any());
    Ok(())
}

#[tokio::test]
async fn the_newest_key_seals_and_older_ones_open() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("two-keys").await?;
    Key::b().store(&namespace, "key-b", Some(ACTIVE)).await?;
    let place = Installation::with(&namespace, Options::default()).await?;
    assert_eq!(served(&place).await?, Key::b().certificate_pem());
    // One object may hold values of both.
    let mut mixed = place.seal_with(&Key::a(), secret("db"));
    let newer = place.seal_with(
        &Key::b(),
        json!({ "metadata": { "name": "db" }, "stringData": { "b": "two" } }),
    );
    mixed["spec"]["encryptedData"]["b"] = newer["spec"]["encryptedData"]["b"].clone();
    let sealed = place.synced(&place.apply(&mixed).await?).await?;
    assert_eq!(items(&place.secret(&sealed).await?), json!({ "a": "one", "b": "two" }));
    assert_eq!(active(&namespace).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_broken_key_is_passed_over_with_a_warning() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("broken-key").await?;
    let (a, b) = (Key::a(), Key::b());
    for (name, certificate, private) in [
        ("garbage", "garbage", "garbage"),
        ("no-certificate", "", a.private_key_pem()),
        ("mixed-up", a.certificate_pem(), b.private_key_pem()),
    ] {
        let items = json!({ "tls.crt": certificate, "tls.key": private });
        key::store(&namespace, name, Some(ACTIVE), items).await?;
    }
    let place = Installation::with(&namespace, Options::default()).await?;
    let log = place.controller.log();
    for name in ["garbage", "no-certificate", "mixed-up"] {
        let is_told = |line: &str| line.contains("WARN") && line.contains(name);
        assert!(log.stderr.lines().any(is_told), "{name} is not told\n{log}");
    }
    place.bring_about(secret("db")).await?;
    assert_eq!(served(&place).await?, a.certificate_pem());
    Ok(())
}

#[tokio::test]
async fn a_compromised_key_does_not_open() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("compromised").await?;
    Key::b().store(&namespace, "key-b", Some(COMPROMISED)).await?;
    let place = Installation::with(&namespace, Options::default()).await?;
    assert_eq!(served(&place).await?, Key::a().certificate_pem());
    let sealed = place.apply(&place.seal_with(&Key::b(), secret("db"))).await?;
    assert_eq!(place.failed(&sealed).await?, UNKNOWN_KEY);
    Ok(())
}

#[tokio::test]
async fn the_unlabelled_key_of_the_first_versions_counts() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("legacy").await?;
    Key::a().store(&namespace, LEGACY, None).await?;
    let place = Installation::without_key(&namespace, small(&[])).await?;
    place.bring_about(secret("db")).await?;
    assert_eq!(active(&namespace).await?.len(), 0, "a key was made");
    Ok(())
}

#[tokio::test]
async fn the_key_of_the_first_versions_can_be_retired_too() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("legacy-retired").await?;
    Key::b().store(&namespace, LEGACY, Some(COMPROMISED)).await?;
    let place = Installation::with(&namespace, Options::default()).await?;
    let sealed = place.apply(&place.seal_with(&Key::b(), secret("db"))).await?;
    assert_eq!(place.failed(&sealed).await?, UNKNOWN_KEY);
    Ok(())
}

#[tokio::test]
async fn keys_of_other_namespaces_do_not_count() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let other = cluster.namespace("other-keys").await?;
    Key::b().store(&other, "key-b", Some(ACTIVE)).await?;
    let place = Installation::new("own-keys").await?;
    let sealed = place.apply(&place.seal_with(&Key::b(), secret("db"))).await?;
    assert_eq!(place.failed(&sealed).await?, UNKNOWN_KEY);
    Ok(())
}

/// Making a key of the default size would take seconds.
fn small(args: &[&str]) -> Options {
    let args = ["--key-size=2048"].iter().chain(args).map(|arg| (*arg).to_owned());
    Options { args: args.collect(), ..Options::default() }
}

async fn active(namespace: &Namespace) -> Result<Vec<Secret>> {
    let labelled = ListParams::default().labels(&format!("{}={}", ACTIVE.0, ACTIVE.1));
    let secrets = namespace.api::<Secret>().list(&labelled).await;
    Ok(secrets.context(|| "cannot list Secrets")?.items)
}

async fn served(place: &Installation) -> Result<String> {
    let answer = http::get(&format!("{}/v1/cert.pem", place.controller.url())).await?;
    Ok(String::from_utf8_lossy(answer.body()).into_owned())
}

fn halves(secret: &Secret) -> (String, String) {
    let items = items(secret);
    let text = |key: &str| items[key].as_str().unwrap_or_default().to_owned();
    (text("tls.key"), text("tls.crt"))
}

fn secret(name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": { "name": name },
        "stringData": { "a": "one" },
    })
}
