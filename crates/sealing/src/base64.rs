//! Base64 as Go's `encoding/base64` reads it, which is what upstream and the API server take.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

const GO: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Decodes the standard alphabet with its padding; line breaks inside are skipped.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    if text.contains(['\r', '\n']) {
        let joined: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        return GO.decode(joined).ok();
    }
    GO.decode(text).ok()
}

pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    GO.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_reads() {
        for (text, bytes) in
            [("", &b""[..]), ("eA==", b"x"), ("eB==", b"x"), ("a\r\nHVu\ndGVyMg==\n", b"hunter2")]
        {
            assert_eq!(decode_base64(text).as_deref(), Some(bytes), "{text:?}");
        }
        for text in ["eA", "eA=", "e A==", "-_-_", "eA==eA==", "=", "\u{fc}"] {
            assert_eq!(decode_base64(text), None, "{text:?}");
        }
    }
}
