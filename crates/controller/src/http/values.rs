//! `POST /v1/verify` and `POST /v1/rotate`: the requests that open sealed values.
//!
//! What was opened never leaves; nothing says which item, key or step failed; no template is
//! rendered. Otherwise whoever can reach this port could read secrets by asking cleverly.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use sealwright_crypto::Keyring;
use sealwright_sealing::{Anew, UnsealOptions, VerifyError, rotate as seal_anew, verify as opens};
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::Shared;
use super::budget::{MAX_COST, weight};
use super::places::Place;
use super::refusal::Refusal;

/// What upstream's controller does not know, and pays no heed to.
const ONLY_OUTDATED: &str = "only=outdated";

/// 200 when every item opens, 409 when not, 400 when it is no SealedSecret.
pub(super) async fn verify(
    State(shared): State<Arc<Shared>>,
    Extension(place): Extension<Arc<Place>>,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let checked = with_keys(&shared, &place, body, |object, keyring, options, turn| {
        let sealed = serde_json::from_value(object).map_err(|_| VerifyError::Malformed)?;
        opens(&sealed, keyring, options, turn)
    });
    checked.await.map(|()| StatusCode::OK)
}

/// 200 with the object sealed anew under the newest key, else as [`verify`]. With `?only=outdated` a
/// value that has that key already stays as it is.
pub(super) async fn rotate(
    State(shared): State<Arc<Shared>>,
    Extension(place): Extension<Arc<Place>>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<impl IntoResponse, Refusal> {
    let which = if query.as_deref() == Some(ONLY_OUTDATED) { Anew::Outdated } else { Anew::All };
    let rotated = with_keys(&shared, &place, body, move |mut object, keyring, options, turn| {
        let newest = keyring.newest_certificate().ok_or(VerifyError::Refused)?;
        seal_anew(&mut object, keyring, newest.public_key(), which, options, turn)?;
        Ok(object.to_string())
    });
    Ok(([(header::CONTENT_TYPE, "application/json")], rotated.await?))
}

/// Parses, charges, and runs the work, which waits for a turn at RSA before each item; every
/// failure has one answer.
async fn with_keys<T: Send + 'static>(
    shared: &Shared,
    place: &Arc<Place>,
    body: Bytes,
    work: impl FnOnce(Value, &Keyring, UnsealOptions<'_>, &mut dyn FnMut()) -> Result<T, VerifyError>
    + Send
    + 'static,
) -> Result<T, Refusal> {
    let object = apart(place, move || parse(&body)).await?.ok_or(Refusal::Malformed)?;
    let keyring = shared.keys.current();
    let cost = u32::try_from(cost(&object, &keyring)).unwrap_or(u32::MAX);
    if cost > MAX_COST {
        return Err(Refusal::TooLarge);
    }
    shared.budget.spend(place.client, cost)?;
    let accept_deprecated_data = shared.accept_deprecated_data;
    let options = UnsealOptions { accept_deprecated_data, ..UnsealOptions::default() };
    let mut turns = shared.pool.turns();
    let done = apart(place, move || work(object, &keyring, options, &mut || turns.wait()));
    Ok(done.await??)
}

/// Does what may take long off the async threads. The place is held to its end, also when the
/// client hangs up: else who asks and hangs up could have more in memory than there are places.
async fn apart<T: Send + 'static>(
    place: &Arc<Place>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let place = place.clone();
    let done = spawn_blocking(move || {
        let _place = place;
        work()
    });
    done.await.map_err(|_| Refusal::Ending)
}

/// JSON, else YAML.
fn parse(body: &[u8]) -> Option<Value> {
    let object: Value =
        serde_json::from_slice(body).ok().or_else(|| yaml(std::str::from_utf8(body).ok()?))?;
    object.is_object().then_some(object)
}

/// By the rules of Kubernetes' own reader: octal numbers, and of keys that are there twice the last.
fn yaml(text: &str) -> Option<Value> {
    let options = serde_saphyr::options! {
        legacy_octal_numbers: true,
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::LastWins,
    };
    serde_saphyr::from_str_with_options(text, options).ok()
}

/// RSA operations if every key were tried on every item, by their weight.
fn cost(object: &Value, keyring: &Keyring) -> u64 {
    let spec = &object["spec"];
    let items = spec["encryptedData"].as_object().map_or(0, serde_json::Map::len);
    let items = items + usize::from(spec["data"].is_string());
    let tries: u64 = keyring.iter().map(|key| weight(key.private.public().modulus_len())).sum();
    (items as u64).saturating_mul(tries)
}

#[cfg(test)]
mod tests {
    use sealwright_crypto::{KeySize, PrivateKey, SealingKey};
    use serde_json::json;

    use super::*;
    use crate::http::client::Client;
    use crate::http::places::Places;

    #[test]
    fn each_item_may_cost_an_operation_with_each_key() {
        let key = || SealingKey::opening(PrivateKey::generate(KeySize::Rsa2048));
        let keyring = Keyring::new([key(), key()]);
        for (spec, expected) in [
            (json!({ "encryptedData": { "a": "x", "b": "y", "c": "z" } }), 6),
            (json!({ "data": "x" }), 2),
            (json!({ "data": "x", "encryptedData": { "a": "x" } }), 4),
            (json!({}), 0),
        ] {
            assert_eq!(cost(&json!({ "spec": spec }), &keyring), expected, "{spec}");
        }
        assert_eq!(cost(&json!({ "spec": { "data": "x" } }), &Keyring::default()), 0);
    }

    #[tokio::test]
    async fn a_place_is_held_until_the_work_is_done_though_the_client_hangs_up() {
        let places = Arc::new(Places::default());
        let client = Client::example(1, 1);
        let (_first, place) =
            (places.take(client).unwrap(), Arc::new(places.take(client).unwrap()));
        let (started, has_started) = tokio::sync::oneshot::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let request = tokio::spawn(async move {
            apart(&place, move || {
                let _ = started.send(());
                let _ = ended.recv();
            })
            .await
        });
        has_started.await.unwrap();
        request.abort();
        assert!(request.await.unwrap_err().is_cancelled());
        assert!(places.take(client).is_none(), "the work goes on");
        drop(end);
        let freed = async {
            while places.take(client).is_none() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(5), freed).await.unwrap();
    }
}
