//! RSA keys, in PKCS #1 (RFC 8017).

use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, PrivateKey};
use sha2::Sha256;

use super::super::der::{self, Reader};
use super::super::generator::Generator;
use super::{OID_RSA, PublicKey};
use crate::context::Context;
use crate::error::Fault;

/// A key of two primes.
pub(in super::super) struct Key(PrivateKey);

const OID_SHA256_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const EXPONENT: u64 = 65_537;
/// Go signs with no smaller key.
const SIGNING_BITS: u32 = 1024;
const MALFORMED: Fault = Fault::new("malformed RSA private key");
const INCONSISTENT: Fault = Fault::new("the numbers of the RSA private key do not fit together");

impl Key {
    pub(super) fn generate(context: &mut Context<'_>, bits: usize) -> Result<Self, Fault> {
        context.spend_costly(if bits > 2048 { 8 } else { 4 })?;
        let failed = "no RSA private key was found";
        let made = PrivateKey::new(&mut Generator(context), bits).map_err(|_| failed)?;
        // Once more from its primes: then the exponent is the inverse modulo λ(n), as Go's is.
        let [p, q] = made.primes() else { return Err(failed.into()) };
        let (p, q) = (p.as_ref().clone(), q.as_ref().clone());
        let key = PrivateKey::from_p_q(p, q, BoxedUint::from(EXPONENT)).map_err(|_| failed)?;
        Ok(Self(key))
    }

    /// Checks what Go checks, which is not whether the primes are prime.
    pub(super) fn from_pkcs1(context: &mut Context<'_>, bytes: &[u8]) -> Result<Self, Fault> {
        let parts = Parts::read(bytes).ok_or(MALFORMED)?;
        let bits = parts.n.len() * 8;
        charge(context, bits)?;
        if parts.multiple_primes {
            return Err("RSA private keys of more than two primes are not supported".into());
        }
        if !(2..1 << 31).contains(&parts.e) || parts.exceed() {
            return Err(INCONSISTENT);
        }
        let number = BoxedUint::from_be_slice_vartime;
        let e = BoxedUint::from(parts.e);
        let make = |make: fn(_, _, _, _) -> rsa::Result<PrivateKey>| {
            let primes = vec![number(parts.p), number(parts.q)];
            make(number(parts.n), e.clone(), number(parts.d), primes)
        };
        // Nearly all keys have primes of one length, and are faster for it.
        let key = make(PrivateKey::from_components)
            .or_else(|_| make(PrivateKey::from_components_with_wide_primes))
            .map_err(|_| INCONSISTENT)?;
        let key = Self(key);
        let [dp, dq, qinv] = key.remainders().ok_or(INCONSISTENT)?;
        let given = [parts.dp, parts.dq, parts.qinv];
        // Go takes them as they are only if all are there.
        let differ = [dp, dq, qinv].iter().zip(given).any(|(made, given)| Some(&**made) != given);
        if given.iter().all(Option::is_some) && differ || key.is_weak() {
            return Err(INCONSISTENT);
        }
        Ok(key)
    }

    /// d mod p-1, d mod q-1 and 1/q mod p.
    fn remainders(&self) -> Option<[Box<[u8]>; 3]> {
        let (dp, dq, qinv) = (self.0.dp()?, self.0.dq()?, self.0.qinv()?.retrieve());
        Some([dp, dq, &qinv].map(BoxedUint::to_be_bytes_trimmed_vartime))
    }

    /// Go refuses primes that are too near to each other, and exponents that are too small.
    fn is_weak(&self) -> bool {
        let [p, q] = self.0.primes() else { return true };
        let bits = self.0.n().bit_width();
        let apart = if p > q { p.wrapping_sub(q.as_ref()) } else { q.wrapping_sub(p.as_ref()) };
        apart.bit_width() <= (bits / 2).saturating_sub(100) || self.0.d().bit_width() <= bits / 2
    }

    pub(super) fn to_pkcs1(&self) -> Result<Vec<u8>, Fault> {
        let [dp, dq, qinv] = self.remainders().ok_or(INCONSISTENT)?;
        let [p, q] = self.0.primes() else { return Err(INCONSISTENT) };
        let number = |number: &BoxedUint| der::unsigned(&number.to_be_bytes());
        Ok(der::sequence(&[
            der::unsigned(&[]),
            number(self.0.n()),
            number(self.0.e()),
            number(self.0.d()),
            number(p),
            number(q),
            der::unsigned(&dp),
            der::unsigned(&dq),
            der::unsigned(&qinv),
        ]))
    }

    pub(super) fn public(&self) -> PublicKey {
        let numbers = [der::unsigned(&self.0.n_bytes()), der::unsigned(&self.0.e_bytes())];
        PublicKey { algorithm: algorithm(OID_RSA), bytes: der::sequence(&numbers) }
    }

    /// `RSASSA-PKCS1-v1_5[SHA-256]` (RFC 8017, 8.2), blinded.
    pub(super) fn sign(&self, context: &mut Context<'_>, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let bits = self.0.n().bit_width();
        if bits < SIGNING_BITS {
            return Err("the RSA private key is too short to sign with".into());
        }
        charge(context, bits as usize)?;
        let signed = self.0.pkcs1v15_sign_with_rng::<Sha256, _>(&mut Generator(context), message);
        signed.map_err(|_| "the RSA private key does not sign".into())
    }
}

/// Cubic, as a signature is: 19 signatures of 4096 bits at most, and none of 16,384 bits.
fn charge(context: &mut Context<'_>, bits: usize) -> Result<(), Fault> {
    context.spend((bits as u64 / 64).saturating_pow(3).saturating_mul(4))
}

fn algorithm(oid: &[u8]) -> Vec<u8> {
    der::sequence(&[der::element(der::OID, oid), der::element(der::NULL, &[])])
}

pub(super) fn signature_algorithm() -> Vec<u8> {
    algorithm(OID_SHA256_RSA)
}

/// `RSAPrivateKey`, as it is written.
struct Parts<'a> {
    n: &'a [u8],
    e: u64,
    d: &'a [u8],
    p: &'a [u8],
    q: &'a [u8],
    dp: Option<&'a [u8]>,
    dq: Option<&'a [u8]>,
    qinv: Option<&'a [u8]>,
    multiple_primes: bool,
}

impl<'a> Parts<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = Reader(bytes);
        let mut key = rest.read(der::SEQUENCE)?;
        if key.small()? > 1 || !rest.is_empty() {
            return None;
        }
        let (n, e, d) = (key.positive()?, key.small()?, key.positive()?);
        let (p, q) = (key.positive()?, key.positive()?);
        let mut optional =
            || if key.peeks(der::INTEGER) { key.positive().map(Some) } else { Some(None) };
        let (dp, dq, qinv) = (optional()?, optional()?, optional()?);
        let others = key.optional(der::SEQUENCE)?;
        let multiple_primes = others.is_some_and(|others| !others.is_empty());
        Some(Self { n, e: u64::try_from(e).ok()?, d, p, q, dp, dq, qinv, multiple_primes })
    }

    /// Whether a number is longer than the modulus, which none may be.
    fn exceed(&self) -> bool {
        [self.d, self.p, self.q].iter().any(|number| number.len() > self.n.len())
    }
}
