//! Reading characters as Go reads them.

/// The largest code point.
pub(super) const MAX: u32 = 0x0010_ffff;

/// The character at `at` and its width; U+FFFD of width 1 for a byte that begins no valid
/// character, and of width 0 at the end.
pub(super) fn decode(text: &[u8], at: usize) -> (u32, usize) {
    match text.get(at) {
        Some(&byte) if byte < 0x80 => (byte.into(), 1),
        _ => {
            let (found, width) = crate::unicode::decode(&text[at..]);
            (found.into(), width)
        }
    }
}

/// Whether the byte belongs to a word, for `\b` and `\w`: ASCII only.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
