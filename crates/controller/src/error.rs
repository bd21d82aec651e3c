//! What can go wrong while a SealedSecret is brought about.

use sealwright_sealing::UnsealError;

use crate::plan::Refusal;

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

    /// Whether it can pass by itself, so that trying again makes sense.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Unseal(_) | Self::Refused(_) => false,
            Self::Certificate(_)
            | Self::Listen { .. }
            | Self::NoCluster(_)
            | Self::LabelSelector(_) => false,
            Self::AwaitingCollection | Self::Interrupted => true,
            Self::Api { source, .. } => match source.as_ref() {
                // Refused for what was asked: an immutable Secret, a name that is none.
                kube::Error::Api(status) => !matches!(status.code, 400 | 405 | 413 | 422),
                _ => true,
            },
        }
    }

    /// Whether somebody else wrote first: the plan is made anew, and nobody needs to know.
    pub(crate) fn is_conflict(&self) -> bool {
        let Self::Api { source, .. } = self else { return false };
        matches!(source.as_ref(), kube::Error::Api(status) if status.code == 409)
    }

    /// Upstream's reason for the event: unsealing failed, or writing did.
    pub(crate) fn event_reason(&self) -> &'static str {
        match self {
            Self::Unseal(_) => "ErrUnsealFailed",
            _ => "ErrUpdateFailed",
        }
    }
}

/// The API server's own words without the rest of its answer. It never quotes a value of a
/// Secret, but it does name fields.
fn reason(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        other => {
            let mut cause: &dyn std::error::Error = other;
            while let Some(source) = cause.source() {
                cause = source;
            }
            cause.to_string()
        }
    }
}
