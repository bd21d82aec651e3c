//! A certificate's predecessor vouching for it: whoever trusts the old one may trust the new.

use std::fmt;

use base64ct::{Base64, Encoding};

use crate::{Certificate, Fingerprint, PrivateKey, PublicKey};

/// What is signed begins with this, so that the signature means nothing anywhere else.
const CONTEXT: &[u8] = b"sealwright certificate endorsement v1\n";

/// `RSASSA-PKCS1-v1_5[predecessor, SHA-256](context ‖ DER of the certificate)` (RFC 8017 §8.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endorsement {
    by: Fingerprint,
    signature: Vec<u8>,
}

impl Endorsement {
    /// Vouches for `certificate` with the key before it.
    pub fn sign(predecessor: &PrivateKey, certificate: &Certificate) -> Self {
        let by = predecessor.public().fingerprint();
        Self { by, signature: predecessor.sign(&message(certificate)) }
    }

    /// The name of the key that vouches.
    pub fn by(&self) -> Fingerprint {
        self.by
    }

    /// Whether `predecessor` did vouch for `certificate`.
    pub fn holds(&self, predecessor: &PublicKey, certificate: &Certificate) -> bool {
        predecessor.fingerprint() == self.by
            && predecessor.verify(&message(certificate), &self.signature)
    }

    /// Reads `<fingerprint> <base64>` again; `None` when it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let (by, signature) = text.trim().split_once(' ')?;
        let signature = Base64::decode_vec(signature).ok()?;
        Some(Self { by: Fingerprint::parse(by)?, signature })
    }
}

impl fmt::Display for Endorsement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.by, Base64::encode_string(&self.signature))
    }
}

fn message(certificate: &Certificate) -> Vec<u8> {
    [CONTEXT, certificate.der()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Backend, KeySize, Validity};

    fn key(backend: Backend) -> (PrivateKey, Certificate) {
        let key = PrivateKey::generate_with(backend, KeySize::Rsa2048);
        let validity = Validity { not_before: 0, not_after: 1 };
        let certificate = Certificate::self_signed(&key, "", validity).unwrap();
        (key, certificate)
    }

    #[test]
    fn it_holds_for_that_predecessor_and_that_certificate_only() {
        for &backend in Backend::ALL {
            let ((old, old_certificate), (other, certificate)) = (key(backend), key(backend));
            let endorsement = Endorsement::sign(&old, &certificate);
            let again = Endorsement::parse(&endorsement.to_string()).unwrap();
            assert_eq!(again, endorsement);
            assert!(again.holds(old.public(), &certificate));
            assert!(!again.holds(old.public(), &old_certificate));
            assert!(!again.holds(other.public(), &certificate));
            // A certificate's own signature is no endorsement.
            let forged = Endorsement {
                by: old.public().fingerprint(),
                signature: old.sign(certificate.der()),
            };
            assert!(!forged.holds(old.public(), &certificate));
        }
        for text in ["", "SHA256:x y", "one two three"] {
            assert_eq!(Endorsement::parse(text), None);
        }
    }
}
