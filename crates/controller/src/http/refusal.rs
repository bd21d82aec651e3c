//! Answers that are no success, and say no more than they must.

use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sealwright_sealing::VerifyError;

/// Why a request is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// 400: no SealedSecret, whatever the keys.
    Malformed,
    /// 409: no key opens all of it.
    Refused,
    /// 408: the body takes too long to arrive.
    TooSlow,
    /// 413: too long, or more values than may be tried for one request.
    TooLarge,
    /// 429, with whole seconds to wait: client-go tries again only when it is told when.
    TooMany {
        /// Seconds.
        seconds: u64,
    },
    /// 503: the process is ending.
    Ending,
}

impl Refusal {
    pub(super) fn too_many(wait: Duration) -> Self {
        Self::TooMany { seconds: wait.as_secs() + 1 }
    }
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Malformed => Self::Malformed,
            VerifyError::Refused => Self::Refused,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST.into_response(),
            Self::Refused => StatusCode::CONFLICT.into_response(),
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT.into_response(),
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
            Self::TooMany { seconds } => {
                let wait = [(header::RETRY_AFTER, seconds.to_string())];
                (StatusCode::TOO_MANY_REQUESTS, wait, "limit exceeded\n").into_response()
            }
            Self::Ending => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_says_when_to_come_again() {
        let answer = Refusal::too_many(Duration::from_millis(300)).into_response();
        assert_eq!(answer.status(), 429);
        assert_eq!(answer.headers()["retry-after"], "1");
    }
}
