//! Base64 and base32 (RFC 4648). What cannot be decoded gives the text of Go's error instead, with
//! the place where Go's decoder gave up.

use Type::Text;

use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Type, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("b32dec", &[Text], Text, b32dec),
    Function::new("b32enc", &[Text], Text, b32enc),
    Function::new("b64dec", &[Text], Text, b64dec),
    Function::new("b64enc", &[Text], Text, b64enc),
];

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn b64enc(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    pay(context, args.text(0))?;
    Ok(base64(args.text(0)).into())
}

fn b32enc(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    pay(context, args.text(0))?;
    Ok(encoded::<5, 8>(args.text(0), BASE32).into())
}

/// For reading `text` group by group, and for as much memory as any way takes.
fn pay(context: &mut Context<'_>, text: &[u8]) -> Result<(), Fault> {
    context.spend(text.len() as u64 / 4)?;
    context.room(text.len().saturating_mul(2))
}

/// Base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> Vec<u8> {
    encoded::<3, 4>(bytes, BASE64)
}

/// Groups of `BYTES` bytes as `DIGITS` digits, the last one padded.
fn encoded<const BYTES: usize, const DIGITS: usize>(bytes: &[u8], alphabet: &[u8]) -> Vec<u8> {
    let width = BYTES * 8 / DIGITS;
    let mut out = Vec::with_capacity(bytes.len().div_ceil(BYTES) * DIGITS);
    for group in bytes.chunks(BYTES) {
        let held = group.iter().fold(0_u64, |held, &byte| held << 8 | u64::from(byte));
        let held = held << (8 * (BYTES - group.len()));
        let filled = (group.len() * 8).div_ceil(width);
        out.extend((0..DIGITS).map(|at| {
            let digit = held >> (width * (DIGITS - 1 - at));
            if at < filled { alphabet[digit as usize & (alphabet.len() - 1)] } else { b'=' }
        }));
    }
    out
}

fn b64dec(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    pay(context, args.text(0))?;
    Ok(base64_decoded(args.text(0)).unwrap_or_else(|at| illegal("base64", at)).into())
}

fn b32dec(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    pay(context, args.text(0))?;
    let mut text = args.text(0).to_vec();
    text.retain(|byte| !is_newline(*byte));
    Ok(base32_decoded(&text).unwrap_or_else(|at| illegal("base32", at)).into())
}

fn illegal(encoding: &str, at: usize) -> Vec<u8> {
    format!("illegal {encoding} data at input byte {at}").into_bytes()
}

fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

fn base64_decoded(text: &[u8]) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut digits) = (0, 0);
    for (at, &byte) in text.iter().enumerate() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'\r' | b'\n' => continue,
            b'=' if digits >= 2 => {
                base64_padding(text, at + 1, digits)?;
                // The bits of the last digit that fill no byte are dropped.
                let last = [(bits >> (6 * digits - 8)) as u8, (bits >> 2) as u8];
                out.extend_from_slice(&last[..digits - 1]);
                return Ok(out);
            }
            _ => return Err(at),
        };
        bits = bits << 6 | u32::from(digit);
        digits += 1;
        if digits == 4 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, digits) = (0, 0);
        }
    }
    if digits == 0 { Ok(out) } else { Err(text.len() - digits) }
}

/// What comes after the first `=`: another after two digits, newlines, and nothing else.
fn base64_padding(text: &[u8], from: usize, digits: usize) -> Result<(), usize> {
    let newlines = |from: usize| text[from..].iter().take_while(|byte| is_newline(**byte)).count();
    let mut at = from;
    if digits == 2 {
        at += newlines(at);
        match text.get(at) {
            None => return Err(text.len()),
            Some(b'=') => at += 1,
            Some(_) => return Err(at - 1),
        }
    }
    at += newlines(at);
    if at < text.len() { Err(at) } else { Ok(()) }
}

/// Without newlines. What follows the padding is not looked at.
fn base32_decoded(text: &[u8]) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(text.len() / 8 * 5);
    let (mut bits, mut digits) = (0_u64, 0);
    for (at, &byte) in text.iter().enumerate() {
        let left = text.len() - at - 1;
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            b'=' if digits >= 2 && left < 8 => {
                base32_padding(text, at + 1, digits)?;
                let aligned = bits << (64 - 5 * digits);
                out.extend_from_slice(&aligned.to_be_bytes()[..digits * 5 / 8]);
                return Ok(out);
            }
            _ => return Err(at),
        };
        bits = bits << 5 | u64::from(digit);
        digits += 1;
        if digits == 8 {
            out.extend_from_slice(&bits.to_be_bytes()[3..]);
            (bits, digits) = (0, 0);
        }
    }
    if digits == 0 { Ok(out) } else { Err(text.len() - digits) }
}

/// What comes after the first `=`, at `from`: as many more as the group lacks.
fn base32_padding(text: &[u8], from: usize, digits: usize) -> Result<(), usize> {
    let rest = &text[from..];
    if rest.len() + digits < 7 {
        return Err(text.len());
    }
    match rest[..7 - digits].iter().position(|byte| *byte != b'=') {
        Some(at) => Err(from + at - 1),
        None if matches!(digits, 3 | 6) => Err(from - 1),
        None => Ok(()),
    }
}
