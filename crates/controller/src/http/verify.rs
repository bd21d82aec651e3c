//! `POST /v1/verify`: can this SealedSecret be opened? Yes or no, and not why.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use sealwright_api::SealedSecret;
use sealwright_sealing::{VerifyError, verify as opens};

use super::Shared;

/// 200 when every item opens, 409 when not, 400 when it is no SealedSecret. What was opened is
/// dropped, and nothing says which item, key or step failed: this must not become an oracle.
pub(super) async fn verify(State(shared): State<Shared>, body: Bytes) -> StatusCode {
    let Some(sealed) = parse(&body) else { return StatusCode::BAD_REQUEST };
    let Ok(permit) = shared.rsa.acquire_owned().await else {
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    let opened = tokio::task::spawn_blocking(move || {
        // Held to the end, also when the client hangs up.
        let _permit = permit;
        opens(&sealed, &shared.keyring)
    });
    match opened.await {
        Ok(Ok(())) => StatusCode::OK,
        Ok(Err(VerifyError::Malformed)) => StatusCode::BAD_REQUEST,
        Ok(Err(VerifyError::Refused)) => StatusCode::CONFLICT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// JSON, else YAML.
fn parse(body: &[u8]) -> Option<SealedSecret> {
    if let Ok(sealed) = serde_json::from_slice(body) {
        return Some(sealed);
    }
    serde_saphyr::from_str(std::str::from_utf8(body).ok()?).ok()
}
