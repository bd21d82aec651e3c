//! Series of integers.

use std::fmt::Write;

use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Args;
use crate::funcs::capacity::appended_ints;
use crate::value::Value;

pub(super) fn until(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let end = args.int(0);
    ints(context, Series::new(0, end, if end < 0 { -1 } else { 1 })?)
}

pub(super) fn until_step(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    ints(context, Series::new(args.int(0), args.int(1), args.int(2))?)
}

/// A list of them, which has room for up to twice as many.
fn ints(context: &mut Context<'_>, series: Series) -> Result<Value, Fault> {
    context.spend(series.left as u64)?;
    context.room(series.left.saturating_mul(3 * size_of::<i64>()))?;
    let mut ints = Vec::with_capacity(series.left);
    ints.extend(series);
    Ok(appended_ints(ints))
}

/// From a start on, as far as before an end; empty if the step leads away from it.
struct Series {
    next: i64,
    step: i64,
    left: usize,
}

impl Series {
    fn new(start: i64, end: i64, step: i64) -> Result<Self, Fault> {
        let distance = i128::from(end) - i128::from(start);
        let left = if distance.signum() as i64 * step.signum() == 1 {
            distance.unsigned_abs().div_ceil(step.unsigned_abs().into())
        } else {
            0
        };
        let left = usize::try_from(left).map_err(|_| Fault::HELD)?;
        Ok(Self { next: start, step, left })
    }
}

impl Iterator for Series {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        self.left = self.left.checked_sub(1)?;
        let next = self.next.wrapping_add(self.step);
        Some(std::mem::replace(&mut self.next, next))
    }
}

/// `seq` of a shell, both ends included: of the end, the start and the end, or with the step
/// between them.
pub(super) fn seq(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (start, step, end) = match args.len() {
        1 => (1, None, args.int(0)),
        2 => (args.int(0), None, args.int(1)),
        3 => (args.int(0), Some(args.int(1)), args.int(2)),
        _ => return Ok(Value::literal("")),
    };
    let direction = if end < start { -1 } else { 1 };
    let step = step.unwrap_or(direction);
    if step > 0 && direction < 0 {
        return Ok(Value::literal(""));
    }
    let series = Series::new(start, end.wrapping_add(direction), step)?;
    // A sign, digits and a space.
    let longest = 3 + start.unsigned_abs().max(end.unsigned_abs()).max(1).ilog10() as usize;
    let length = series.left.saturating_mul(longest);
    context.room(length)?;
    context.spend(4 * series.left as u64)?;
    let mut text = String::with_capacity(length);
    for number in series {
        let space = if text.is_empty() { "" } else { " " };
        write!(text, "{space}{number}").map_err(|_| Fault::HELD)?;
    }
    text.shrink_to_fit();
    Ok(text.into_bytes().into())
}
