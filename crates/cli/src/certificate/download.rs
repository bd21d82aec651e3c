//! A certificate from the web.

use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use crate::error::{Error, Result, io_reason};

/// A certificate has some two kilobytes, a chain some ten.
const MAX_BYTES: u64 = 1 << 20;

/// GETs a URL within 30 seconds; proxy variables of the environment are honoured.
pub(super) fn download(url: &str) -> Result<String> {
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .root_certs(RootCerts::PlatformVerifier)
        .build();
    let agent: Agent = Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into();
    let fail = |error: ureq::Error| {
        let reason = match &error {
            ureq::Error::Io(error) => io_reason(error),
            ureq::Error::StatusCode(status) => format!("the server answered {status}"),
            other => other.to_string(),
        };
        Error::new(format!("cannot download the certificate from {url}: {reason}"))
            .hint("check the URL, the network and the proxy variables")
    };
    let mut response = agent.get(url).call().map_err(fail)?;
    response.body_mut().with_config().limit(MAX_BYTES).read_to_string().map_err(fail)
}
