//! Strings and bytes.

use super::Printer;
use crate::error::Fault;
use crate::quote::{can_backquote, quote};
use crate::unicode::decode;
use crate::value::{List, Value};

impl Printer<'_, '_> {
    /// `value` as the string that it is or that its method returns.
    pub(super) fn text(&mut self, value: &Value, text: &[u8], verb: char) -> Result<(), Fault> {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(text),
            'v' | 's' => self.string(text),
            'x' | 'X' => self.hex(text, verb == 'X'),
            'q' => self.quoted(text),
            _ => self.bad_verb(value, verb),
        }
    }

    pub(super) fn string(&mut self, text: &[u8]) -> Result<(), Fault> {
        if self.flags.precision.is_some() || self.flags.width.is_some() {
            self.context.spend(text.len() as u64 / 4)?;
        }
        self.pad(self.truncated(text))
    }

    /// The part that the precision, in characters, allows.
    fn truncated<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let Some(precision) = self.flags.precision else { return text };
        let mut end = 0;
        for _ in 0..precision {
            if end >= text.len() {
                break;
            }
            end += decode(&text[end..]).1;
        }
        &text[..end]
    }

    fn quoted(&mut self, text: &[u8]) -> Result<(), Fault> {
        let text = self.truncated(text);
        self.context.spend(text.len() as u64 / 2)?;
        self.context.room(text.len())?;
        let mut quoted = Vec::with_capacity(text.len() + 2);
        if self.flags.sharp && can_backquote(text) {
            quoted.push(b'`');
            quoted.extend_from_slice(text);
            quoted.push(b'`');
        } else {
            quote(&mut quoted, text, self.flags.plus);
        }
        self.pad(&quoted)
    }

    fn hex(&mut self, text: &[u8], upper: bool) -> Result<(), Fault> {
        let text = &text[..text.len().min(self.flags.precision.unwrap_or(usize::MAX))];
        self.context.spend(text.len() as u64 / 4)?;
        self.context.room(text.len() * 5)?;
        let digits = if upper { b"0123456789ABCDEFX" } else { b"0123456789abcdefx" };
        let mut hex = Vec::with_capacity(text.len() * 2 + 2);
        for (at, byte) in text.iter().enumerate() {
            if self.flags.space && at > 0 {
                hex.push(b' ');
            }
            if self.flags.sharp && (self.flags.space || at == 0) {
                hex.extend_from_slice(&[b'0', digits[16]]);
            }
            hex.push(digits[usize::from(byte >> 4)]);
            hex.push(digits[usize::from(byte & 15)]);
        }
        self.pad(&hex)
    }

    /// A `[]byte`.
    pub(super) fn bytes(&mut self, bytes: &List<u8>, verb: char) -> Result<(), Fault> {
        match verb {
            's' => self.string(bytes),
            'q' => self.quoted(bytes),
            'x' | 'X' => self.hex(bytes, verb == 'X'),
            _ => self.byte_list(bytes, verb),
        }
    }

    fn byte_list(&mut self, bytes: &List<u8>, verb: char) -> Result<(), Fault> {
        let sharp = self.flags.sharp_v;
        if sharp && bytes.is_nil() {
            self.out.extend_from_slice(b"[]byte(nil)");
            return Ok(());
        }
        self.out.extend_from_slice(if sharp { b"[]byte{" } else { b"[" });
        for (at, byte) in bytes.iter().enumerate() {
            if at > 0 {
                self.out.extend_from_slice(if sharp { b", " } else { b" " });
            }
            self.context.spend(1)?;
            self.leaf(&Value::Uint8(*byte), verb)?;
        }
        self.out.push(if sharp { b'}' } else { b']' });
        Ok(())
    }
}
