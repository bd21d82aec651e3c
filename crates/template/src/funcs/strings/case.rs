//! Upper and lower case.

use super::super::draft::{Draft, map};
use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Args;
use crate::funcs::runes::{
    self, is_digit, is_letter, is_lower, is_space, is_title, is_upper, to_lower, to_title, to_upper,
};
use crate::value::Value;

pub(super) fn upper(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = args.text(0);
    context.room(text.len())?;
    if text.is_ascii() {
        Ok(text.to_ascii_uppercase().into())
    } else {
        map(context, text, to_upper)
    }
}

pub(super) fn lower(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = args.text(0);
    context.room(text.len())?;
    if text.is_ascii() {
        Ok(text.to_ascii_lowercase().into())
    } else {
        map(context, text, to_lower)
    }
}

/// `strings.Title`: what follows something that cannot be in a word.
pub(super) fn title(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut before = ' ';
    map(context, args.text(0), |char| {
        let first = separates(std::mem::replace(&mut before, char));
        if first { to_title(char) } else { char }
    })
}

fn separates(char: char) -> bool {
    if char.is_ascii() {
        !char.is_ascii_alphanumeric() && char != '_'
    } else {
        !is_letter(char) && !is_digit(char) && is_space(char)
    }
}

/// The first letter of each word made small.
pub(super) fn untitle(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut after_space = true;
    map(context, args.text(0), |char| {
        let first = std::mem::replace(&mut after_space, is_space(char));
        if first { to_lower(char) } else { char }
    })
}

/// Capitals made small and small letters made capitals, in title case at the start of a word.
pub(super) fn swapcase(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    // Three sets are asked.
    context.spend(args.text(0).len() as u64)?;
    let mut after_space = true;
    map(context, args.text(0), |char| {
        let first = std::mem::replace(&mut after_space, is_space(char));
        if is_upper(char) || is_title(char) {
            to_lower(char)
        } else if !is_lower(char) {
            char
        } else if first {
            to_title(char)
        } else {
            to_upper(char)
        }
    })
}

/// The first *byte* of each word, read as Latin-1.
pub(super) fn initials(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = args.text(0);
    context.spend(text.len() as u64 / 4)?;
    let mut after_space = true;
    let mut out = Draft::default();
    out.write(context, text, 2, |out, piece| {
        for char in piece.iter().copied().map(char::from) {
            if std::mem::replace(&mut after_space, is_space(char)) && !is_space(char) {
                runes::encode(out, char);
            }
        }
    })?;
    Ok(out.finish().into())
}
