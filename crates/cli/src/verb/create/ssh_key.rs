//! A private key for SSH: OpenSSH's own format, or the PEM ones that it reads too.

use sealwright_crypto::PemBlock;

use super::certificates::found;
use super::ssh_der::{self, Fault};
use super::{openssh_key, pem};
use crate::error::{Error, Result};

/// What public keys begin with (RFC 4253 §6.6 and its successors, RFC 4716 §3.2).
const PUBLIC: [&str; 5] =
    ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-", "---- BEGIN SSH2 PUBLIC KEY ----"];
/// Kinds of PEM blocks that `ssh` reads.
const PRIVATE: [&str; 6] = [
    openssh_key::KIND,
    "PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
];

/// Who reads it, for [`pem::blocks`].
const SSH: &str = "ssh does not read";

/// Checks it, and returns what may be meant so.
///
/// # Errors
/// When it is no private key, or `ssh` could not read it.
pub(super) fn check(bytes: &[u8]) -> Result<Vec<String>> {
    let text = String::from_utf8_lossy(bytes);
    let mut warnings = Vec::new();
    let mut warn = |what: &str| warnings.push(format!("ssh-privatekey: {what}"));
    let is_encrypted = match openssh_key::body(&text) {
        Some((body, behind)) => {
            if bytes.contains(&b'\r') {
                warn("its lines end as Windows has it, which ssh may not read");
            } else if !behind.starts_with('\n') {
                warn("no line break is at its end, without which ssh does not read it");
            }
            openssh_key::is_encrypted(body)?
        }
        None => pem_is_encrypted(&text)?,
    };
    if is_encrypted {
        warn("the key has a passphrase, which whatever uses the Secret has to know");
    }
    Ok(warnings)
}

/// Whether a passphrase is asked for by a key that OpenSSL reads for `ssh`. It passes over a byte order
/// mark, and text in front.
fn pem_is_encrypted(text: &str) -> Result<bool> {
    let blocks = pem::blocks(text.strip_prefix('\u{feff}').unwrap_or(text), SSH)?;
    let Some(block) = blocks.iter().find(|block| PRIVATE.contains(&block.kind.as_str())) else {
        return Err(no_key(text, &blocks));
    };
    if block.kind == openssh_key::KIND {
        return Err(openssh_key::misplaced(text));
    }
    if block.is_encrypted {
        return Ok(true);
    }
    ssh_der::check(&block.kind, &block.der).map_err(|fault| match fault {
        Fault::Damaged => {
            Error::new("the private key is damaged, or is not what its first line says")
                .hint("copy the whole file")
        }
        Fault::OtherKind => Error::new("the private key is of a kind that ssh does not take").hint(
            "RSA with 1024 bits or more, ECDSA P-256, P-384 and P-521, and Ed25519 are taken",
        ),
    })?;
    Ok(block.kind == "ENCRYPTED PRIVATE KEY")
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
