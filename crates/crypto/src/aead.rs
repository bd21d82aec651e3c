//! AES-256-GCM (NIST SP 800-38D), for one value under one key.

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;

use crate::secret::SessionKey;
use crate::{Backend, Plaintext, Refused};

const NONCE_LEN: usize = 12;

/// Safe for a key that seals a single value, which [`seal_once`] sees to.
const ZERO_NONCE: [u8; NONCE_LEN] = [0; NONCE_LEN];

/// `AES-256-GCM[key, nonce = 0](value)`, tag appended (SP 800-38D). The zero nonce is safe: the
/// key is taken by value, so it seals once.
pub(crate) fn seal_once(backend: Backend, key: SessionKey, value: &Plaintext) -> Vec<u8> {
    let seal = match backend {
        #[cfg(feature = "aws-lc")]
        Backend::AwsLc => aws_lc::seal,
        #[cfg(feature = "rustcrypto")]
        Backend::RustCrypto => rustcrypto::seal,
    };
    seal(key.expose(), &ZERO_NONCE, &[], value.expose())
}

/// `AES-256-GCM⁻¹[key, nonce = 0](sealed)`, or [`Refused`] when the tag does not match.
pub(crate) fn open(
    backend: Backend,
    key: &SessionKey,
    sealed: &[u8],
) -> Result<Plaintext, Refused> {
    let open = match backend {
        #[cfg(feature = "aws-lc")]
        Backend::AwsLc => aws_lc::open,
        #[cfg(feature = "rustcrypto")]
        Backend::RustCrypto => rustcrypto::open,
    };
    open(key.expose(), &ZERO_NONCE, &[], sealed)
}

#[cfg(test)]
mod tests;
