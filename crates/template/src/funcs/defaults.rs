//! Sprig's defaults and flow control.

mod deep_copy;

use Type::{Any, Bool, List, Text};

use super::capacity::appended_row;
use super::lists::elements;
use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Type, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("all", &[Any], Bool, all).variadic(),
    Function::new("any", &[Any], Bool, any).variadic(),
    Function::new("coalesce", &[Any], Any, coalesce).variadic(),
    Function::new("compact", &[Any], List, compact),
    Function::new("deepCopy", &[Any], Any, deep_copy::deep_copy),
    Function::new("default", &[Any, Any], Any, default).variadic(),
    Function::new("empty", &[Any], Bool, empty),
    Function::new("fail", &[Text], Text, fail),
    Function::new("hello", &[], Text, hello),
    Function::new("mustCompact", &[Any], List, compact),
    Function::new("mustDeepCopy", &[Any], Any, deep_copy::deep_copy),
    Function::new("ternary", &[Any, Any, Bool], Any, ternary),
];

fn all(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(args.from(0).iter().all(Value::truth).into())
}

fn any(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(args.from(0).iter().any(Value::truth).into())
}

fn coalesce(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(args.from(0).iter().find(|value| value.truth()).cloned().unwrap_or(Value::Nil))
}

fn compact(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut elements = elements(context, args.any(0))?;
    elements.retain(Value::truth);
    appended_row(context, elements)
}

/// The second argument if it is there and not empty.
fn default(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let given = args.from(1).first().is_some_and(Value::truth);
    Ok(args.take(usize::from(given)))
}

fn empty(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok((!args.any(0).truth()).into())
}

/// Its text is not repeated: it may hold a value.
fn fail(_: &mut Context<'_>, _: &mut Args<'_>) -> Result<Value, Fault> {
    Err("the template calls fail".into())
}

fn hello(_: &mut Context<'_>, _: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(Value::literal("Hello!"))
}

fn ternary(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(args.take(usize::from(!args.bool(2))))
}
