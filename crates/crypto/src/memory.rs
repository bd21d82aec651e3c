//! Words to oneself: what the holder of a private key writes where others may write too, and knows
//! again.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of a tag.
pub const TAG_LEN: usize = 32;

/// Keeps this key apart from every other that may be derived from the same private key.
const INFO: &[u8] = b"sealwright memory v1";

/// A key for tags, derived from a private key.
pub(crate) struct MemoryKey(Zeroizing<[u8; TAG_LEN]>);

impl MemoryKey {
    /// `HKDF-SHA-256[salt = "", ikm = private key](info)`, its first block (RFC 5869 §2).
    pub(crate) fn derive(private_key: &[u8]) -> Self {
        let pseudorandom = Zeroizing::new(hmac(&[0; TAG_LEN], &[private_key]));
        Self(Zeroizing::new(hmac(pseudorandom.as_slice(), &[INFO, &[1]])))
    }

    /// `HMAC-SHA-256[key](message)` (RFC 2104).
    pub(crate) fn tag(&self, message: &[u8]) -> [u8; TAG_LEN] {
        hmac(self.0.as_slice(), &[message])
    }

    /// Whether `tag` is the message's, in constant time.
    pub(crate) fn holds(&self, message: &[u8], tag: &[u8]) -> bool {
        let mut mac = keyed(self.0.as_slice());
        mac.update(message);
        mac.verify_slice(tag).is_ok()
    }
}

impl fmt::Debug for MemoryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryKey")
    }
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; TAG_LEN] {
    let mut mac = keyed(key);
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    }

    /// RFC 4231, test case 2.
    #[test]
    fn hmac_is_the_standards() {
        let tag = hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(tag.to_vec(), bytes(expected));
    }

    #[test]
    fn a_tag_holds_for_its_message_and_key_only() {
        let (one, other) = (MemoryKey::derive(b"one"), MemoryKey::derive(b"other"));
        let tag = one.tag(b"message");
        assert!(one.holds(b"message", &tag));
        assert!(!one.holds(b"massage", &tag));
        assert!(!one.holds(b"message", &tag[..31]));
        assert!(!other.holds(b"message", &tag));
    }
}
