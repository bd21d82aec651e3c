//! `eq`, `ne`, `lt`, `le`, `gt`, `ge`: values of one kind, integers whatever their sign.

use std::cmp::Ordering;

use Type::{Bool, Reflect};

use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Kind, Type, Value, identical};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("eq", &[Reflect, Reflect], Bool, eq).variadic(),
    Function::new("ne", &[Reflect, Reflect], Bool, |context, args| {
        Ok((!equal(context, args.any(0), args.any(1))?).into())
    }),
    Function::new("lt", &[Reflect, Reflect], Bool, |context, args| {
        Ok((order(context, args)? == Some(Ordering::Less)).into())
    }),
    Function::new("le", &[Reflect, Reflect], Bool, |context, args| {
        Ok(less_or_equal(context, args)?.into())
    }),
    // Go says "not less or equal", which matters for NaN.
    Function::new("gt", &[Reflect, Reflect], Bool, |context, args| {
        Ok((!less_or_equal(context, args)?).into())
    }),
    Function::new("ge", &[Reflect, Reflect], Bool, |context, args| {
        Ok((order(context, args)? != Some(Ordering::Less)).into())
    }),
];

/// Whether the first equals any of the others.
fn eq(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    if args.len() < 2 {
        return Err("missing argument for comparison".into());
    }
    for other in args.from(1) {
        if equal(context, args.any(0), other)? {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

/// What values can be compared as.
#[derive(Clone, Copy, PartialEq)]
enum Basic<'v> {
    Bool(bool),
    Complex(f64, f64),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text(&'v [u8]),
    Other,
}

fn basic(value: &Value) -> Basic<'_> {
    match value {
        Value::Bool(value) => Basic::Bool(*value),
        Value::Complex128(real, imaginary) => Basic::Complex(*real, *imaginary),
        Value::Float64(value) => Basic::Float(*value),
        Value::Text(text) => Basic::Text(text),
        value => match (value.signed(), value.unsigned()) {
            (Some(value), _) => Basic::Int(value),
            (_, Some(value)) => Basic::Uint(value),
            _ => Basic::Other,
        },
    }
}

fn equal(context: &mut Context<'_>, one: &Value, other: &Value) -> Result<bool, Fault> {
    match (basic(one), basic(other)) {
        (Basic::Int(signed), Basic::Uint(unsigned))
        | (Basic::Uint(unsigned), Basic::Int(signed)) => {
            Ok(u64::try_from(signed).is_ok_and(|signed| signed == unsigned))
        }
        (Basic::Other, Basic::Other) => others_equal(one, other),
        (Basic::Text(one), Basic::Text(other)) => {
            pay(context, one, other)?;
            Ok(one == other)
        }
        (one, other) if std::mem::discriminant(&one) == std::mem::discriminant(&other) => {
            Ok(one == other)
        }
        // Nothing equals nothing but nothing.
        _ if one.is_nothing() || other.is_nothing() => Ok(false),
        _ => Err("incompatible types for comparison".into()),
    }
}

/// Texts may be long, and alike up to the end.
fn pay(context: &mut Context<'_>, one: &[u8], other: &[u8]) -> Result<(), Fault> {
    context.spend(one.len().min(other.len()) as u64 / 256)
}

/// Lists, maps, objects and nothing.
fn others_equal(one: &Value, other: &Value) -> Result<bool, Fault> {
    let same_kind = one.kind() == other.kind();
    if !same_kind && !one.is_nothing() && !other.is_nothing() {
        return Err("non-comparable types".into());
    }
    if one.is_nil() || other.is_nil() {
        return Ok(one.is_nil() == other.is_nil());
    }
    if matches!(other.kind(), Kind::Slice | Kind::Map) {
        return Err("non-comparable type".into());
    }
    Ok(identical(one, other))
}

/// How the first compares with the second; none with NaN.
fn order(context: &mut Context<'_>, args: &Args<'_>) -> Result<Option<Ordering>, Fault> {
    match (basic(args.any(0)), basic(args.any(1))) {
        (Basic::Other | Basic::Bool(_) | Basic::Complex(..), _)
        | (_, Basic::Other | Basic::Bool(_) | Basic::Complex(..)) => {
            Err("invalid type for comparison".into())
        }
        (Basic::Int(one), Basic::Int(other)) => Ok(Some(one.cmp(&other))),
        (Basic::Uint(one), Basic::Uint(other)) => Ok(Some(one.cmp(&other))),
        (Basic::Int(one), Basic::Uint(other)) => {
            Ok(Some(u64::try_from(one).map_or(Ordering::Less, |one| one.cmp(&other))))
        }
        (Basic::Uint(one), Basic::Int(other)) => {
            Ok(Some(u64::try_from(other).map_or(Ordering::Greater, |other| one.cmp(&other))))
        }
        (Basic::Float(one), Basic::Float(other)) => Ok(one.partial_cmp(&other)),
        (Basic::Text(one), Basic::Text(other)) => {
            pay(context, one, other)?;
            Ok(Some(one.cmp(other)))
        }
        _ => Err("incompatible types for comparison".into()),
    }
}

fn less_or_equal(context: &mut Context<'_>, args: &Args<'_>) -> Result<bool, Fault> {
    Ok(matches!(order(context, args)?, Some(Ordering::Less | Ordering::Equal)))
}
