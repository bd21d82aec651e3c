//! Sprig's functions on lists. All but `slice` give new lists, of `interface {}`.

use std::collections::BTreeSet;

use Type::{Any, Bool, Int, Lists};

use super::capacity::{appended, appended_at_once};
use super::cast::to_int64;
use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{List, Type, Value, deep_equal, identical};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("append", &[Any, Any], Type::List, push),
    Function::new("chunk", &[Int, Any], Lists, chunk),
    Function::new("concat", &[Any], Any, concat).variadic(),
    Function::new("first", &[Any], Any, first),
    Function::new("has", &[Any, Any], Bool, has),
    Function::new("initial", &[Any], Type::List, initial),
    Function::new("last", &[Any], Any, last),
    Function::new("list", &[Any], Type::List, list).variadic(),
    Function::new("mustAppend", &[Any, Any], Type::List, push),
    Function::new("mustChunk", &[Int, Any], Lists, chunk),
    Function::new("mustFirst", &[Any], Any, first),
    Function::new("mustHas", &[Any, Any], Bool, has),
    Function::new("mustInitial", &[Any], Type::List, initial),
    Function::new("mustLast", &[Any], Any, last),
    Function::new("mustPrepend", &[Any, Any], Type::List, prepend),
    Function::new("mustPush", &[Any, Any], Type::List, push),
    Function::new("mustRest", &[Any], Type::List, rest),
    Function::new("mustReverse", &[Any], Type::List, reverse),
    Function::new("mustSlice", &[Any, Any], Any, slice).variadic(),
    Function::new("mustUniq", &[Any], Type::List, uniq),
    Function::new("mustWithout", &[Any, Any], Type::List, without).variadic(),
    Function::new("prepend", &[Any, Any], Type::List, prepend),
    Function::new("push", &[Any, Any], Type::List, push),
    Function::new("rest", &[Any], Type::List, rest),
    Function::new("reverse", &[Any], Type::List, reverse),
    Function::new("slice", &[Any, Any], Any, slice).variadic(),
    Function::new("tuple", &[Any], Type::List, list).variadic(),
    Function::new("uniq", &[Any], Type::List, uniq),
    Function::new("without", &[Any, Any], Type::List, without).variadic(),
];

/// The elements of an argument, or none if it is no list.
fn elements(context: &mut Context<'_>, value: &Value) -> Result<Vec<Value>, Fault> {
    context.room(value.len().unwrap_or(0).saturating_mul(size_of::<Value>()))?;
    value.elements().ok_or("not a list".into())
}

/// The length of a list.
fn length(value: &Value) -> Result<usize, Fault> {
    match value {
        Value::List(_) | Value::Strings(_) | Value::Ints(_) | Value::Lists(_) | Value::Bytes(_) => {
            Ok(value.len().unwrap_or(0))
        }
        _ => Err("not a list".into()),
    }
}

fn list(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(args.from(0).to_vec().into())
}

fn push(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut elements = elements(context, args.any(0))?;
    let before = elements.len();
    elements.push(args.take(1));
    Ok(appended_at_once(elements, before))
}

fn prepend(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut elements = elements(context, args.any(0))?;
    elements.insert(0, args.take(1));
    Ok(appended_at_once(elements, 1))
}

fn concat(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut all = Vec::new();
    for list in args.from(0) {
        all.append(&mut elements(context, list)?);
    }
    Ok(if all.is_empty() { Value::List(List::NIL) } else { appended(all) })
}

fn first(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    length(args.any(0))?;
    Ok(args.any(0).element(0).unwrap_or(Value::Nil))
}

fn last(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let last = length(args.any(0))?.checked_sub(1);
    Ok(last.and_then(|last| args.any(0).element(last)).unwrap_or(Value::Nil))
}

fn rest(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    without_one(context, args, |length| (1, length))
}

fn initial(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    without_one(context, args, |length| (0, length - 1))
}

/// The part of a list that is not empty; of an empty list, nil.
fn without_one(
    context: &mut Context<'_>,
    args: &Args<'_>,
    part: impl Fn(usize) -> (usize, usize),
) -> Result<Value, Fault> {
    let mut elements = elements(context, args.any(0))?;
    if elements.is_empty() {
        return Ok(Value::List(List::NIL));
    }
    let (from, to) = part(elements.len());
    elements.truncate(to);
    elements.drain(..from);
    Ok(elements.into())
}

fn reverse(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut elements = elements(context, args.any(0))?;
    elements.reverse();
    Ok(elements.into())
}

fn uniq(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (mut texts, mut others, mut kept) = (BTreeSet::new(), Vec::new(), Vec::new());
    for element in &elements(context, args.any(0))? {
        let new = match element {
            Value::Text(text) => {
                context.spend(1 + text.len() as u64 / 4)?;
                texts.insert(text.clone())
            }
            other if contains(context, &others, other)? => false,
            other => {
                others.push(other.clone());
                true
            }
        };
        if new {
            kept.push(element.clone());
        }
    }
    Ok(appended(kept))
}

fn without(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut kept = Vec::new();
    for element in elements(context, args.any(0))? {
        if !contains(context, args.from(1), &element)? {
            kept.push(element);
        }
    }
    Ok(appended(kept))
}

fn has(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    if args.any(1).is_nothing() {
        return Ok(false.into());
    }
    let elements = elements(context, args.any(1))?;
    Ok(contains(context, &elements, args.any(0))?.into())
}

fn contains(context: &mut Context<'_>, list: &[Value], wanted: &Value) -> Result<bool, Fault> {
    for element in list {
        if equal(context, wanted, element)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Deeply equal; scalars, which are the rule, without ado.
fn equal(context: &mut Context<'_>, one: &Value, other: &Value) -> Result<bool, Fault> {
    let scalar = |value: &Value| value.len().is_none() && !matches!(value, Value::Object(_));
    match (one, other) {
        (Value::Text(one), Value::Text(other)) => {
            context.spend(1 + one.len().min(other.len()) as u64 / 64)?;
            Ok(one == other)
        }
        (one, other) if scalar(one) || scalar(other) => {
            context.spend(1)?;
            Ok(identical(one, other))
        }
        (one, other) => deep_equal(context, one, other),
    }
}

/// The part between two indices, of the same type; it shares the elements and may reach to the
/// capacity. Of an empty list, nil.
fn slice(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let list = args.any(0);
    let length = length(list)?;
    if length == 0 {
        return Ok(Value::Nil);
    }
    let index = |at: usize| args.from(1).get(at).map(to_int64).map(usize::try_from);
    let out = |_| Fault::new("slice bounds out of range");
    let start = index(0).unwrap_or(Ok(0)).map_err(out)?;
    let end = index(1).unwrap_or(Ok(length)).map_err(out)?;
    let range = start..end;
    let part = match list {
        Value::List(list) => list.reslice(range).map(Value::List),
        Value::Strings(list) => list.reslice(range).map(Value::Strings),
        Value::Ints(list) => list.reslice(range).map(Value::Ints),
        Value::Lists(list) => list.reslice(range).map(Value::Lists),
        Value::Bytes(list) => list.reslice(range).map(Value::Bytes),
        _ => None,
    };
    part.ok_or("slice bounds out of range".into())
}

/// Lists of `size` elements, the last of what is left. Go computes with floats: sizes below 1 give
/// no list or fail, but for one element and a size below -1.
fn chunk(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let size = args.int(0);
    let elements = elements(context, args.any(1))?;
    let Some(size) = usize::try_from(size).ok().filter(|&size| size > 0) else {
        let last = elements.len() as f64 - 1.0;
        return match (elements.len(), (last / size as f64).floor() + 1.0) {
            (1, _) if size < -1 => Ok(vec![elements].into()),
            (2.., 0.0) => Ok(Value::from(Vec::<Vec<Value>>::new())),
            _ => Err("size out of range".into()),
        };
    };
    context.room(elements.len().div_ceil(size).saturating_mul(96))?;
    Ok(elements.chunks(size).map(<[Value]>::to_vec).collect::<Vec<_>>().into())
}
