//! Durations.

use crate::context::Context;
use crate::error::Fault;

/// `time.Duration`, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Duration(pub(crate) i64);

pub(crate) const SECOND: i64 = 1_000_000_000;

const INVALID: Fault = Fault::new("invalid duration");

impl Duration {
    /// `1h2m3.5s`, and below a second `1.5ms`.
    pub(crate) fn text(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let rest = self.0.unsigned_abs();
        let text = match rest {
            0 => return "0s".to_owned(),
            1..1_000 => format!("{rest}ns"),
            1_000..1_000_000 => fraction(rest, 3) + "µs",
            1_000_000..1_000_000_000 => fraction(rest, 6) + "ms",
            _ => {
                let minutes = rest / 60_000_000_000;
                let seconds = fraction(rest % 60_000_000_000, 9);
                match (minutes / 60, minutes % 60) {
                    (0, 0) => format!("{seconds}s"),
                    (0, minutes) => format!("{minutes}m{seconds}s"),
                    (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
                }
            }
        };
        format!("{sign}{text}")
    }

    /// Whole units and the rest of them, as Go divides lest precision be lost.
    pub(super) fn in_units(self, unit: i64) -> f64 {
        (self.0 / unit) as f64 + (self.0 % unit) as f64 / unit as f64
    }

    pub(super) fn truncate(self, step: Self) -> Self {
        if step.0 <= 0 { self } else { Self(self.0 - self.0 % step.0) }
    }

    /// To the nearest multiple, half of it away from zero; at the ends of the range if it is
    /// beyond them.
    pub(crate) fn round(self, step: Self) -> Self {
        if step.0 <= 0 {
            return self;
        }
        let rest = (self.0 % step.0).abs();
        let toward_zero = rest < step.0 - rest;
        let change = if toward_zero { -rest } else { step.0 - rest };
        let rounded = self.0.checked_add(if self.0 < 0 { -change } else { change });
        Self(rounded.unwrap_or(if self.0 < 0 { i64::MIN } else { i64::MAX }))
    }
}

/// A number with that many digits after the point, without zeros at the end.
fn fraction(number: u64, digits: usize) -> String {
    let scale = 10_u64.pow(digits as u32);
    let rest = format!("{:0digits$}", number % scale);
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    format!("{}{point}{rest}", number / scale)
}

/// `time.ParseDuration`: `1h15m30.918s`, `-1.5h`, `300ms`.
///
/// # Errors
/// When `text` is no duration, or too long, or the steps run out.
pub(crate) fn parse_duration(context: &mut Context<'_>, text: &[u8]) -> Result<Duration, Fault> {
    context.spend(text.len() as u64)?;
    let negative = text.starts_with(b"-");
    let mut rest = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    if rest == b"0" {
        return Ok(Duration(0));
    }
    if rest.is_empty() {
        return Err(INVALID);
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (part, after) = one_unit(rest)?;
        rest = after;
        total = total.wrapping_add(part);
        if total > 1 << 63 {
            return Err(INVALID);
        }
    }
    if negative {
        return Ok(Duration(total.wrapping_neg().cast_signed()));
    }
    i64::try_from(total).map(Duration).map_err(|_| INVALID)
}

/// A number with its unit, in nanoseconds, and what follows it.
fn one_unit(text: &[u8]) -> Result<(u64, &[u8]), Fault> {
    let (digits, mut rest) = digits(text);
    let mut whole: u64 = 0;
    for digit in digits {
        let next = (whole <= (1 << 63) / 10).then(|| whole * 10 + u64::from(digit - b'0'));
        whole = next.filter(|next| *next <= 1 << 63).ok_or(INVALID)?;
    }
    let mut decimals: &[u8] = &[];
    if let Some(after) = rest.strip_prefix(b".") {
        (decimals, rest) = self::digits(after);
    }
    if digits.is_empty() && decimals.is_empty() {
        return Err(INVALID);
    }
    let end = rest.iter().position(|byte| *byte == b'.' || byte.is_ascii_digit());
    let (name, rest) = rest.split_at(end.unwrap_or(rest.len()));
    let unit = unit(name)?;
    let nanoseconds = whole.checked_mul(unit).filter(|product| *product <= 1 << 63);
    let (numerator, scale) = numerator(decimals);
    let part = (numerator as f64 * (unit as f64 / scale)) as u64;
    let sum = nanoseconds.ok_or(INVALID)? + part;
    if sum > 1 << 63 { Err(INVALID) } else { Ok((sum, rest)) }
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

fn unit(name: &[u8]) -> Result<u64, Fault> {
    Ok(match name {
        b"ns" => 1,
        b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => 1_000,
        b"ms" => 1_000_000,
        b"s" => 1_000_000_000,
        b"m" => 60_000_000_000,
        b"h" => 3_600_000_000_000,
        _ => return Err("unknown or missing unit in duration".into()),
    })
}

/// Decimals as a number and its scale; those that are too many are left out.
fn numerator(decimals: &[u8]) -> (u64, f64) {
    let (mut number, mut scale) = (0_u64, 1.0);
    for digit in decimals {
        if number > (i64::MAX as u64) / 10 {
            break;
        }
        let next = number * 10 + u64::from(digit - b'0');
        if next > 1 << 63 {
            break;
        }
        number = next;
        scale *= 10.0;
    }
    (number, scale)
}
