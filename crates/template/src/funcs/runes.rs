//! The characters of a text, their classes and their cases, as Go's tables have them.

mod tables;

use std::sync::LazyLock;

pub(super) use crate::unicode::{REPLACEMENT as BAD, decode, is_digit, is_letter};

/// The last character and its length (`utf8.DecodeLastRune`).
pub(super) fn decode_last(bytes: &[u8]) -> (char, usize) {
    for width in 1..=bytes.len().min(4) {
        let (found, length) = decode(&bytes[bytes.len() - width..]);
        if length == width && (found != BAD || width == 3) {
            return (found, width);
        }
    }
    (BAD, bytes.len().min(1))
}

/// The characters, one U+FFFD for each byte that is no UTF-8.
pub(super) fn chars(mut bytes: &[u8]) -> impl Iterator<Item = char> {
    std::iter::from_fn(move || {
        let (found, width) = decode(bytes);
        bytes = &bytes[width..];
        (width > 0).then_some(found)
    })
}

/// Appends a character as UTF-8.
pub(super) fn encode(out: &mut Vec<u8>, char: char) {
    out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Characters, found by halving; those of ASCII are bits.
struct Set {
    edges: Vec<u32>,
    ascii: u128,
}

impl Set {
    fn new(distances: &[u32]) -> Self {
        let mut set = Self { edges: edges(distances), ascii: 0 };
        set.ascii =
            (0..0x80).filter(|code| set.finds(*code)).fold(0, |bits, code| bits | 1 << code);
        set
    }

    fn holds(&self, char: char) -> bool {
        if char.is_ascii() {
            return self.ascii >> u32::from(char) & 1 == 1;
        }
        self.finds(char.into())
    }

    fn finds(&self, code: u32) -> bool {
        self.edges.partition_point(|&edge| edge <= code) % 2 == 1
    }
}

macro_rules! sets {
    ($($(#[$doc:meta])* $name:ident $table:ident;)*) => {$(
        $(#[$doc])*
        pub(super) fn $name(char: char) -> bool {
            static SET: LazyLock<Set> = LazyLock::new(|| Set::new(tables::$table));
            SET.holds(char)
        }
    )*};
}

/// The sums of the distances.
fn edges(distances: &[u32]) -> Vec<u32> {
    let sum = |sum: &mut u32, distance: &u32| {
        *sum += distance;
        Some(*sum)
    };
    distances.iter().scan(0, sum).collect()
}

sets! {
    /// `unicode.IsUpper`: category Lu
    is_upper UPPER;
    /// `unicode.IsLower`: category Ll
    is_lower LOWER;
    /// `unicode.IsTitle`: category Lt
    is_title TITLE;
    /// `unicode.IsNumber`: categories N
    is_number NUMBER;
    /// `unicode.IsPunct`: categories P
    is_punct PUNCT;
}

/// `unicode.IsSpace`: the property White_Space, which has not changed for long.
pub(super) fn is_space(char: char) -> bool {
    char.is_whitespace()
}

/// `unicode.ToUpper`: one character for one.
pub(super) fn to_upper(char: char) -> char {
    if char.is_ascii() { char.to_ascii_uppercase() } else { moved(char, |(upper, ..)| upper) }
}

/// `unicode.ToLower`: one character for one.
pub(super) fn to_lower(char: char) -> char {
    if char.is_ascii() { char.to_ascii_lowercase() } else { moved(char, |(_, lower, _)| lower) }
}

/// `unicode.ToTitle`: one character for one.
pub(super) fn to_title(char: char) -> char {
    if char.is_ascii() { char.to_ascii_uppercase() } else { moved(char, |(.., title)| title) }
}

fn moved(char: char, way: impl Fn((i32, i32, i32)) -> i32) -> char {
    let code = u32::from(char);
    let end = tables::CASES.partition_point(|row| row.0 <= code);
    // Two runs can be woven into each other: capitals and small letters in turn.
    let row = tables::CASES[end.saturating_sub(2)..end]
        .iter()
        .find(|(first, last, step, ..)| code <= *last && (code - first).is_multiple_of(*step));
    row.and_then(|&(.., upper, lower, title)| {
        char::from_u32(code.checked_add_signed(way((upper, lower, title)))?)
    })
    .unwrap_or(char)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_utf8_read_one_by_one() {
        let read = |bytes: &[u8]| chars(bytes).collect::<String>();
        assert_eq!(read(b"a\xff\xc3\xa9\xe2\x82"), "a\u{fffd}é\u{fffd}\u{fffd}");
        assert_eq!(read(b"\xed\xa0\x80\xf4\x90\x80\x80\xc0\x80").chars().count(), 9);
        assert_eq!(decode_last("x\u{fffd}".as_bytes()), (BAD, 3));
        assert_eq!(decode_last(b"x\xbf\xbd"), (BAD, 1));
        assert_eq!(decode_last(b""), (BAD, 0));
        assert_eq!(decode_last("x𝄞".as_bytes()), ('𝄞', 4));
    }

    #[test]
    fn cases_are_mapped_one_to_one() {
        let pairs = [('ß', 'ß'), ('ǆ', 'Ǆ'), ('ı', 'I'), ('ÿ', 'Ÿ'), ('ā', 'Ā'), ('ᾳ', 'ᾼ')];
        for (small, capital) in pairs {
            assert_eq!(to_upper(small), capital);
        }
        assert_eq!((to_lower('İ'), to_lower('ẞ'), to_lower('K')), ('i', 'ß', 'k'));
        assert_eq!((to_title('Ǆ'), to_title('ǆ')), ('ǅ', 'ǅ'));
    }
}
