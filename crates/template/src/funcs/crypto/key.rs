//! Private keys: made, read from PEM and written to it as Go does.

mod dsa;
mod ec;
mod edwards;
mod rsa;

pub(super) use dsa::generate_pem as generate_dsa;

use super::der::{self, Reader};
use super::pem;
use crate::context::Context;
use crate::error::Fault;

/// A private key that Go can read.
pub(super) enum PrivateKey {
    Rsa(rsa::Key),
    Ec(ec::Key),
    Ed25519(edwards::Key),
    /// X25519 or DSA: sound, but of no use in certificates here.
    Other,
}

/// `AlgorithmIdentifier` and key of a `SubjectPublicKeyInfo`.
pub(super) struct PublicKey {
    pub(super) algorithm: Vec<u8>,
    pub(super) bytes: Vec<u8>,
}

const OID_EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const OID_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const OID_ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const OID_X25519: &[u8] = &[0x2b, 0x65, 0x6e];

/// To read a key, which for elliptic curves takes a multiplication.
const STEPS: u64 = 50_000;

impl PrivateKey {
    pub(super) fn generate_rsa(context: &mut Context<'_>, bits: usize) -> Result<Self, Fault> {
        rsa::Key::generate(context, bits).map(Self::Rsa)
    }

    pub(super) fn generate_ec(context: &mut Context<'_>) -> Result<Self, Fault> {
        ec::Key::generate(context).map(Self::Ec)
    }

    pub(super) fn generate_ed25519(context: &mut Context<'_>) -> Result<Self, Fault> {
        edwards::Key::generate(context).map(Self::Ed25519)
    }

    /// Reads the first block of PEM, which must be a private key that is not encrypted.
    pub(super) fn from_pem(context: &mut Context<'_>, text: &[u8]) -> Result<Self, Fault> {
        context.spend(STEPS + text.len() as u64)?;
        // Without line ends, in Base64 and out of it.
        context.room(text.len().saturating_mul(4))?;
        let block = pem::decode(text).ok_or("no PEM data in the private key")?;
        let bytes = &block.bytes;
        match block.kind {
            b"PRIVATE KEY" => Self::from_pkcs8(context, bytes),
            b"RSA PRIVATE KEY" => rsa::Key::from_pkcs1(context, bytes).map(Self::Rsa),
            b"EC PRIVATE KEY" => ec::Key::from_sec1(None, bytes).map(Self::Ec),
            b"DSA PRIVATE KEY" if dsa::is_key(bytes) => Ok(Self::Other),
            _ => Err("the PEM block is no private key of a known type".into()),
        }
    }

    /// PKCS #8 (RFC 5208); what follows the key is not looked at.
    fn from_pkcs8(context: &mut Context<'_>, bytes: &[u8]) -> Result<Self, Fault> {
        let parts = || {
            let mut info = Reader(bytes).read(der::SEQUENCE)?;
            info.small()?;
            let mut algorithm = info.read(der::SEQUENCE)?;
            let oid = algorithm.oid()?;
            Some((oid, algorithm, info.read(der::OCTET_STRING)?.0))
        };
        let (oid, mut parameters, key) = parts().ok_or("malformed PKCS #8 private key")?;
        match oid {
            OID_RSA => rsa::Key::from_pkcs1(context, key).map(Self::Rsa),
            OID_EC => ec::Key::from_sec1(parameters.oid(), key).map(Self::Ec),
            OID_ED25519 if parameters.is_empty() => edwards::Key::read(key).map(Self::Ed25519),
            OID_X25519 if parameters.is_empty() && edwards::seed(key).is_some() => Ok(Self::Other),
            _ => Err("PKCS #8 private key of an unknown type".into()),
        }
    }

    /// PKCS #1 for RSA, SEC 1 for elliptic curves, else PKCS #8.
    pub(super) fn to_pem(&self) -> Result<Vec<u8>, Fault> {
        Ok(match self {
            Self::Rsa(key) => pem::encode("RSA PRIVATE KEY", &key.to_pkcs1()?),
            Self::Ec(key) => pem::encode("EC PRIVATE KEY", &key.to_sec1()),
            Self::Ed25519(key) => pem::encode("PRIVATE KEY", &key.to_pkcs8()),
            Self::Other => return Err(UNFIT),
        })
    }

    pub(super) fn public(&self) -> Result<PublicKey, Fault> {
        match self {
            Self::Rsa(key) => Ok(key.public()),
            Self::Ec(key) => Ok(key.public()),
            Self::Ed25519(key) => Ok(key.public()),
            Self::Other => Err(UNFIT),
        }
    }

    /// The `AlgorithmIdentifier` of what [`Self::sign`] returns.
    pub(super) fn signature_algorithm(&self) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Rsa(_) => Ok(rsa::signature_algorithm()),
            Self::Ec(key) => Ok(key.signature_algorithm()),
            Self::Ed25519(_) => Ok(edwards::algorithm()),
            Self::Other => Err(UNFIT),
        }
    }

    pub(super) fn sign(&self, context: &mut Context<'_>, message: &[u8]) -> Result<Vec<u8>, Fault> {
        // It is hashed, twice for Ed25519.
        context.spend(message.len() as u64)?;
        match self {
            Self::Rsa(key) => key.sign(context, message),
            Self::Ec(key) => key.sign(context, message),
            Self::Ed25519(key) => key.sign(context, message),
            Self::Other => Err(UNFIT),
        }
    }
}

const UNFIT: Fault = Fault::new("certificates cannot be made with a private key of this type");
