//! The certificate to seal with: a file, a URL, or the controller's.

mod download;

use std::path::Path;

use jiff::Timestamp;
use sealwright_crypto::{Certificate, PublicKey};

use crate::args::{ClusterArgs, Given};
use crate::cluster::{Controller, shown};
use crate::error::{Error, Result};
use crate::manifest;

/// The key to seal with.
///
/// # Errors
/// When the certificate is not to be had, is none, has expired or holds no RSA key.
pub(crate) fn to_seal_with(cert: &Given, cluster: &ClusterArgs) -> Result<PublicKey> {
    let text = fetch(cert, cluster)?;
    Ok(usable(&text, &origin(cert))?.public_key().clone())
}

/// The certificate of a text, if it can be sealed with.
///
/// # Errors
/// When it is none, has expired or holds no RSA key.
pub(crate) fn usable(text: &str, origin: &str) -> Result<Certificate> {
    let certificate = Certificate::from_pem(text).map_err(|error| {
        Error::new(format!("cannot seal with {origin}: {error}"))
            .hint("get the controller's certificate with `kubeseal --fetch-cert`")
    })?;
    let now = Timestamp::now();
    if certificate.is_expired(now.as_second()) {
        let end = Timestamp::from_second(certificate.validity().not_after).map_or_else(
            |_| "long ago".to_owned(),
            |end| end.strftime("on %B %-d, %Y").to_string(),
        );
        return Err(Error::new(format!(
            "cannot seal with {origin}: the certificate expired {end}"
        ))
        .hint("get the newest one with `kubeseal --fetch-cert`"));
    }
    Ok(certificate)
}

/// Where it comes from, for people.
pub(crate) fn origin(cert: &Given) -> String {
    match cert.text() {
        None => "the controller's certificate".to_owned(),
        Some(url) if is_url(url) => shown(url),
        Some(path) => path.to_owned(),
    }
}

/// The text of the certificate, as it is at its source.
pub(crate) fn fetch(cert: &Given, cluster: &ClusterArgs) -> Result<String> {
    match cert.text() {
        None => Controller::connect(cluster)?.certificate(),
        Some(url) if is_url(url) => download::download(url),
        Some(path) => {
            let path = path.strip_prefix("file://").unwrap_or(path);
            manifest::read_file(Path::new(path))
        }
    }
}

pub(crate) fn is_url(place: &str) -> bool {
    place.starts_with("http://") || place.starts_with("https://")
}
