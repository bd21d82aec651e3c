//! Copies of lists and dicts all the way down.

use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Args;
use crate::funcs::capacity::{ints_with_capacity, strings_with_capacity, with_capacity};
use crate::value::{Counted, Dict, Left, List, Text, Value};

/// A container that is being copied: what is to be copied, and the copies.
enum Level {
    List(List<Value>, Counted<Value>),
    Lists(List<List<Value>>, Counted<List<Value>>),
    Dict(Left<(Text, Value)>, Counted<(Text, Value)>, Text),
}

/// Containers that are nil stay so; a nil itself cannot be copied.
pub(super) fn deep_copy(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    if matches!(args.any(0), Value::Nil | Value::Invalid) {
        return Err("nothing to copy".into());
    }
    // A dict that contains itself ends with the memory.
    let mut levels = Counted::default();
    let mut next = args.take(0);
    loop {
        context.spend(1)?;
        let mut copy = match Level::of(context, &next)? {
            Some(level) => {
                levels.push(context, level)?;
                None
            }
            None => Some(shallow(context, &next)?),
        };
        next = loop {
            let Some(level) = levels.last_mut() else {
                return copy.ok_or(Fault::new("nothing to copy"));
            };
            if let Some(copy) = copy.take() {
                level.put(context, copy)?;
            }
            if let Some(next) = level.next() {
                break next;
            }
            copy = levels.pop().map(|level| level.finish(context)).transpose()?;
        };
    }
}

/// What the entries of a map take.
fn size(value: &Value) -> usize {
    value.len().unwrap_or(0).saturating_mul(96)
}

/// A copy of what holds no containers.
fn shallow(context: &mut Context<'_>, value: &Value) -> Result<Value, Fault> {
    if value.is_nil() {
        return Ok(value.clone());
    }
    Ok(match value {
        Value::Strings(list) => {
            context.room(list.capacity().saturating_mul(size_of::<Text>()))?;
            let copy = Counted::from(list.to_vec());
            Value::Strings(strings_with_capacity(context, copy, list.capacity())?)
        }
        Value::Ints(list) => {
            context.room(list.capacity().saturating_mul(size_of::<i64>()))?;
            ints_with_capacity(list.to_vec(), list.capacity())
        }
        Value::StringMap(map) => {
            context.room(size(value))?;
            Value::StringMap(map.entries().into_iter().collect())
        }
        Value::Object(object) => {
            context.spend(8)?;
            object.deep_copy().unwrap_or_else(|| value.clone())
        }
        other => other.clone(),
    })
}

impl Level {
    /// Asks for the room that the copy takes: of a list that is the part of a longer one, for as
    /// long a one.
    fn of(context: &mut Context<'_>, value: &Value) -> Result<Option<Self>, Fault> {
        if value.is_nil() {
            return Ok(None);
        }
        context.room(size(value))?;
        Ok(match value {
            Value::List(list) => {
                context.spend(list.capacity() as u64 / 4)?;
                let mut copies = Counted::default();
                copies.reserve(context, list.capacity())?;
                Some(Self::List(list.clone(), copies))
            }
            Value::Lists(lists) => Some(Self::Lists(lists.clone(), Counted::default())),
            Value::Dict(dict) => {
                let entries = dict.copied(context)?.into_iter();
                Some(Self::Dict(entries, Counted::default(), Text::EMPTY))
            }
            _ => None,
        })
    }

    fn next(&mut self) -> Option<Value> {
        match self {
            Self::List(list, copies) => list.get(copies.len()).cloned(),
            Self::Lists(lists, copies) => lists.get(copies.len()).cloned().map(Value::List),
            Self::Dict(left, _, key) => {
                let (next_key, value) = left.next()?;
                *key = next_key;
                Some(value)
            }
        }
    }

    fn put(&mut self, context: &Context<'_>, copy: Value) -> Result<(), Fault> {
        match (self, copy) {
            (Self::Lists(_, copies), Value::List(copy)) => copies.push(context, copy),
            (Self::Lists(..), _) => Ok(()),
            (Self::List(_, copies), copy) => copies.push(context, copy),
            (Self::Dict(_, copies, key), copy) => copies.push(context, (key.clone(), copy)),
        }
    }

    fn finish(self, context: &Context<'_>) -> Result<Value, Fault> {
        match self {
            Self::List(list, copies) => with_capacity(context, copies, list.capacity()),
            Self::Lists(_, copies) => Ok(Value::Lists(copies.into_vec().into())),
            Self::Dict(_, copies, _) => Ok(Dict::from_iter(copies.into_vec()).into()),
        }
    }
}
