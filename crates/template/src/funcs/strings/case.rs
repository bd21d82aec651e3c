//! Upper and lower case.

use super::super::draft::map;
use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Args;
use crate::funcs::runes::{
    self, is_digit, is_letter, is_lower, is_space, is_title, is_upper, to_lower, to_title, to_upper,
};
use crate::value::Value;

pub(super) fn upper(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = args.text(0);
    Ok(if text.is_ascii() { text.to_ascii_uppercase() } else { map(text, to_upper) }.into())
}

pub(super) fn lower(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = args.text(0);
    Ok(if text.is_ascii() { text.to_ascii_lowercase() } else { map(text, to_lower) }.into())
}

/// `strings.Title`: what follows something that cannot be in a word.
pub(super) fn title(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut before = ' ';
    let titled = map(args.text(0), |char| {
        let first = separates(std::mem::replace(&mut before, char));
        if first { to_title(char) } else { char }
    });
    Ok(titled.into())
}

fn separates(char: char) -> bool {
    if char.is_ascii() {
        !char.is_ascii_alphanumeric() && char != '_'
    } else {
        !is_letter(char) && !is_digit(char) && is_space(char)
    }
}

/// The first letter of each word made small.
pub(super) fn untitle(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut after_space = true;
    let untitled = map(args.text(0), |char| {
        let first = std::mem::replace(&mut after_space, is_space(char));
        if first { to_lower(char) } else { char }
    });
    Ok(untitled.into())
}

/// Capitals made small and small letters made capitals, in title case at the start of a word.
pub(super) fn swapcase(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut after_space = true;
    let swapped = map(args.text(0), |char| {
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
    });
    Ok(swapped.into())
}

/// The first *byte* of each word, read as Latin-1.
pub(super) fn initials(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut after_space = true;
    let mut out = Vec::new();
    for char in args.text(0).iter().copied().map(char::from) {
        if std::mem::replace(&mut after_space, is_space(char)) && !is_space(char) {
            runes::encode(&mut out, char);
        }
    }
    Ok(out.into())
}
