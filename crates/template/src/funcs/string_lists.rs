//! Sprig's functions between strings and lists of strings.

use Type::{Any, Int, StringMap, Strings};
use memchr::memmem;

use super::draft::Draft;
use super::runes;
use super::strval::{strslice, strval};
use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Text, Type, Value};

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
    for (at, text) in strslice(context, args.any(1))?.to_vec().iter().enumerate() {
        if at > 0 {
            out.push(context, args.text(0))?;
        }
        out.push(context, text)?;
    }
    Ok(out.finish().into())
}

/// Sorts by bytes; a `[]string` in place, seen by all who hold it.
fn sort_alpha(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let list = args.any(0);
    let strings = if list.elements().is_some() {
        strslice(context, list)?
    } else {
        vec![strval(context, list)?].into()
    };
    let bytes = strings.to_vec().iter().map(|text| 64 + text.len()).sum::<usize>() as u64;
    context.spend(bytes.saturating_mul(strings.len().max(2).ilog2().into()) / 64)?;
    strings.sort();
    Ok(Value::Strings(strings))
}

fn to_strings(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    strslice(context, args.any(0)).map(Value::Strings)
}

fn split(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let parts = parts(context, args.text(1), args.text(0), usize::MAX)?;
    Ok(numbered(parts))
}

fn splitn(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    // A negative count is no limit.
    let limit = usize::try_from(args.int(1)).unwrap_or(usize::MAX);
    let parts = parts(context, args.text(2), args.text(0), limit)?;
    Ok(numbered(parts))
}

fn split_list(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    parts(context, args.text(1), args.text(0), usize::MAX).map(Value::from)
}

/// `strings.SplitN`: at most `limit` parts; without a separator one for each character.
fn parts(
    context: &mut Context<'_>,
    text: &[u8],
    separator: &[u8],
    limit: usize,
) -> Result<Vec<Text>, Fault> {
    if limit == 0 || separator.is_empty() && text.is_empty() {
        return Ok(Vec::new());
    }
    let finder = memmem::Finder::new(separator);
    let mut parts = Vec::new();
    let mut rest = text;
    while parts.len() + 1 < limit {
        let end = match separator {
            [] => Some(runes::decode(rest).1).filter(|width| *width < rest.len()),
            _ => finder.find(rest),
        };
        let Some(end) = end else { break };
        if parts.len() % 1024 == 0 {
            context.check((parts.len() + 1024) * ENTRY)?;
            context.spend(1024)?;
        }
        parts.push(rest[..end].into());
        rest = &rest[end + separator.len()..];
    }
    parts.push(rest.into());
    Ok(parts)
}

/// What one part takes at least, in a list or a map.
const ENTRY: usize = 96;

/// Keys `_0`, `_1` and so on.
fn numbered(parts: Vec<Text>) -> Value {
    let key = |at: usize| Text::from(format!("_{at}"));
    let entries = parts.into_iter().enumerate().map(|(at, part)| (key(at), part));
    Value::StringMap(entries.collect())
}
