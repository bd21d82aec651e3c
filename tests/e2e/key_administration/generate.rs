//! `kubeseal keys generate`.

use harness::{Context, Key, Result, eventually};
use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;
use sealwright_crypto::{Certificate, Endorsement};
use serde_json::Value;

use crate::place::{label, of, silent_about_keys, two_keys};

#[tokio::test]
async fn a_new_key_seals_at_once_and_is_endorsed_by_the_one_before() -> Result<()> {
    let place = two_keys("generated").await?;
    let run = of(&place, &["generate", "--key-size", "2048", "-o", "json"]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let told: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let name = told["keys"][0]["fingerprint"].as_str().unwrap_or_default().to_owned();
    eventually("the controller seals with it", std::time::Duration::from_secs(30), async || {
        let run = place.kubeseal(&["--fetch-cert"], "").await.ok()?;
        let served = Certificate::from_pem(&run.stdout).ok()?;
        (served.fingerprint().to_string() == name).then_some(())
    })
    .await?;
    let secret = told["keys"][0]["secret"].as_str().unwrap_or_default();
    let made = place.namespace.api::<Secret>().get(secret).await.context(|| "it is not there")?;
    assert_eq!(label(&made), "active");
    let word = made.annotations()["sealwright.dev/endorsement"].clone();
    let word = Endorsement::parse(&word).expect("an endorsement");
    let certificate = &made.data.as_ref().expect("it has data")["tls.crt"].0;
    let certificate = std::str::from_utf8(certificate).expect("PEM");
    let certificate = Certificate::from_pem(certificate).expect("a certificate");
    assert!(word.holds(&Key::b().public(), &certificate));
    silent_about_keys(&[run]);
    Ok(())
}
