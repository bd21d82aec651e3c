use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
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
    // Sealed in place; the capacity keeps the value from being moved and left behind.
    let mut buffer = Vec::with_capacity(value.len() + AES_256_GCM.tag_len());
    buffer.extend_from_slice(value);
    cipher(key)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), &mut buffer)
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
    let length = cipher(key)
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), &mut buffer)
        .map_err(|_| Refused)?
        .len();
    buffer.truncate(length);
    Ok(buffer.into())
}

fn cipher(key: &[u8; SESSION_KEY_LEN]) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM, key).expect("an AES-256 key has 32 bytes");
    LessSafeKey::new(key)
}
