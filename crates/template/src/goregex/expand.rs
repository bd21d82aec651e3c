//! `$1`, `$name`, `${name}` and `$$` in replacements.

use super::Regex;
use super::replace::append;
use super::search::NONE;
use crate::context::Context;
use crate::error::Fault;
use crate::unicode;

impl Regex {
    /// Writes the replacement, with what the groups have matched.
    pub(super) fn expand(
        &self,
        context: &mut Context<'_>,
        output: &mut Vec<u8>,
        template: &[u8],
        text: &[u8],
        slots: &[u32],
    ) -> Result<(), Fault> {
        let mut rest = template;
        while let Some(dollar) = rest.iter().position(|&byte| byte == b'$') {
            append(context, output, &rest[..dollar])?;
            rest = &rest[dollar + 1..];
            if let Some(after) = rest.strip_prefix(b"$") {
                append(context, output, b"$")?;
                rest = after;
            } else if let Some((name, after)) = reference(rest) {
                append(context, output, self.group(name, text, slots))?;
                rest = after;
            } else {
                append(context, output, b"$")?;
            }
        }
        append(context, output, rest)
    }

    /// What the group matched, by its number or name; nothing if there is none.
    fn group<'t>(&self, name: &[u8], text: &'t [u8], slots: &[u32]) -> &'t [u8] {
        let matched = |group: usize| match slots.get(group * 2..group * 2 + 2) {
            Some(&[from, to]) if from != NONE => text.get(from as usize..to as usize),
            _ => None,
        };
        let found = match number(name) {
            Some(group) => matched(group),
            None => (0..self.names.len())
                .filter(|&group| self.names[group].as_bytes() == name)
                .find_map(matched),
        };
        found.unwrap_or_default()
    }
}

/// The name or number behind a `$`, and what comes after it; none if there is none.
fn reference(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let braced = text.strip_prefix(b"{");
    let text = braced.unwrap_or(text);
    let mut end = 0;
    while end < text.len() {
        let (letter, width) = unicode::decode(&text[end..]);
        if letter != '_' && !unicode::is_letter(letter) && !unicode::is_digit(letter) {
            break;
        }
        end += width;
    }
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return None;
    }
    match braced {
        Some(_) => rest.strip_prefix(b"}").map(|rest| (name, rest)),
        None => Some((name, rest)),
    }
}

/// A number without leading zeros, and not absurdly large.
fn number(name: &[u8]) -> Option<usize> {
    if name.len() > 1 && name.starts_with(b"0") {
        return None;
    }
    name.iter().try_fold(0_usize, |number, &byte| {
        let digit = byte.is_ascii_digit().then(|| usize::from(byte - b'0'))?;
        (number < 100_000_000).then(|| number * 10 + digit)
    })
}
