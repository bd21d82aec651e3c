use rand::rngs::SysRng;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use rsa::{Oaep, PrivateKey, PublicKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{KeyError, Refused};

#[derive(Clone)]
pub(crate) struct Public(PublicKey);

impl Public {
    pub(super) fn from_spki_der(spki: &[u8]) -> Result<Self, KeyError> {
        PublicKey::from_public_key_der(spki).map(Self).map_err(|_| KeyError::Malformed)
    }

    pub(super) fn encrypt(&self, label: &[u8], message: &[u8]) -> Vec<u8> {
        self.0
            .encrypt(&mut SysRng, Oaep::<Sha256>::new_with_label(label), message)
            .expect("a session key fits a modulus of 2048 bits")
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.pkcs1v15_verify::<Sha256>(message, signature).is_ok()
    }
}

pub(crate) struct Private(PrivateKey);

impl Private {
    pub(super) fn generate(bits: usize) -> Result<Self, KeyError> {
        if ![2048, 3072, 4096, 8192].contains(&bits) {
            return Err(KeyError::NewSize { bits });
        }
        PrivateKey::new(&mut SysRng, bits).map(Self).map_err(|_| KeyError::Malformed)
    }

    pub(super) fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        PrivateKey::from_pkcs8_der(der).map(Self).map_err(|_| KeyError::Malformed)
    }

    pub(super) fn to_pkcs8_der(&self) -> Zeroizing<Vec<u8>> {
        self.0.to_pkcs8_der().expect("a parsed key can be written").to_bytes()
    }

    pub(super) fn public_spki_der(&self) -> Vec<u8> {
        let public = self.0.as_public_key();
        public.to_public_key_der().expect("a parsed key can be written").into_vec()
    }

    pub(super) fn decrypt(
        &self,
        label: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Refused> {
        // Blinded, so that the time taken says nothing about the key.
        self.0
            .decrypt_blinded(&mut SysRng, Oaep::<Sha256>::new_with_label(label), sealed)
            .map(Zeroizing::new)
            .map_err(|_| Refused)
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0
            .pkcs1v15_sign::<Sha256>(message)
            .expect("a modulus of 2048 bits holds a SHA-256 signature")
    }
}
