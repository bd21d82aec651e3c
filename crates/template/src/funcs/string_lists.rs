//! Sprig's functions between strings and lists of strings.

use Type::{Any, Int, StringMap, Strings};
use memchr::memmem;

use super::draft::Draft;
use super::runes;
use super::strings::pay_for_finding;
use super::strval::{strslice, strval};
use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{self, Counted, Kind, Text, Type, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("join", &[Type::Text, Any], Type::Text, join),
    Function::new("sortAlpha", &[Any], Strings, sort_alpha),
    Function::new("split", &[Type::Text, Type::Text], StringMap, split),
    Function::new("splitList", &[Type::Text, Type::Text], Strings, split_list),
    Function::new("splitn", &[Type::Text, Int, Type::Text], StringMap, splitn),
    Function::new("toStrings", &[Any], Strings, to_strings),
];

fn join(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut out = Draft::default();
    let texts = strslice(context, args.any(1))?;
    context.spend(texts.len() as u64)?;
    for (at, text) in (0..texts.len()).filter_map(|at| texts.get(at)).enumerate() {
        if at > 0 {
            out.push(context, args.text(0))?;
        }
        out.push(context, &text)?;
    }
    Ok(out.finish().into())
}

/// Sorts by bytes; a `[]string` in place, seen by all who hold it.
fn sort_alpha(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let list = args.any(0);
    let strings = if list.kind() == Kind::Slice {
        strslice(context, list)?
    } else {
        vec![strval(context, list)?].into()
    };
    context.spend(strings.len() as u64 / 4)?;
    let bytes = strings.size() as u64;
    context.spend(bytes.saturating_mul(strings.len().max(2).ilog2().into()) / 64)?;
    strings.sort();
    Ok(Value::Strings(strings))
}

fn to_strings(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    strslice(context, args.any(0)).map(Value::Strings)
}

fn split(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let parts = parts(context, args.text(1), args.text(0), usize::MAX)?;
    numbered(context, parts)
}

fn splitn(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    // A negative count is no limit.
    let limit = usize::try_from(args.int(1)).unwrap_or(usize::MAX);
    let parts = parts(context, args.text(2), args.text(0), limit)?;
    numbered(context, parts)
}

fn split_list(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let parts = parts(context, args.text(1), args.text(0), usize::MAX)?;
    Ok(parts.into_vec().into())
}

/// `strings.SplitN`: at most `limit` parts; without a separator one for each character.
fn parts(
    context: &mut Context<'_>,
    text: &[u8],
    separator: &[u8],
    limit: usize,
) -> Result<Counted<Text>, Fault> {
    let mut parts = Counted::default();
    if limit == 0 || separator.is_empty() && text.is_empty() {
        return Ok(parts);
    }
    pay_for_finding(context, separator, text)?;
    let finder = memmem::Finder::new(separator);
    let mut rest = text;
    while parts.len() + 1 < limit {
        let end = match separator {
            [] => Some(runes::decode(rest).1).filter(|width| *width < rest.len()),
            _ => finder.find(rest),
        };
        let Some(end) = end else { break };
        context.spend(4)?;
        context.room(end)?;
        parts.push(context, rest[..end].into())?;
        rest = &rest[end + separator.len()..];
    }
    context.room(rest.len())?;
    parts.push(context, rest.into())?;
    Ok(parts)
}

/// Keys `_0`, `_1` and so on.
fn numbered(context: &mut Context<'_>, parts: Counted<Text>) -> Result<Value, Fault> {
    let map = value::StringMap::from_iter([]);
    for (at, part) in parts.into_iter().enumerate() {
        context.spend(8)?;
        context.check(0)?;
        map.insert(context, format!("_{at}").into(), part)?;
    }
    Ok(map.into())
}
