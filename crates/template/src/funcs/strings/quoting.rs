//! Values in quotes, and in a row.

use super::super::draft::Draft;
use super::super::strval::strval;
use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Args;
use crate::value::Value;
use crate::{printf, quote};

/// Each value in Go's double quotes, what is nil left out.
pub(super) fn quote(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    row(context, args, |context, value, out| {
        let text = strval(context, value)?;
        context.spend(text.len() as u64)?;
        out.push(context, b"\"")?;
        out.write(context, &text, quote::GROWTH, |out, piece| {
            quote::quote_piece(out, piece, false);
        })?;
        out.push(context, b"\"")
    })
}

/// Each value between apostrophes, nothing escaped.
pub(super) fn squote(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    row(context, args, |context, value, out| {
        let text = printf::display(context, value)?;
        out.push(context, b"'")?;
        out.push(context, &text)?;
        out.push(context, b"'")
    })
}

/// Each value as `%v`.
pub(super) fn cat(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    row(context, args, |context, value, out| {
        let text = printf::display(context, value)?;
        out.push(context, &text)
    })
}

fn row(
    context: &mut Context<'_>,
    args: &Args<'_>,
    write: impl Fn(&mut Context<'_>, &Value, &mut Draft) -> Result<(), Fault>,
) -> Result<Value, Fault> {
    let mut out = Draft::default();
    for (at, value) in args.from(0).iter().filter(|value| !value.is_nothing()).enumerate() {
        if at > 0 {
            out.push(context, b" ")?;
        }
        write(context, value, &mut out)?;
    }
    Ok(out.finish().into())
}
