//! Bytes → text: UTF-8, or what PowerShell writes.

/// Decodes UTF-8 with or without a byte order mark, and UTF-16 with one.
pub(super) fn decode(bytes: Vec<u8>) -> Option<String> {
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, text @ ..] => String::from_utf8(text.to_vec()).ok(),
        [0xff, 0xfe, units @ ..] => utf16(units, u16::from_le_bytes),
        [0xfe, 0xff, units @ ..] => utf16(units, u16::from_be_bytes),
        _ => String::from_utf8(bytes).ok(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unicode_is_read_in_every_common_encoding() {
        for bytes in
            [&b"\xc3\xbc"[..], b"\xef\xbb\xbf\xc3\xbc", b"\xff\xfe\xfc\x00", b"\xfe\xff\x00\xfc"]
        {
            assert_eq!(decode(bytes.to_vec()).as_deref(), Some("ü"), "{bytes:?}");
        }
    }

    #[test]
    fn other_bytes_are_no_text() {
        for bytes in [&b"\xff"[..], b"\xff\xfe\x00", b"\xff\xfe\x00\xd8", b"a\x00\xff"] {
            assert_eq!(decode(bytes.to_vec()), None, "{bytes:?}");
        }
    }
}
