//! A text that is being made, within the render's budget.

use super::runes::{self, BAD};
use crate::context::Context;
use crate::error::Fault;
use crate::printf::fitted;
use crate::unicode::pieces;
use crate::value::Value;

/// Bytes whose memory was asked for before they are there.
#[derive(Default)]
pub(super) struct Draft {
    bytes: Vec<u8>,
}

impl Draft {
    /// Appends bytes.
    pub(super) fn push(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Result<(), Fault> {
        context.spend(1 + bytes.len() as u64 / 64)?;
        self.reserve(context, bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Appends what `write` makes of `text`, piece by piece: at most `growth` bytes of each.
    pub(super) fn write(
        &mut self,
        context: &mut Context<'_>,
        text: &[u8],
        growth: usize,
        mut write: impl FnMut(&mut Vec<u8>, &[u8]),
    ) -> Result<(), Fault> {
        for piece in pieces(text) {
            self.reserve(context, piece.len() * growth)?;
            write(&mut self.bytes, piece);
        }
        Ok(())
    }

    /// Asks for memory where there is too little: for so many bytes more, or twice as many.
    fn reserve(&mut self, context: &mut Context<'_>, more: usize) -> Result<(), Fault> {
        context.reserve(&mut self.bytes, more)
    }

    pub(super) fn finish(self) -> Vec<u8> {
        fitted(self.bytes)
    }
}

/// `strings.Map`: each character replaced by another; what is no UTF-8 becomes U+FFFD.
pub(super) fn map(
    context: &mut Context<'_>,
    text: &[u8],
    mut change: impl FnMut(char) -> char,
) -> Result<Value, Fault> {
    context.spend(text.len() as u64)?;
    let mut out = Draft::default();
    out.write(context, text, BAD.len_utf8(), |out, piece| {
        runes::chars(piece).for_each(|char| runes::encode(out, change(char)));
    })?;
    Ok(out.finish().into())
}

/// A part of a text, as a text of its own.
pub(super) fn part(context: &mut Context<'_>, text: &[u8]) -> Result<Value, Fault> {
    context.room(text.len())?;
    Ok(Value::Text(text.into()))
}
