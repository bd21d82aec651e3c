//! Bytes → text and back: UTF-8, or what PowerShell writes.

/// How a text was encoded, so that it can be written as it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    #[default]
    Utf8,
    /// With a byte order mark.
    Utf8Marked,
    Utf16LittleEndian(Mark),
    Utf16BigEndian(Mark),
}

/// Whether a byte order mark stands in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    There,
    Missing,
}

/// Decodes UTF-8 and UTF-16, with or without a byte order mark. Without one a zero beside the first
/// character, which is ASCII, gives UTF-16 away (YAML 1.2 §5.2).
pub(crate) fn decode(bytes: Vec<u8>) -> Option<(String, Encoding)> {
    let (text, encoding) = match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, text @ ..] => {
            (String::from_utf8(text.to_vec()).ok(), Encoding::Utf8Marked)
        }
        [0xff, 0xfe, units @ ..] => {
            (utf16(units, u16::from_le_bytes), Encoding::Utf16LittleEndian(Mark::There))
        }
        [0xfe, 0xff, units @ ..] => {
            (utf16(units, u16::from_be_bytes), Encoding::Utf16BigEndian(Mark::There))
        }
        [1..0x80, 0, ..] => {
            (utf16(&bytes, u16::from_le_bytes), Encoding::Utf16LittleEndian(Mark::Missing))
        }
        [0, 1..0x80, ..] => {
            (utf16(&bytes, u16::from_be_bytes), Encoding::Utf16BigEndian(Mark::Missing))
        }
        _ => (String::from_utf8(bytes).ok(), Encoding::Utf8),
    };
    Some((text?, encoding))
}

impl Encoding {
    /// The inverse of [`decode`].
    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        let units = |mark: Mark, bytes: fn(u16) -> [u8; 2]| {
            let mark = (mark == Mark::There).then_some(0xfeff);
            mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
        };
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf8Marked => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            Self::Utf16LittleEndian(mark) => units(mark, u16::to_le_bytes),
            Self::Utf16BigEndian(mark) => units(mark, u16::to_be_bytes),
        }
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
    fn unicode_is_read_in_every_common_encoding_and_written_as_it_was() {
        for bytes in
            [&b"\xc3\xbc"[..], b"\xef\xbb\xbf\xc3\xbc", b"\xff\xfe\xfc\x00", b"\xfe\xff\x00\xfc"]
        {
            let (text, encoding) = decode(bytes.to_vec()).unwrap();
            assert_eq!((text.as_str(), encoding.encode(&text)), ("ü", bytes.to_vec()));
        }
    }

    #[test]
    fn a_byte_order_mark_may_be_missing() {
        for bytes in [&b"k\x00\xfc\x00"[..], b"\x00k\x00\xfc", b"k\xc3\xbc"] {
            let (text, encoding) = decode(bytes.to_vec()).unwrap();
            assert_eq!((text.as_str(), encoding.encode(&text)), ("kü", bytes.to_vec()));
        }
    }

    #[test]
    fn other_bytes_are_no_text() {
        for bytes in [&b"\xff"[..], b"\xff\xfe\x00", b"\xff\xfe\x00\xd8", b"a\x00\xff"] {
            assert_eq!(decode(bytes.to_vec()), None, "{bytes:?}");
        }
    }
}
