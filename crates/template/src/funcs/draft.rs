//! A text that is being made, within the render's budget.

use super::runes;
use crate::context::Context;
use crate::error::Fault;

/// Bytes whose memory was asked for before they are there.
#[derive(Default)]
pub(super) struct Draft {
    bytes: Vec<u8>,
    granted: usize,
}

impl Draft {
    /// Appends bytes.
    pub(super) fn push(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Result<(), Fault> {
        let needed = self.bytes.len().saturating_add(bytes.len());
        if needed > self.granted {
            context.room(needed)?;
            self.granted = needed.saturating_mul(2).max(4096);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// `strings.Map`: each character replaced by another; what is no UTF-8 becomes U+FFFD.
pub(super) fn map(text: &[u8], mut change: impl FnMut(char) -> char) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for char in runes::chars(text) {
        runes::encode(&mut out, change(char));
    }
    out
}
