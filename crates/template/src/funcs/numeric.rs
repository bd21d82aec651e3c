//! Sprig's arithmetic. Anything is a number here: see `cast`.

mod decimal;
mod round;
mod series;

use Type::{Any, Float64, Int, Int64, Ints, Text};

use super::cast::{to_float64, to_int64};
use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::printf;
use crate::value::{Type, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("add", &[Any], Int64, add).variadic(),
    Function::new("add1", &[Any], Int64, add1),
    Function::new("add1f", &[Any], Float64, decimal::add1f),
    Function::new("addf", &[Any], Float64, decimal::addf).variadic(),
    Function::new("atoi", &[Text], Int, atoi),
    Function::new("biggest", &[Any, Any], Int64, max).variadic(),
    Function::new("ceil", &[Any], Float64, round::ceil),
    Function::new("div", &[Any, Any], Int64, div),
    Function::new("divf", &[Any, Any], Float64, decimal::divf).variadic(),
    Function::new("float64", &[Any], Float64, float64),
    Function::new("floor", &[Any], Float64, round::floor),
    Function::new("int", &[Any], Int, int),
    Function::new("int64", &[Any], Int64, int64),
    Function::new("max", &[Any, Any], Int64, max).variadic(),
    Function::new("maxf", &[Any, Any], Float64, maxf).variadic(),
    Function::new("min", &[Any, Any], Int64, min).variadic(),
    Function::new("minf", &[Any, Any], Float64, minf).variadic(),
    Function::new("mod", &[Any, Any], Int64, modulo),
    Function::new("mul", &[Any, Any], Int64, mul).variadic(),
    Function::new("mulf", &[Any, Any], Float64, decimal::mulf).variadic(),
    Function::new("round", &[Any, Int, Float64], Float64, round::round).variadic(),
    Function::new("seq", &[Int], Text, series::seq).variadic(),
    Function::new("sub", &[Any, Any], Int64, sub),
    Function::new("subf", &[Any, Any], Float64, decimal::subf).variadic(),
    Function::new("toDecimal", &[Any], Int64, to_decimal),
    Function::new("until", &[Int], Ints, series::until),
    Function::new("untilStep", &[Int, Int, Int], Ints, series::until_step),
];

/// All arguments in turn, put together; integers wrap around. Nothing is 0.
fn fold<T: Default>(
    context: &mut Context<'_>,
    args: &Args<'_>,
    number: fn(&mut Context<'_>, &Value) -> Result<T, Fault>,
    join: impl Fn(T, T) -> T,
) -> Result<T, Fault> {
    let mut all = None;
    for value in args.from(0) {
        let next = number(context, value)?;
        all = Some(match all {
            Some(before) => join(before, next),
            None => next,
        });
    }
    Ok(all.unwrap_or_default())
}

fn add(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    fold(context, args, to_int64, i64::wrapping_add).map(Value::Int64)
}

fn add1(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(Value::Int64(to_int64(context, args.any(0))?.wrapping_add(1)))
}

fn sub(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let [one, other] = two(context, args)?;
    Ok(Value::Int64(one.wrapping_sub(other)))
}

fn mul(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    fold(context, args, to_int64, i64::wrapping_mul).map(Value::Int64)
}

fn div(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    match two(context, args)? {
        [_, 0] => Err("division by zero".into()),
        [dividend, divisor] => Ok(Value::Int64(dividend.wrapping_div(divisor))),
    }
}

fn modulo(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    match two(context, args)? {
        [_, 0] => Err("division by zero".into()),
        [dividend, divisor] => Ok(Value::Int64(dividend.wrapping_rem(divisor))),
    }
}

fn two(context: &mut Context<'_>, args: &Args<'_>) -> Result<[i64; 2], Fault> {
    Ok([to_int64(context, args.any(0))?, to_int64(context, args.any(1))?])
}

fn max(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    fold(context, args, to_int64, i64::max).map(Value::Int64)
}

fn min(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    fold(context, args, to_int64, i64::min).map(Value::Int64)
}

fn maxf(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    fold(context, args, to_float64, greater).map(Value::from)
}

fn minf(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    fold(context, args, to_float64, |one, other| -greater(-one, -other)).map(Value::from)
}

/// `math.Max`: infinity before NaN before all else, and 0 is greater than -0.
fn greater(one: f64, other: f64) -> f64 {
    if one == f64::INFINITY || other == f64::INFINITY {
        f64::INFINITY
    } else if one.is_nan() || other.is_nan() {
        f64::NAN
    } else if one == other && one == 0.0 {
        if one.is_sign_negative() { other } else { one }
    } else if one > other {
        one
    } else {
        other
    }
}

fn int(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    to_int64(context, args.any(0)).map(Value::Int)
}

fn int64(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    to_int64(context, args.any(0)).map(Value::Int64)
}

fn float64(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    to_float64(context, args.any(0)).map(Value::from)
}

/// A decimal number; the nearest `int` if it is too large, 0 if it is none.
fn atoi(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(Value::Int(match integer(context, args.text(0), 10)? {
        Integer::Fits(value) | Integer::Nearest(value) => value,
        Integer::Bad => 0,
    }))
}

/// The octal number that the value is printed as.
fn to_decimal(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = printf::display(context, args.any(0))?;
    Ok(Value::Int64(match integer(context, &text, 8)? {
        Integer::Fits(value) => value,
        Integer::Nearest(_) | Integer::Bad => 0,
    }))
}

enum Integer {
    Fits(i64),
    /// Too large or too small.
    Nearest(i64),
    Bad,
}

/// `strconv.ParseInt` with a base of its own.
fn integer(context: &mut Context<'_>, text: &[u8], base: u32) -> Result<Integer, Fault> {
    context.spend(text.len() as u64 / 8)?;
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() {
        return Ok(Integer::Bad);
    }
    let mut size = 0_u64;
    for &byte in digits {
        let Some(digit) = char::from(byte).to_digit(base) else { return Ok(Integer::Bad) };
        let next = size.checked_mul(base.into()).and_then(|size| size.checked_add(digit.into()));
        // What comes after the overflow is not read.
        let Some(next) = next else { return Ok(nearest(negative)) };
        size = next;
    }
    let value = if negative { 0_i64.checked_sub_unsigned(size) } else { size.try_into().ok() };
    Ok(value.map_or_else(|| nearest(negative), Integer::Fits))
}

fn nearest(negative: bool) -> Integer {
    Integer::Nearest(if negative { i64::MIN } else { i64::MAX })
}
