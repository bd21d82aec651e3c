//! Reads certificates (RFC 5280), as strictly and as leniently as Go's `x509.ParseCertificate`.

use super::super::der::{self, Reader};
use super::{extensions, time};

/// What an issuer's certificate says.
pub(super) struct Certificate {
    /// `Name`, whole.
    pub(super) subject: Vec<u8>,
    pub(super) key_id: Option<Vec<u8>>,
    /// `SubjectPublicKeyInfo`, whole; none if its algorithm is unknown.
    info: Option<Vec<u8>>,
}

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const X25519: &[u8] = &[0x2b, 0x65, 0x6e];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const P224: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x21];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];

impl Certificate {
    /// Reads one certificate; none if it is malformed.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut whole = Reader(bytes);
        let mut outer = whole.read(der::SEQUENCE)?;
        let mut inner = outer.read(der::SEQUENCE)?;
        let version = match inner.optional(der::wrapped(0))? {
            Some(mut version) => version.small().filter(|_| version.is_empty())?,
            None => 0,
        };
        let serial = inner.integer()?;
        let algorithm = inner.read(der::SEQUENCE)?;
        let signature = outer.read(der::SEQUENCE)?;
        let negative = serial[0] >= 0x80;
        if !whole.is_empty() || !(0..3).contains(&version) || negative || signature.0 != algorithm.0
        {
            return None;
        }
        read_algorithm(algorithm)?;
        read_name(inner.read(der::SEQUENCE)?)?;
        read_validity(inner.read(der::SEQUENCE)?)?;
        let subject = inner.element(der::SEQUENCE)?;
        read_name(Reader(subject).read(der::SEQUENCE)?)?;
        let info = inner.element(der::SEQUENCE)?;
        let known = read_info(Reader(info).read(der::SEQUENCE)?)?;
        let key_id = if version > 0 { read_rest(inner, version)? } else { None };
        outer.bits()?;
        Some(Self { subject: subject.to_vec(), key_id, info: known.then(|| info.to_vec()) })
    }

    /// Whether its key is this; like Go, without doubt about a key that cannot be read.
    pub(super) fn is_of(&self, info: &[u8]) -> bool {
        self.info.as_ref().is_none_or(|own| own == info)
    }
}

/// `AlgorithmIdentifier`'s content.
fn read_algorithm(mut algorithm: Reader<'_>) -> Option<(&[u8], Reader<'_>)> {
    let oid = algorithm.oid()?;
    let parameters = algorithm;
    if !algorithm.is_empty() {
        algorithm.any()?;
        let used = parameters.0.len() - algorithm.0.len();
        return Some((oid, Reader(&parameters.0[..used])));
    }
    Some((oid, parameters))
}

/// `Name`'s content.
fn read_name(mut name: Reader<'_>) -> Option<()> {
    while !name.is_empty() {
        let mut set = name.read(der::SET)?;
        while !set.is_empty() {
            let mut attribute = set.read(der::SEQUENCE)?;
            attribute.oid()?;
            let (tag, value) = attribute.any()?;
            is_string(tag, value.0).then_some(())?;
        }
    }
    Some(())
}

/// Whether Go reads it as one of ASN.1's strings.
fn is_string(tag: u8, value: &[u8]) -> bool {
    const NUMERIC: u8 = 0x12;
    const T61: u8 = 0x14;
    const IA5: u8 = 0x16;
    const BMP: u8 = 0x1e;
    match tag {
        der::UTF8_STRING => std::str::from_utf8(value).is_ok(),
        der::PRINTABLE_STRING => {
            let allowed =
                |byte: &u8| byte.is_ascii_alphanumeric() || b" '()*+,-./:=?&".contains(byte);
            value.iter().all(allowed)
        }
        NUMERIC => value.iter().all(|byte| byte.is_ascii_digit() || *byte == b' '),
        IA5 => value.is_ascii(),
        T61 => true,
        BMP => {
            let value = value.strip_suffix(&[0, 0]).unwrap_or(value);
            let unit = |pair: &[u8]| u16::from_be_bytes([pair[0], pair[1]]);
            let reserved = |unit| matches!(unit, 0xd800..=0xdfff | 0xfdd0..=0xfdef | 0xfffe..);
            value.len().is_multiple_of(2) && !value.chunks_exact(2).map(unit).any(reserved)
        }
        _ => false,
    }
}

/// `Validity`'s content.
fn read_validity(mut validity: Reader<'_>) -> Option<()> {
    (0..2).try_for_each(|_| {
        let (tag, text) = validity.any()?;
        time::is_time(tag, text.0).then_some(())
    })
}

/// `SubjectPublicKeyInfo`'s content: whether its algorithm is known. Then the key must be sound.
fn read_info(mut info: Reader<'_>) -> Option<bool> {
    let (oid, mut parameters) = read_algorithm(info.read(der::SEQUENCE)?)?;
    let key = info.bits()?;
    let sound = match oid {
        RSA => {
            let mut numbers = Reader(&key).read(der::SEQUENCE)?;
            numbers.positive()?;
            parameters.0 == [der::NULL, 0] && numbers.small()? > 0
        }
        DSA => {
            let mut numbers = parameters.read(der::SEQUENCE)?;
            (0..3).try_for_each(|_| numbers.positive().map(|_| ()))?;
            Reader(&key).positive().is_some()
        }
        EC => is_point(parameters.oid()?, &key),
        ED25519 | X25519 => parameters.is_empty() && key.len() == 32,
        _ => return Some(false),
    };
    sound.then_some(true)
}

/// Whether it is a point of that curve, not compressed.
fn is_point(curve: &[u8], point: &[u8]) -> bool {
    let read = match curve {
        P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(point).is_ok(),
        P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(point).is_ok(),
        P521 => p521::ecdsa::VerifyingKey::from_sec1_bytes(point).is_ok(),
        // No library of this curve is at hand: that it could be a point must do.
        P224 => point.len() == 57,
        _ => false,
    };
    read && point.first() == Some(&4)
}

/// What follows the public key from version 2 on: the subject's key identifier, if there is one.
fn read_rest(mut inner: Reader<'_>, version: i64) -> Option<Option<Vec<u8>>> {
    inner.optional(der::tagged(1))?;
    inner.optional(der::tagged(2))?;
    if version < 2 {
        return Some(None);
    }
    let Some(mut extensions) = inner.optional(der::wrapped(3))? else {
        return Some(None);
    };
    extensions::read(extensions.read(der::SEQUENCE)?)
}
