//! Characters as Go sees them: classes of Unicode 15, and bytes that need not be UTF-8.

mod tables;

/// What stands for a byte that is no UTF-8.
pub(crate) const REPLACEMENT: char = '\u{fffd}';

/// The first character of `bytes` and its length in bytes: U+FFFD and 1 if it is no UTF-8, U+FFFD
/// and 0 if there is none (Go's `utf8.DecodeRune`).
pub(crate) fn decode(bytes: &[u8]) -> (char, usize) {
    match bytes.first() {
        None => (REPLACEMENT, 0),
        Some(byte) if byte.is_ascii() => (char::from(*byte), 1),
        Some(_) => {
            let head = bytes.get(..4).unwrap_or(bytes);
            let valid = match std::str::from_utf8(head) {
                Ok(text) => text,
                Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
            };
            valid.chars().next().map_or((REPLACEMENT, 1), |found| (found, found.len_utf8()))
        }
    }
}

/// `bytes` in pieces of some 4 KiB, none of which ends within a character.
pub(crate) fn pieces(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    const LENGTH: usize = 4096;
    let mut rest = bytes;
    std::iter::from_fn(move || {
        // At most three bytes go on with a character; where more seem to, they are no UTF-8.
        let goes_on = |at: &usize| rest.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
        let end = (LENGTH - 3..=LENGTH).rev().find(|at| !goes_on(at)).unwrap_or(LENGTH);
        let (piece, after) = rest.split_at(end.min(rest.len()));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// How many characters `bytes` are, each byte that is no UTF-8 counted as one.
pub(crate) fn count(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        return bytes.len();
    }
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

/// `unicode.IsLetter`
pub(crate) fn is_letter(character: char) -> bool {
    if character.is_ascii() {
        character.is_ascii_alphabetic()
    } else {
        within(tables::LETTERS, character)
    }
}

/// `unicode.IsDigit`
pub(crate) fn is_digit(character: char) -> bool {
    if character.is_ascii() {
        character.is_ascii_digit()
    } else {
        within(tables::DIGITS, character)
    }
}

/// `strconv.IsPrint`, which is `unicode.IsPrint`.
pub(crate) fn is_print(character: char) -> bool {
    if character.is_ascii() {
        (' '..='~').contains(&character)
    } else {
        within(tables::PRINTED, character)
    }
}

fn within(ranges: &[(u32, u32)], character: char) -> bool {
    let code = u32::from(character);
    let after = ranges.partition_point(|(first, _)| *first <= code);
    after > 0 && code <= ranges[after - 1].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_decoded_as_go_does() {
        for (bytes, wanted) in [
            (&b""[..], (REPLACEMENT, 0)),
            (b"a", ('a', 1)),
            ("é".as_bytes(), ('é', 2)),
            ("✓x".as_bytes(), ('✓', 3)),
            ("😀é".as_bytes(), ('😀', 4)),
            (b"\xff", (REPLACEMENT, 1)),
            (b"\xc3", (REPLACEMENT, 1)),
            (b"\xe2\x9c", (REPLACEMENT, 1)),
            (b"\xed\xa0\x80", (REPLACEMENT, 1)),
        ] {
            assert_eq!(decode(bytes), wanted);
        }
        assert_eq!(count("aé✓".as_bytes()), 3);
        assert_eq!(count(b"a\xe2\x9cb\xff"), 5);
    }

    #[test]
    fn pieces_end_between_characters() {
        for start in 0..5 {
            for text in ["a", "é", "✓", "😀"] {
                let bytes = ["x".repeat(start), text.repeat(5000)].concat().into_bytes();
                assert!(pieces(&bytes).all(|piece| std::str::from_utf8(piece).is_ok()));
                assert_eq!(pieces(&bytes).collect::<Vec<_>>().concat(), bytes);
            }
            let bytes = vec![0x80; 9000 + start];
            assert_eq!(pieces(&bytes).map(<[u8]>::len).sum::<usize>(), bytes.len());
        }
        assert_eq!(pieces(b"").count(), 0);
    }

    #[test]
    fn classes_follow_unicode_15() {
        assert!(is_letter('é') && is_letter('世') && !is_letter('\u{301}') && !is_letter('1'));
        assert!(is_digit('٣') && !is_digit('½') && is_digit('7'));
        assert!(is_print('é') && is_print(' ') && !is_print('\u{a0}') && !is_print('\u{2028}'));
    }
}
