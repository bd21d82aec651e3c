//! `reflect.DeepEqual`, and `==` between interfaces.

use std::collections::HashSet;

use super::meter::Held;
use super::object::Shared;
use super::{Counted, Dict, Kind, List, Value};
use crate::context::Context;
use crate::error::Fault;

/// `reflect.DeepEqual`: same types, same contents; nil and empty lists differ.
///
/// # Errors
/// When the steps or the memory of the render run out.
pub(crate) fn deep_equal(
    context: &mut Context<'_>,
    one: &Value,
    other: &Value,
) -> Result<bool, Fault> {
    let mut waiting = Counted::default();
    waiting.push(context, (one.clone(), other.clone()))?;
    let mut seen = Seen::default();
    context.spend(4)?;
    while let Some((one, other)) = waiting.pop() {
        context.spend(1)?;
        let equal = match (&one, &other) {
            (Value::List(one), Value::List(other)) => {
                pairs(context, one, other, &mut waiting, Clone::clone)?
            }
            (Value::Lists(one), Value::Lists(other)) => {
                pairs(context, one, other, &mut waiting, |list| Value::List(list.clone()))?
            }
            (Value::Dict(one), Value::Dict(other)) => {
                entries(context, one, other, &mut waiting, &mut seen)?
            }
            (one, other) if one.len() != other.len() => false,
            (one, other) => {
                context.spend(size(one).min(size(other)) as u64 / 64)?;
                leaves_equal(one, other)
            }
        };
        if !equal {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What is to be compared yet.
type Waiting = Counted<(Value, Value)>;

/// Pairs of dicts that are being compared already: they are equal unless something else says no.
#[derive(Default)]
struct Seen {
    pairs: HashSet<(usize, usize)>,
    held: Held,
}

impl Seen {
    /// What a pair takes, with the room that a table of them leaves.
    const PAIR: usize = 48;

    /// Notes the pair; false if it was there.
    fn insert(&mut self, context: &Context<'_>, pair: (usize, usize)) -> Result<bool, Fault> {
        if self.pairs.len() == self.pairs.capacity() {
            let bytes = (self.pairs.len() + 1) * 2 * Self::PAIR;
            context.check(bytes)?;
            self.held.set(bytes);
        }
        Ok(self.pairs.insert(pair))
    }
}

/// How many bytes comparing a leaf may read.
fn size(leaf: &Value) -> usize {
    match leaf {
        Value::Strings(list) => list.size(),
        Value::StringMap(map) => {
            let mut size = 0;
            map.any(|key, text| {
                size += 64 + key.len() + text.len();
                false
            });
            size
        }
        Value::Ints(list) => list.len().saturating_mul(8),
        // An object is read more slowly.
        Value::Object(object) => object.size().saturating_mul(4),
        other => other.len().unwrap_or(0),
    }
}

/// Queues the elements in pairs; false if the lists differ already.
fn pairs<T: super::list::Element>(
    context: &mut Context<'_>,
    one: &List<T>,
    other: &List<T>,
    waiting: &mut Waiting,
    value: impl Fn(&T) -> Value,
) -> Result<bool, Fault> {
    if one.is_nil() != other.is_nil() || one.len() != other.len() {
        return Ok(false);
    }
    if one.same(other) {
        return Ok(true);
    }
    context.spend(one.len() as u64)?;
    for (one, other) in one.iter().zip(other.iter()) {
        waiting.push(context, (value(one), value(other)))?;
    }
    Ok(true)
}

/// Queues the values of two dicts in pairs; false if the keys differ.
fn entries(
    context: &mut Context<'_>,
    one: &Dict,
    other: &Dict,
    waiting: &mut Waiting,
    seen: &mut Seen,
) -> Result<bool, Fault> {
    if one.is_nil() != other.is_nil() || one.len() != other.len() {
        return Ok(false);
    }
    let pair = (one.address(), other.address());
    if pair.0 == pair.1 || !seen.insert(context, pair)? {
        return Ok(true);
    }
    for (key, value) in one.copied(context)? {
        context.spend(4)?;
        let Some(found) = other.get(context, &key)? else { return Ok(false) };
        waiting.push(context, (value, found))?;
    }
    Ok(true)
}

fn leaves_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Invalid | Value::Nil, Value::Invalid | Value::Nil) => true,
        (Value::Ints(one), Value::Ints(other)) => {
            one.is_nil() == other.is_nil() && **one == **other
        }
        (Value::Strings(one), Value::Strings(other)) => {
            one.is_nil() == other.is_nil() && one.equals(other)
        }
        (Value::StringMap(one), Value::StringMap(other)) => {
            one.is_nil() == other.is_nil() && one.equals(other)
        }
        (Value::Bytes(one), Value::Bytes(other)) => {
            one.is_nil() == other.is_nil() && **one == **other
        }
        (Value::Object(one), Value::Object(other)) => {
            one.object_type().name == other.object_type().name && one.equals(&**other)
        }
        (one, other) => identical(one, other),
    }
}

/// Go's `==` between interfaces that hold comparable types; false for lists and maps, which have
/// none. Pointers are equal when they are the same.
pub(crate) fn identical(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Invalid | Value::Nil, Value::Invalid | Value::Nil) => true,
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (Value::Int(one), Value::Int(other)) | (Value::Int64(one), Value::Int64(other)) => {
            one == other
        }
        (Value::Uint8(one), Value::Uint8(other)) => one == other,
        (Value::Uint32(one), Value::Uint32(other)) => one == other,
        (Value::Uint64(one), Value::Uint64(other)) => one == other,
        (Value::Float64(one), Value::Float64(other)) => one == other,
        (Value::Complex128(a, b), Value::Complex128(c, d)) => a == c && b == d,
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::Object(one), Value::Object(other)) => same_object(one, other),
        _ => false,
    }
}

fn same_object(one: &Shared, other: &Shared) -> bool {
    one.object_type().name == other.object_type().name
        && if one.object_type().kind == Kind::Ptr { one.is(other) } else { one.identical(&**other) }
}
