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
/// [`Refused`] for another key, another label or changed bytes, and it does not say which: neither
/// in words nor in time, since the value is run through the cipher under a key of zeros when the
/// session key did not open.
pub fn open(key: &PrivateKey, label: &[u8], sealed: &Envelope<'_>) -> Result<Plaintext, Refused> {
    let session_key = key.decrypt(label, sealed.rsa).ok();
    let session_key = session_key.and_then(|bytes| SessionKey::from_slice(&bytes));
    let stand_in = SessionKey::zero();
    let opened = aead::open(key.backend(), session_key.as_ref().unwrap_or(&stand_in), sealed.aes);
    // Whoever knows that key of zeros could seal under it: what opens so is refused all the same.
    if session_key.is_some() { opened } else { Err(Refused) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Backend, KeySize};

    #[test]
    fn a_value_under_the_key_that_stands_in_is_refused() {
        for &backend in Backend::ALL {
            let key = PrivateKey::generate_with(backend, KeySize::Rsa2048);
            let value = Plaintext::new(b"forged".to_vec());
            let aes = aead::seal_once(backend, SessionKey::zero(), &value);
            let rsa = vec![1; key.public().modulus_len()];
            let forged = Envelope { rsa: &rsa, aes: &aes };
            assert_eq!(open(&key, b"label", &forged), Err(Refused));
            // Nor does a session key of another length make it one.
            let short = key.public().encrypt(b"label", &[0; 31]);
            assert_eq!(open(&key, b"label", &Envelope { rsa: &short, aes: &aes }), Err(Refused));
        }
    }
}
