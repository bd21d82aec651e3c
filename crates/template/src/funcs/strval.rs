//! Values as strings, and as lists of strings, where Sprig takes anything.

use super::capacity::strings_with_capacity;
use crate::context::Context;
use crate::error::Fault;
use crate::printf;
use crate::value::{Counted, Kind, Strings, Text, Value};

/// Sprig's `strval`: a string as it is, the bytes of a `[]byte`, anything else as `%v`.
pub(super) fn strval(context: &mut Context<'_>, value: &Value) -> Result<Text, Fault> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        Value::Bytes(bytes) => {
            context.room(bytes.len())?;
            Ok((**bytes).into())
        }
        other => {
            context.spend(8)?;
            printf::display(context, other).map(Text::from)
        }
    }
}

/// Sprig's `strslice`: the elements of a list without the nils; of anything else a list of one.
/// A `[]string` comes back itself.
pub(super) fn strslice(context: &mut Context<'_>, value: &Value) -> Result<Strings, Fault> {
    if let Value::Strings(strings) = value {
        return Ok(strings.clone());
    }
    let mut strings = Counted::default();
    if value.kind() != Kind::Slice {
        if !value.is_nothing() {
            let string = strval(context, value)?;
            strings.push(context, string)?;
        }
        let length = strings.len();
        return strings_with_capacity(context, strings, length);
    }
    let length = value.len().unwrap_or(0);
    context.spend(length as u64)?;
    strings.reserve(context, length)?;
    for element in (0..length).filter_map(|at| value.element(at)) {
        if !element.is_nothing() {
            let string = strval(context, &element)?;
            strings.push(context, string)?;
        }
    }
    strings_with_capacity(context, strings, length)
}
