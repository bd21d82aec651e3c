use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeyPair, KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use zeroize::Zeroizing;

use crate::{KeyError, Refused};

#[derive(Clone)]
pub(crate) struct Public {
    oaep: Arc<OaepPublicEncryptingKey>,
    verifying: Arc<ParsedPublicKey>,
}

impl Public {
    pub(super) fn from_spki_der(spki: &[u8]) -> Result<Self, KeyError> {
        let key = PublicEncryptingKey::from_der(spki).map_err(|_| KeyError::Malformed)?;
        let key = OaepPublicEncryptingKey::new(key).map_err(|_| KeyError::Malformed)?;
        let verifying = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spki)
            .map_err(|_| KeyError::Malformed)?;
        Ok(Self { oaep: Arc::new(key), verifying: Arc::new(verifying) })
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifying.verify_sig(message, signature).is_ok()
    }

    pub(super) fn encrypt(&self, label: &[u8], message: &[u8]) -> Vec<u8> {
        let mut sealed = vec![0; self.oaep.ciphertext_size()];
        let length = self
            .oaep
            .encrypt(&OAEP_SHA256_MGF1SHA256, message, &mut sealed, Some(label))
            .expect("a session key fits a modulus of 2048 bits")
            .len();
        sealed.truncate(length);
        sealed
    }
}

pub(crate) struct Private {
    key: PrivateDecryptingKey,
    oaep: OaepPrivateDecryptingKey,
}

impl Private {
    fn new(key: PrivateDecryptingKey) -> Result<Self, KeyError> {
        let oaep = OaepPrivateDecryptingKey::new(key.clone()).map_err(|_| KeyError::Malformed)?;
        Ok(Self { key, oaep })
    }

    pub(super) fn generate(bits: usize) -> Result<Self, KeyError> {
        let size = match bits {
            2048 => KeySize::Rsa2048,
            3072 => KeySize::Rsa3072,
            4096 => KeySize::Rsa4096,
            8192 => KeySize::Rsa8192,
            _ => return Err(KeyError::NewSize { bits }),
        };
        Self::new(PrivateDecryptingKey::generate(size).map_err(|_| KeyError::Malformed)?)
    }

    pub(super) fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::new(PrivateDecryptingKey::from_pkcs8(der).map_err(|_| KeyError::Malformed)?)
    }

    pub(super) fn to_pkcs8_der(&self) -> Zeroizing<Vec<u8>> {
        let der: Pkcs8V1Der<'_> = self.key.as_der().expect("a parsed key can be written");
        Zeroizing::new(der.as_ref().to_vec())
    }

    pub(super) fn public_spki_der(&self) -> Vec<u8> {
        let public = self.key.public_key();
        let der: PublicKeyX509Der<'_> = public.as_der().expect("a parsed key can be written");
        der.as_ref().to_vec()
    }

    pub(super) fn decrypt(
        &self,
        label: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let mut message = Zeroizing::new(vec![0; self.oaep.min_output_size()]);
        let length = self
            .oaep
            .decrypt(&OAEP_SHA256_MGF1SHA256, sealed, &mut message, Some(label))
            .map_err(|_| Refused)?
            .len();
        // Shortened by a copy of the right size: `truncate` would leave padding in the tail.
        Ok(Zeroizing::new(message[..length].to_vec()))
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let pair = KeyPair::from_pkcs8(&self.to_pkcs8_der()).expect("the key was parsed before");
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .expect("a modulus of 2048 bits holds a SHA-256 signature");
        signature
    }
}
