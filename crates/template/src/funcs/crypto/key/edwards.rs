//! Ed25519 keys, in PKCS #8 (RFC 8410).

use ed25519_dalek::{Signer, SigningKey};

use super::super::der::{self, Reader};
use super::{OID_ED25519, PublicKey};
use crate::context::Context;
use crate::error::Fault;

/// An Ed25519 key.
pub(in super::super) struct Key(SigningKey);

impl Key {
    pub(super) fn generate(context: &mut Context<'_>) -> Result<Self, Fault> {
        context.spend(5_000)?;
        let mut seed = [0; 32];
        context.random(&mut seed)?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// Reads `CurvePrivateKey`.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let seed = seed(bytes).ok_or("malformed Ed25519 private key")?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    pub(super) fn to_pkcs8(&self) -> Vec<u8> {
        let seed = der::element(der::OCTET_STRING, self.0.as_bytes());
        der::sequence(&[der::unsigned(&[]), algorithm(), der::element(der::OCTET_STRING, &seed)])
    }

    pub(super) fn public(&self) -> PublicKey {
        let bytes = self.0.verifying_key().as_bytes().to_vec();
        PublicKey { algorithm: algorithm(), bytes }
    }

    /// Ed25519 (RFC 8032, 5.1).
    pub(super) fn sign(&self, context: &mut Context<'_>, message: &[u8]) -> Result<Vec<u8>, Fault> {
        context.spend(10_000)?;
        Ok(self.0.sign(message).to_bytes().to_vec())
    }
}

/// The algorithm of key and signature alike.
pub(super) fn algorithm() -> Vec<u8> {
    der::sequence(&[der::element(der::OID, OID_ED25519)])
}

/// The 32 bytes of a `CurvePrivateKey`.
pub(super) fn seed(bytes: &[u8]) -> Option<[u8; 32]> {
    Reader(bytes).read(der::OCTET_STRING)?.0.try_into().ok()
}
