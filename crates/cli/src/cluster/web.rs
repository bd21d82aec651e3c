//! Plain requests to the web: for a certificate by its URL, and to an identity provider.

use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use super::explain::in_short;

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const LIMIT: Duration = Duration::from_secs(30);

/// A client that honours the proxy variables of the environment and gives up after half a minute. Any
/// status is an answer to it.
pub(crate) fn agent(roots: RootCerts) -> Agent {
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .root_certs(roots)
        .build();
    Agent::config_builder()
        .tls_config(tls)
        .timeout_connect(Some(CONNECT_LIMIT))
        .timeout_global(Some(LIMIT))
        .http_status_as_error(false)
        .build()
        .into()
}

/// Why there is no answer. Of what may quote the URL, which may hold a password, only the kind is told.
pub(crate) fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => in_short(error),
        ureq::Error::Rustls(error) => in_short(error),
        ureq::Error::HostNotFound => "its name cannot be resolved".to_owned(),
        ureq::Error::Timeout(_) => "no answer in time".to_owned(),
        ureq::Error::ConnectionFailed => "no connection".to_owned(),
        ureq::Error::BodyExceedsLimit(_) => "what comes is too long".to_owned(),
        ureq::Error::TooManyRedirects | ureq::Error::RedirectFailed => {
            "it leads from one address to another".to_owned()
        }
        ureq::Error::InvalidProxyUrl => "the proxy's URL is none".to_owned(),
        ureq::Error::ConnectProxyFailed(_) => "the proxy does not let this through".to_owned(),
        ureq::Error::Protocol(_) => "what answers there does not speak HTTP".to_owned(),
        _ => "it is no URL that can be asked".to_owned(),
    }
}
