//! The name of a key.

use std::fmt;

use base64ct::{Base64Unpadded, Encoding};
use sha2::{Digest, Sha256};

/// OpenSSH's SHA-256 fingerprint of an RSA public key, `SHA256:<base64 without padding>`: the
/// name that upstream's logs and `ssh-keygen -lf` give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// `SHA-256(string("ssh-rsa") ‖ mpint(e) ‖ mpint(n))`, the blob of RFC 4253 §6.6; `modulus`
    /// and `exponent` are big-endian without leading zeros.
    pub(crate) fn of_rsa(modulus: &[u8], exponent: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash_string(&mut hash, b"ssh-rsa", false);
        hash_string(&mut hash, exponent, exponent[0] >= 0x80);
        hash_string(&mut hash, modulus, modulus[0] >= 0x80);
        Self(hash.finalize().into())
    }

    /// Reads `SHA256:<base64>` again; `None` when it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let decoded = Base64Unpadded::decode(text.strip_prefix("SHA256:")?, &mut bytes).ok()?;
        (decoded.len() == 32).then_some(Self(bytes))
    }
}

/// `u32be(length) ‖ bytes`; a positive `mpint` whose first bit is set gets a zero in front.
fn hash_string(hash: &mut Sha256, bytes: &[u8], pad: bool) {
    let length = u32::try_from(bytes.len() + usize::from(pad)).expect("a modulus is short");
    hash.update(length.to_be_bytes());
    if pad {
        hash.update([0]);
    }
    hash.update(bytes);
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SHA256:{}", Base64Unpadded::encode_string(&self.0))
    }
}
