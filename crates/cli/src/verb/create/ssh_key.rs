//! A private key for SSH: OpenSSH's own format, or the PEM ones that it reads too.

use sealwright_crypto::{PemBlock, pem_blocks};
use x509_cert::der::Decode;
use x509_cert::der::asn1::AnyRef;

use super::certificates::found;
use crate::error::{Error, Result};

/// What public keys begin with (RFC 4253 §6.6 and its successors, RFC 4716 §3.2).
const PUBLIC: [&str; 5] =
    ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-", "---- BEGIN SSH2 PUBLIC KEY ----"];
/// Kinds of PEM blocks that `ssh` reads.
const PRIVATE: [&str; 6] = [
    "OPENSSH PRIVATE KEY",
    "PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
];

/// Checks it, and returns what may be meant so.
///
/// # Errors
/// When it is no private key, or `ssh` could not read it.
pub(super) fn check(bytes: &[u8]) -> Result<Vec<String>> {
    let text = String::from_utf8_lossy(bytes);
    let blocks: Vec<_> = pem_blocks(&text).collect();
    let Some(block) = blocks.iter().find(|block| PRIVATE.contains(&block.kind.as_str())) else {
        return Err(no_key(&text, &blocks));
    };
    let is_encrypted = is_encrypted(block)
        .ok_or_else(|| Error::new("the private key is damaged").hint("copy the whole file"))?;
    let mut warnings = Vec::new();
    let mut warn = |what: &str| warnings.push(format!("ssh-privatekey: {what}"));
    if is_encrypted {
        warn("the key has a passphrase, which whatever uses the Secret has to know");
    }
    if !bytes.ends_with(b"\n") {
        warn("no line break is at its end, without which ssh does not read it");
    }
    if bytes.contains(&b'\r') {
        warn("its lines end as Windows has it, which ssh may not read");
    }
    Ok(warnings)
}

/// Only the start is looked at: `str::contains` would leave pieces of what it searches on the stack.
fn no_key(text: &str, blocks: &[PemBlock]) -> Error {
    let is_public = PUBLIC.iter().any(|start| text.trim_start().starts_with(start))
        || blocks.iter().any(|block| block.kind.ends_with("PUBLIC KEY"));
    if is_public {
        return Error::new("it is the public key")
            .hint("the private one has the same name without .pub");
    }
    if text.starts_with("PuTTY-User-Key-File") {
        return Error::new("it is in PuTTY's format, which ssh does not read")
            .hint("`puttygen KEY.ppk -O private-openssh -o KEY` makes it OpenSSH's");
    }
    Error::new(format!("there is no private key in it (found: {})", found(blocks)))
        .hint("give the file that ssh-keygen wrote")
}

/// Whether a passphrase is asked for, if it is whole.
fn is_encrypted(block: &PemBlock) -> Option<bool> {
    match block.kind.as_str() {
        "OPENSSH PRIVATE KEY" => openssh_is_encrypted(&block.der),
        "ENCRYPTED PRIVATE KEY" => AnyRef::from_der(&block.der).ok().map(|_| true),
        _ if block.is_encrypted => Some(true),
        _ => AnyRef::from_der(&block.der).ok().map(|_| false),
    }
}

/// OpenSSH's PROTOCOL.key: `"openssh-key-v1\0" cipher kdf options 1 public private`, where what is
/// not encrypted begins with a number twice.
fn openssh_is_encrypted(bytes: &[u8]) -> Option<bool> {
    let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
    let (cipher, rest) = string(rest)?;
    let (_kdf, rest) = string(rest)?;
    let (_options, rest) = string(rest)?;
    let rest = rest.strip_prefix(&1_u32.to_be_bytes())?;
    let (_public, rest) = string(rest)?;
    let (private, _tag) = string(rest)?;
    if cipher != b"none" {
        return Some(true);
    }
    let (first, private) = private.split_first_chunk::<4>()?;
    private.starts_with(first).then_some(false)
}

/// RFC 4251 §5: a length in four bytes, and as many bytes.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}
