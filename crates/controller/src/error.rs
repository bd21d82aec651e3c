//! What can go wrong while a SealedSecret is brought about.

use kube::core::Status;
use sealwright_sealing::UnsealError;

use crate::plan::Refusal;
use crate::tracker::TooOften;

/// Why an object is not what it should be. Every message may be shown: none holds a value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The object does not open.
    #[error("{0}")]
    Unseal(#[from] UnsealError),
    /// A Secret is in the way.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The Secret of a deleted SealedSecret of this name is still there.
    #[error("waiting for the garbage collector to remove the Secret of the deleted SealedSecret")]
    AwaitingCollection,
    /// The SealedSecret was changed or deleted, and the watch has not told of it yet.
    #[error("waiting for the watch to show the SealedSecret as it is now")]
    Outdated,
    /// The API server did not do what it was asked.
    #[error("cannot {step}: {}", reason(source))]
    Api {
        /// What was tried, such as `create the Secret`.
        step: &'static str,
        /// What it answered.
        source: Box<kube::Error>,
    },
    /// A certificate cannot be made with these settings.
    #[error("cannot make a certificate: {0}")]
    Certificate(sealwright_crypto::CertificateError),
    /// Every name that a new key could have is taken by one that is retired or cannot be read.
    #[error("cannot name the new key: too many retired or broken ones have its names")]
    NoKeyName,
    /// Others write the object faster than its status can be.
    #[error("cannot update the status: the object changes all the time")]
    StatusContended,
    /// The code itself failed.
    #[error("internal error: please report it with the controller's log")]
    Internal,
    /// Somebody changes the Secret again and again.
    #[error("somebody changes the Secret again and again: it is healed at ever longer intervals")]
    HealedTooOften(TooOften),
    /// The HTTP server cannot listen.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address tried last.
        address: String,
        /// Why not.
        source: std::io::Error,
    },
    /// There is no way to the API server.
    #[error("no cluster: {0}")]
    NoCluster(String),
    /// The selector is none that the API server understands.
    #[error("--label-selector: {0}")]
    LabelSelector(String),
    /// A blocking task ended before its time: the process is shutting down.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    pub(crate) fn api(step: &'static str) -> impl FnOnce(kube::Error) -> Self {
        move |source| Self::Api { step, source: Box::new(source) }
    }

    /// A blocking task that did not end well: it panicked, or the process is shutting down.
    pub(crate) fn of_task(error: tokio::task::JoinError) -> Self {
        if error.is_panic() { Self::Internal } else { Self::Interrupted }
    }

    /// Whether it can pass by itself, so that trying again makes sense.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Unseal(_) | Self::Refused(_) => false,
            Self::Internal
            | Self::Certificate(_)
            | Self::Listen { .. }
            | Self::NoCluster(_)
            | Self::LabelSelector(_) => false,
            Self::AwaitingCollection
            | Self::Outdated
            | Self::Interrupted
            | Self::NoKeyName
            | Self::StatusContended
            | Self::HealedTooOften(_) => true,
            Self::Api { source, .. } => match source.as_ref() {
                // Refused for what was asked: an immutable Secret, a name that is none. What a
                // policy refuses today it may allow tomorrow.
                kube::Error::Api(status) => {
                    policy(status).is_some() || !matches!(status.code, 400 | 405 | 413 | 422)
                }
                _ => true,
            },
        }
    }

    /// Whether the API server is away, or has too much to do: it was not refused for what it is.
    pub(crate) fn is_outage(&self) -> bool {
        let Self::Api { source, .. } = self else { return false };
        match source.as_ref() {
            kube::Error::Api(status) => status.code == 429 || status.code >= 500,
            kube::Error::HyperError(_) | kube::Error::Service(_) => true,
            _ => false,
        }
    }

    /// Whether somebody else wrote first: the plan is made anew, and nobody needs to know.
    pub(crate) fn is_conflict(&self) -> bool {
        let Self::Api { source, .. } = self else { return false };
        matches!(source.as_ref(), kube::Error::Api(status) if status.code == 409)
    }

    /// Whether it is over in a moment and not worth a report: a race, a wait.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::AwaitingCollection | Self::Outdated | Self::Interrupted => true,
            Self::HealedTooOften(too_often) => !too_often.is_lasting,
            other => other.is_conflict(),
        }
    }

    /// What to do about what keeps the controller from starting, where it can be known.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoCluster(_) => Some("name a kubeconfig in KUBECONFIG, or run it in a pod"),
            Self::Listen { .. } => {
                Some("choose another address with --listen-addr or --listen-metrics-addr")
            }
            other if other.is_outage() => {
                Some("see whether the API server runs, and which one the kubeconfig names")
            }
            _ => None,
        }
    }

    /// Upstream's reason for the event: unsealing failed, or writing did.
    pub(crate) fn event_reason(&self) -> &'static str {
        match self {
            Self::Unseal(_) => "ErrUnsealFailed",
            _ => "ErrUpdateFailed",
        }
    }
}

/// The API server's own words, as far as they cannot hold a piece of a value.
fn reason(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => answer(status),
        other => {
            let mut cause: &dyn std::error::Error = other;
            while let Some(source) = cause.source() {
                cause = source;
            }
            cause.to_string()
        }
    }
}

/// The admission webhook or policy that refused a request, which has no other sign than its words.
fn policy(status: &Status) -> Option<&str> {
    let denials = [" denied the request", " denied request"];
    denials.iter().find_map(|words| Some(status.message.split_once(words)?.0))
}

/// What a refusal says, without what it may quote: of invalid values the field only (a parser's
/// complaint tells characters), and of an admission policy only that it refused.
fn answer(status: &Status) -> String {
    if let Some(policy) = policy(status) {
        return format!("{policy} denied the request");
    }
    let causes = status.details.as_ref().map(|details| &details.causes);
    let Some(causes) = causes.filter(|causes| status.code == 422 && !causes.is_empty()) else {
        return status.message.clone();
    };
    let told = causes.iter().map(|cause| match cause.reason.as_str() {
        "FieldValueForbidden" | "FieldValueRequired" => {
            format!("{}: {}", cause.field, cause.message)
        }
        reason => format!("{}: {reason}", cause.field),
    });
    told.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_policy_refuses_is_tried_again_and_what_is_invalid_is_not() {
        for (code, message, is_transient) in [
            (400, "admission webhook \"w\" denied the request: no", true),
            (422, "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no", true),
            (422, "Secret \"db\" is invalid", false),
            (400, "the body is no object", false),
            (403, "secrets is forbidden", true),
            (500, "etcd is away", true),
        ] {
            let status = serde_json::from_value(json!({ "code": code, "message": message }));
            let error = Error::api("x")(kube::Error::Api(Box::new(status.unwrap())));
            assert_eq!(error.is_transient(), is_transient, "{code} {message}");
        }
    }

    #[test]
    fn an_api_server_that_is_away_is_told_from_one_that_refuses() {
        for (code, is_outage) in
            [(400, false), (401, false), (403, false), (404, false), (429, true), (503, true)]
        {
            let status = serde_json::from_value(json!({ "code": code }));
            let error = Error::api("x")(kube::Error::Api(Box::new(status.unwrap())));
            assert_eq!(error.is_outage(), is_outage, "{code}");
        }
        let broken_off = kube::Error::Service("connection reset".into());
        assert!(Error::api("x")(broken_off).is_outage());
        assert!(!Error::Internal.is_outage());
    }

    #[test]
    fn what_keeps_it_from_starting_says_what_to_do() {
        let source = std::io::ErrorKind::AddrInUse.into();
        let taken = Error::Listen { address: "[::]:8080".to_owned(), source };
        assert!(taken.hint().is_some_and(|hint| hint.contains("--listen-addr")));
        let nowhere = Error::NoCluster("no kubeconfig".to_owned());
        assert!(nowhere.hint().is_some_and(|hint| hint.contains("KUBECONFIG")));
        let away = Error::api("read the keys")(kube::Error::Service("connection refused".into()));
        assert!(away.hint().is_some_and(|hint| hint.contains("API server")));
        let status = serde_json::from_value(json!({ "code": 403, "message": "forbidden" }));
        let forbidden = Error::api("read the keys")(kube::Error::Api(Box::new(status.unwrap())));
        assert_eq!(forbidden.hint(), None);
    }

    fn answer_to(code: u16, message: &str, causes: serde_json::Value) -> String {
        let status = json!({ "code": code, "message": message, "details": { "causes": causes } });
        answer(&serde_json::from_value(status).unwrap())
    }

    #[test]
    fn answers_are_told_without_what_they_may_quote() {
        for (code, message, causes, told) in [
            (403, "secrets is forbidden: no", json!([]), "secrets is forbidden: no"),
            (
                422,
                "Secret \"db\" is invalid: hunter2",
                json!([{ "reason": "FieldValueInvalid", "field": "data[.dockerconfigjson]", "message": "Invalid value: hunter2" }]),
                "data[.dockerconfigjson]: FieldValueInvalid",
            ),
            (
                422,
                "hunter2",
                json!([{ "reason": "FieldValueForbidden", "field": "data", "message": "Forbidden: field is immutable when `immutable` is set" }]),
                "data: Forbidden: field is immutable when `immutable` is set",
            ),
            (
                400,
                "admission webhook \"w\" denied the request: hunter2",
                json!([]),
                "admission webhook \"w\" denied the request",
            ),
            (
                422,
                "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: hunter2",
                json!([{ "reason": "FieldValueForbidden", "field": "", "message": "hunter2" }]),
                "ValidatingAdmissionPolicy 'p' with binding 'b' denied the request",
            ),
        ] {
            assert_eq!(answer_to(code, message, causes), told);
        }
    }
}
