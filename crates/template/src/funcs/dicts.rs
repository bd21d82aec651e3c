//! Sprig's functions on dicts.

mod merge;

use Type::{Any, Bool, List, Strings, Text};

use super::capacity::{appended_row, appended_strings};
use super::strval::strval;
use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Counted, Dict, Type, Value};

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
    let dict = Dict::from_iter([]);
    for pair in args.from(0).chunks(2) {
        let key = strval(context, &pair[0])?;
        let value = pair.get(1).cloned().unwrap_or(Value::literal(""));
        context.check(ENTRY)?;
        dict.insert(context, key, value)?;
    }
    Ok(dict.into())
}

/// The value under keys within keys, or the last argument but one.
fn dig(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
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
        match dict.get(context, key)? {
            Some(value) => found = value,
            None => return Ok(default.clone()),
        }
    }
    Ok(found)
}

fn get(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(args.dict(0).get(context, args.text(1))?.unwrap_or(Value::literal("")))
}

fn has_key(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(args.dict(0).contains(context, args.text(1))?.into())
}

/// The keys of all; sorted in each, where Go has them in random order.
fn keys(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut keys = Counted::default();
    for at in 0..args.len() {
        let dict = args.dict(at);
        context.room(dict.len() * ENTRY)?;
        keys.append(context, dict.keys().into())?;
    }
    appended_strings(context, keys)
}

fn omit(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut names = (1..args.len()).map(|at| args.text(at)).collect::<Vec<_>>();
    let comparisons = u64::from(names.len().max(1).ilog2()) + 1;
    let bytes = names.iter().map(|name| name.len() as u64).sum::<u64>();
    context.spend(comparisons * (names.len() as u64 + bytes / 64))?;
    names.sort_unstable();
    context.room(args.dict(0).len() * ENTRY)?;
    let kept = Dict::from_iter([]);
    for (key, value) in args.dict(0).copied(context)? {
        context.spend(4 + comparisons * (key.len() as u64 / 64))?;
        if names.binary_search(&&key).is_err() {
            kept.insert(context, key, value)?;
        }
    }
    Ok(kept.into())
}

fn pick(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let picked = Dict::from_iter([]);
    for at in 1..args.len() {
        if let Some(value) = args.dict(0).get(context, args.text(at))? {
            picked.insert(context, args.text(at).clone(), value)?;
        }
    }
    Ok(picked.into())
}

fn pluck(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut found = Counted::default();
    for at in 1..args.len() {
        if let Some(value) = args.dict(at).get(context, args.text(0))? {
            found.push(context, value)?;
        }
    }
    appended_row(context, found)
}

fn set(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let value = args.take(2);
    args.dict(0).insert(context, args.text(1).clone(), value)?;
    Ok(args.take(0))
}

fn unset(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    args.dict(0).remove(context, args.text(1))?;
    Ok(args.take(0))
}

/// The values in the order of their keys, where Go has them in random order.
fn values(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut values = Counted::default();
    values.reserve(context, args.dict(0).len())?;
    for (_, value) in args.dict(0).copied(context)? {
        values.push(context, value)?;
    }
    appended_row(context, values)
}

/// What one entry takes at least.
const ENTRY: usize = 96;
