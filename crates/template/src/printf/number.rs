//! Integers, characters, floats and complex numbers as verbs show them.

use super::Printer;
use super::float::append_float;
use crate::error::Fault;
use crate::quote::{append, quote_character};
use crate::unicode::{REPLACEMENT, is_print};
use crate::value::Value;

const LOWER: &[u8; 17] = b"0123456789abcdefx";
const UPPER: &[u8; 17] = b"0123456789ABCDEFX";

impl Printer<'_, '_> {
    pub(super) fn integer(&mut self, value: &Value, number: i64, verb: char) -> Result<(), Fault> {
        if verb == 'v' {
            return self.digits(number.unsigned_abs(), number < 0, 10, verb);
        }
        self.number(value, number.cast_unsigned(), number < 0, verb)
    }

    pub(super) fn unsigned(&mut self, value: &Value, number: u64, verb: char) -> Result<(), Fault> {
        if verb == 'v' && self.flags.sharp_v {
            let sharp = std::mem::replace(&mut self.flags.sharp, true);
            let printed = self.digits(number, false, 16, verb);
            self.flags.sharp = sharp;
            return printed;
        }
        self.number(value, number, false, verb)
    }

    /// `bits` as they are in memory; `negative` if they are of a negative number.
    fn number(
        &mut self,
        value: &Value,
        bits: u64,
        negative: bool,
        verb: char,
    ) -> Result<(), Fault> {
        let size = if negative { bits.wrapping_neg() } else { bits };
        match verb {
            'v' | 'd' => self.digits(size, negative, 10, verb),
            'b' => self.digits(size, negative, 2, verb),
            'o' | 'O' => self.digits(size, negative, 8, verb),
            'x' | 'X' => self.digits(size, negative, 16, verb),
            'c' => {
                let mut text = Vec::new();
                append(&mut text, character(bits));
                self.pad(&text)
            }
            'q' => {
                let mut text = Vec::new();
                quote_character(&mut text, character(bits), self.flags.plus);
                self.pad(&text)
            }
            'U' => self.code_point(bits),
            _ => self.bad_verb(value, verb),
        }
    }

    /// A number in a base, with sign, base and as many digits as are asked for.
    pub(super) fn digits(
        &mut self,
        size: u64,
        negative: bool,
        base: u64,
        verb: char,
    ) -> Result<(), Fault> {
        let flags = self.flags;
        let signed = negative || flags.plus || flags.space;
        let least = match (flags.precision, flags.width) {
            (Some(0), _) if size == 0 => {
                return self.pad_with_spaces(b"");
            }
            (Some(precision), _) => precision,
            (None, Some(width)) if flags.zero && !flags.minus => {
                width - usize::from(signed && width > 0)
            }
            _ => 0,
        };
        let table = if verb == 'X' { UPPER } else { LOWER };
        let mut digits = Vec::with_capacity(24);
        let mut rest = size;
        loop {
            digits.push(table[(rest % base) as usize]);
            rest /= base;
            if rest == 0 {
                break;
            }
        }
        if least > digits.len() {
            self.context.room(least)?;
            digits.resize(least, b'0');
        }
        match base {
            2 if flags.sharp => digits.extend_from_slice(b"b0"),
            8 if flags.sharp && digits.last() != Some(&b'0') => digits.push(b'0'),
            16 if flags.sharp => digits.extend_from_slice(&[table[16], b'0']),
            _ => {}
        }
        if verb == 'O' {
            digits.extend_from_slice(b"o0");
        }
        if negative {
            digits.push(b'-');
        } else if flags.plus {
            digits.push(b'+');
        } else if flags.space {
            digits.push(b' ');
        }
        digits.reverse();
        self.pad_with_spaces(&digits)
    }

    /// `U+0041`, with `#` also the character.
    fn code_point(&mut self, bits: u64) -> Result<(), Fault> {
        let least = self.flags.precision.unwrap_or(4).max(4);
        self.context.room(least)?;
        let mut text = format!("U+{bits:0>least$X}", least = least.min(1000)).into_bytes();
        if least > 1000 {
            // Longer than the standard library's formatting takes.
            text.splice(2..2, std::iter::repeat_n(b'0', least - 1000));
        }
        let found = u32::try_from(bits).ok().and_then(char::from_u32);
        if let Some(found) = found.filter(|found| self.flags.sharp && is_print(*found)) {
            text.extend_from_slice(b" '");
            append(&mut text, found);
            text.push(b'\'');
        }
        self.pad_with_spaces(&text)
    }

    /// False if there is no such verb for floats.
    pub(super) fn float(&mut self, number: f64, verb: char) -> Result<bool, Fault> {
        match verb {
            'v' => self.float_digits(number, b'g', None)?,
            'b' => self.float_digits(number, b'b', None)?,
            'g' => self.float_digits(number, b'g', None)?,
            'G' => self.float_digits(number, b'G', None)?,
            'x' => self.float_digits(number, b'x', None)?,
            'X' => self.float_digits(number, b'X', None)?,
            'f' | 'F' => self.float_digits(number, b'f', Some(6))?,
            'e' => self.float_digits(number, b'e', Some(6))?,
            'E' => self.float_digits(number, b'E', Some(6))?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(super) fn complex(
        &mut self,
        value: &Value,
        real: f64,
        imaginary: f64,
        verb: char,
    ) -> Result<(), Fault> {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            return self.bad_verb(value, verb);
        }
        self.put(b"(")?;
        self.float(real, verb)?;
        let plus = std::mem::replace(&mut self.flags.plus, true);
        let printed = self.float(imaginary, verb);
        self.flags.plus = plus;
        printed?;
        self.put(b"i)")
    }

    fn float_digits(
        &mut self,
        number: f64,
        form: u8,
        precision: Option<usize>,
    ) -> Result<(), Fault> {
        let precision = self.flags.precision.or(precision);
        self.context.room(precision.unwrap_or(0))?;
        self.context.spend(precision.unwrap_or(0) as u64 / 4)?;
        // Many exact digits take some ten microseconds.
        self.context.spend(precision.map_or(16, |precision| 100 + precision.min(1100) as u64))?;
        let mut text = Vec::with_capacity(32);
        append_float(&mut text, number, form, precision);
        if !matches!(text.first(), Some(b'-' | b'+')) {
            text.insert(0, b'+');
        }
        if self.flags.space && text[0] == b'+' && !self.flags.plus {
            text[0] = b' ';
        }
        // Infinity always has its sign, NaN only where one is asked for.
        if matches!(text[1], b'I' | b'N') {
            let bare = text[1] == b'N' && !self.flags.space && !self.flags.plus;
            return self.pad_with_spaces(&text[usize::from(bare)..]);
        }
        if self.flags.sharp && form != b'b' {
            keep_point(&mut text, form, precision);
        }
        if !self.flags.plus && text[0] == b'+' {
            return self.pad(&text[1..]);
        }
        match self.flags.width {
            // The sign goes before the zeros.
            Some(width) if self.flags.zero && !self.flags.minus && width > text.len() => {
                self.put(&text[..1])?;
                self.padding(width - text.len())?;
                self.put(&text[1..])
            }
            _ => self.pad(&text),
        }
    }
}

/// `#`: a decimal point whatever the number, and for `%g` the zeros behind it.
fn keep_point(text: &mut Vec<u8>, form: u8, precision: Option<usize>) {
    let mut missing = match form {
        b'g' | b'G' | b'x' => precision.unwrap_or(6),
        _ => 0,
    };
    let hex = matches!(form, b'x' | b'X');
    let is_exponent = |byte: &u8| match byte {
        b'p' | b'P' => true,
        b'e' | b'E' => !hex,
        _ => false,
    };
    let end = text.iter().position(is_exponent).unwrap_or(text.len());
    let tail = text.split_off(end);
    let mut significant = false;
    for byte in &text[1..] {
        if *byte == b'.' {
            continue;
        }
        significant |= *byte != b'0';
        missing = missing.saturating_sub(usize::from(significant));
    }
    if !text.contains(&b'.') {
        if text[1..] == *b"0" {
            missing = missing.saturating_sub(1);
        }
        text.push(b'.');
    }
    text.resize(text.len() + missing, b'0');
    text.extend_from_slice(&tail);
}

fn character(bits: u64) -> char {
    u32::try_from(bits).ok().and_then(char::from_u32).unwrap_or(REPLACEMENT)
}
