//! A self-signed certificate as upstream makes it, byte for byte but for its serial number.

use std::time::Duration;

use pkcs1::der::asn1::{BitString, OctetString, PrintableStringRef, Utf8StringRef};
use pkcs1::der::{Any, Decode, Encode};
use pkcs8::ObjectIdentifier;
use pkcs8::spki::{
    self, AlgorithmIdentifierOwned, Document, DynSignatureAlgorithmIdentifier, EncodePublicKey,
    SignatureBitStringEncoding, SubjectPublicKeyInfoRef,
};
use sha2::{Digest, Sha256};
use signature::{Keypair, Signer};
use x509_cert::TbsCertificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Time;

use super::Validity;
use crate::{CertificateError, PrivateKey};

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

pub(super) fn self_signed_der(
    key: &PrivateKey,
    common_name: &str,
    validity: Validity,
    serial: &[u8],
) -> Result<Vec<u8>, CertificateError> {
    let name = distinguished_name(common_name)
        .ok_or(CertificateError::Unrepresentable { what: "common name" })?;
    let validity =
        x509_validity(validity).ok_or(CertificateError::Unrepresentable { what: "validity" })?;
    let serial = SerialNumber::new(serial).map_err(|_| CertificateError::Malformed)?;
    let spki = spki::SubjectPublicKeyInfoOwned::try_from(key.public().spki_der())
        .map_err(|_| CertificateError::Malformed)?;
    CertificateBuilder::new(SealingProfile(name), serial, validity, spki)
        .and_then(|builder| builder.build::<_, Pkcs1Signature>(&SelfSigner(key)))
        .and_then(|certificate| Ok(certificate.to_der()?))
        .map_err(|_| CertificateError::Malformed)
}

/// Go's choice of string type: `PrintableString` where the characters allow it.
fn distinguished_name(common_name: &str) -> Option<Name> {
    if common_name.is_empty() {
        return Some(Name::default());
    }
    let value = match PrintableStringRef::new(common_name) {
        Ok(printable) => Any::from(printable),
        Err(_) => Any::from(Utf8StringRef::new(common_name).ok()?),
    };
    let attribute = AttributeTypeAndValue { oid: COMMON_NAME, value };
    let rdn = RelativeDistinguishedName::try_from(vec![attribute]).ok()?;
    Name::from_der(&RdnSequence::from(vec![rdn]).to_der().ok()?).ok()
}

fn x509_validity(validity: Validity) -> Option<x509_cert::time::Validity> {
    let time = |seconds: i64| {
        let since_1970 = Duration::from_secs(u64::try_from(seconds).ok()?);
        Time::try_from(std::time::UNIX_EPOCH + since_1970).ok()
    };
    Some(x509_cert::time::Validity::new(time(validity.not_before)?, time(validity.not_after)?))
}

struct SealingProfile(Name);

impl BuilderProfile for SealingProfile {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.0.clone()
    }

    fn build_extensions(
        &self,
        spki: SubjectPublicKeyInfoRef<'_>,
        _issuer_spki: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        // RFC 7093 §2 method 1: the leftmost 160 bits of the key's SHA-256.
        let digest = Sha256::digest(spki.subject_public_key.raw_bytes());
        let identifier = SubjectKeyIdentifier(OctetString::new(&digest[..20])?);
        let usage = KeyUsage(KeyUsages::EncipherOnly.into());
        let ca = BasicConstraints { ca: true, path_len_constraint: None };
        let subject = tbs.subject();
        Ok(vec![
            usage.to_extension(subject, &[])?,
            ca.to_extension(subject, &[])?,
            identifier.to_extension(subject, &[])?,
        ])
    }
}

/// Signs with the key that the certificate is about.
struct SelfSigner<'a>(&'a PrivateKey);

struct Pkcs1Signature(Vec<u8>);

#[derive(Clone)]
struct Spki(Vec<u8>);

impl EncodePublicKey for Spki {
    fn to_public_key_der(&self) -> spki::Result<Document> {
        Ok(Document::try_from(self.0.as_slice())?)
    }
}

impl Keypair for SelfSigner<'_> {
    type VerifyingKey = Spki;

    fn verifying_key(&self) -> Spki {
        Spki(self.0.public().spki_der().to_vec())
    }
}

impl DynSignatureAlgorithmIdentifier for SelfSigner<'_> {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        Ok(AlgorithmIdentifierOwned { oid: SHA256_WITH_RSA, parameters: Some(Any::null()) })
    }
}

impl Signer<Pkcs1Signature> for SelfSigner<'_> {
    fn try_sign(&self, message: &[u8]) -> Result<Pkcs1Signature, signature::Error> {
        Ok(Pkcs1Signature(self.0.sign(message)))
    }
}

impl SignatureBitStringEncoding for Pkcs1Signature {
    fn to_bitstring(&self) -> pkcs1::der::Result<BitString> {
        BitString::from_bytes(&self.0)
    }
}

#[cfg(test)]
mod tests;
