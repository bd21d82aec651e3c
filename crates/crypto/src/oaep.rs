//! RSA: encryption with OAEP (RFC 8017 §7.1, SHA-256, MGF1-SHA-256), and the signatures that
//! certificates and endorsements need (RFC 8017 §8.2). The only module that names an RSA library.

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;

use zeroize::Zeroizing;

use crate::{Backend, KeyError, Refused};

/// An RSA public key, parsed once.
#[derive(Clone)]
pub(crate) enum Public {
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::Public),
    #[cfg(feature = "rustcrypto")]
    RustCrypto(rustcrypto::Public),
}

impl Public {
    pub(crate) fn from_spki_der(backend: Backend, spki: &[u8]) -> Result<Self, KeyError> {
        Ok(match backend {
            #[cfg(feature = "aws-lc")]
            Backend::AwsLc => Self::AwsLc(aws_lc::Public::from_spki_der(spki)?),
            #[cfg(feature = "rustcrypto")]
            Backend::RustCrypto => Self::RustCrypto(rustcrypto::Public::from_spki_der(spki)?),
        })
    }

    pub(crate) fn backend(&self) -> Backend {
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc(_) => Backend::AwsLc,
            #[cfg(feature = "rustcrypto")]
            Self::RustCrypto(_) => Backend::RustCrypto,
        }
    }

    /// `RSA-OAEP[key, label](message)`; `message` is at most the modulus less 66 bytes.
    pub(crate) fn encrypt(&self, label: &[u8], message: &[u8]) -> Vec<u8> {
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc(key) => key.encrypt(label, message),
            #[cfg(feature = "rustcrypto")]
            Self::RustCrypto(key) => key.encrypt(label, message),
        }
    }

    /// Whether `signature` is `RSASSA-PKCS1-v1_5[key, SHA-256](message)`.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc(key) => key.verify(message, signature),
            #[cfg(feature = "rustcrypto")]
            Self::RustCrypto(key) => key.verify(message, signature),
        }
    }
}

/// An RSA private key, parsed once: parsing costs as much as a decryption.
pub(crate) enum Private {
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::Private),
    #[cfg(feature = "rustcrypto")]
    RustCrypto(Box<rustcrypto::Private>),
}

impl Private {
    pub(crate) fn generate(backend: Backend, bits: usize) -> Result<Self, KeyError> {
        Ok(match backend {
            #[cfg(feature = "aws-lc")]
            Backend::AwsLc => Self::AwsLc(aws_lc::Private::generate(bits)?),
            #[cfg(feature = "rustcrypto")]
            Backend::RustCrypto => Self::RustCrypto(Box::new(rustcrypto::Private::generate(bits)?)),
        })
    }

    pub(crate) fn from_pkcs8_der(backend: Backend, der: &[u8]) -> Result<Self, KeyError> {
        Ok(match backend {
            #[cfg(feature = "aws-lc")]
            Backend::AwsLc => Self::AwsLc(aws_lc::Private::from_pkcs8_der(der)?),
            #[cfg(feature = "rustcrypto")]
            Backend::RustCrypto => {
                Self::RustCrypto(Box::new(rustcrypto::Private::from_pkcs8_der(der)?))
            }
        })
    }

    pub(crate) fn to_pkcs8_der(&self) -> Zeroizing<Vec<u8>> {
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc(key) => key.to_pkcs8_der(),
            #[cfg(feature = "rustcrypto")]
            Self::RustCrypto(key) => key.to_pkcs8_der(),
        }
    }

    pub(crate) fn public_spki_der(&self) -> Vec<u8> {
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc(key) => key.public_spki_der(),
            #[cfg(feature = "rustcrypto")]
            Self::RustCrypto(key) => key.public_spki_der(),
        }
    }

    pub(crate) fn backend(&self) -> Backend {
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc(_) => Backend::AwsLc,
            #[cfg(feature = "rustcrypto")]
            Self::RustCrypto(_) => Backend::RustCrypto,
        }
    }

    /// `RSA-OAEP⁻¹[key, label](sealed)`.
    pub(crate) fn decrypt(
        &self,
        label: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Refused> {
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc(key) => key.decrypt(label, sealed),
            #[cfg(feature = "rustcrypto")]
            Self::RustCrypto(key) => key.decrypt(label, sealed),
        }
    }

    /// `RSASSA-PKCS1-v1_5[key, SHA-256](message)`.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc(key) => key.sign(message),
            #[cfg(feature = "rustcrypto")]
            Self::RustCrypto(key) => key.sign(message),
        }
    }
}

#[cfg(test)]
mod tests;
