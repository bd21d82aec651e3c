//! What is taken off the ends, and space everywhere.

use super::super::draft::{Draft, part};
use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Args;
use crate::funcs::runes::{self, is_space};
use crate::value::Value;

pub(super) fn trim(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let trimmed = trimmed(context, args.text(0), is_space)?;
    part(context, trimmed)
}

/// Every character of the first argument, off both ends of the second.
pub(super) fn trim_all(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (set, text) = (args.text(0), args.text(1));
    context.spend(4 * set.len() as u64)?;
    context.room(set.len() * 2 * size_of::<char>())?;
    let mut set = runes::chars(set).collect::<Vec<_>>();
    set.sort_unstable();
    let trimmed = trimmed(context, text, |char| set.binary_search(&char).is_ok())?;
    part(context, trimmed)
}

fn trimmed<'t>(
    context: &mut Context<'_>,
    mut text: &'t [u8],
    goes: impl Fn(char) -> bool,
) -> Result<&'t [u8], Fault> {
    while let (char, width @ 1..) = runes::decode(text)
        && goes(char)
    {
        context.spend(1)?;
        text = &text[width..];
    }
    while let (char, width @ 1..) = runes::decode_last(text)
        && goes(char)
    {
        context.spend(2)?;
        text = &text[..text.len() - width];
    }
    Ok(text)
}

pub(super) fn trim_prefix(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    match args.text(1).strip_prefix(&**args.text(0)) {
        Some(rest) => part(context, rest),
        None => Ok(args.take(1)),
    }
}

pub(super) fn trim_suffix(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    match args.text(1).strip_suffix(&**args.text(0)) {
        Some(rest) => part(context, rest),
        None => Ok(args.take(1)),
    }
}

/// All *bytes* but those that are space in Latin-1; if there were any, the rest is Latin-1 too.
pub(super) fn nospace(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = args.text(0);
    context.spend(text.len() as u64 / 4)?;
    if !text.iter().any(|&byte| is_space(char::from(byte))) {
        return Ok(args.take(0));
    }
    let mut out = Draft::default();
    out.write(context, text, 2, |out, piece| {
        for char in piece.iter().copied().map(char::from).filter(|&char| !is_space(char)) {
            runes::encode(out, char);
        }
    })?;
    Ok(out.finish().into())
}
