//! Arithmetic on floats by way of decimals: shopspring/decimal, which has no rounding errors but
//! in quotients.

use num_bigint::{BigInt, Sign};

use super::super::cast::to_float64;
use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Args;
use crate::number::float_steps;
use crate::printf::append_float;
use crate::value::Value;

/// `value · 10^exponent`
struct Decimal {
    value: BigInt,
    exponent: i64,
}

/// Decimal places of a quotient.
const PRECISION: i64 = 16;

pub(super) fn add1f(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    computed(context, &[args.any(0).clone(), Value::Int(1)], Decimal::plus)
}

pub(super) fn addf(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    computed(context, args.from(0), Decimal::plus)
}

pub(super) fn subf(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    computed(context, args.from(0), |one, other| {
        one.plus(Decimal { value: -other.value, exponent: other.exponent })
    })
}

pub(super) fn mulf(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    computed(context, args.from(0), |one, other| {
        let exponent = one.exponent + other.exponent;
        Ok(Decimal { value: one.value * other.value, exponent })
    })
}

pub(super) fn divf(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    computed(context, args.from(0), Decimal::over)
}

fn computed(
    context: &mut Context<'_>,
    values: &[Value],
    operation: impl Fn(Decimal, Decimal) -> Result<Decimal, Fault>,
) -> Result<Value, Fault> {
    let mut result = None;
    for value in values {
        let next = Decimal::new(to_float64(context, value)?)?;
        result = Some(match result {
            None => next,
            Some(before) => operation(before, next)?,
        });
        let bits = result.as_ref().map_or(0, |result: &Decimal| result.value.bits());
        context.spend(64 + bits / 16)?;
    }
    let bits = result.as_ref().map_or(0, |result: &Decimal| result.value.bits());
    // Three bits or a little more for each digit.
    context.spend(float_steps(usize::try_from(bits / 3).unwrap_or(usize::MAX)))?;
    Ok(result.map_or(0.0, |result: Decimal| result.to_float()).into())
}

impl Decimal {
    /// The shortest decimal that reads as `float`.
    fn new(float: f64) -> Result<Self, Fault> {
        if !float.is_finite() {
            return Err("infinity or NaN in decimal arithmetic".into());
        }
        let mut text = Vec::new();
        append_float(&mut text, float, b'e', None);
        let text = String::from_utf8(text).expect("a number is ASCII");
        let (digits, exponent) = text.split_once('e').expect("the form has an exponent");
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mantissa = format!("{whole}{fraction}").parse::<i64>();
        let value = BigInt::from(mantissa.expect("a float has at most 17 digits"));
        let places = i64::try_from(fraction.len()).expect("a float has at most 17 digits");
        let exponent = exponent.parse::<i64>().expect("an exponent has at most 3 digits") - places;
        Ok(Self { value, exponent })
    }

    fn plus(self, other: Self) -> Result<Self, Fault> {
        let exponent = self.exponent.min(other.exponent);
        let value = self.at(exponent)? + other.at(exponent)?;
        Ok(Self { value, exponent })
    }

    /// The quotient, a half in the last place rounded away from 0.
    fn over(self, divisor: Self) -> Result<Self, Fault> {
        if divisor.value.sign() == Sign::NoSign {
            return Err("division by zero".into());
        }
        let shift = self.exponent - divisor.exponent + PRECISION;
        let (dividend, divisor) = if shift < 0 {
            (self.value, divisor.value * power_of_ten(-shift)?)
        } else {
            (self.value * power_of_ten(shift)?, divisor.value)
        };
        let negative = dividend.sign() != divisor.sign();
        let (quotient, rest) = (&dividend / &divisor, &dividend % &divisor);
        let up = (rest.magnitude() << 1_u8) >= *divisor.magnitude();
        let away = BigInt::from(if !up {
            0
        } else if negative {
            -1
        } else {
            1
        });
        Ok(Self { value: quotient + away, exponent: -PRECISION })
    }

    /// The value with a smaller exponent.
    fn at(self, exponent: i64) -> Result<BigInt, Fault> {
        Ok(self.value * power_of_ten(self.exponent - exponent)?)
    }

    /// The nearest float.
    fn to_float(&self) -> f64 {
        let text = format!("{}e{}", self.value, self.exponent);
        text.parse().expect("digits and an exponent are a number")
    }
}

fn power_of_ten(exponent: i64) -> Result<BigInt, Fault> {
    let exponent = u32::try_from(exponent).ok().filter(|exponent| *exponent < 1 << 16);
    Ok(BigInt::from(10).pow(exponent.ok_or("exponent out of range")?))
}
