//! Sprig's functions on dicts.

mod merge;

use Type::{Any, Bool, List, Strings, Text};

use super::capacity::{appended, appended_strings};
use super::strval::strval;
use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Dict, Type, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("dict", &[Any], Type::Dict, dict).variadic(),
    Function::new("dig", &[Any], Any, dig).variadic(),
    Function::new("get", &[Type::Dict, Text], Any, get),
    Function::new("hasKey", &[Type::Dict, Text], Bool, has_key),
    Function::new("keys", &[Type::Dict], Strings, keys).variadic(),
    Function::new("merge", &[Type::Dict, Type::Dict], Any, merge::merge).variadic(),
    Function::new("mergeOverwrite", &[Type::Dict, Type::Dict], Any, merge::merge_overwrite)
        .variadic(),
    Function::new("mustMerge", &[Type::Dict, Type::Dict], Any, merge::must_merge).variadic(),
    Function::new(
        "mustMergeOverwrite",
        &[Type::Dict, Type::Dict],
        Any,
        merge::must_merge_overwrite,
    )
    .variadic(),
    Function::new("omit", &[Type::Dict, Text], Type::Dict, omit).variadic(),
    Function::new("pick", &[Type::Dict, Text], Type::Dict, pick).variadic(),
    Function::new("pluck", &[Text, Type::Dict], List, pluck).variadic(),
    Function::new("set", &[Type::Dict, Text, Any], Type::Dict, set),
    Function::new("unset", &[Type::Dict, Text], Type::Dict, unset),
    Function::new("values", &[Type::Dict], List, values),
];

/// Keys and values in turn; a last key without value gets "".
fn dict(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut entries = Vec::with_capacity(args.len().div_ceil(2));
    for pair in args.from(0).chunks(2) {
        let value = pair.get(1).cloned().unwrap_or(Value::literal(""));
        entries.push((strval(context, &pair[0])?, value));
    }
    Ok(Dict::from_iter(entries).into())
}

/// The value under keys within keys, or the last argument but one.
fn dig(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let [keys @ .., default, dict] = args.from(0) else { return Err("too few arguments".into()) };
    if keys.is_empty() {
        return Err("too few arguments".into());
    }
    if keys.iter().any(|key| key.text().is_none()) {
        return Err("a key that is no string".into());
    }
    let mut found = dict.clone();
    for key in keys.iter().filter_map(Value::text) {
        let Value::Dict(dict) = found else { return Err("no dict".into()) };
        match dict.get(key) {
            Some(value) => found = value,
            None => return Ok(default.clone()),
        }
    }
    Ok(found)
}

fn get(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(args.dict(0).get(args.text(1)).unwrap_or(Value::literal("")))
}

fn has_key(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(args.dict(0).contains(args.text(1)).into())
}

/// The keys of all; sorted in each, where Go has them in random order.
fn keys(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut keys = Vec::new();
    for at in 0..args.len() {
        let dict = args.dict(at);
        context.room((keys.len() + dict.len()) * ENTRY)?;
        keys.append(&mut dict.keys());
    }
    Ok(appended_strings(keys))
}

fn omit(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut names = (1..args.len()).map(|at| args.text(at)).collect::<Vec<_>>();
    names.sort_unstable();
    context.room(args.dict(0).len() * ENTRY)?;
    let kept = args.dict(0).entries().into_iter();
    let kept = kept.filter(|(key, _)| names.binary_search(&key).is_err());
    Ok(kept.collect::<Dict>().into())
}

fn pick(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let found = |at| Some((args.text(at).clone(), args.dict(0).get(args.text(at))?));
    Ok((1..args.len()).filter_map(found).collect::<Dict>().into())
}

fn pluck(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let found = (1..args.len()).filter_map(|at| args.dict(at).get(args.text(0)));
    Ok(appended(found.collect()))
}

fn set(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let value = args.take(2);
    args.dict(0).insert(context, args.text(1).clone(), value)?;
    Ok(args.take(0))
}

fn unset(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    args.dict(0).remove(args.text(1));
    Ok(args.take(0))
}

/// The values in the order of their keys, where Go has them in random order.
fn values(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    context.room(args.dict(0).len() * ENTRY)?;
    let entries = args.dict(0).entries().into_iter();
    Ok(appended(entries.map(|(_, value)| value).collect()))
}

/// What one entry takes at least.
const ENTRY: usize = 96;
