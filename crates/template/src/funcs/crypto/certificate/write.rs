//! Writes certificates (RFC 5280), byte for byte as Go's `x509.CreateCertificate` does.

use sha2::{Digest, Sha256};

use super::super::der;
use super::super::key::{PrivateKey, PublicKey};
use super::names::Names;
use super::read::Certificate;
use super::time;
use crate::context::Context;
use crate::error::Fault;

/// What a certificate shall say.
pub(super) struct Wanted<'a> {
    /// The common name; without one, the subject is empty.
    pub(super) name: &'a [u8],
    pub(super) names: Names,
    /// How long it is valid from now on.
    pub(super) days: i64,
    pub(super) authority: bool,
}

/// Who signs a certificate.
pub(super) enum Issuer<'a> {
    /// Its own key.
    Itself,
    /// Another certificate with its key.
    Other(&'a Certificate, &'a PrivateKey),
}

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SUBJECT_KEY_ID: u8 = 14;
const KEY_USAGE: u8 = 15;
const SUBJECT_ALT_NAME: u8 = 17;
const BASIC_CONSTRAINTS: u8 = 19;
const AUTHORITY_KEY_ID: u8 = 35;
const EXT_KEY_USAGE: u8 = 37;
const SERVER_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const CLIENT_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

impl Wanted<'_> {
    /// The certificate for `key`, signed.
    pub(super) fn issue(
        &self,
        context: &mut Context<'_>,
        key: &PrivateKey,
        issuer: Issuer<'_>,
    ) -> Result<Vec<u8>, Fault> {
        let subject = self.subject()?;
        let (issuer_name, issuer_id, signer) = match issuer {
            Issuer::Itself => (subject.clone(), None, key),
            Issuer::Other(certificate, signer) => {
                if !certificate.is_of(&info(&signer.public()?)) {
                    return Err("the issuer's private key is not its certificate's".into());
                }
                (certificate.subject.clone(), certificate.key_id.as_deref(), signer)
            }
        };
        let algorithm = signer.signature_algorithm()?;
        let public = key.public()?;
        let issuer_id = issuer_id.filter(|id| !id.is_empty() && issuer_name != subject);
        let extensions = self.extensions(&subject, &public, issuer_id);
        let signed = der::sequence(&[
            der::element(der::wrapped(0), &der::unsigned(&[2])),
            serial(context)?,
            algorithm.clone(),
            issuer_name,
            self.validity(context)?,
            subject,
            info(&public),
            der::element(der::wrapped(3), &der::sequence(&extensions)),
        ]);
        let signature = signer.sign(context, &signed)?;
        Ok(der::sequence(&[signed, algorithm, der::bit_string(&signature)]))
    }

    /// A `Name` of the common name only.
    fn subject(&self) -> Result<Vec<u8>, Fault> {
        if self.name.is_empty() {
            return Ok(der::sequence(&[]));
        }
        let tag = match self.name {
            name if name.iter().all(is_printable) => der::PRINTABLE_STRING,
            name if std::str::from_utf8(name).is_ok() => der::UTF8_STRING,
            _ => return Err("the common name is not UTF-8".into()),
        };
        let oid = der::element(der::OID, COMMON_NAME);
        let attribute = der::sequence(&[oid, der::element(tag, self.name)]);
        Ok(der::sequence(&[der::element(der::SET, &attribute)]))
    }

    /// From now on; like Go's, the nanoseconds of many days wrap around.
    fn validity(&self, context: &mut Context<'_>) -> Result<Vec<u8>, Fault> {
        let now = context.now();
        let span = self.days.wrapping_mul(86_400 * 1_000_000_000);
        let end = i128::from(now.seconds) * 1_000_000_000 + i128::from(now.nanoseconds);
        let end = (end + i128::from(span)).div_euclid(1_000_000_000);
        let times =
            time::encode(now.seconds).zip(time::encode(i64::try_from(end).unwrap_or(i64::MAX / 2)));
        let (from, to) = times.ok_or("a time of the certificate has no year of four digits")?;
        Ok(der::sequence(&[from, to]))
    }

    fn extensions(
        &self,
        subject: &[u8],
        public: &PublicKey,
        issuer_id: Option<&[u8]>,
    ) -> Vec<Vec<u8>> {
        // Digital signature and key encipherment; certificate signing.
        let usage = if self.authority { [2, 0b1010_0100] } else { [5, 0b1010_0000] };
        let purposes = [SERVER_AUTH, CLIENT_AUTH].map(|oid| der::element(der::OID, oid));
        let authority = self.authority.then(|| der::element(der::BOOLEAN, &[0xff]));
        let mut all = vec![
            extension(KEY_USAGE, true, &der::element(der::BIT_STRING, &usage)),
            extension(EXT_KEY_USAGE, false, &der::sequence(&purposes)),
            extension(BASIC_CONSTRAINTS, true, &der::sequence(authority.as_slice())),
        ];
        if self.authority {
            // RFC 7093, method 1.
            let id = &Sha256::digest(&public.bytes)[..20];
            all.push(extension(SUBJECT_KEY_ID, false, &der::element(der::OCTET_STRING, id)));
        }
        if let Some(id) = issuer_id {
            let id = der::sequence(&[der::element(der::tagged(0), id)]);
            all.push(extension(AUTHORITY_KEY_ID, false, &id));
        }
        if let Some(names) = self.names.value() {
            let critical = subject == der::sequence(&[]);
            all.push(extension(SUBJECT_ALT_NAME, critical, &names));
        }
        all
    }
}

/// `SubjectPublicKeyInfo`.
fn info(key: &PublicKey) -> Vec<u8> {
    der::sequence(&[key.algorithm.clone(), der::bit_string(&key.bytes)])
}

/// `Extension`, of those in the arc `id-ce`.
fn extension(id: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { der::element(der::BOOLEAN, &[0xff]) } else { Vec::new() };
    let oid = der::element(der::OID, &[0x55, 0x1d, id]);
    der::sequence(&[oid, critical, der::element(der::OCTET_STRING, value)])
}

/// Any number of 128 bits.
fn serial(context: &mut Context<'_>) -> Result<Vec<u8>, Fault> {
    let mut bytes = [0; 16];
    context.random(&mut bytes)?;
    Ok(der::unsigned(&bytes))
}

/// Whether Go writes it in a PrintableString.
fn is_printable(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(byte)
}
