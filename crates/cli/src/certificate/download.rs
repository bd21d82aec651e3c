//! A certificate from the web.

use ureq::tls::RootCerts;

use crate::cluster::{is_page, shown, web};
use crate::error::{Cause, Error, Result};

/// A certificate has some two kilobytes, a chain some ten.
const MAX_BYTES: u64 = 1 << 20;

/// GETs a URL; proxy variables of the environment are honoured.
pub(super) fn download(url: &str) -> Result<String> {
    let fail = |error: ureq::Error| failed(url, &web::reason(&error));
    let mut response = web::agent(RootCerts::PlatformVerifier).get(url).call().map_err(fail)?;
    if !response.status().is_success() {
        return Err(failed(url, &format!("the server answered {}", response.status())));
    }
    let body = response.body_mut().with_config().limit(MAX_BYTES).read_to_string().map_err(fail)?;
    if is_page(&body) {
        return Err(Error::new(format!("{} is a web page, not a certificate", shown(url)))
            .hint("check the URL: it may lead to a login page, or to a page about the file"));
    }
    Ok(body)
}

fn failed(url: &str, reason: &str) -> Error {
    Error::new(format!("cannot download the certificate from {}: {reason}", shown(url)))
        .of(Cause::Remote)
        .hint("check the URL, the network and the proxy variables")
}
