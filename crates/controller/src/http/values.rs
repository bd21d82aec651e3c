//! `POST /v1/verify` and `POST /v1/rotate`: the requests that open sealed values.
//!
//! What was opened never leaves; nothing says which item, key or step failed; no template is
//! rendered. Otherwise whoever can reach this port could read secrets by asking cleverly.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use sealwright_crypto::Keyring;
use sealwright_sealing::{VerifyError, rotate as seal_anew, verify as opens};
use serde_json::Value;

use super::Shared;
use super::budget::MAX_COST;
use super::limit::ClientAddr;
use super::refusal::Refusal;

/// 200 when every item opens, 409 when not, 400 when it is no SealedSecret.
pub(super) async fn verify(
    State(shared): State<Arc<Shared>>,
    Extension(client): Extension<ClientAddr>,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let checked = with_keys(&shared, &client, &body, |object, keyring| {
        let sealed = serde_json::from_value(object).map_err(|_| VerifyError::Malformed)?;
        opens(&sealed, keyring)
    });
    checked.await.map(|()| StatusCode::OK)
}

/// 200 with the object sealed anew under the newest key, else as [`verify`].
pub(super) async fn rotate(
    State(shared): State<Arc<Shared>>,
    Extension(client): Extension<ClientAddr>,
    body: Bytes,
) -> Result<impl IntoResponse, Refusal> {
    let rotated = with_keys(&shared, &client, &body, |mut object, keyring| {
        let newest = keyring.newest_certificate().ok_or(VerifyError::Refused)?;
        seal_anew(&mut object, keyring, newest.public_key())?;
        Ok(object)
    });
    let object = rotated.await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], object.to_string()))
}

/// Parses, charges, and runs the work in the pool for RSA; every failure has one answer.
async fn with_keys<T: Send + 'static>(
    shared: &Shared,
    client: &ClientAddr,
    body: &[u8],
    work: impl FnOnce(Value, &Keyring) -> Result<T, VerifyError> + Send + 'static,
) -> Result<T, Refusal> {
    let object = parse(body).ok_or(Refusal::Malformed)?;
    let keyring = shared.keys.current();
    let cost = cost(&object, &keyring);
    if cost > u64::from(MAX_COST) {
        return Err(Refusal::TooLarge);
    }
    let permit = shared.budget.spend(client, u32::try_from(cost).unwrap_or(MAX_COST)).await?;
    let done = tokio::task::spawn_blocking(move || {
        // Held to the end, also when the client hangs up.
        let _permit = permit;
        work(object, &keyring)
    });
    Ok(done.await.map_err(|_| Refusal::Ending)??)
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

/// RSA operations if every key were tried on every item.
fn cost(object: &Value, keyring: &Keyring) -> u64 {
    let spec = &object["spec"];
    let items = spec["encryptedData"].as_object().map_or(0, serde_json::Map::len);
    let items = items + usize::from(spec["data"].is_string());
    items as u64 * keyring.iter().count() as u64
}
