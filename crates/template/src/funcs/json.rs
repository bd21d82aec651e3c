//! Go's `encoding/json`.

mod decode;
mod encode;
mod string;

use Type::{Any, Text};

use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Type, Value};
use encode::{Style, encode};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("fromJson", &[Text], Any, from_json),
    Function::new("mustFromJson", &[Text], Any, must_from_json),
    Function::new("mustToJson", &[Any], Text, must_to_json),
    Function::new("mustToPrettyJson", &[Any], Text, must_to_pretty_json),
    Function::new("mustToRawJson", &[Any], Text, must_to_raw_json),
    Function::new("toJson", &[Any], Text, to_json),
    Function::new("toPrettyJson", &[Any], Text, to_pretty_json),
    Function::new("toRawJson", &[Any], Text, must_to_raw_json),
];

const PLAIN: Style = Style { html: true, pretty: false };
const PRETTY: Style = Style { html: true, pretty: true };
const RAW: Style = Style { html: false, pretty: false };

const NOT_ENCODED: Fault = Fault::new("not encoded as JSON");

/// Nil for what is no JSON; numbers that are too large are nil too.
fn from_json(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let decoded = decode::decode(context, args.text(0))?;
    Ok(decoded.map_or(Value::Nil, |decoded| decoded.value))
}

fn must_from_json(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    match decode::decode(context, args.text(0))? {
        Some(decoded) if decoded.in_range => Ok(decoded.value),
        Some(_) => Err("number out of range in JSON".into()),
        None => Err("not JSON".into()),
    }
}

/// Nothing for what has no JSON.
fn to_json(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(encode(context, args.any(0), PLAIN)?.unwrap_or_default().into())
}

fn must_to_json(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(encode(context, args.any(0), PLAIN)?.ok_or(NOT_ENCODED)?.into())
}

/// Nothing for what has no JSON.
fn to_pretty_json(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(encode(context, args.any(0), PRETTY)?.unwrap_or_default().into())
}

fn must_to_pretty_json(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(encode(context, args.any(0), PRETTY)?.ok_or(NOT_ENCODED)?.into())
}

fn must_to_raw_json(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(encode(context, args.any(0), RAW)?.ok_or(NOT_ENCODED)?.into())
}
