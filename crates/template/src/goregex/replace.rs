//! Replacing matches.

use super::search::NONE;
use super::{Searcher, rune};
use crate::context::Context;
use crate::error::Fault;

impl Searcher<'_> {
    /// Go's `ReplaceAllString`, where `$1` and `${name}` stand for groups.
    ///
    /// # Errors
    /// When steps or memory run out.
    pub(crate) fn replace_all(
        &mut self,
        context: &mut Context<'_>,
        replacement: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        if !replacement.contains(&b'$') {
            return self.replace_all_literal(context, replacement);
        }
        let regex = self.regex;
        let text = self.text;
        self.replace(context, regex.groups() * 2, |context, output, slots| {
            regex.expand(context, output, replacement, text, slots)
        })
    }

    /// Go's `ReplaceAllLiteralString`.
    ///
    /// # Errors
    /// When steps or memory run out.
    pub(crate) fn replace_all_literal(
        &mut self,
        context: &mut Context<'_>,
        replacement: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        self.replace(context, 2, |context, output, _| append(context, output, replacement))
    }

    fn replace(
        &mut self,
        context: &mut Context<'_>,
        slots: usize,
        write: impl Fn(&mut Context<'_>, &mut Vec<u8>, &[u32]) -> Result<(), Fault>,
    ) -> Result<Vec<u8>, Fault> {
        let text = self.text;
        let mut slots = vec![NONE; slots];
        let mut output = Vec::new();
        let (mut last_end, mut at) = (0, 0);
        while at <= text.len() && self.search(context, at, &mut slots)? {
            let (start, end) = (slots[0] as usize, slots[1] as usize);
            append(context, &mut output, &text[last_end..start])?;
            // No empty match right after another.
            if end > last_end || start == 0 {
                write(context, &mut output, &slots)?;
            }
            last_end = end;
            at = end.max(at + rune::decode(text, at).1.max(1));
        }
        append(context, &mut output, &text[last_end..])?;
        Ok(output)
    }
}

/// Appends to the result, and asks for memory where it grows.
pub(super) fn append(
    context: &mut Context<'_>,
    output: &mut Vec<u8>,
    part: &[u8],
) -> Result<(), Fault> {
    context.reserve(output, part.len())?;
    context.spend(1 + part.len() as u64 / 64)?;
    output.extend_from_slice(part);
    Ok(())
}

/// Go's `QuoteMeta`: a pattern that matches the text and nothing else.
pub(crate) fn quote_meta(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len());
    for &byte in text {
        if br"\.+*?()|[]{}^$".contains(&byte) {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    quoted
}
