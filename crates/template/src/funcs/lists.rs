//! Sprig's functions on lists. All but `slice` give new lists, of `interface {}`.

use Type::{Any, Bool, Int, Lists};

use super::capacity::{appended_row, at_once, with_capacity};
use super::cast::to_int64;
use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Counted, Kind, List, StringMap, Text, Type, Value, deep_equal, identical};

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

/// The elements of an argument, for which room is asked before; an error if it is no list.
pub(super) fn elements(context: &mut Context<'_>, value: &Value) -> Result<Counted<Value>, Fault> {
    context.room(length(value)?.saturating_mul(size_of::<Value>()))?;
    value.elements().map(Counted::from).ok_or("not a list".into())
}

/// The length of a list.
fn length(value: &Value) -> Result<usize, Fault> {
    let length = value.len().filter(|_| value.kind() == Kind::Slice);
    length.ok_or("not a list".into())
}

fn list(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    context.room(args.len() * size_of::<Value>())?;
    Ok(args.from(0).to_vec().into())
}

fn push(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut elements = elements(context, args.any(0))?;
    let before = elements.len();
    let capacity = at_once(before + 1, before);
    elements.reserve(context, capacity - before)?;
    elements.push(context, args.take(1))?;
    with_capacity(context, elements, capacity)
}

fn prepend(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut elements = elements(context, args.any(0))?;
    let before = elements.len();
    let capacity = at_once(before + 1, 1);
    elements.reserve(context, capacity - before)?;
    elements.push(context, args.take(1))?;
    elements.rotate_right(1);
    with_capacity(context, elements, capacity)
}

fn concat(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut all = Counted::default();
    for list in args.from(0) {
        let elements = elements(context, list)?;
        all.append(context, elements)?;
    }
    if all.is_empty() { Ok(Value::List(List::NIL)) } else { appended_row(context, all) }
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
    elements.rotate_left(from);
    elements.truncate(to - from);
    Ok(elements.into_vec().into())
}

fn reverse(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut elements = elements(context, args.any(0))?;
    elements.reverse();
    Ok(elements.into_vec().into())
}

fn uniq(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    // The texts are the keys of a map, which counts.
    let texts = StringMap::from_iter([]);
    let (mut others, mut kept) = (Counted::default(), Counted::default());
    for element in elements(context, args.any(0))? {
        let known = match &element {
            Value::Text(text) => {
                context.spend(1 + text.len() as u64 / 4)?;
                let before = texts.len();
                texts.insert(context, text.clone(), Text::EMPTY)?;
                texts.len() == before
            }
            other if contains(context, &others, other)? => true,
            other => {
                others.push(context, other.clone())?;
                false
            }
        };
        if !known {
            kept.push(context, element)?;
        }
    }
    appended_row(context, kept)
}

fn without(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut kept = Counted::default();
    for element in elements(context, args.any(0))? {
        if !contains(context, args.from(1), &element)? {
            kept.push(context, element)?;
        }
    }
    appended_row(context, kept)
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
fn slice(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let list = args.any(0);
    let length = length(list)?;
    if length == 0 {
        return Ok(Value::Nil);
    }
    let mut index = |at: usize, otherwise| match args.from(1).get(at) {
        Some(index) => usize::try_from(to_int64(context, index)?)
            .map_err(|_| Fault::new("slice bounds out of range")),
        None => Ok(otherwise),
    };
    let range = index(0, 0)?..index(1, length)?;
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
            (1, _) if size < -1 => Ok(vec![elements.into_vec()].into()),
            (2.., 0.0) => Ok(Value::from(Vec::<Vec<Value>>::new())),
            _ => Err("size out of range".into()),
        };
    };
    let chunks = elements.len().div_ceil(size).saturating_mul(96);
    context.room(elements.len() * size_of::<Value>() + chunks)?;
    Ok(elements.chunks(size).map(<[Value]>::to_vec).collect::<Vec<_>>().into())
}
