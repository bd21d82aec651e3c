//! Secrets that wipe themselves and do not print.

use std::fmt;

use zeroize::Zeroizing;

use crate::Backend;

/// A decrypted value. Wiped when dropped; [`Plaintext::expose`] is the only way out.
#[derive(Clone, PartialEq, Eq)]
pub struct Plaintext(Zeroizing<Vec<u8>>);

impl Plaintext {
    /// Takes the bytes over; nothing is copied.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes themselves.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Zeroizing<Vec<u8>>> for Plaintext {
    fn from(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Plaintext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plaintext({} bytes)", self.0.len())
    }
}

/// Bytes of a session key.
pub(crate) const SESSION_KEY_LEN: usize = 32;

/// A fresh AES-256 key for one value. Taken by value where it is used, so that it seals once; boxed,
/// since a move would leave a copy on the stack.
pub(crate) struct SessionKey(Box<Zeroizing<[u8; SESSION_KEY_LEN]>>);

impl SessionKey {
    pub(crate) fn random(backend: Backend) -> Self {
        let mut key = Self::zero();
        backend.fill_random(key.0.as_mut_slice());
        key
    }

    /// Stands in where a session key did not open; what it opens is never taken.
    pub(crate) fn zero() -> Self {
        Self(Box::new(Zeroizing::new([0; SESSION_KEY_LEN])))
    }

    /// `None` unless `bytes` has the length of a session key.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut key = Self::zero();
        if bytes.len() != SESSION_KEY_LEN {
            return None;
        }
        key.0.copy_from_slice(bytes);
        Some(key)
    }

    pub(crate) fn expose(&self) -> &[u8; SESSION_KEY_LEN] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plaintext_prints_its_length_only() {
        let printed = format!("{:?}", Plaintext::new(b"hunter2".to_vec()));
        assert_eq!(printed, "Plaintext(7 bytes)");
    }
}
