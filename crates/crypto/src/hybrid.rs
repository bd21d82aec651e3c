//! Sealing: a session key under RSA, the value under the session key.

use crate::secret::SessionKey;
use crate::{Envelope, Plaintext, PrivateKey, PublicKey, Refused, aead};

/// `u16be(|c|) ‖ c ‖ AES-256-GCM[s, 0](value)` with `c = RSA-OAEP[key, label](s)` and `s` fresh.
///
/// `label` is bound to the value: it must be the same again to open it. It is not stored.
pub fn seal(key: &PublicKey, label: &[u8], value: &Plaintext) -> Vec<u8> {
    let session_key = SessionKey::random(key.backend());
    let rsa = key.encrypt(label, session_key.expose());
    let aes = aead::seal_once(key.backend(), session_key, value);
    Envelope { rsa: &rsa, aes: &aes }.encode()
}

/// The inverse of [`seal`], at the cost of one RSA operation.
///
/// # Errors
/// [`Refused`] for another key, another label or changed bytes, and it does not say which.
pub fn open(key: &PrivateKey, label: &[u8], sealed: &Envelope<'_>) -> Result<Plaintext, Refused> {
    let session_key = key.decrypt(label, sealed.rsa)?;
    let session_key = SessionKey::from_slice(&session_key).ok_or(Refused)?;
    aead::open(key.backend(), &session_key, sealed.aes)
}
