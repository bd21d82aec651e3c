//! What is taken off the ends, and space everywhere.

use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Args;
use crate::funcs::runes::{self, is_space};
use crate::value::Value;

pub(super) fn trim(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(Value::Text(trimmed(args.text(0), is_space).into()))
}

/// Every character of the first argument, off both ends of the second.
pub(super) fn trim_all(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (set, text) = (args.text(0), args.text(1));
    let mut set = runes::chars(set).collect::<Vec<_>>();
    context.spend(set.len() as u64)?;
    set.sort_unstable();
    Ok(Value::Text(trimmed(text, |char| set.binary_search(&char).is_ok()).into()))
}

fn trimmed(mut text: &[u8], goes: impl Fn(char) -> bool) -> &[u8] {
    while let (char, width @ 1..) = runes::decode(text) {
        if !goes(char) {
            break;
        }
        text = &text[width..];
    }
    while let (char, width @ 1..) = runes::decode_last(text) {
        if !goes(char) {
            break;
        }
        text = &text[..text.len() - width];
    }
    text
}

pub(super) fn trim_prefix(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    match args.text(1).strip_prefix(&**args.text(0)) {
        Some(rest) => Ok(Value::Text(rest.into())),
        None => Ok(args.take(1)),
    }
}

pub(super) fn trim_suffix(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    match args.text(1).strip_suffix(&**args.text(0)) {
        Some(rest) => Ok(Value::Text(rest.into())),
        None => Ok(args.take(1)),
    }
}

/// All *bytes* but those that are space in Latin-1; if there were any, the rest is Latin-1 too.
pub(super) fn nospace(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = args.text(0);
    if !text.iter().any(|&byte| is_space(char::from(byte))) {
        return Ok(args.take(0));
    }
    let mut out = Vec::with_capacity(text.len());
    for char in text.iter().copied().map(char::from).filter(|&char| !is_space(char)) {
        runes::encode(&mut out, char);
    }
    Ok(out.into())
}
