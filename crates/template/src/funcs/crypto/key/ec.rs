//! Keys on NIST's curves, in SEC 1 (RFC 5915).

use p256::ecdsa::signature::Signer;

use super::super::der::{self, Reader};
use super::{OID_EC, PublicKey};
use crate::context::Context;
use crate::error::Fault;

/// A key on one of the curves.
pub(in super::super) enum Key {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    P521(p521::ecdsa::SigningKey),
}

/// What differs between the curves.
struct Curve {
    oid: &'static [u8],
    /// The signature with the hash that goes with the curve.
    signature: &'static [u8],
    /// Bytes of a private key.
    size: usize,
    read: fn(&[u8]) -> Option<Key>,
}

static CURVES: [Curve; 3] = [
    Curve {
        oid: &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
        signature: &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
        size: 32,
        read: |bytes| p256::ecdsa::SigningKey::from_slice(bytes).ok().map(Key::P256),
    },
    Curve {
        oid: &[0x2b, 0x81, 0x04, 0x00, 0x22],
        signature: &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03],
        size: 48,
        read: |bytes| p384::ecdsa::SigningKey::from_slice(bytes).ok().map(Key::P384),
    },
    Curve {
        oid: &[0x2b, 0x81, 0x04, 0x00, 0x23],
        signature: &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04],
        size: 66,
        read: |bytes| p521::ecdsa::SigningKey::from_slice(bytes).ok().map(Key::P521),
    },
];

macro_rules! on_curve {
    ($key:expr, $inner:ident => $made:expr) => {
        match $key {
            Key::P256($inner) => $made,
            Key::P384($inner) => $made,
            Key::P521($inner) => $made,
        }
    };
}

/// A multiplication, as steps.
const STEPS: u64 = 50_000;

impl Key {
    /// On P-256.
    pub(super) fn generate(context: &mut Context<'_>) -> Result<Self, Fault> {
        context.spend(STEPS)?;
        // All numbers but one of four billion are keys.
        for _ in 0..8 {
            let mut bytes = [0; 32];
            context.random(&mut bytes)?;
            if let Some(key) = (CURVES[0].read)(&bytes) {
                return Ok(key);
            }
        }
        Err("no elliptic curve private key was found".into())
    }

    /// Reads `ECPrivateKey`; the curve is the one in it where `curve` is none. Like Go, takes the
    /// public key from the private one, and keys with zeros too many or too few.
    pub(super) fn from_sec1(curve: Option<&[u8]>, bytes: &[u8]) -> Result<Self, Fault> {
        let parts = || {
            let mut key = Reader(bytes).read(der::SEQUENCE)?;
            let version = key.small()?;
            let secret = key.read(der::OCTET_STRING)?.0;
            let named = match inside(&mut key, der::wrapped(0), der::OID) {
                Some(mut named) => Some(named.oid()?),
                None => None,
            };
            if let Some(mut public) = inside(&mut key, der::wrapped(1), der::BIT_STRING) {
                public.bits()?;
            }
            (version == 1).then_some((secret, named))
        };
        let (secret, named) = parts().ok_or("malformed elliptic curve private key")?;
        let curve = CURVES.iter().find(|known| Some(known.oid) == curve.or(named));
        let curve = curve.ok_or("private key on an unknown elliptic curve")?;
        let zeros = secret.iter().take_while(|byte| **byte == 0).count();
        let secret = &secret[zeros..];
        let mut padded = vec![0; curve.size.saturating_sub(secret.len())];
        padded.extend_from_slice(secret);
        (curve.read)(&padded).ok_or("the private key is not on its elliptic curve".into())
    }

    fn curve(&self) -> &'static Curve {
        match self {
            Self::P256(_) => &CURVES[0],
            Self::P384(_) => &CURVES[1],
            Self::P521(_) => &CURVES[2],
        }
    }

    fn point(&self) -> Vec<u8> {
        on_curve!(self, key => key.verifying_key().to_sec1_point(false).as_bytes().to_vec())
    }

    pub(super) fn to_sec1(&self) -> Vec<u8> {
        let secret = on_curve!(self, key => key.to_bytes().to_vec());
        der::sequence(&[
            der::unsigned(&[1]),
            der::element(der::OCTET_STRING, &secret),
            der::element(der::wrapped(0), &der::element(der::OID, self.curve().oid)),
            der::element(der::wrapped(1), &der::bit_string(&self.point())),
        ])
    }

    pub(super) fn public(&self) -> PublicKey {
        let oids = [OID_EC, self.curve().oid].map(|oid| der::element(der::OID, oid));
        PublicKey { algorithm: der::sequence(&oids), bytes: self.point() }
    }

    pub(super) fn signature_algorithm(&self) -> Vec<u8> {
        der::sequence(&[der::element(der::OID, self.curve().signature)])
    }

    /// ECDSA (FIPS 186-5, 6.4) with SHA-256, -384 or -512; the nonce is RFC 6979's.
    pub(super) fn sign(&self, context: &mut Context<'_>, message: &[u8]) -> Result<Vec<u8>, Fault> {
        context.spend(4 * STEPS)?;
        let failed = "the elliptic curve private key does not sign";
        Ok(match self {
            Self::P256(key) => {
                let made: p256::ecdsa::Signature = key.try_sign(message).map_err(|_| failed)?;
                made.to_der().as_bytes().to_vec()
            }
            Self::P384(key) => {
                let made: p384::ecdsa::Signature = key.try_sign(message).map_err(|_| failed)?;
                made.to_der().as_bytes().to_vec()
            }
            Self::P521(key) => {
                let made: p521::ecdsa::Signature = key.try_sign(message).map_err(|_| failed)?;
                made.to_der().as_bytes().to_vec()
            }
        })
    }
}

/// What an optional field wraps. Like Go, takes it for absent if that is of another type.
fn inside<'a>(key: &mut Reader<'a>, wrapper: u8, tag: u8) -> Option<Reader<'a>> {
    let mut rest = *key;
    let inner = rest.read(wrapper).filter(|inner| inner.peeks(tag))?;
    *key = rest;
    Some(inner)
}
