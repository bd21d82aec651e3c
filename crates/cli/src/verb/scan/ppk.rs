//! Private keys as PuTTY keeps them (its manual, appendix C): lines of `Name: value`, and base64 below the
//! one that says how many.

use std::ops::Range;

use super::body::Body;
use super::rules::{self, Rule};

/// What it begins with.
pub(super) const BEGIN: &str = "PuTTY-User-Key-File-";
/// No key is longer.
const LONGEST: usize = 32 * 1024;
/// The shortest key, of Ed25519, has more.
const SHORTEST_BODY: usize = 40;

/// The private key that begins at `at`.
pub(super) fn key_at(text: &[u8], at: usize) -> Option<(&'static Rule, Range<usize>)> {
    const PRIVATE: &[u8] = b"Private-Lines: ";
    let rest = &text[at..text.len().min(at + LONGEST)];
    let version = rest.get(BEGIN.len()..)?;
    if !matches!(version, [b'1'..=b'9', b':', ..]) {
        return None;
    }
    // Another key may follow: the lines are of this one.
    let own = find(version, BEGIN.as_bytes()).unwrap_or(version.len());
    let own = &rest[..BEGIN.len() + own];
    let lines = find(own, PRIVATE)? + PRIVATE.len();
    let count = own[lines..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let body = Body::read(own, lines + count);
    if body.letters.len() < SHORTEST_BODY {
        return None;
    }
    let is_open = find(&own[..lines], b"Encryption: none").is_some();
    let rule = if is_open { rules::PRIVATE_KEY } else { rules::ENCRYPTED_KEY };
    Some((rule, at..at + body.end))
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(encryption: &str, between: &str) -> String {
        let body = "q7Rz2Lk9Xw4Tn8Vb3Hd6Yf5Jc1Gm0PsAeQi+/a==";
        let lines = [
            "3: ssh-ed25519",
            &format!("Encryption: {encryption}"),
            "Comment: x y",
            "Public-Lines: 2",
            "AAAAC3NzaC1lZDI1NTE5AAAAIq7Rz2Lk9Xw4Tn8Vb3Hd6Yf5Jc",
            "AAAA",
            "Private-Lines: 1",
            body,
        ];
        format!("{BEGIN}{}", lines.join(between))
    }

    #[test]
    fn keys_with_and_without_a_passphrase() {
        for (encryption, rule) in [("none", "private-key"), ("aes256-cbc", "encrypted-private-key")]
        {
            for between in ["\n", "\r\n", "\\n", "\n    "] {
                let key = key(encryption, between);
                for behind in ["", "\nPrivate-MAC: 00\nother"] {
                    let text = format!("{key}{}", behind.replace('\n', between));
                    let found =
                        key_at(text.as_bytes(), 0).map(|(rule, range)| (rule.id, range.len()));
                    assert_eq!(found, Some((rule, key.len())), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_is_none() {
        let key = key("none", "\n");
        for text in [
            BEGIN,
            "PuTTY-User-Key-File-3: x",
            &key[..key.len() - 30],
            &key.replace("Private-", ""),
        ] {
            assert!(key_at(text.as_bytes(), 0).is_none(), "{text}");
        }
    }
}
