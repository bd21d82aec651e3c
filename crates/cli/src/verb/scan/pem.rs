//! Private keys as PEM (RFC 7468, RFC 4716, OpenSSH's PROTOCOL.key): wherever they stand, indented,
//! in one line with `\n`, or as the pieces of a string in a program.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::rules::{self, Rule};

/// What it begins with.
pub(super) const BEGIN: &str = "-----BEGIN ";
/// No key is longer.
const LONGEST: usize = 32 * 1024;
/// The shortest key, of Ed25519, has 64 characters of base64; a heading in a program has none.
const SHORTEST_BODY: usize = 64;

/// The private key that begins at `at`.
pub(super) fn key_at(text: &[u8], at: usize) -> Option<(&'static Rule, Range<usize>)> {
    let rest = &text[at..text.len().min(at + LONGEST)];
    let title = rest.strip_prefix(BEGIN.as_bytes())?;
    let title_end = title.iter().take(64).position(|byte| *byte == b'-')?;
    let title = &title[..title_end];
    let is_private = title.ends_with(b"PRIVATE KEY") || title == b"PGP PRIVATE KEY BLOCK";
    if !is_private {
        return None;
    }
    let body_start = BEGIN.len()
        + title_end
        + rest[BEGIN.len() + title_end..].iter().take_while(|byte| **byte == b'-').count();
    let body = &rest[body_start..];
    let body_end = body.windows(5).position(|part| part == b"-----").unwrap_or(body.len());
    let body = &body[..body_end];
    let letters = letters(body);
    if letters.len() < SHORTEST_BODY || body.windows(3).any(|part| part == b"...") {
        return None;
    }
    let is_encrypted = has(title, b"ENCRYPTED")
        || has(body, b"Proc-Type: 4,ENCRYPTED")
        || is_encrypted_openssh(title, &letters);
    let rule = if is_encrypted { rules::ENCRYPTED_KEY } else { rules::PRIVATE_KEY };
    let end = body_start + body_end;
    let foot = rest[end..].strip_prefix(b"-----END ").map_or(0, |foot| {
        let title = foot.iter().take(64).take_while(|byte| **byte != b'-').count();
        9 + title + foot[title..].iter().take_while(|byte| **byte == b'-').count()
    });
    Some((rule, at..at + end + foot))
}

/// The base64 of a body, without what stands between its lines.
fn letters(body: &[u8]) -> Vec<u8> {
    let mut letters = Vec::with_capacity(body.len());
    let mut bytes = body.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'+' | b'/' | b'=' => letters.push(byte),
            byte if byte.is_ascii_alphanumeric() => letters.push(byte),
            _ => {}
        }
    }
    letters
}

/// `openssh-key-v1\0`, the length of the cipher's name and the name, which is `none` where nobody asks
/// for a passphrase.
fn is_encrypted_openssh(title: &[u8], letters: &[u8]) -> bool {
    const CIPHER: Range<usize> = 15..23;
    let head = letters.get(..32).and_then(|head| STANDARD.decode(head).ok());
    let head = head
        .filter(|head| title == b"OPENSSH PRIVATE KEY" && head.starts_with(b"openssh-key-v1\0"));
    head.is_some_and(|head| head.get(CIPHER) != Some(b"\0\0\0\x04none"))
}

fn has(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key with that title; what is in it does not matter.
    fn key(title: &str, body: &str, between: &str) -> String {
        format!("{BEGIN}{title}-----{between}{body}{between}-----END {title}-----")
    }

    fn found(text: &str) -> Option<(&'static str, usize)> {
        key_at(text.as_bytes(), 0).map(|(rule, range)| (rule.id, range.len()))
    }

    #[test]
    fn keys_of_every_kind_in_every_layout() {
        let body = "MIIEvAIBADANBgkqhkiG9w0BAQEFAASC".repeat(3);
        for title in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"] {
            for between in ["\n", "\r\n", "\\n", "\n      ", "\\n\" +\n  \""] {
                let key = key(title, &body, between);
                assert_eq!(found(&key), Some(("private-key", key.len())), "{key}");
            }
        }
        assert!(found(&key("PGP PRIVATE KEY BLOCK", &body, "\n")).is_some());
        assert!(found(&format!("{BEGIN}RSA PRIVATE KEY-----\n{body}")).is_some(), "cut short");
    }

    #[test]
    fn what_asks_for_a_passphrase_is_told_apart() {
        let body = "MIIEvAIBADANBgkqhkiG9w0BAQEFAASC".repeat(3);
        let heading = format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n{body}");
        let openssh = |cipher: &str| {
            let length = u8::try_from(cipher.len()).unwrap();
            let head = [b"openssh-key-v1\0\0\0\0", &[length][..], cipher.as_bytes(), &[7; 60]];
            STANDARD.encode(head.concat())
        };
        for (title, body, rule) in [
            ("ENCRYPTED PRIVATE KEY", &body, "encrypted-private-key"),
            ("RSA PRIVATE KEY", &heading, "encrypted-private-key"),
            ("OPENSSH PRIVATE KEY", &openssh("aes256-ctr"), "encrypted-private-key"),
            ("OPENSSH PRIVATE KEY", &openssh("none"), "private-key"),
        ] {
            assert_eq!(found(&key(title, body, "\n")).map(|(rule, _)| rule), Some(rule), "{title}");
        }
    }

    #[test]
    fn what_is_no_private_key() {
        let body = "MIIEvAIBADANBgkqhkiG9w0BAQEFAASC".repeat(3);
        for text in [
            key("CERTIFICATE", &body, "\n"),
            key("PUBLIC KEY", &body, "\n"),
            key("AGE ENCRYPTED FILE", &body, "\n"),
            key("RSA PRIVATE KEY", "", "\n"),
            key("RSA PRIVATE KEY", "MIIE...", "\n"),
            key("RSA PRIVATE KEY", &format!("MIIE...{body}"), "\n"),
            format!("{BEGIN}RSA PRIVATE KEY"),
            format!("{BEGIN}{}", "A".repeat(100)),
            BEGIN.to_owned(),
        ] {
            assert_eq!(found(&text), None, "{text}");
        }
    }
}
