//! Go's quoted strings (`strconv.Quote` and `strconv.Unquote`).

use crate::unicode::{REPLACEMENT, decode, is_print};

const LOWER_HEX: &[u8; 16] = b"0123456789abcdef";

/// Bytes that one byte can become in quotes.
pub(crate) const GROWTH: usize = 4;

/// Appends `bytes`, a piece of what stands between double quotes; with `ascii`, all else is
/// escaped.
pub(crate) fn quote_piece(out: &mut Vec<u8>, bytes: &[u8], ascii: bool) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (character, width) = decode(rest);
        if width == 1 && character == REPLACEMENT {
            out.extend_from_slice(b"\\x");
            hex(out, u32::from(rest[0]), 2);
        } else {
            escape(out, character, '"', ascii);
        }
        rest = &rest[width..];
    }
}

/// Appends `character` between single quotes.
pub(crate) fn quote_character(out: &mut Vec<u8>, character: char, ascii: bool) {
    out.push(b'\'');
    escape(out, character, '\'', ascii);
    out.push(b'\'');
}

fn escape(out: &mut Vec<u8>, character: char, quote: char, ascii: bool) {
    if character == quote || character == '\\' {
        out.push(b'\\');
        append(out, character);
        return;
    }
    if is_print(character) && (!ascii || character.is_ascii()) {
        append(out, character);
        return;
    }
    let code = u32::from(character);
    let short = match code {
        0x07 => b'a',
        0x08 => b'b',
        0x09 => b't',
        0x0a => b'n',
        0x0b => b'v',
        0x0c => b'f',
        0x0d => b'r',
        _ => 0,
    };
    let (letter, digits) = match code {
        _ if short != 0 => (short, 0),
        0..0x20 | 0x7f => (b'x', 2),
        0x80..0x1_0000 => (b'u', 4),
        _ => (b'U', 8),
    };
    out.extend_from_slice(&[b'\\', letter]);
    hex(out, code, digits);
}

fn hex(out: &mut Vec<u8>, code: u32, digits: u32) {
    for at in (0..digits).rev() {
        out.push(LOWER_HEX[(code >> (at * 4) & 0xf) as usize]);
    }
}

/// Appends `character` in UTF-8.
pub(crate) fn append(out: &mut Vec<u8>, character: char) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Whether `bytes` can stand between backquotes as they are.
pub(crate) fn can_backquote(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        text.chars().all(|character| match character {
            '\t' => true,
            '`' | '\u{7f}' | '\u{feff}' => false,
            other => other >= ' ',
        })
    })
}

/// The bytes that a string literal with its quotes stands for, double quotes or backquotes.
pub(crate) fn unquote(literal: &str) -> Option<Vec<u8>> {
    let inner = literal.get(1..literal.len().checked_sub(1)?)?;
    if literal.starts_with('`') {
        return Some(inner.bytes().filter(|byte| *byte != b'\r').collect());
    }
    if !inner.contains(['\\', '"', '\n']) {
        return Some(inner.as_bytes().to_vec());
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while !rest.is_empty() {
        if rest.starts_with('\n') {
            return None;
        }
        match unquote_character(&mut rest, '"')? {
            Unquoted::Byte(byte) => bytes.push(byte),
            Unquoted::Character(character) => append(&mut bytes, character),
        }
    }
    Some(bytes)
}

/// The number that a character literal with its quotes stands for.
pub(crate) fn unquote_constant(literal: &str) -> Option<u32> {
    let mut rest = literal.strip_prefix('\'')?;
    let code = match unquote_character(&mut rest, '\'')? {
        Unquoted::Byte(byte) => u32::from(byte),
        Unquoted::Character(character) => u32::from(character),
    };
    (rest == "'").then_some(code)
}

enum Unquoted {
    /// `\x` and octal escapes: a byte of a string, whatever it is.
    Byte(u8),
    Character(char),
}

/// Takes one character or escape off the front of `rest`.
fn unquote_character(rest: &mut &str, quote: char) -> Option<Unquoted> {
    let mut characters = rest.chars();
    let first = characters.next()?;
    if first != '\\' {
        *rest = characters.as_str();
        return (first != quote).then_some(Unquoted::Character(first));
    }
    let letter = characters.next()?;
    let after = characters.as_str();
    let (found, taken) = match letter {
        'a' => (Unquoted::Byte(0x07), 0),
        'b' => (Unquoted::Byte(0x08), 0),
        'f' => (Unquoted::Byte(0x0c), 0),
        'n' => (Unquoted::Byte(b'\n'), 0),
        'r' => (Unquoted::Byte(b'\r'), 0),
        't' => (Unquoted::Byte(b'\t'), 0),
        'v' => (Unquoted::Byte(0x0b), 0),
        '\\' => (Unquoted::Byte(b'\\'), 0),
        '\'' | '"' if letter == quote => (Unquoted::Character(letter), 0),
        'x' => (Unquoted::Byte(u8::try_from(digits(after, 2, 16)?).ok()?), 2),
        'u' => (Unquoted::Character(char::from_u32(digits(after, 4, 16)?)?), 4),
        'U' => (Unquoted::Character(char::from_u32(digits(after, 8, 16)?)?), 8),
        '0'..='7' => {
            let code = letter.to_digit(8)? * 64 + digits(after, 2, 8)?;
            (Unquoted::Byte(u8::try_from(code).ok()?), 2)
        }
        _ => return None,
    };
    *rest = &after[taken..];
    Some(found)
}

fn digits(text: &str, count: usize, radix: u32) -> Option<u32> {
    let digits = text.get(..count)?;
    // Checked one by one: `from_str_radix` would take a sign.
    digits
        .chars()
        .try_fold(0_u32, |code, digit| code.checked_mul(radix)?.checked_add(digit.to_digit(radix)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_as_go_reads_them() {
        for (literal, wanted) in [
            (r#""""#, Some(&b""[..])),
            (r#""a\tb""#, Some(b"a\tb")),
            (r#""\xff\377\u00e9""#, Some(b"\xff\xff\xc3\xa9")),
            (r#""\'""#, None),
            (r#""\q""#, None),
            (r#""\400""#, None),
            (r#""\ud800""#, None),
            (r#""\x+1""#, None),
            ("`a\r\\n`", Some(b"a\\n")),
        ] {
            assert_eq!(unquote(literal).as_deref(), wanted, "{literal}");
        }
        for (literal, wanted) in [
            ("'a'", Some(97)),
            (r"'\''", Some(39)),
            ("''", None),
            ("'ab'", None),
            (r"'\xff'", Some(255)),
        ] {
            assert_eq!(unquote_constant(literal), wanted, "{literal}");
        }
    }

    #[test]
    fn bytes_are_quoted_as_go_quotes_them() {
        for (bytes, wanted, ascii) in [
            (&b"a\"b\\"[..], r#"a\"b\\"#, false),
            (b"\x00\x07\x7f\xff\n", r"\x00\a\x7f\xff\n", false),
            ("é\u{a0}\u{2028}😀".as_bytes(), r"é\u00a0\u2028😀", false),
            ("é😀".as_bytes(), r"\u00e9\U0001f600", true),
        ] {
            let mut out = Vec::new();
            quote_piece(&mut out, bytes, ascii);
            assert_eq!(String::from_utf8_lossy(&out), wanted);
        }
    }
}
