//! Sprig's functions on types.

use Type::{Any, Bool, Text};

use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Type, Value, deep_equal};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("deepEqual", &[Any, Any], Bool, are_deep_equal),
    Function::new("kindIs", &[Text, Any], Bool, kind_is),
    Function::new("kindOf", &[Any], Text, kind_of),
    Function::new("typeIs", &[Text, Any], Bool, type_is),
    Function::new("typeIsLike", &[Text, Any], Bool, type_is_like),
    Function::new("typeOf", &[Any], Text, type_of),
];

fn are_deep_equal(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(deep_equal(context, args.any(0), args.any(1))?.into())
}

fn kind_is(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok((**args.text(0) == *args.any(1).kind().name().as_bytes()).into())
}

fn kind_of(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(Value::literal(args.any(0).kind().name()))
}

fn type_is(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok((**args.text(0) == *args.any(1).type_name().as_bytes()).into())
}

/// Also true of a pointer to the type.
fn type_is_like(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (wanted, name) = (args.text(0), args.any(1).type_name().as_bytes());
    Ok((**wanted == *name || name.strip_prefix(b"*") == Some(wanted)).into())
}

fn type_of(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(Value::literal(args.any(0).type_name()))
}
