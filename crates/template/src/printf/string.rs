//! Strings and bytes.

use super::Printer;
use crate::error::Fault;
use crate::quote::{self, can_backquote};
use crate::unicode::{decode, pieces};
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
        let text = self.truncated(text)?;
        self.pad(text)
    }

    /// The part that the precision, in characters, allows.
    fn truncated<'t>(&mut self, text: &'t [u8]) -> Result<&'t [u8], Fault> {
        let Some(precision) = self.flags.precision else { return Ok(text) };
        let most = text.len().min(precision.saturating_mul(4));
        self.context.spend(most as u64 / 4)?;
        let mut end = 0;
        for _ in 0..precision {
            if end >= text.len() {
                break;
            }
            end += decode(&text[end..]).1;
        }
        Ok(&text[..end])
    }

    fn quoted(&mut self, text: &[u8]) -> Result<(), Fault> {
        let text = self.truncated(text)?;
        self.context.spend(text.len() as u64)?;
        let start = self.out.len();
        if self.flags.sharp && can_backquote(text) {
            self.put(b"`")?;
            self.put(text)?;
            self.put(b"`")?;
        } else {
            self.put(b"\"")?;
            for piece in pieces(text) {
                self.reserve(piece.len() * quote::GROWTH)?;
                quote::quote_piece(self.out, piece, self.flags.plus);
            }
            self.put(b"\"")?;
        }
        self.pad_from(start)
    }

    fn hex(&mut self, text: &[u8], upper: bool) -> Result<(), Fault> {
        let text = &text[..text.len().min(self.flags.precision.unwrap_or(usize::MAX))];
        self.context.spend(text.len() as u64 / 4)?;
        let digits = if upper { b"0123456789ABCDEFX" } else { b"0123456789abcdefx" };
        let start = self.out.len();
        for piece in pieces(text) {
            // With a space and a base.
            self.reserve(piece.len() * 5)?;
            for byte in piece {
                let first = self.out.len() == start;
                if self.flags.space && !first {
                    self.out.push(b' ');
                }
                if self.flags.sharp && (self.flags.space || first) {
                    self.out.extend_from_slice(&[b'0', digits[16]]);
                }
                self.out.push(digits[usize::from(byte >> 4)]);
                self.out.push(digits[usize::from(byte & 15)]);
            }
        }
        self.pad_from(start)
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
            return self.put(b"[]byte(nil)");
        }
        self.put(if sharp { b"[]byte{" } else { b"[" })?;
        for (at, byte) in bytes.iter().enumerate() {
            if at > 0 {
                self.put(if sharp { b", " } else { b" " })?;
            }
            self.context.spend(2)?;
            self.leaf(&Value::Uint8(*byte), verb)?;
        }
        self.put(if sharp { b"}" } else { b"]" })
    }
}
