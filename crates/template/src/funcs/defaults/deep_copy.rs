//! Copies of lists and dicts all the way down.

use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Args;
use crate::funcs::capacity::with_capacity;
use crate::value::{Dict, List, Text, Value};

/// A container that is being copied: what is to be copied, and the copies.
enum Level {
    List(List<Value>, Vec<Value>),
    Lists(List<List<Value>>, Vec<List<Value>>),
    Dict(std::vec::IntoIter<(Text, Value)>, Vec<(Text, Value)>, Text),
}

/// Containers that are nil stay so; a nil itself cannot be copied.
pub(super) fn deep_copy(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    if matches!(args.any(0), Value::Nil | Value::Invalid) {
        return Err("nothing to copy".into());
    }
    let mut levels = Vec::new();
    let mut next = args.take(0);
    loop {
        context.spend(1)?;
        let mut copy = match Level::of(&next) {
            Some(level) => {
                context.room(size(&next))?;
                // A dict that contains itself ends here.
                if levels.len() % 1024 == 1023 {
                    context.check(levels.len() * size_of::<Level>())?;
                }
                levels.push(level);
                None
            }
            None => Some(shallow(context, &next)?),
        };
        next = loop {
            let Some(level) = levels.last_mut() else {
                return copy.ok_or(Fault::new("nothing to copy"));
            };
            if let Some(copy) = copy.take() {
                level.put(copy);
            }
            if let Some(next) = level.next() {
                break next;
            }
            copy = levels.pop().map(|level| level.finish());
        };
    }
}

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
            context.room(size(value))?;
            list.to_vec().into()
        }
        Value::StringMap(map) => {
            context.room(size(value))?;
            Value::StringMap(map.entries().into_iter().collect())
        }
        Value::Object(object) => object.deep_copy().unwrap_or_else(|| value.clone()),
        other => other.clone(),
    })
}

impl Level {
    fn of(value: &Value) -> Option<Self> {
        if value.is_nil() {
            return None;
        }
        match value {
            Value::List(list) => Some(Self::List(list.clone(), Vec::new())),
            Value::Lists(lists) => Some(Self::Lists(lists.clone(), Vec::new())),
            Value::Dict(dict) => {
                Some(Self::Dict(dict.entries().into_iter(), Vec::new(), Text::EMPTY))
            }
            _ => None,
        }
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

    fn put(&mut self, copy: Value) {
        match (self, copy) {
            (Self::Lists(_, copies), Value::List(copy)) => copies.push(copy),
            (Self::Lists(..), _) => {}
            (Self::List(_, copies), copy) => copies.push(copy),
            (Self::Dict(_, copies, key), copy) => copies.push((key.clone(), copy)),
        }
    }

    fn finish(self) -> Value {
        match self {
            Self::List(list, copies) => with_capacity(copies, list.capacity()),
            Self::Lists(_, copies) => Value::Lists(copies.into()),
            Self::Dict(_, copies, _) => Dict::from_iter(copies).into(),
        }
    }
}
