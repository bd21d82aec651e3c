//! The private key of a TLS server, of which its public half is wanted.

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use sealwright_crypto::PemBlock;

use super::certificates::{der_hint, found};
use super::pem;
use crate::error::{Error, Result};

/// Who reads what is for TLS, for [`pem::blocks`].
pub(super) const SERVERS: &str = "servers do not read";

/// The `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7) of the first private key in a PEM text, which is
/// the one that servers take.
///
/// # Errors
/// When there is none, or no server could use it.
pub(super) fn public_half(bytes: &[u8]) -> Result<Vec<u8>> {
    let text = String::from_utf8_lossy(bytes);
    let blocks = pem::blocks(&text, SERVERS)?;
    let Some(block) = blocks.iter().find(|block| block.kind.ends_with("PRIVATE KEY")) else {
        let hint = match blocks.iter().any(|block| block.kind == "CERTIFICATE") {
            true => "--cert and --key may be the wrong way round".to_owned(),
            false => der_hint(bytes, "openssl pkey"),
        };
        return Err(Error::new(format!(
            "there is no private key in it (found: {})",
            found(&blocks)
        ))
        .hint(hint));
    };
    if block.is_encrypted || block.kind == "ENCRYPTED PRIVATE KEY" {
        return Err(Error::new("the private key is encrypted, and no server could open it")
            .hint("`openssl pkey` asks for the passphrase and takes the encryption off"));
    }
    let unusable = || {
        Error::new("the private key is damaged, or of a kind that servers do not take")
            .hint("RSA with 2048 to 8192 bits, ECDSA P-256, P-384 and P-521, and Ed25519 are taken")
    };
    let key = any_supported_type(&der(block)?).map_err(|_| unusable())?;
    Ok(key.public_key().ok_or_else(unusable)?.to_vec())
}

fn der(block: &PemBlock) -> Result<PrivateKeyDer<'_>> {
    let der = block.der.as_slice();
    match block.kind.as_str() {
        "PRIVATE KEY" => Ok(PrivatePkcs8KeyDer::from(der).into()),
        "RSA PRIVATE KEY" => Ok(PrivatePkcs1KeyDer::from(der).into()),
        "EC PRIVATE KEY" => Ok(PrivateSec1KeyDer::from(der).into()),
        "OPENSSH PRIVATE KEY" => Err(Error::new("it is a key for SSH, not for TLS")
            .hint("give the key that the certificate was requested with")),
        _ => Err(Error::new("the private key is of a kind that servers do not take")
            .hint("openssl pkey writes it as PRIVATE KEY")),
    }
}
