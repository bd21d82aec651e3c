//! What everybody may have: certificates, requests for them, parameters and public keys.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Titles of PEM blocks that hold nothing secret. There are others that have no PRIVATE in them and are
/// secret all the same, such as OpenVPN's static keys.
const TITLES: [&str; 15] = [
    "CERTIFICATE",
    "TRUSTED CERTIFICATE",
    "X509 CERTIFICATE",
    "X509 CRL",
    "CERTIFICATE REQUEST",
    "NEW CERTIFICATE REQUEST",
    "PUBLIC KEY",
    "RSA PUBLIC KEY",
    "EC PARAMETERS",
    "DH PARAMETERS",
    "PGP PUBLIC KEY BLOCK",
    "SSH2 PUBLIC KEY",
    "PKCS7",
    "CMS",
    "ATTRIBUTE CERTIFICATE",
];

/// Whether a value is nothing else.
pub(super) fn is_public(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && (is_blocks(text) || is_ssh(text))
}

/// PEM blocks, and what openssl writes around them.
fn is_blocks(text: &str) -> bool {
    let mut rest = text;
    let mut count = 0;
    while let Some(start) = rest.find("---") {
        let (before, block) = rest.split_at(start);
        let Some(behind) = after_block(block).filter(|_| is_told_by_openssl(before)) else {
            return false;
        };
        rest = behind;
        count += 1;
    }
    count > 0 && is_told_by_openssl(rest)
}

/// What stands behind a public block that a text begins with.
fn after_block(text: &str) -> Option<&str> {
    // RFC 4716 has four dashes and a blank, RFC 7468 five and none.
    let (edge, rest) = [("-----", "-----BEGIN "), ("----", "---- BEGIN ")]
        .into_iter()
        .find_map(|(edge, begin)| Some((edge, text.strip_prefix(begin)?)))?;
    let (title, body) = rest.split_once(edge)?;
    let blank = if edge.len() == 4 { " " } else { "" };
    let title = title.trim_end();
    let foot = format!("{edge}{blank}END {title}{blank}{edge}");
    let (body, behind) = body.split_once(&foot)?;
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let is_line = |line: &str| line.trim().chars().all(is_base64) || line.contains(": ");
    (TITLES.contains(&title) && body.lines().all(is_line)).then_some(behind)
}

/// Lines that say of a certificate whose it is.
fn is_told_by_openssl(text: &str) -> bool {
    const BEGINNINGS: [&str; 12] = [
        "#",
        "Bag Attributes",
        "Key Attributes",
        "friendlyName:",
        "localKeyID:",
        "subject=",
        "subject:",
        "issuer=",
        "issuer:",
        "s:",
        "i:",
        "Certificate chain",
    ];
    // `openssl x509 -text` has all of it once more, in columns.
    let mut in_full = false;
    text.lines().all(|line| {
        let words = line.trim();
        in_full = words == "Certificate:" || in_full && (line != words || words.is_empty());
        let numbered = words.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
        in_full
            || words.is_empty()
            || BEGINNINGS.iter().any(|begin| words.starts_with(begin))
            || numbered.starts_with("s:")
    })
}

/// Lines of public keys of OpenSSH, as they are in `id_….pub`, `authorized_keys` and `known_hosts`.
fn is_ssh(text: &str) -> bool {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut lines = lines.filter(|line| !line.starts_with('#')).peekable();
    lines.peek().is_some() && lines.all(is_ssh_key)
}

/// `ssh-ed25519 AAAA… comment`, with hosts before it in `known_hosts`. The kind stands in the base64 too
/// (RFC 4253 §6.6).
fn is_ssh_key(line: &str) -> bool {
    let words: Vec<_> = line.split_whitespace().collect();
    let mut pairs = words.windows(2).take(3);
    pairs.any(|pair| {
        let is_kind = ["ssh-", "ecdsa-", "sk-"].iter().any(|begin| pair[0].starts_with(begin));
        is_kind
            && STANDARD.decode(pair[1]).is_ok_and(|key| {
                let length = u32::try_from(pair[0].len()).unwrap_or_default().to_be_bytes();
                key.starts_with(&[&length, pair[0].as_bytes()].concat())
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(title: &str) -> String {
        format!("-----BEGIN {title}-----\nMIIB+/a=\n-----END {title}-----\n")
    }

    fn ssh(kind: &str) -> String {
        let length = u32::try_from(kind.len()).unwrap().to_be_bytes();
        let key = [&length, kind.as_bytes(), &[0, 0, 0, 32], &[7; 32]].concat();
        format!("{kind} {}", STANDARD.encode(key))
    }

    #[test]
    fn what_everybody_may_have() {
        for title in TITLES {
            assert!(is_public(&block(title)), "{title}");
        }
        let certificate = block("CERTIFICATE");
        let bag = "Bag Attributes\n    friendlyName: x\n    localKeyID: 01 02\n\
                   subject=CN = x\n\nissuer=/CN=y\n";
        let full = "Certificate:\n    Data:\n        Version: 3 (0x2)\n\n        a:b\n";
        let ssh2 = "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"x y\"\nAAAA\n\
                    ---- END SSH2 PUBLIC KEY ----\n";
        for text in [
            format!("{certificate}{certificate}"),
            format!("{bag}{certificate}{bag}{certificate}"),
            format!("{full}{certificate}"),
            format!("# the root\n{certificate}\n# and no more\n"),
            format!(" 0 s:CN = x\n   i:CN = y\n{certificate}"),
            ssh2.to_owned(),
            ssh("ssh-ed25519"),
            ssh("ssh-rsa") + " somebody at some place\n",
            ssh("ecdsa-sha2-nistp256"),
            ssh("sk-ssh-ed25519@openssh.com"),
            format!("# hosts\ngit.example.com,10.0.0.1 {}\n|1|a=|b= {0}\n", ssh("ssh-ed25519")),
        ] {
            assert!(is_public(&text), "{text}");
        }
    }

    #[test]
    fn what_not_everybody_may_have() {
        let certificate = block("CERTIFICATE");
        for text in [
            String::new(),
            "# nothing".to_owned(),
            block("OpenVPN Static key V1"),
            block("PASSWORD"),
            block("PRIVATE KEY"),
            format!("{certificate}hunter2"),
            format!("password=hunter2\n{certificate}"),
            format!("Certificate:\nhunter2\n{certificate}"),
            format!("{certificate}{}", block("PRIVATE KEY")),
            certificate.replace("MIIB", "hunter2!"),
            "-----BEGIN CERTIFICATE-----\nhunter2".to_owned(),
            "ssh-ed25519 hunter2".to_owned(),
            "ssh-hunter2".to_owned(),
            ssh("ssh-ed25519").replacen("ssh-ed25519", "ssh-rsa", 1),
            format!("{}\nhunter2", ssh("ssh-ed25519")),
        ] {
            assert!(!is_public(&text), "{text}");
        }
    }
}
