//! Strings in JSON: what is no UTF-8 becomes U+FFFD on both ways.

use crate::funcs::runes::{self, BAD};

/// Bytes that one byte can become: `\u0000`.
pub(super) const GROWTH: usize = 6;

/// Appends `text`, a piece of what stands in quotes; with `html` the characters that mean something
/// there are escaped.
pub(super) fn write(out: &mut Vec<u8>, text: &[u8], html: bool) {
    let mut rest = text;
    loop {
        let plain = rest.iter().take_while(|&&byte| is_plain(byte, html)).count();
        out.extend_from_slice(&rest[..plain]);
        rest = &rest[plain..];
        let (char, width) = runes::decode(rest);
        match char {
            _ if width == 0 => break,
            '"' | '\\' => out.extend_from_slice(&[b'\\', rest[0]]),
            '\x08' => out.extend_from_slice(b"\\b"),
            '\x0c' => out.extend_from_slice(b"\\f"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            BAD if width == 3 => runes::encode(out, char),
            ..' ' | '<' | '>' | '&' => {
                let digit = |digit: u8| b"0123456789abcdef"[usize::from(digit)];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[digit(rest[0] >> 4), digit(rest[0] & 15)]);
            }
            '\u{2028}' => out.extend_from_slice(b"\\u2028"),
            '\u{2029}' => out.extend_from_slice(b"\\u2029"),
            BAD => out.extend_from_slice(b"\\ufffd"),
            char => runes::encode(out, char),
        }
        rest = &rest[width..];
    }
}

fn is_plain(byte: u8, html: bool) -> bool {
    match byte {
        b'"' | b'\\' => false,
        b'<' | b'>' | b'&' => !html,
        b' '..=0x7f => true,
        _ => false,
    }
}

/// Reads a string that begins after its opening quote: the text, and the length with the closing
/// quote. None if it is no JSON.
pub(super) fn read(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let plain = rest.iter().take_while(|&&byte| is_plain(byte, false)).count();
        out.extend_from_slice(&rest[..plain]);
        at += plain;
        match text[at..] {
            [b'"', ..] => return Some((out, at + 1)),
            [b'\\', b'u', ..] => {
                let (char, width) = unicode_escape(&text[at..])?;
                runes::encode(&mut out, char);
                at += width;
            }
            [b'\\', letter, ..] => {
                out.push(escaped(letter)?);
                at += 2;
            }
            [..b' ', ..] | [] => return None,
            _ => {
                let (char, width) = runes::decode(&text[at..]);
                runes::encode(&mut out, char);
                at += width;
            }
        }
    }
}

fn escaped(letter: u8) -> Option<u8> {
    Some(match letter {
        b'"' | b'\\' | b'/' => letter,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
}

/// `\uXXXX`, or two that make one character; half of such a pair alone is U+FFFD.
fn unicode_escape(text: &[u8]) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0_u16, |sum, &digit| {
            Some(sum << 4 | u16::try_from(char::from(digit).to_digit(16)?).ok()?)
        })
    };
    let first = unit(0)?;
    let pair = unit(6).and_then(|second| char::decode_utf16([first, second]).next()?.ok());
    match pair {
        Some(char) if u32::from(char) > 0xffff => Some((char, 12)),
        _ => Some((char::from_u32(first.into()).unwrap_or(BAD), 6)),
    }
}
