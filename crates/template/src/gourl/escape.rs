//! `%41` and back.

use crate::error::Fault;

/// The part of a URL, on which depends what is escaped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    User,
    Host,
    /// What follows `%25` in an IPv6 address.
    Zone,
    Path,
    Fragment,
}

const ESCAPE: Fault = Fault::new("invalid URL escape");
const HOST: Fault = Fault::new("invalid character in host name");

impl Part {
    /// Whether the byte stands for itself there.
    pub(super) fn is_plain(self, byte: u8) -> bool {
        if byte.is_ascii_alphanumeric() || b"-._~$&+".contains(&byte) {
            return true;
        }
        match self {
            Self::User => b",;=".contains(&byte),
            Self::Path => b"/:,;=@".contains(&byte),
            Self::Fragment => b"!()*/:?,;=@".contains(&byte),
            Self::Host | Self::Zone => b"!\"'()*,:;<=>[]".contains(&byte),
        }
    }
}

/// Escapes what the part does not allow.
pub(super) fn escape(text: &[u8], part: Part) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut escaped = Vec::with_capacity(text.len());
    for &byte in text {
        if part.is_plain(byte) {
            escaped.push(byte);
        } else {
            let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
            escaped.extend([b'%', HEX[high], HEX[low]]);
        }
    }
    escaped
}

/// Undoes escapes.
///
/// # Errors
/// When an escape is malformed or not allowed there, or a host has a byte that it cannot have.
pub(super) fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, Fault> {
    let mut unescaped = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let (&[high, low], after) = after.split_first_chunk().ok_or(ESCAPE)?;
            let byte = digit(high)? << 4 | digit(low)?;
            if !may_be_escaped(byte, part) {
                return Err(ESCAPE);
            }
            unescaped.push(byte);
            rest = after;
            continue;
        }
        if matches!(part, Part::Host | Part::Zone) && first < 0x80 && !part.is_plain(first) {
            return Err(HOST);
        }
        unescaped.push(first);
        rest = after;
    }
    Ok(unescaped)
}

/// A host escapes bytes beyond ASCII only, a zone what it could have written plainly, and both
/// the percent sign.
fn may_be_escaped(byte: u8, part: Part) -> bool {
    match part {
        Part::Host => byte >= 0x80 || byte == b'%',
        Part::Zone => byte == b'%' || byte == b' ' || Part::Host.is_plain(byte),
        Part::User | Part::Path | Part::Fragment => true,
    }
}

fn digit(byte: u8) -> Result<u8, Fault> {
    let digit = char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digit.ok_or(ESCAPE)
}
