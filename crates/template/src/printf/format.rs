//! Format strings: flags, widths, precisions and argument numbers.

use super::{Flags, Printer};
use crate::context::Context;
use crate::error::Fault;
use crate::unicode::decode;
use crate::value::Value;

/// `fmt.Sprintf`
pub(crate) fn sprintf(
    context: &mut Context<'_>,
    format: &[u8],
    values: &[Value],
) -> Result<Vec<u8>, Fault> {
    context.room(format.len())?;
    context.spend(format.len() as u64 / 8)?;
    let mut out = Vec::with_capacity(format.len());
    let mut run = Run {
        printer: Printer::new(context, &mut out),
        format,
        values,
        at: 0,
        argument: 0,
        reordered: false,
        good: true,
        after_index: false,
        may_close: true,
    };
    run.print()?;
    Ok(super::fitted(out))
}

struct Run<'r, 'world> {
    printer: Printer<'r, 'world>,
    format: &'r [u8],
    values: &'r [Value],
    at: usize,
    /// Which argument is next.
    argument: usize,
    /// Whether an argument was asked for by number.
    reordered: bool,
    /// Whether the numbers in this verb make sense.
    good: bool,
    /// Whether the last thing read was an argument's number.
    after_index: bool,
    /// Whether a `]` can still come.
    may_close: bool,
}

/// Widths and precisions beyond are not taken.
const LARGEST: usize = 1_000_000;

impl Run<'_, '_> {
    fn print(&mut self) -> Result<(), Fault> {
        while let Some(text) = self.format.get(self.at..).filter(|text| !text.is_empty()) {
            let length = memchr::memchr(b'%', text).unwrap_or(text.len());
            self.printer.put(&text[..length])?;
            self.at += length + 1;
            if length < text.len() {
                self.printer.context.spend(1)?;
                self.verb()?;
            }
        }
        self.extra()
    }

    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    fn verb(&mut self) -> Result<(), Fault> {
        self.good = true;
        self.after_index = false;
        self.printer.flags = Flags::default();
        self.flags();
        self.argument_number();
        self.width()?;
        self.precision()?;
        if !self.after_index {
            self.argument_number();
        }
        if self.at >= self.format.len() {
            return self.printer.put(b"%!(NOVERB)");
        }
        let (verb, length) = decode(&self.format[self.at..]);
        self.at += length;
        if verb == '%' {
            return self.printer.put(b"%");
        }
        if !self.good {
            return self.complain(verb, b"(BADINDEX)");
        }
        let Some(value) = self.values.get(self.argument) else {
            return self.complain(verb, b"(MISSING)");
        };
        self.argument += 1;
        let flags = &mut self.printer.flags;
        if matches!(verb, 'v' | 'w') {
            flags.sharp_v = std::mem::take(&mut flags.sharp);
            flags.plus_v = std::mem::take(&mut flags.plus);
        }
        self.printer.value(value, verb)
    }

    fn flags(&mut self) {
        let flags = &mut self.printer.flags;
        while let Some(byte) = self.format.get(self.at) {
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => return,
            }
            self.at += 1;
        }
    }

    fn width(&mut self) -> Result<(), Fault> {
        if self.peek() == Some(b'*') {
            self.at += 1;
            let width = self.integer_argument();
            if width.is_none() {
                self.printer.put(b"%!(BADWIDTH)")?;
            }
            let flags = &mut self.printer.flags;
            if width.is_some_and(|width| width < 0) {
                flags.minus = true;
                // No zeros to the right.
                flags.zero = false;
            }
            flags.width = width.and_then(|width| usize::try_from(width.unsigned_abs()).ok());
            self.after_index = false;
            return Ok(());
        }
        self.printer.flags.width = self.number(self.format.len());
        if self.after_index && self.printer.flags.width.is_some() {
            self.good = false;
        }
        Ok(())
    }

    fn precision(&mut self) -> Result<(), Fault> {
        // A point at the very end is the verb.
        if self.peek() != Some(b'.') || self.at + 1 >= self.format.len() {
            return Ok(());
        }
        self.at += 1;
        if self.after_index {
            self.good = false;
        }
        self.argument_number();
        if self.peek() == Some(b'*') {
            self.at += 1;
            let precision = self.integer_argument().and_then(|given| usize::try_from(given).ok());
            if precision.is_none() {
                self.printer.put(b"%!(BADPREC)")?;
            }
            self.printer.flags.precision = precision;
            self.after_index = false;
        } else {
            self.printer.flags.precision = Some(self.number(self.format.len()).unwrap_or(0));
        }
        Ok(())
    }

    /// Digits up to `end`; none if there are none or the number is too large, which goes to `end`.
    fn number(&mut self, end: usize) -> Option<usize> {
        let mut number = None;
        while let Some(digit) = self.peek().filter(|digit| digit.is_ascii_digit() && self.at < end)
        {
            let so_far = number.unwrap_or(0);
            if so_far > LARGEST {
                self.at = end;
                return None;
            }
            number = Some(so_far * 10 + usize::from(digit - b'0'));
            self.at += 1;
        }
        number
    }

    /// `[n]`: the next argument is the nth.
    fn argument_number(&mut self) {
        self.after_index = false;
        if self.peek() != Some(b'[') {
            return;
        }
        self.reordered = true;
        let rest = &self.format[self.at..];
        let close = if self.may_close { memchr::memchr(b']', rest) } else { None };
        self.may_close = close.is_some();
        let Some(close) = close.filter(|_| rest.len() >= 3) else {
            self.good = false;
            self.at += 1;
            return;
        };
        let end = self.at + close;
        self.at += 1;
        let number = if self.at < end { self.number(end) } else { None };
        let whole = self.at == end;
        self.at = end + 1;
        match number.filter(|_| whole) {
            Some(number) if (1..=self.values.len()).contains(&number) => {
                self.argument = number - 1;
                self.after_index = true;
            }
            other => {
                self.good = false;
                self.after_index = other.is_some();
            }
        }
    }

    /// The next argument as a width or precision.
    fn integer_argument(&mut self) -> Option<i64> {
        let value = self.values.get(self.argument)?;
        self.argument += 1;
        let number = value.signed().or_else(|| value.unsigned()?.try_into().ok())?;
        (number.unsigned_abs() <= LARGEST as u64).then_some(number)
    }

    fn complain(&mut self, verb: char, why: &[u8]) -> Result<(), Fault> {
        self.printer.put(b"%!")?;
        self.printer.put(verb.encode_utf8(&mut [0; 4]).as_bytes())?;
        self.printer.put(why)
    }

    /// Arguments that no verb asked for.
    fn extra(&mut self) -> Result<(), Fault> {
        if self.reordered || self.argument >= self.values.len() {
            return Ok(());
        }
        self.printer.flags = Flags::default();
        self.printer.put(b"%!(EXTRA ")?;
        for (at, value) in self.values[self.argument..].iter().enumerate() {
            if at > 0 {
                self.printer.put(b", ")?;
            }
            if !matches!(value, Value::Nil | Value::Invalid) {
                self.printer.put(value.type_name().as_bytes())?;
                self.printer.put(b"=")?;
            }
            self.printer.value(value, 'v')?;
        }
        self.printer.put(b")")
    }
}
