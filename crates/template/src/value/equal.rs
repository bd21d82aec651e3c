//! `reflect.DeepEqual`, and `==` between interfaces.

use std::collections::HashSet;
use std::rc::Rc;

use super::{Kind, List, Object, Value};
use crate::context::Context;
use crate::error::Fault;

/// `reflect.DeepEqual`: same types, same contents; nil and empty lists differ.
///
/// # Errors
/// When the steps of the render run out.
pub(crate) fn deep_equal(
    context: &mut Context<'_>,
    one: &Value,
    other: &Value,
) -> Result<bool, Fault> {
    let mut waiting = vec![(one.clone(), other.clone())];
    // Pairs of maps that are being compared already: they are equal unless something else says no.
    let mut seen = HashSet::new();
    while let Some((one, other)) = waiting.pop() {
        context.spend(1 + one.len().unwrap_or(0) as u64 / 256)?;
        let equal = match (&one, &other) {
            (Value::List(one), Value::List(other)) => pairs(one, other, &mut waiting, Clone::clone),
            (Value::Lists(one), Value::Lists(other)) => {
                pairs(one, other, &mut waiting, |list| Value::List(list.clone()))
            }
            (Value::Dict(one), Value::Dict(other)) => {
                one.is_nil() == other.is_nil()
                    && one.len() == other.len()
                    && (one.address() == other.address()
                        || !seen.insert((one.address(), other.address()))
                        || one.entries().into_iter().all(|(key, value)| {
                            other.get(&key).is_some_and(|found| {
                                waiting.push((value, found));
                                true
                            })
                        }))
            }
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

/// How many bytes comparing a leaf may read.
fn size(leaf: &Value) -> usize {
    match leaf {
        Value::Strings(list) => list.to_vec().iter().map(|text| 64 + text.len()).sum(),
        Value::StringMap(map) => {
            map.entries().iter().map(|(key, text)| 64 + key.len() + text.len()).sum()
        }
        Value::Ints(list) => list.len().saturating_mul(8),
        other => other.len().unwrap_or(0),
    }
}

/// Queues the elements in pairs; false if the lists differ already.
fn pairs<T: super::list::Element>(
    one: &List<T>,
    other: &List<T>,
    waiting: &mut Vec<(Value, Value)>,
    value: impl Fn(&T) -> Value,
) -> bool {
    if one.is_nil() != other.is_nil() || one.len() != other.len() {
        return false;
    }
    if !one.same(other) {
        waiting.extend(one.iter().zip(other.iter()).map(|(one, other)| (value(one), value(other))));
    }
    true
}

fn leaves_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Invalid | Value::Nil, Value::Invalid | Value::Nil) => true,
        (Value::Ints(one), Value::Ints(other)) => {
            one.is_nil() == other.is_nil() && **one == **other
        }
        (Value::Strings(one), Value::Strings(other)) => {
            one.is_nil() == other.is_nil() && one.to_vec() == other.to_vec()
        }
        (Value::StringMap(one), Value::StringMap(other)) => {
            one.is_nil() == other.is_nil() && one.entries() == other.entries()
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

fn same_object(one: &Rc<dyn Object>, other: &Rc<dyn Object>) -> bool {
    one.object_type().name == other.object_type().name
        && if one.object_type().kind == Kind::Ptr {
            Rc::ptr_eq(one, other)
        } else {
            one.identical(&**other)
        }
}
