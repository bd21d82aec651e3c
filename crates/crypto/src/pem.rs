//! PEM blocks (RFC 7468), read as leniently as Go does: text around and between the blocks,
//! header lines and any line length are taken.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// The header of an encrypted block.
const ENCRYPTED: &str = "Proc-Type: 4,ENCRYPTED";

/// One block of a PEM text. Its bytes are wiped when it is dropped.
pub struct Block {
    /// Its type, such as `CERTIFICATE`.
    pub kind: String,
    /// Whether a header says that the bytes are encrypted (RFC 1421 §4.6.1.1).
    pub is_encrypted: bool,
    /// Its bytes, which are mostly DER.
    pub der: Zeroizing<Vec<u8>>,
}

/// The well-formed PEM blocks of `text`, in order, read as leniently as Go does: text around and
/// between them, header lines and any line length are taken, damaged ones are left out.
pub fn blocks(text: &str) -> impl Iterator<Item = Block> + '_ {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once("-----BEGIN ")?;
            let (kind, after) = after.split_once("-----")?;
            rest = after;
            let end = format!("-----END {kind}-----");
            let Some((body, after)) = rest.split_once(&end) else { continue };
            if let Some(der) = decode(body) {
                rest = after;
                let is_encrypted = body.lines().any(|line| line.starts_with(ENCRYPTED));
                return Some(Block { kind: kind.to_owned(), is_encrypted, der });
            }
        }
    })
}

/// The types of the blocks in `text` for an error message: what was found instead.
pub(crate) fn found(text: &str) -> String {
    let kinds: Vec<_> = blocks(text).map(|block| block.kind).collect();
    match kinds.is_empty() {
        true if text.trim().is_empty() => "nothing".to_owned(),
        true => "no PEM block".to_owned(),
        false => kinds.join(", "),
    }
}

fn decode(body: &str) -> Option<Zeroizing<Vec<u8>>> {
    // Not `str::contains`, which would leave pieces of what it searches on the stack.
    let lines = body.lines().map(str::trim).filter(|line| line.split_once(": ").is_none());
    let mut compact = Zeroizing::new(String::with_capacity(body.len()));
    lines.for_each(|line| compact.push_str(line));
    Base64::decode_vec(&compact).ok().map(Zeroizing::new)
}

/// Writes one block with lines of 64 characters, as OpenSSL and Go do.
pub(crate) fn encode(kind: &str, der: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(Base64::encode_string(der));
    let mut text = Zeroizing::new(String::with_capacity(body.len() + body.len() / 32 + 80));
    text.push_str(&format!("-----BEGIN {kind}-----\n"));
    for start in (0..body.len()).step_by(64) {
        text.push_str(&body[start..body.len().min(start + 64)]);
        text.push('\n');
    }
    text.push_str(&format!("-----END {kind}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_among_other_text() {
        let text = "subject: x\n-----BEGIN A-----\nX: y\n\nAQI=\n-----END A-----\r\nand\r\n\
                    -----BEGIN B-----\r\nAw==\r\n-----END B-----";
        let found: Vec<_> = blocks(text).map(|b| (b.kind, b.der.to_vec())).collect();
        assert_eq!(found, [("A".to_owned(), vec![1, 2]), ("B".to_owned(), vec![3])]);
    }

    #[test]
    fn damaged_blocks_are_passed_over() {
        for text in
            ["", "garbage", "-----BEGIN A-----\nAQI=\n", "-----BEGIN A-----\n!\n-----END A-----"]
        {
            assert_eq!(blocks(text).count(), 0, "{text}");
        }
        let text =
            "-----BEGIN A-----\n!\n-----END A-----\n-----BEGIN B-----\nAw==\n-----END B-----";
        assert_eq!(found(text), "B");
    }

    #[test]
    fn long_blocks_are_wrapped_and_come_back() {
        let der: Vec<u8> = (0..=255).collect();
        let text = encode("X", &der);
        assert!(text.lines().all(|line| line.len() <= 64));
        assert_eq!(blocks(&text).next().expect("a block").der.to_vec(), der);
    }
}
