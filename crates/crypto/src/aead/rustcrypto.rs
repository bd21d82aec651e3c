use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use zeroize::Zeroizing;

use super::NONCE_LEN;
use crate::secret::SESSION_KEY_LEN;
use crate::{Plaintext, Refused};

pub(super) fn seal(
    key: &[u8; SESSION_KEY_LEN],
    nonce: &[u8; NONCE_LEN],
    aad: &[u8],
    value: &[u8],
) -> Vec<u8> {
    let mut buffer = Vec::with_capacity(value.len() + 16);
    buffer.extend_from_slice(value);
    Aes256Gcm::new(key.into())
        .encrypt_in_place(&Nonce::from(*nonce), aad, &mut buffer)
        .expect("a Secret is shorter than AES-GCM's 64 GiB");
    buffer
}

pub(super) fn open(
    key: &[u8; SESSION_KEY_LEN],
    nonce: &[u8; NONCE_LEN],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Plaintext, Refused> {
    let mut buffer = Zeroizing::new(sealed.to_vec());
    Aes256Gcm::new(key.into())
        .decrypt_in_place(&Nonce::from(*nonce), aad, &mut *buffer)
        .map_err(|_| Refused)?;
    Ok(buffer.into())
}
