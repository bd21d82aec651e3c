//! Series of integers.

use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Args;
use crate::funcs::capacity::appended_ints;
use crate::value::Value;

pub(super) fn until(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let end = args.int(0);
    let series = series(context, 0, end, if end < 0 { -1 } else { 1 })?;
    Ok(appended_ints(series))
}

pub(super) fn until_step(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let series = series(context, args.int(0), args.int(1), args.int(2))?;
    Ok(appended_ints(series))
}

/// From `start` on, as far as before `end`; empty if the step leads away from it.
fn series(context: &mut Context<'_>, start: i64, end: i64, step: i64) -> Result<Vec<i64>, Fault> {
    let distance = i128::from(end) - i128::from(start);
    let step = i128::from(step);
    if distance.signum() * step.signum() != 1 {
        return Ok(Vec::new());
    }
    let count = distance.unsigned_abs().div_ceil(step.unsigned_abs());
    let count = usize::try_from(count).map_err(|_| Fault::HELD)?;
    context.room(count.saturating_mul(size_of::<i64>()))?;
    context.spend(count as u64)?;
    let step = i64::try_from(step).map_err(|_| Fault::HELD)?;
    Ok((0..count)
        .scan(start, |next, _| Some(std::mem::replace(next, next.wrapping_add(step))))
        .collect())
}

/// `seq` of a shell, both ends included: of the end, the start and the end, or with the step
/// between them.
pub(super) fn seq(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let ints = (0..args.len()).map(|at| args.int(at)).collect::<Vec<_>>();
    let (start, step, end) = match *ints {
        [end] => (1, None, end),
        [start, end] => (start, None, end),
        [start, step, end] => (start, Some(step), end),
        _ => return Ok(Value::literal("")),
    };
    let direction = if end < start { -1 } else { 1 };
    let step = step.unwrap_or(direction);
    if step > 0 && direction < 0 {
        return Ok(Value::literal(""));
    }
    let series = series(context, start, end.wrapping_add(direction), step)?;
    context.room(series.len().saturating_mul(21))?;
    let texts = series.iter().map(i64::to_string).collect::<Vec<_>>();
    Ok(texts.join(" ").into_bytes().into())
}
