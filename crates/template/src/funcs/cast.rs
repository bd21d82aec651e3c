//! Anything to a number: the rules of spf13/cast, which Sprig uses. What is no number is 0.

use crate::context::Context;
use crate::error::Fault;
use crate::number;
use crate::value::Value;

/// `cast.ToInt64`, and `cast.ToInt`: Go's `int` is as wide.
///
/// # Errors
/// When steps run out: a text of any length may be a number.
pub(super) fn to_int64(context: &mut Context<'_>, value: &Value) -> Result<i64, Fault> {
    pay(context, value)?;
    Ok(match value {
        Value::Bool(value) => i64::from(*value),
        Value::Float64(value) => truncated(*value),
        Value::Text(text) => parse_int(without_zero_decimals(text)).unwrap_or(0),
        Value::Object(_) => named_int(value).unwrap_or(0),
        other => other.signed().or(other.unsigned().map(u64::cast_signed)).unwrap_or(0),
    })
}

/// `cast.ToFloat64`
///
/// # Errors
/// As [`to_int64`].
pub(super) fn to_float64(context: &mut Context<'_>, value: &Value) -> Result<f64, Fault> {
    pay(context, value)?;
    Ok(match value {
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Float64(value) => *value,
        Value::Text(text) => parse_float(text).unwrap_or(0.0),
        Value::Object(_) => named_int(value).unwrap_or(0) as f64,
        other => other
            .signed()
            .map(|value| value as f64)
            .or(other.unsigned().map(|value| value as f64))
            .unwrap_or(0.0),
    })
}

/// Digits are read one by one, and more than once.
fn pay(context: &mut Context<'_>, value: &Value) -> Result<(), Fault> {
    let length = value.text().map_or(0, |text| text.len());
    context.check(length.saturating_mul(2))?;
    context.spend(length as u64 / 2 + number::float_steps(length))
}

/// Of the named integers, those that cast knows; `time.Duration` is none.
fn named_int(value: &Value) -> Option<i64> {
    matches!(value.type_name(), "time.Month" | "time.Weekday").then(|| value.signed()).flatten()
}

/// Go's `int64(float)` on amd64: what does not fit is the smallest.
fn truncated(value: f64) -> i64 {
    const END: f64 = 9_223_372_036_854_775_808.0;
    if (-END..END).contains(&value) { value as i64 } else { i64::MIN }
}

/// `4.00` without its decimals.
fn without_zero_decimals(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|&byte| byte != b'0').map_or(0, |last| last + 1);
    match text[..end].strip_suffix(b".") {
        Some(whole) if end < text.len() => whole,
        _ => text,
    }
}

fn parse_int(text: &[u8]) -> Option<i64> {
    number::parse_int(std::str::from_utf8(text).ok()?)
}

/// `strconv.ParseFloat`, which unlike the lexer also takes infinity and NaN.
fn parse_float(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    let (sign, size) = match text.strip_prefix('-') {
        Some(size) => (-1.0, size),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if ["inf", "infinity"].iter().any(|name| size.eq_ignore_ascii_case(name)) {
        return Some(sign * f64::INFINITY);
    }
    if text.eq_ignore_ascii_case("nan") {
        return Some(f64::NAN);
    }
    number::parse_float(text)
}
