//! Text to a width, counted in bytes as goutils does.

use super::super::draft::Draft;
use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Args;
use crate::value::{Text, Value};

pub(super) fn abbrev(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (width, text) = (args.int(0), args.text(1));
    if width < 4 {
        return Ok(args.take(1));
    }
    context.room(text.len())?;
    Ok(abbreviated(text, 0, width))
}

pub(super) fn abbrevboth(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (left, right, text) = (args.int(0), args.int(1), args.text(2));
    if right < 4 || left > 0 && right < 7 {
        return Ok(args.take(2));
    }
    context.room(text.len())?;
    Ok(abbreviated(text, left, right))
}

/// At most `width` bytes, at least 4, dots for what is left out: the end if `offset` is small,
/// else the start, and the end too where it is too long.
fn abbreviated(text: &Text, offset: i64, width: i64) -> Value {
    const DOTS: &[u8] = b"...";
    let Some(kept) = usize::try_from(width).ok().filter(|&width| text.len() > width) else {
        return Value::Text(text.clone());
    };
    let kept = kept - DOTS.len();
    // Never too near to the end. Go's subtraction wraps around, so that the smallest is.
    let last = text.len() - kept;
    let is_near = |length: i64, kept: i64| length.wrapping_sub(offset.min(length)) < kept;
    let offset = match (i64::try_from(text.len()), i64::try_from(kept)) {
        (Ok(length), Ok(kept)) if is_near(length, kept) => last,
        // Negative is before the start.
        _ => usize::try_from(offset).unwrap_or(0),
    };
    if offset <= 4 {
        return [&text[..kept], DOTS].concat().into();
    }
    if kept < 4 {
        return Value::literal("");
    }
    if offset + kept == text.len() {
        return [DOTS, &text[offset..]].concat().into();
    }
    [DOTS, &text[offset..offset + kept - DOTS.len()], DOTS].concat().into()
}

pub(super) fn wrap(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    wrapped(context, args.int(0), b"\n", args.text(1), false)
}

pub(super) fn wrap_with(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let line_end = if args.text(1).is_empty() { b"\n" } else { &**args.text(1) };
    wrapped(context, args.int(0), line_end, args.text(2), true)
}

/// Lines of at most `width` bytes, broken at spaces; longer words are cut or stay whole.
fn wrapped(
    context: &mut Context<'_>,
    width: i64,
    line_end: &[u8],
    text: &[u8],
    cut: bool,
) -> Result<Value, Fault> {
    let width = usize::try_from(width).unwrap_or(0).max(1);
    let mut out = Draft::default();
    let mut rest = text;
    context.spend(text.len() as u64 / 8)?;
    while rest.len() > width {
        if rest[0] == b' ' {
            rest = &rest[1..];
            continue;
        }
        let space = match memchr::memrchr(b' ', &rest[..=width]) {
            None if !cut => memchr::memchr(b' ', &rest[width..]).map(|at| at + width),
            found => found,
        };
        match space {
            Some(at) => {
                out.push(context, &rest[..at])?;
                rest = &rest[at + 1..];
            }
            None if cut => {
                out.push(context, &rest[..width])?;
                rest = &rest[width..];
            }
            None => break,
        }
        out.push(context, line_end)?;
    }
    out.push(context, rest)?;
    Ok(out.finish().into())
}
