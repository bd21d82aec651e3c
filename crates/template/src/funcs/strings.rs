//! Sprig's functions on strings.

mod case;
mod edges;
mod identifier;
mod quoting;
mod width;

use Type::{Any, Bool, Int, Text};
use memchr::memmem;

use super::draft::{Draft, part};
use super::runes;
use super::strval::strval;
use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Type, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("abbrev", &[Int, Text], Text, width::abbrev),
    Function::new("abbrevboth", &[Int, Int, Text], Text, width::abbrevboth),
    Function::new("camelcase", &[Text], Text, identifier::camelcase),
    Function::new("cat", &[Any], Text, quoting::cat).variadic(),
    Function::new("contains", &[Text, Text], Bool, contains),
    Function::new("hasPrefix", &[Text, Text], Bool, has_prefix),
    Function::new("hasSuffix", &[Text, Text], Bool, has_suffix),
    Function::new("indent", &[Int, Text], Text, indent),
    Function::new("initials", &[Text], Text, case::initials),
    Function::new("kebabcase", &[Text], Text, identifier::kebabcase),
    Function::new("lower", &[Text], Text, case::lower),
    Function::new("nindent", &[Int, Text], Text, nindent),
    Function::new("nospace", &[Text], Text, edges::nospace),
    Function::new("plural", &[Text, Text, Int], Text, plural),
    Function::new("quote", &[Any], Text, quoting::quote).variadic(),
    Function::new("repeat", &[Int, Text], Text, repeat),
    Function::new("replace", &[Text, Text, Text], Text, replace),
    Function::new("snakecase", &[Text], Text, identifier::snakecase),
    Function::new("squote", &[Any], Text, quoting::squote).variadic(),
    Function::new("substr", &[Int, Int, Text], Text, substr),
    Function::new("swapcase", &[Text], Text, case::swapcase),
    Function::new("title", &[Text], Text, case::title),
    Function::new("toString", &[Any], Text, to_string),
    Function::new("trim", &[Text], Text, edges::trim),
    Function::new("trimAll", &[Text, Text], Text, edges::trim_all),
    Function::new("trimPrefix", &[Text, Text], Text, edges::trim_prefix),
    Function::new("trimSuffix", &[Text, Text], Text, edges::trim_suffix),
    Function::new("trimall", &[Text, Text], Text, edges::trim_all),
    Function::new("trunc", &[Int, Text], Text, trunc),
    Function::new("untitle", &[Text], Text, case::untitle),
    Function::new("upper", &[Text], Text, case::upper),
    Function::new("wrap", &[Int, Text], Text, width::wrap),
    Function::new("wrapWith", &[Int, Text, Text], Text, width::wrap_with),
];

fn contains(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    pay_for_finding(context, args.text(0), args.text(1))?;
    Ok(memmem::find(args.text(1), args.text(0)).is_some().into())
}

/// One byte is found at the speed of copying, more are compared wherever they may be: a long part
/// can be written so that this is everywhere.
pub(super) fn pay_for_finding(
    context: &mut Context<'_>,
    part: &[u8],
    whole: &[u8],
) -> Result<(), Fault> {
    let bytes_a_step = match part.len() {
        0 | 1 => return Ok(()),
        2..16 => 16,
        _ => 4,
    };
    context.spend(part.len() as u64 / 4 + whole.len() as u64 / bytes_a_step)
}

fn has_prefix(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(args.text(1).starts_with(args.text(0)).into())
}

fn has_suffix(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(args.text(1).ends_with(args.text(0)).into())
}

fn indent(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    indented(context, args, b"")
}

fn nindent(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    indented(context, args, b"\n")
}

fn indented(context: &mut Context<'_>, args: &mut Args<'_>, before: &[u8]) -> Result<Value, Fault> {
    let (spaces, text) = (args.int(0), args.text(1));
    let spaces = usize::try_from(spaces).map_err(|_| "negative repeat count")?;
    let lines = memchr::memchr_iter(b'\n', text).count() + 1;
    let length = spaces.saturating_mul(lines).saturating_add(text.len()).saturating_add(1);
    context.room(length)?;
    context.spend(lines as u64 + text.len() as u64 / 16)?;
    let mut out = Vec::with_capacity(length);
    out.extend_from_slice(before);
    out.resize(out.len() + spaces, b' ');
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        out.extend_from_slice(line);
        if line.ends_with(b"\n") {
            out.resize(out.len() + spaces, b' ');
        }
    }
    Ok(out.into())
}

fn plural(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(args.take(usize::from(args.int(2) != 1)))
}

fn repeat(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (count, text) = (args.int(0), args.text(1));
    let count = usize::try_from(count).map_err(|_| "negative repeat count")?;
    context.room(text.len().saturating_mul(count))?;
    Ok(text.repeat(count).into())
}

fn replace(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (old, new, mut rest) = (args.text(0), args.text(1), &**args.text(2));
    let mut out = Draft::default();
    if old.is_empty() {
        // Before every character and at the end.
        while !rest.is_empty() {
            context.spend(1)?;
            let (char, after) = rest.split_at(runes::decode(rest).1);
            out.push(context, new)?;
            out.push(context, char)?;
            rest = after;
        }
        out.push(context, new)?;
        return Ok(out.finish().into());
    }
    pay_for_finding(context, old, rest)?;
    let mut from = 0;
    for at in memmem::find_iter(rest, &**old) {
        out.push(context, &rest[from..at])?;
        out.push(context, new)?;
        from = at + old.len();
    }
    if from == 0 {
        return Ok(args.take(2));
    }
    out.push(context, &rest[from..])?;
    Ok(out.finish().into())
}

/// A part by bytes; a negative start is 0 and a negative end is none, but not both.
fn substr(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (start, end, text) = (args.int(0), args.int(1), args.text(2));
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let (start, end) = match (start, end) {
        (..0, end) => (0, end),
        (start, end) if end < 0 || end > length => (start, length),
        both => both,
    };
    let range = || Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?);
    part(context, range().and_then(|range| text.get(range)).ok_or("slice bounds out of range")?)
}

fn to_string(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    strval(context, args.any(0)).map(Value::Text)
}

/// The first bytes, or the last if the count is negative.
fn trunc(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (count, text) = (args.int(0), args.text(1));
    let bytes = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if bytes >= text.len() {
        return Ok(args.take(1));
    }
    part(context, if count < 0 { &text[text.len() - bytes..] } else { &text[..bytes] })
}
