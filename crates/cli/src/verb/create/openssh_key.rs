//! OpenSSH's own format of a private key (its PROTOCOL.key), read as `ssh` reads it: from the first
//! byte of the file on.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealwright_crypto::Plaintext;

use crate::error::{Error, Result};

/// Type of its PEM block.
pub(super) const KIND: &str = "OPENSSH PRIVATE KEY";
const BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &str = "\n-----END OPENSSH PRIVATE KEY-----";
/// RSA of 1024 bits, in bytes: `ssh` takes no smaller one.
const SMALLEST_RSA: usize = 128;

/// What is between its first line and the last, and what is behind that; if it begins so.
pub(super) fn body(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix(BEGIN)?;
    let begins = rest.starts_with('\n') || rest.starts_with("\r\n");
    rest.split_once(END).filter(|_| begins)
}

/// Whether a passphrase is asked for.
///
/// # Errors
/// When `ssh` would not read it.
pub(super) fn is_encrypted(body: &str) -> Result<bool> {
    let base64 = body.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let base64 = Plaintext::new(base64.collect());
    let decoded = STANDARD.decode(base64.expose()).ok().map(Plaintext::new);
    let damaged = || Error::new("the private key is damaged").hint("copy the whole file");
    decoded.and_then(|bytes| check(bytes.expose())).ok_or_else(damaged)
}

/// What is said of one that is whole, and that is not looked for where it is.
pub(super) fn misplaced(text: &str) -> Error {
    match text.starts_with(BEGIN) {
        true => {
            Error::new("line 1 has blanks at its end: ssh does not read that").hint("take them off")
        }
        false => {
            Error::new("something stands before the first line of the key: ssh does not read that")
                .hint("nothing may be in front of it: no blank line, no comment, no other key")
        }
    }
}

/// `"openssh-key-v1\0" cipher kdf options 1 public private`, where what is not encrypted begins with a
/// number twice, and goes on with the key, a comment and 1, 2, 3… up to a whole block.
fn check(bytes: &[u8]) -> Option<bool> {
    const BLOCK: usize = 8;
    let mut rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
    let cipher = string(&mut rest)?;
    let kdf = string(&mut rest)?;
    let _options = string(&mut rest)?;
    rest = rest.strip_prefix(&1_u32.to_be_bytes())?;
    let public = Public::read(string(&mut rest)?)?;
    let mut private = string(&mut rest)?;
    if private.is_empty() || private.len() % BLOCK != 0 {
        return None;
    }
    if cipher != b"none" {
        return (kdf == b"bcrypt").then_some(true);
    }
    let (first, rest) = private.split_first_chunk::<4>()?;
    private = rest.strip_prefix(first)?;
    public.private_half(&mut private)?;
    let _comment = string(&mut private)?;
    let is_padding =
        private.iter().zip((0..=u8::MAX).cycle().skip(1)).all(|(byte, number)| *byte == number);
    is_padding.then_some(false)
}

/// A public key (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4, OpenSSH's PROTOCOL.u2f).
struct Public<'a> {
    whole: &'a [u8],
    kind: &'a str,
    parts: Vec<&'a [u8]>,
}

impl<'a> Public<'a> {
    fn read(whole: &'a [u8]) -> Option<Self> {
        let mut rest = whole;
        let kind = std::str::from_utf8(string(&mut rest)?).ok()?;
        let mut parts = Vec::new();
        // Of a certificate not everything is a string, and what it certifies is not looked at.
        while !rest.is_empty() && !is_certificate(kind) {
            parts.push(string(&mut rest)?);
        }
        let key = Self { whole, kind, parts };
        key.is_sound().then_some(key)
    }

    fn is_sound(&self) -> bool {
        let point = |curve: &[u8], point: &[u8]| {
            let length = match curve {
                b"nistp256" => 65,
                b"nistp384" => 97,
                b"nistp521" => 133,
                _ => return false,
            };
            point.len() == length && point[0] == 4
        };
        match (self.kind, self.parts.as_slice()) {
            ("ssh-rsa", [_exponent, modulus]) => modulus.len() >= SMALLEST_RSA,
            ("ssh-dss", [_, _, _, _]) => true,
            ("ssh-ed25519", [key]) | ("sk-ssh-ed25519@openssh.com", [key, _]) => key.len() == 32,
            ("sk-ecdsa-sha2-nistp256@openssh.com", [curve, key, _]) => point(curve, key),
            (kind, [curve, key]) if kind.starts_with("ecdsa-sha2-") => {
                kind.as_bytes().ends_with(curve) && point(curve, key)
            }
            (kind, _) => is_certificate(kind),
        }
    }

    /// Reads the private key, which repeats the public one.
    fn private_half(&self, rest: &mut &[u8]) -> Option<()> {
        match (self.kind, self.parts.as_slice()) {
            ("ssh-rsa", [exponent, modulus]) => {
                let is_its = string(rest)? == b"ssh-rsa"
                    && string(rest)? == *modulus
                    && string(rest)? == *exponent;
                (0..4).try_for_each(|_| string(rest).map(drop))?;
                is_its.then_some(())
            }
            (kind, _) if is_certificate(kind) => {
                *rest = &[0; 4];
                Some(())
            }
            (kind, _) => {
                *rest = rest.strip_prefix(self.whole)?;
                if kind.starts_with("sk-") {
                    // Flags of one byte, what the device knows the key by, and a part for later.
                    *rest = rest.split_first()?.1;
                    string(rest)?;
                }
                string(rest).map(drop)
            }
        }
    }
}

fn is_certificate(kind: &str) -> bool {
    kind.ends_with("-cert-v01@openssh.com")
}

/// RFC 4251 §5: a length in four bytes, and as many bytes.
fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, behind) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (text, behind) = behind.split_at_checked(length)?;
    *rest = behind;
    Some(text)
}
