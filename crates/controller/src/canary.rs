//! `controller canary`: what `helm test` runs. A value is sealed with the certificate that the
//! controller's Service gives, and has to become a Secret.

mod certificate;

use std::ffi::OsString;
use std::fmt::Display;
use std::time::Duration;

use axum::http::Uri;
use clap::Parser;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{DeleteParams, PostParams};
use kube::{Api, Client};
use sealwright_api::{SYNCED, SealedSecret};
use sealwright_crypto::Certificate;
use sealwright_sealing::{OpenSecret, seal};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::args::{Pairs, value};
use crate::go_duration;

/// The word that asks for it, before any flag.
pub(crate) const WORD: &str = "canary";

const ABOUT: &str = "Tries the controller out: fetches its certificate, seals a value, and waits for the Secret.

Finds the cluster as the controller does. It creates and deletes one SealedSecret, and reads its Secret.";

/// The key of the only value.
const ITEM: &str = "canary";
/// Between two looks.
const INTERVAL: Duration = Duration::from_millis(250);

/// What was asked for.
#[derive(Debug, Parser)]
#[command(name = "controller canary", about = ABOUT, args_override_self = true, max_term_width = 100)]
pub(crate) struct Canary {
    /// Where the controller's Service is, such as http://sealed-secrets.kube-system.svc:8080
    #[arg(long, value_parser = certificate::url)]
    url: Uri,

    /// Namespace of the canary, one that the controller watches
    #[arg(long)]
    namespace: String,

    /// Name of the canary
    #[arg(long, default_value = "sealed-secrets-canary")]
    name: String,

    /// Labels of the canary, where the controller selects by some: k=v,k2=v2
    #[arg(long, default_value = "", hide_default_value = true, value_parser = value::labels,
          value_name = "K=V,…")]
    labels: Pairs,

    /// How long all of it may take
    #[arg(long, default_value = "60s", value_parser = go_duration::parse, value_name = "DURATION")]
    timeout: Duration,
}

/// Whether the command line asks for it; what follows the word is its own.
pub(crate) fn asked_for(
    command_line: impl IntoIterator<Item = OsString>,
) -> Option<Result<Canary, clap::Error>> {
    let mut words = command_line.into_iter();
    let program = words.next()?;
    let is_it = words.next()? == WORD;
    is_it.then(|| Canary::try_parse_from(std::iter::once(program).chain(words)))
}

/// Which step did not come to its end.
#[derive(Debug, thiserror::Error)]
#[error("cannot {step}: {reason}")]
pub(crate) struct Failure {
    step: &'static str,
    reason: String,
}

fn failed<E: Display>(step: &'static str) -> impl FnOnce(E) -> Failure {
    move |reason| Failure { step, reason: reason.to_string() }
}

/// Tries it out, and says what was seen.
///
/// # Errors
/// When any step fails, or is not done in time. The canary is taken away all the same.
pub(crate) async fn run(canary: Canary) -> Result<String, Failure> {
    let since = Instant::now();
    let deadline = since + canary.timeout;
    let client = Client::try_default().await.map_err(failed("find the cluster"))?;
    let fetched = eventually(deadline, async || certificate::fetch(&canary.url).await).await;
    let certificate = fetched.map_err(failed("fetch the certificate"))?;
    let sealed_secrets = Api::namespaced(client.clone(), &canary.namespace);
    let secrets = Api::namespaced(client, &canary.namespace);

    // One may be left over from a test that was cut short; and rights that were granted just now
    // may take a moment to count.
    let deleted = eventually(deadline, async || delete(&sealed_secrets, &canary.name).await).await;
    deleted.map_err(failed("delete what is left over"))?;
    let value = Timestamp::now().to_string();
    let sealed = canary.sealed(&certificate, &value)?;
    let created = sealed_secrets.create(&PostParams::default(), &sealed).await;
    created.map_err(failed("create the SealedSecret"))?;
    let opened = opened(&sealed_secrets, &secrets, &canary, &value, deadline).await;
    let took = since.elapsed();
    let deleted = delete(&sealed_secrets, &canary.name).await;
    opened?;
    deleted.map_err(failed("delete the SealedSecret"))?;
    let gone = eventually(deadline, async || is_gone(&secrets, &canary.name).await).await;
    gone.map_err(failed("see the Secret go with its SealedSecret"))?;
    Ok(format!(
        "SealedSecret {}/{}, sealed with key {}, became its Secret in {:.1} s",
        canary.namespace,
        canary.name,
        certificate.fingerprint(),
        took.as_secs_f64()
    ))
}

impl Canary {
    fn sealed(&self, certificate: &Certificate, value: &str) -> Result<SealedSecret, Failure> {
        let secret = OpenSecret::from_json(json!({
            "metadata": { "name": self.name, "namespace": self.namespace },
            "stringData": { ITEM: value },
        }));
        let secret = secret.map_err(failed("make the canary"))?;
        let sealed = seal(&secret, certificate.public_key());
        let mut sealed = sealed.map_err(failed("seal the canary"))?;
        sealed.metadata.labels = Some(self.labels.0.clone());
        Ok(sealed)
    }
}

/// Waits for the Secret. If it does not come, status says why, if anything does.
async fn opened(
    sealed_secrets: &Api<SealedSecret>,
    secrets: &Api<Secret>,
    canary: &Canary,
    value: &str,
    deadline: Instant,
) -> Result<(), Failure> {
    let is_there = async || match secrets.get_opt(&canary.name).await {
        Ok(Some(secret)) if holds(&secret, value) => Ok(()),
        Ok(Some(_)) => Err("the Secret holds something else".to_owned()),
        Ok(None) => Err("there is no Secret".to_owned()),
        Err(error) => Err(error.to_string()),
    };
    let Err(seen) = eventually(deadline, is_there).await else { return Ok(()) };
    let said = match sealed_secrets.get(&canary.name).await {
        Ok(sealed) => reported(sealed),
        Err(error) => error.to_string(),
    };
    Err(Failure { step: "see the canary opened", reason: format!("{seen}; {said}") })
}

/// What status says.
fn reported(sealed: SealedSecret) -> String {
    let mut conditions = sealed.status.into_iter().flat_map(|status| status.conditions);
    match conditions.find(|condition| condition.type_ == SYNCED) {
        Some(synced) => synced.message.unwrap_or_default(),
        None => "the controller has not reported on it; does it watch this namespace, and objects \
                 with these labels?"
            .to_owned(),
    }
}

fn holds(secret: &Secret, value: &str) -> bool {
    secret.data.iter().flatten().any(|(item, held)| item == ITEM && held.0 == value.as_bytes())
}

async fn is_gone(secrets: &Api<Secret>, name: &str) -> Result<(), String> {
    match secrets.get_opt(name).await {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err("it is still there".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

async fn delete(sealed_secrets: &Api<SealedSecret>, name: &str) -> Result<(), String> {
    match sealed_secrets.delete(name, &DeleteParams::default()).await {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        deleted => deleted.map(drop).map_err(|error| error.to_string()),
    }
}

/// Tries until it succeeds, and at least once; after the deadline, the last failure.
async fn eventually<T>(
    deadline: Instant,
    mut attempt: impl AsyncFnMut() -> Result<T, String>,
) -> Result<T, String> {
    loop {
        let reason = match tokio::time::timeout(INTERVAL * 20, attempt()).await {
            Ok(Ok(found)) => return Ok(found),
            Ok(Err(reason)) => reason,
            Err(_) => "no answer".to_owned(),
        };
        if Instant::now() >= deadline {
            return Err(reason);
        }
        sleep(INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> Option<Result<Canary, String>> {
        let words = std::iter::once("controller").chain(words.iter().copied());
        let asked = asked_for(words.map(Into::into))?;
        Some(asked.map_err(|error| error.to_string()))
    }

    #[test]
    fn only_the_first_word_asks_for_it() {
        assert!(asked(&[]).is_none());
        assert!(asked(&["--my-cn", "canary"]).is_none());
        let canary = asked(&["canary", "--url=http://s.n.svc:8080", "--namespace=n"]);
        let canary = canary.unwrap().unwrap();
        assert_eq!((canary.name.as_str(), canary.timeout.as_secs()), ("sealed-secrets-canary", 60));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for words in [
            &["canary"][..],
            &["canary", "--url=http://s"],
            &["canary", "--url=https://s", "--namespace=n"],
            &["canary", "--url=/v1", "--namespace=n"],
            &["canary", "--url=http://s", "--namespace=n", "--labels=a"],
            &["canary", "--url=http://s", "--namespace=n", "--timeout=soon"],
        ] {
            assert!(asked(words).unwrap().is_err(), "{words:?}");
        }
    }
}
