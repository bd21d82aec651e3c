//! Private keys as PEM (RFC 7468, RFC 4716, OpenSSH's PROTOCOL.key): wherever they stand, indented,
//! in one line with `\n`, or as the pieces of a string in a program.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::body::Body;
use super::rules::{self, Rule};

/// What it begins with.
pub(super) const BEGIN: &str = "-----BEGIN ";
/// No key is longer.
const LONGEST: usize = 32 * 1024;
/// The shortest key, of Ed25519, has 64 characters of base64; a heading in a program has none.
const SHORTEST_BODY: usize = 64;

/// The private key that begins at `at`: its heading, and what belongs to it.
pub(super) fn key_at(text: &[u8], at: usize) -> Option<(&'static Rule, Range<usize>)> {
    let rest = &text[at..text.len().min(at + LONGEST)];
    let title = rest.strip_prefix(BEGIN.as_bytes())?;
    let title_end = title.iter().take(64).position(|byte| *byte == b'-')?;
    let title = &title[..title_end];
    let is_private = title.ends_with(b"PRIVATE KEY") || title == b"PGP PRIVATE KEY BLOCK";
    if !is_private {
        return None;
    }
    let start = BEGIN.len() + title_end;
    let start = start + rest[start..].iter().take_while(|byte| **byte == b'-').count();
    let body = Body::read(rest, start);
    if body.letters.len() < SHORTEST_BODY || body.is_shortened {
        return None;
    }
    let foot = foot(&rest[body.foot..]);
    // Without a foot only what it decodes to tells it from whatever else has so many letters.
    if foot == 0 && !(body.is_encrypted || is_plausible(title, &body.letters)) {
        return None;
    }
    let is_encrypted =
        has(title, b"ENCRYPTED") || body.is_encrypted || is_encrypted_openssh(title, &body.letters);
    let rule = if is_encrypted { rules::ENCRYPTED_KEY } else { rules::PRIVATE_KEY };
    let end = if foot == 0 { body.end } else { body.foot + foot };
    Some((rule, at..at + end))
}

/// The bytes of a foot, if one stands here.
fn foot(text: &[u8]) -> usize {
    text.strip_prefix(b"-----END ").map_or(0, |foot| {
        let title = foot.iter().take(64).take_while(|byte| **byte != b'-').count();
        9 + title + foot[title..].iter().take_while(|byte| **byte == b'-').count()
    })
}

/// Whether a body begins as the title says: a packet of OpenPGP (RFC 9580 §4.2), OpenSSH's own, or a
/// sequence of ASN.1.
fn is_plausible(title: &[u8], letters: &[u8]) -> bool {
    // A patch has a plus before each line.
    let letters = letters.strip_prefix(b"+").unwrap_or(letters);
    let head = letters.get(..24).and_then(|head| STANDARD.decode(head).ok()).unwrap_or_default();
    match title {
        b"OPENSSH PRIVATE KEY" => head.starts_with(b"openssh-key-v1\0"),
        b"PGP PRIVATE KEY BLOCK" => matches!(head.first(), Some(0x94..=0x97 | 0xc5)),
        _ => head.first() == Some(&0x30),
    }
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

    const WORD: &str = "MIIEvAIBADANBgkqhkiG9w0BAQEFAASC";

    /// A key with that title; what is in it does not matter.
    fn key(title: &str, body: &str, between: &str) -> String {
        format!("{BEGIN}{title}-----{between}{body}{between}-----END {title}-----")
    }

    fn found(text: &str) -> Option<(&'static str, usize)> {
        key_at(text.as_bytes(), 0).map(|(rule, range)| (rule.id, range.len()))
    }

    #[test]
    fn keys_of_every_kind_in_every_layout() {
        for title in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"] {
            for between in [
                "\n",
                "\r\n",
                "\\n",
                "\\\\n",
                "\n      ",
                "\\n\" +\n  \"",
                " ",
                "\n> ",
                "\n# ",
                "\\u000a",
                "%0A",
                "\\\n",
                "\n//! ",
                "\\n\"\n  b\"",
                "\n+",
                "\n-",
            ] {
                let body = [WORD; 3].join(between) + between + "q7Rz2Lk9==";
                let key = key(title, &body, between);
                assert_eq!(found(&key), Some(("private-key", key.len())), "{key}");
            }
        }
        let body = WORD.repeat(3);
        assert!(found(&key("PGP PRIVATE KEY BLOCK", &body, "\n")).is_some());
        let slash = body.replace('k', "\\/") + "\\u003d";
        assert!(found(&key("PRIVATE KEY", &slash, "\\n")).is_some(), "as PHP writes JSON");
    }

    #[test]
    fn what_is_cut_short_takes_what_belongs_to_it() {
        for (title, head) in [
            ("RSA PRIVATE KEY", WORD),
            ("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUA"),
            ("PGP PRIVATE KEY BLOCK", "lQOYBGQ7Rz2Lk9Xw4Tn8Vb3Hd6Yf5Jc1"),
        ] {
            let body = format!("{head}{WORD}\n{WORD}{WORD}");
            let key = format!("{BEGIN}{title}-----\n{body}");
            for behind in ["", "\n", "\nother: q7Rz2Lk9\n", "\" and more", "\n\n{{ end }}", "\\n"] {
                assert_eq!(found(&format!("{key}{behind}")), Some(("private-key", key.len())));
            }
            let other = format!("{BEGIN}{title}-----\n{}", "q7Rz2Lk9Xw4Tn8Vb3Hd6".repeat(8));
            assert_eq!(found(&other), None, "it decodes to something else");
        }
    }

    #[test]
    fn headers_are_none_of_its_letters() {
        let body = WORD.repeat(3);
        for header in ["Version: GnuPG v2", "Comment: made by ... whom it concerns", "X-Y: 1..."] {
            for between in ["\n", "\\n"] {
                let body = format!("{header}{between}{between}{body}");
                let key = key("PGP PRIVATE KEY BLOCK", &body, between);
                assert_eq!(found(&key), Some(("private-key", key.len())), "{key}");
            }
        }
        let checksum = format!("{body}\n=q7Rz");
        assert!(found(&key("PGP PRIVATE KEY BLOCK", &checksum, "\n")).is_some());
    }

    #[test]
    fn what_asks_for_a_passphrase_is_told_apart() {
        let body = WORD.repeat(3);
        let heading = format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n{body}");
        let in_line = heading.replace('\n', " ");
        let openssh = |cipher: &str| {
            let length = u8::try_from(cipher.len()).unwrap();
            let head = [b"openssh-key-v1\0\0\0\0", &[length][..], cipher.as_bytes(), &[7; 60]];
            STANDARD.encode(head.concat())
        };
        for (title, body, rule) in [
            ("ENCRYPTED PRIVATE KEY", &body, "encrypted-private-key"),
            ("RSA PRIVATE KEY", &heading, "encrypted-private-key"),
            ("RSA PRIVATE KEY", &in_line, "encrypted-private-key"),
            ("OPENSSH PRIVATE KEY", &openssh("aes256-ctr"), "encrypted-private-key"),
            ("OPENSSH PRIVATE KEY", &openssh("none"), "private-key"),
        ] {
            assert_eq!(found(&key(title, body, "\n")).map(|(rule, _)| rule), Some(rule), "{title}");
        }
    }

    #[test]
    fn what_is_no_private_key() {
        let body = WORD.repeat(3);
        let prose = "on, into the field that asks for a key, and then what stands below it too. ";
        for text in [
            key("CERTIFICATE", &body, "\n"),
            key("PUBLIC KEY", &body, "\n"),
            key("AGE ENCRYPTED FILE", &body, "\n"),
            key("RSA PRIVATE KEY", "", "\n"),
            key("RSA PRIVATE KEY", "MIIE...", "\n"),
            key("RSA PRIVATE KEY", &format!("MIIE...{body}"), "\n"),
            key("RSA PRIVATE KEY", &format!("{body}\n..."), "\n"),
            key("RSA PRIVATE KEY", "{{ .Values.key }}", "\n"),
            format!("{BEGIN}OPENSSH PRIVATE KEY----- {}", prose.repeat(8)),
            format!("{BEGIN}OPENSSH PRIVATE KEY-----\";\n{}", "let body = read(key);\n".repeat(8)),
            format!("{BEGIN}RSA PRIVATE KEY"),
            format!("{BEGIN}{}", "A".repeat(100)),
            BEGIN.to_owned(),
        ] {
            assert_eq!(found(&text), None, "{text}");
        }
    }
}
