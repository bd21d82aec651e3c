//! Base64 in lines: where one ends and the next goes on, and what all of them say.

use base64::Engine;
use base64::alphabet::STANDARD as STANDARD_ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use gix::bstr::ByteSlice;

/// Characters of base64 that stand for three bytes.
pub(super) const GROUP: usize = 4;
/// Letters before the end of a line, and behind it, among which a prefix in base64 may be divided.
const REACH: usize = 40;

/// The end of a line of base64.
pub(super) struct Wrap {
    /// Behind its last letter.
    pub(super) end: usize,
    /// Where the next line's letters begin.
    next: usize,
}

impl Wrap {
    /// Where the letters around it stand.
    pub(super) fn window(&self, text: &[u8]) -> Vec<usize> {
        let before = text[..self.end].iter().rev().take(REACH).take_while(|byte| is_base64(byte));
        let behind = text[self.next..].iter().take(REACH).take_while(|byte| is_base64(byte));
        let start = self.end - before.count();
        (start..self.end).chain(self.next..self.next + behind.count()).collect()
    }
}

/// Where lines of base64 end and others follow, in a text or in one that is written within another.
pub(super) fn wraps(text: &[u8]) -> impl Iterator<Item = Wrap> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let end = at + text[at..].find_byteset(b"\n\\")?;
            // A line that is long enough ends no earlier: most ends of lines need no look.
            at = (end + 1 + REACH).min(text.len());
            let is_break = text[end] == b'\n' || text.get(end + 1) == Some(&b'n');
            let mut last = end;
            if text[end] == b'\n' && text[..end].ends_with(b"\r") {
                last -= 1;
            }
            if is_break && ends_in_base64(&text[..last]) {
                let next = end + gap(&text[end..]);
                if text.get(next).is_some_and(is_base64) {
                    return Some(Wrap { end: last, next });
                }
            }
        }
    })
}

/// The bytes of a line break, and of the blanks that the next line begins with.
fn gap(text: &[u8]) -> usize {
    let escaped = if text[0] == b'\\' { 2 } else { 1 };
    escaped + text[escaped..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// The place so many letters before another, over ends of lines too.
pub(super) fn back(text: &[u8], mut at: usize, count: usize) -> Option<usize> {
    for _ in 0..count {
        if !at.checked_sub(1).is_some_and(|before| is_base64(&text[before])) || is_escape(text, at)
        {
            at = before_break(text, at)?;
        }
        at = at.checked_sub(1).filter(|before| is_base64(&text[*before]))?;
    }
    Some(at)
}

/// Whether the letter before is that of `\n`.
fn is_escape(text: &[u8], at: usize) -> bool {
    text[..at].ends_with(b"\\n")
}

/// The end of the line before, if that one is base64.
fn before_break(text: &[u8], at: usize) -> Option<usize> {
    let before = text[..at].strip_suffix(b"\\n").or_else(|| {
        let before = text[..at].trim_end_with(|c| matches!(c, ' ' | '\t'));
        let before = before.strip_suffix(b"\n")?;
        Some(before.strip_suffix(b"\r").unwrap_or(before))
    })?;
    let is_line = ends_in_base64(before);
    is_line.then_some(before.len())
}

fn ends_in_base64(line: &[u8]) -> bool {
    line.len() >= REACH && line[line.len() - REACH..].iter().rev().all(is_base64)
}

/// Base64, read as far as it goes.
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    /// Where each character stands in the text.
    pub(super) places: Vec<usize>,
}

impl Decoded {
    /// From a place on, over line breaks too.
    pub(super) fn read(text: &[u8], from: usize, longest: usize) -> Option<Self> {
        let (mut letters, mut places) = (Vec::new(), Vec::new());
        let mut at = from;
        while let Some(byte) = text.get(at).filter(|_| at - from < longest) {
            match byte {
                byte if is_base64(byte) => {
                    letters.push(*byte);
                    places.push(at);
                }
                b'\n' | b'\r' => at += blanks(&text[at + 1..]),
                b'\\' if matches!(text.get(at + 1), Some(b'n' | b'r')) => at += 1,
                _ => break,
            }
            at += 1;
        }
        // One character alone stands for nothing.
        letters.truncate(letters.len() - usize::from(letters.len() % GROUP == 1));
        let bytes = ANY_END.decode(&letters).ok()?;
        Some(Self { bytes, places })
    }
}

fn is_base64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// What is cut off anywhere decodes as far as it is there.
const ANY_END: GeneralPurpose = GeneralPurpose::new(
    &STANDARD_ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
