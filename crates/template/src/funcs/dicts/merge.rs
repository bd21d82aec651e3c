//! Dicts merged into dicts: mergo's rules, as far as values of templates can meet them.
//!
//! What the destination lacks, or has empty, is taken over; when overwriting, everything is. Dicts
//! on both sides are merged in place. What is taken over is shared, not copied.

use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Args;
use crate::value::{Counted, Dict, Kind, Text, Value};

pub(super) fn merge(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    merged(context, args, false).map(|merged| merged.unwrap_or(Value::literal("")))
}

pub(super) fn must_merge(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    merged(context, args, false)?.ok_or(DIFFERENT_TYPES)
}

pub(super) fn merge_overwrite(
    context: &mut Context<'_>,
    args: &mut Args<'_>,
) -> Result<Value, Fault> {
    merged(context, args, true).map(|merged| merged.unwrap_or(Value::literal("")))
}

pub(super) fn must_merge_overwrite(
    context: &mut Context<'_>,
    args: &mut Args<'_>,
) -> Result<Value, Fault> {
    merged(context, args, true)?.ok_or(DIFFERENT_TYPES)
}

const DIFFERENT_TYPES: Fault = Fault::new("values of different types");

/// The first dict with all others merged in; none where mergo gives up with an error.
fn merged(
    context: &mut Context<'_>,
    args: &Args<'_>,
    overwrite: bool,
) -> Result<Option<Value>, Fault> {
    let mut target = args.dict(0).clone();
    for at in 1..args.len() {
        let source = args.dict(at);
        if target.is_nil() && !source.is_nil() {
            target = Dict::from_iter([]);
        }
        let mut waiting = Waiting::default();
        waiting.push(context, (Value::Dict(target.clone()), Value::Dict(source.clone())))?;
        while let Some((target, source)) = waiting.pop() {
            if !level(context, &target, &source, overwrite, &mut waiting)? {
                return Ok(None);
            }
        }
    }
    Ok(Some(target.into()))
}

/// Maps that are to be merged yet: targets and sources.
type Waiting = Counted<(Value, Value)>;

/// Merges one level; pairs of maps further down are left waiting. False where mergo gives up.
fn level(
    context: &mut Context<'_>,
    target: &Value,
    source: &Value,
    overwrite: bool,
    waiting: &mut Waiting,
) -> Result<bool, Fault> {
    context.spend(16)?;
    context.room(source.len().unwrap_or(0).saturating_mul(96))?;
    for (key, value) in entries(context, source)? {
        context.spend(1)?;
        let old = entry(context, target, &key)?;
        if matches!(value, Value::Nil | Value::Invalid) {
            if overwrite {
                put(context, target, source, key, Value::Nil)?;
            }
            continue;
        }
        if value.kind() == Kind::Slice && old.is_some() && matches!(target, Value::StringMap(_)) {
            return Err("a list for a string".into());
        }
        let Some(old) = old else {
            put(context, target, source, key, value)?;
            continue;
        };
        if !meet(context, &old, &value, overwrite, waiting)? {
            return Ok(false);
        }
        let kept = if old.kind() == Kind::Map && value.kind() == Kind::Map {
            !stays_empty(context, &old, &value, overwrite)?
        } else {
            !overwrite && !empty(&old)
        };
        if !kept {
            put(context, target, source, key, value)?;
        }
    }
    Ok(true)
}

/// What happens between two values before one is chosen. False where mergo gives up.
fn meet(
    context: &Context<'_>,
    old: &Value,
    new: &Value,
    overwrite: bool,
    waiting: &mut Waiting,
) -> Result<bool, Fault> {
    if !matches!(new.kind(), Kind::Struct | Kind::Ptr | Kind::Map) {
        return Ok(true);
    }
    let elem = |pointer: &Value| pointer.type_name().trim_start_matches('*');
    match (old.kind(), new.kind()) {
        (Kind::Map, Kind::Map) if !old.is_nil() => {
            waiting.push(context, (old.clone(), new.clone()))?;
        }
        (Kind::Struct, Kind::Map | Kind::Ptr) if has_fields(old) => {
            return Err("a value without fields for one with fields".into());
        }
        (Kind::Ptr, Kind::Ptr) if overwrite && elem(old) != elem(new) => {
            return Err("pointers to different types".into());
        }
        (Kind::Ptr, Kind::Map | Kind::Struct) => return Ok(overwrite || elem(old) == elem(new)),
        _ => {}
    }
    Ok(true)
}

/// Whether it has fields that are exported.
fn has_fields(value: &Value) -> bool {
    let exported = |(name, _): &(&str, Value)| name.starts_with(char::is_uppercase);
    matches!(value, Value::Object(object) if object.fields().iter().any(exported))
}

/// Whether the old map has no entry even when the new one has been merged into it.
fn stays_empty(
    context: &mut Context<'_>,
    old: &Value,
    new: &Value,
    overwrite: bool,
) -> Result<bool, Fault> {
    if old.is_nil() || !empty(old) {
        return Ok(old.is_nil());
    }
    let taken_over = match new {
        // Nils, over which nothing is taken, may be many.
        Value::Dict(dict) if !overwrite => {
            context.spend(dict.len() as u64 / 4)?;
            dict.any(|_, value| !matches!(value, Value::Nil))
        }
        new => new.truth(),
    };
    Ok(!taken_over)
}

/// mergo's idea of empty.
fn empty(value: &Value) -> bool {
    !value.truth() && value.kind() != Kind::Complex128
}

fn entries(context: &mut Context<'_>, map: &Value) -> Result<Counted<(Text, Value)>, Fault> {
    match map {
        Value::Dict(dict) => dict.copied(context),
        Value::StringMap(map) => map.copied(context),
        _ => Ok(Counted::default()),
    }
}

fn entry(context: &mut Context<'_>, map: &Value, key: &[u8]) -> Result<Option<Value>, Fault> {
    match map {
        Value::Dict(dict) => dict.get(context, key),
        Value::StringMap(map) => Ok(map.get(context, key)?.map(Value::Text)),
        _ => Ok(None),
    }
}

/// Sets an entry; what comes out of a dict is an `interface {}`, which no string map takes.
fn put(
    context: &mut Context<'_>,
    target: &Value,
    source: &Value,
    key: Text,
    value: Value,
) -> Result<(), Fault> {
    match (target, source, value) {
        (Value::Dict(dict), _, value) => dict.insert(context, key, value),
        (Value::StringMap(map), Value::StringMap(_), Value::Text(text)) => {
            map.insert(context, key, text)
        }
        _ => Err("not a string".into()),
    }
}
