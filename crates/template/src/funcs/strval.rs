//! Values as strings, and as lists of strings, where Sprig takes anything.

use super::capacity::strings_with_capacity;
use crate::context::Context;
use crate::error::Fault;
use crate::printf;
use crate::value::{Strings, Text, Value};

/// Sprig's `strval`: a string as it is, the bytes of a `[]byte`, anything else as `%v`.
pub(super) fn strval(context: &mut Context<'_>, value: &Value) -> Result<Text, Fault> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        Value::Bytes(bytes) => Ok((**bytes).into()),
        other => printf::display(context, other).map(Text::from),
    }
}

/// Sprig's `strslice`: the elements of a list without the nils; of anything else a list of one.
/// A `[]string` comes back itself.
pub(super) fn strslice(context: &mut Context<'_>, value: &Value) -> Result<Strings, Fault> {
    if let Value::Strings(strings) = value {
        return Ok(strings.clone());
    }
    let elements = match value.elements() {
        Some(elements) => elements,
        None if value.is_nothing() => Vec::new(),
        None => vec![value.clone()],
    };
    context.room(elements.len().saturating_mul(size_of::<Text>()))?;
    let mut strings = Vec::with_capacity(elements.len());
    for element in elements.iter().filter(|element| !element.is_nothing()) {
        strings.push(strval(context, element)?);
    }
    Ok(strings_with_capacity(strings, elements.len()))
}
