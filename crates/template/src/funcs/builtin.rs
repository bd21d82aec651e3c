//! Functions of text/template itself: `and`, `or`, `not`, `index`, `len`, `call`, `print…`.

use Type::{Any, Bool, Int, Reflect, Text};

use super::{Args, Function, Special};
use crate::context::Context;
use crate::error::Fault;
use crate::printf;
use crate::value::{Type, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("and", &[Reflect, Reflect], Reflect, unreached).variadic().special(Special::And),
    Function::new("or", &[Reflect, Reflect], Reflect, unreached).variadic().special(Special::Or),
    Function::new("not", &[Reflect], Bool, not),
    Function::new("index", &[Reflect, Reflect], Reflect, index).variadic(),
    Function::new("len", &[Reflect], Int, len),
    Function::new("call", &[Reflect, Reflect], Reflect, call).variadic(),
    Function::new("print", &[Any], Text, print).variadic(),
    Function::new("printf", &[Text, Any], Text, print_formatted).variadic(),
    Function::new("println", &[Any], Text, print_line).variadic(),
];

/// The parser makes jumps of `and` and `or`, and refuses them without arguments.
fn unreached(_: &mut Context<'_>, _: &mut Args<'_>) -> Result<Value, Fault> {
    Err("wrong number of arguments".into())
}

fn not(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok((!args.any(0).truth()).into())
}

fn len(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let length = args.any(0).len().ok_or("len of what has no length")?;
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

/// A template has no values that are functions.
fn call(_: &mut Context<'_>, _: &mut Args<'_>) -> Result<Value, Fault> {
    Err("call of what is no function".into())
}

/// `index x 1 "a"` is `x[1]["a"]`.
fn index(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let mut item = args.take(0);
    if item.is_nothing() {
        return Err("index of nil".into());
    }
    for index in args.from(1) {
        item = match (&item, index) {
            (Value::Nil | Value::Invalid, _) => return Err("index of nil".into()),
            (Value::Dict(map), Value::Text(key)) => map.get(context, key)?.unwrap_or(Value::Nil),
            (Value::StringMap(map), Value::Text(key)) => {
                map.get(context, key)?.unwrap_or_default().into()
            }
            (Value::Dict(_) | Value::StringMap(_), _) => {
                return Err("index of a map with what is no string".into());
            }
            (list, index) if list.len().is_some() => {
                let at = index.signed().or_else(|| index.unsigned()?.try_into().ok());
                let at = at.ok_or("index of a list with what is no integer")?;
                let element = usize::try_from(at).ok().and_then(|at| list.element(at));
                element.ok_or("index out of range")?
            }
            _ => return Err("index of what has no elements".into()),
        };
    }
    Ok(item)
}

fn print(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(printf::sprint(context, args.from(0))?.into())
}

fn print_line(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(printf::sprintln(context, args.from(0))?.into())
}

fn print_formatted(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(printf::sprintf(context, args.text(0), args.from(1))?.into())
}
