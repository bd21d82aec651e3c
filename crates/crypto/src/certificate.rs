//! The certificate that carries a sealing key: read, checked against the clock, made.

mod build;

use pkcs1::der::{Decode, Encode};
use x509_cert::time::Time;

use crate::{Backend, CertificateError, Fingerprint, PrivateKey, PublicKey, pem};

/// When a certificate holds, in seconds since 1970 UTC, both ends included (RFC 5280 §4.1.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub not_before: i64,
    /// The last second.
    pub not_after: i64,
}

/// A sealing certificate. It is never verified against an issuer: whoever seals trusts it by the
/// way it came (a file, or the API server's proxy), as upstream does.
#[derive(Clone, Debug)]
pub struct Certificate {
    public_key: PublicKey,
    validity: Validity,
    der: Vec<u8>,
    pem: String,
}

impl Certificate {
    /// Reads the first `CERTIFICATE` block of a PEM text; others, and text around, are ignored.
    ///
    /// # Errors
    /// When there is none, or its key is not RSA with 2048 to 8192 bits.
    pub fn from_pem(text: &str) -> Result<Self, CertificateError> {
        Self::from_pem_with(Backend::default(), text)
    }

    /// [`Certificate::from_pem`] with the given backend.
    ///
    /// # Errors
    /// As there.
    pub fn from_pem_with(backend: Backend, text: &str) -> Result<Self, CertificateError> {
        let block = pem::blocks(text)
            .find(|block| block.kind == "CERTIFICATE")
            .ok_or_else(|| CertificateError::NoCertificate { found: pem::found(text) })?;
        Self::from_der(backend, &block.der)
    }

    fn from_der(backend: Backend, der: &[u8]) -> Result<Self, CertificateError> {
        let certificate =
            x509_cert::Certificate::from_der(der).map_err(|_| CertificateError::Malformed)?;
        let tbs = certificate.tbs_certificate();
        let spki =
            tbs.subject_public_key_info().to_der().map_err(|_| CertificateError::Malformed)?;
        Ok(Self {
            public_key: PublicKey::from_spki_der(backend, &spki)?,
            validity: Validity {
                not_before: unix_seconds(tbs.validity().not_before),
                not_after: unix_seconds(tbs.validity().not_after),
            },
            der: der.to_vec(),
            pem: pem::encode("CERTIFICATE", der).as_str().to_owned(),
        })
    }

    /// Makes a self-signed certificate with upstream's extensions: key usage *encipher only*,
    /// CA, subject key identifier. An empty `common_name` leaves the subject empty.
    ///
    /// # Errors
    /// When the name or a time cannot be written into a certificate.
    pub fn self_signed(
        key: &PrivateKey,
        common_name: &str,
        validity: Validity,
    ) -> Result<Self, CertificateError> {
        let mut serial = [0; 16];
        key.backend().fill_random(&mut serial);
        let der = build::self_signed_der(key, common_name, validity, &serial)?;
        Self::from_der(key.backend(), &der)
    }

    /// The key that seals.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The name of the key.
    pub fn fingerprint(&self) -> Fingerprint {
        self.public_key.fingerprint()
    }

    /// When it holds.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// Whether it had ended at `now` (seconds since 1970 UTC). One that is yet to begin counts
    /// as valid, as it does upstream.
    pub fn is_expired(&self, now: i64) -> bool {
        now > self.validity.not_after
    }

    /// The certificate's bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate as one PEM block.
    pub fn to_pem(&self) -> &str {
        &self.pem
    }
}

fn unix_seconds(time: Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).expect("X.509 ends with the year 9999")
}
