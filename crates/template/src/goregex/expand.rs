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
            } else if let Some((name, after)) = reference(context, rest)? {
                let matched = self.group(context, name, text, slots)?;
                append(context, output, matched)?;
                rest = after;
            } else {
                append(context, output, b"$")?;
            }
        }
        append(context, output, rest)
    }

    /// What the group matched, by its number or name; nothing if there is none.
    fn group<'t>(
        &self,
        context: &mut Context<'_>,
        name: &[u8],
        text: &'t [u8],
        slots: &[u32],
    ) -> Result<&'t [u8], Fault> {
        let matched = |group: usize| match slots.get(group * 2..group * 2 + 2) {
            Some(&[from, to]) if from != NONE => text.get(from as usize..to as usize),
            _ => None,
        };
        if let Some(group) = number(name) {
            return Ok(matched(group).unwrap_or_default());
        }
        context.spend(self.names.len() as u64 / 4)?;
        for (group, found) in self.names.iter().enumerate() {
            if found.len() != name.len() {
                continue;
            }
            context.spend(1 + name.len() as u64 / 64)?;
            if found.as_bytes() == name
                && let Some(matched) = matched(group)
            {
                return Ok(matched);
            }
        }
        Ok(b"")
    }
}

/// A name and what comes after it.
type Reference<'t> = (&'t [u8], &'t [u8]);

/// The name or number behind a `$`; none if there is none.
fn reference<'t>(
    context: &mut Context<'_>,
    text: &'t [u8],
) -> Result<Option<Reference<'t>>, Fault> {
    let braced = text.strip_prefix(b"{");
    let text = braced.unwrap_or(text);
    let mut end = 0;
    while end < text.len() {
        let (letter, width) = unicode::decode(&text[end..]);
        if letter != '_' && !unicode::is_letter(letter) && !unicode::is_digit(letter) {
            break;
        }
        context.spend(1)?;
        end += width;
    }
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return Ok(None);
    }
    Ok(match braced {
        Some(_) => rest.strip_prefix(b"}").map(|rest| (name, rest)),
        None => Some((name, rest)),
    })
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
