//! Floats to whole numbers, or to decimal places.

use super::super::cast::to_float64;
use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Args;
use crate::value::Value;

pub(super) fn floor(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(to_float64(context, args.any(0))?.floor().into())
}

pub(super) fn ceil(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(to_float64(context, args.any(0))?.ceil().into())
}

/// To the next multiple of a power of ten, up from a fraction on (a half unless given). Negative
/// fractions are below it: what is negative goes down.
pub(super) fn round(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (value, places) = (to_float64(context, args.any(0))?, args.int(1));
    let up_from = if args.len() > 2 { args.float(2) } else { 0.5 };
    let power = ten_to(places);
    let scaled = power * value;
    let up = scaled - scaled.trunc() >= up_from;
    Ok((if up { scaled.ceil() } else { scaled.floor() } / power).into())
}

/// `math.Pow(10, places)` as Go computes it, with Go's rounding errors: by repeated squaring of
/// 10/16, its powers of two kept apart.
fn ten_to(places: i64) -> f64 {
    let (mut result, mut result_exponent) = (1.0, 0_i64);
    let (mut square, mut exponent) = (0.625, 4_i64);
    let mut left = places.unsigned_abs();
    while left != 0 {
        if exponent > 1 << 12 {
            result_exponent += exponent;
            break;
        }
        if left & 1 == 1 {
            result *= square;
            result_exponent += exponent;
        }
        square *= square;
        exponent <<= 1;
        if square < 0.5 {
            square += square;
            exponent -= 1;
        }
        left >>= 1;
    }
    if places < 0 {
        result = 1.0 / result;
        result_exponent = -result_exponent;
    }
    times_two_to(result, result_exponent)
}

/// `math.Ldexp`
fn times_two_to(value: f64, exponent: i64) -> f64 {
    let power = |exponent: i64| {
        let biased = u64::try_from(exponent + 1023).unwrap_or(0);
        f64::from_bits(biased << 52)
    };
    match exponent {
        1024.. => value * power(1023) * power((exponent - 1023).min(1023)),
        -1000..1024 => value * power(exponent),
        // Only the last step rounds.
        _ => value * power(-1000) * power((exponent + 1000).max(-1000)),
    }
}
