//! Private keys in DER, of the kinds that `ssh` loads through OpenSSL.

use rustls::crypto::aws_lc_rs::sign::any_ecdsa_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use x509_cert::der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef, UintRef};
use x509_cert::der::{self, Decode, Reader, SliceReader, Tag, Tagged};

/// RSA of 1024 bits, in bytes: `ssh` takes no smaller one.
const SMALLEST_RSA: u32 = 128;
/// PKCS#1 (RFC 8017 appendix A.1), X9.62 (RFC 5480), RFC 8410 and RFC 3279.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const DSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");
/// NIST's P-256, P-384 and P-521.
const CURVES: [ObjectIdentifier; 3] = [
    ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
    ObjectIdentifier::new_unwrap("1.3.132.0.34"),
    ObjectIdentifier::new_unwrap("1.3.132.0.35"),
];

/// Why a key is none that `ssh` loads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Damaged,
    /// It may be whole, and is of an algorithm or a curve that SSH does not have.
    OtherKind,
}

impl From<der::Error> for Fault {
    fn from(_: der::Error) -> Self {
        Self::Damaged
    }
}

/// Whether `ssh` would load a PEM block of that type. PKCS#8 may have any of these names.
///
/// # Errors
/// When it would not.
pub(super) fn check(kind: &str, bytes: &[u8]) -> Result<(), Fault> {
    match kind {
        "ENCRYPTED PRIVATE KEY" => encrypted(bytes),
        "PRIVATE KEY" => pkcs8(bytes),
        _ if has_algorithm(bytes) => pkcs8(bytes),
        "RSA PRIVATE KEY" => rsa(bytes),
        "EC PRIVATE KEY" => ec(bytes),
        "DSA PRIVATE KEY" => dsa(bytes),
        _ => Err(Fault::OtherKind),
    }
}

/// `EncryptedPrivateKeyInfo` (RFC 5958 §3), of which nothing more can be known.
fn encrypted(bytes: &[u8]) -> Result<(), Fault> {
    AnyRef::from_der(bytes)?.sequence(|reader| {
        AnyRef::decode(reader)?.sequence(algorithm)?;
        <&OctetStringRef>::decode(reader)?;
        Ok(())
    })
}

/// Whether the second part is an algorithm, as in PKCS#8 only.
fn has_algorithm(bytes: &[u8]) -> bool {
    let second = |reader: &mut SliceReader<'_>| {
        AnyRef::decode(reader)?;
        let second = AnyRef::decode(reader)?.tag();
        while !reader.is_finished() {
            AnyRef::decode(reader)?;
        }
        Ok::<_, der::Error>(second)
    };
    let second = AnyRef::from_der(bytes).and_then(|key| key.sequence(second));
    second == Ok(Tag::Sequence)
}

/// `OneAsymmetricKey` (RFC 5958 §2).
fn pkcs8(bytes: &[u8]) -> Result<(), Fault> {
    let (algorithm, parameters, key) = AnyRef::from_der(bytes)?.sequence(|reader| {
        version(reader, &[0, 1])?;
        let (algorithm, parameters) = AnyRef::decode(reader)?.sequence(algorithm)?;
        let key = <&OctetStringRef>::decode(reader)?.as_bytes();
        // Attributes and the public key.
        while !reader.is_finished() {
            AnyRef::decode(reader)?;
        }
        Ok::<_, Fault>((algorithm, parameters, key))
    })?;
    match algorithm {
        RSA => rsa(key),
        ED25519 => match <&OctetStringRef>::from_der(key)?.as_bytes().len() {
            32 => Ok(()),
            _ => Err(Fault::Damaged),
        },
        DSA => UintRef::from_der(key).map(drop).map_err(Fault::from),
        EC => {
            let parameters = parameters.ok_or(Fault::Damaged)?;
            sec1(key, Some(parameters))?;
            if is_named(parameters)? {
                whole(&PrivatePkcs8KeyDer::from(bytes).into())
            } else {
                Ok(())
            }
        }
        _ => Err(Fault::OtherKind),
    }
}

fn algorithm<'a>(
    reader: &mut SliceReader<'a>,
) -> Result<(ObjectIdentifier, Option<AnyRef<'a>>), Fault> {
    let algorithm = ObjectIdentifier::decode(reader)?;
    let parameters = (!reader.is_finished()).then(|| AnyRef::decode(reader)).transpose()?;
    Ok((algorithm, parameters))
}

/// `RSAPrivateKey` (RFC 8017 appendix A.1.2): n, e, d, p, q, d mod p-1, d mod q-1, q⁻¹ mod p; and in
/// version 1 further primes.
fn rsa(bytes: &[u8]) -> Result<(), Fault> {
    let modulus = numbers(bytes, &[0, 1], 8)?;
    if u32::from(modulus.len()) < SMALLEST_RSA { Err(Fault::OtherKind) } else { Ok(()) }
}

/// p, q, g, y, x.
fn dsa(bytes: &[u8]) -> Result<(), Fault> {
    numbers(bytes, &[0], 5).map(drop)
}

/// A version and so many positive numbers, of which the first is returned.
fn numbers<'a>(bytes: &'a [u8], versions: &[u8], count: usize) -> Result<UintRef<'a>, Fault> {
    AnyRef::from_der(bytes)?.sequence(|reader| {
        let version = version(reader, versions)?;
        let first = positive(reader)?;
        (1..count).try_for_each(|_| positive(reader).map(drop))?;
        if version == 1 {
            AnyRef::decode(reader)?;
        }
        Ok(first)
    })
}

fn positive<'a>(reader: &mut SliceReader<'a>) -> Result<UintRef<'a>, Fault> {
    let number = UintRef::decode(reader)?;
    let is_zero = number.as_bytes().iter().all(|byte| *byte == 0);
    if is_zero { Err(Fault::Damaged) } else { Ok(number) }
}

fn ec(bytes: &[u8]) -> Result<(), Fault> {
    let parameters = sec1(bytes, None)?;
    if is_named(parameters)? { whole(&PrivateSec1KeyDer::from(bytes).into()) } else { Ok(()) }
}

/// `ECPrivateKey` (RFC 5915 §3), and the curve: its own, or what is said of it.
fn sec1<'a>(bytes: &'a [u8], said: Option<AnyRef<'a>>) -> Result<AnyRef<'a>, Fault> {
    AnyRef::from_der(bytes)?.sequence(|reader| {
        version(reader, &[1])?;
        <&OctetStringRef>::decode(reader)?;
        let mut curve = said;
        while !reader.is_finished() {
            let part = AnyRef::decode(reader)?;
            match part.tag() {
                Tag::ContextSpecific { number, .. } if number.value() == 0 => {
                    curve = Some(AnyRef::from_der(part.value())?);
                }
                Tag::ContextSpecific { number, .. } if number.value() == 1 => {
                    BitStringRef::from_der(part.value())?;
                }
                _ => return Err(Fault::Damaged),
            }
        }
        curve.ok_or(Fault::Damaged)
    })
}

/// Whether a curve is named; `ssh` also knows its own by their parameters.
fn is_named(curve: AnyRef<'_>) -> Result<bool, Fault> {
    if curve.tag() == Tag::Sequence {
        return Ok(false);
    }
    match CURVES.contains(&curve.decode_as::<ObjectIdentifier>()?) {
        true => Ok(true),
        false => Err(Fault::OtherKind),
    }
}

/// Whether the numbers are those of a key on its curve.
fn whole(key: &PrivateKeyDer<'_>) -> Result<(), Fault> {
    any_ecdsa_type(key).map(drop).map_err(|_| Fault::Damaged)
}

fn version(reader: &mut SliceReader<'_>, known: &[u8]) -> Result<u8, Fault> {
    Some(u8::decode(reader)?).filter(|version| known.contains(version)).ok_or(Fault::Damaged)
}
