//! What an unquoted scalar means: the resolution rules of YAML 1.1 as go-yaml applies them.

use serde_json::{Number, Value};

/// The value of a plain scalar.
pub(super) fn resolve(text: &str) -> Value {
    if let Some(constant) = constant(text) {
        return constant;
    }
    let is_number_like = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    let number = is_number_like.then(|| number(text)).flatten();
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

/// Whether `text`, written without quotes, would come back as something else than this string.
pub(super) fn needs_quotes(text: &str) -> bool {
    !resolve(text).is_string() || is_float_constant(text) || is_timestamp(text) || is_base60(text)
}

fn constant(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(Value::Bool(true))
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Value::Bool(false))
        }
        _ => None,
    }
}

/// Infinities and not-a-number, which JSON cannot hold.
pub(super) fn is_float_constant(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

fn number(text: &str) -> Option<Number> {
    let digits = text.replace('_', "");
    integer(&digits).or_else(|| is_decimal_float(&digits).then(|| float(&digits)).flatten())
}

/// Go's `strconv.ParseInt(text, 0, 64)`: 0x, 0o, 0b, a leading zero for octal, and a sign.
fn integer(digits: &str) -> Option<Number> {
    let (negative, unsigned) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits.strip_prefix('+').unwrap_or(digits)),
    };
    let lower = unsigned.to_ascii_lowercase();
    let (radix, body) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if body.is_empty() || !body.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let magnitude = i128::from_str_radix(body, radix).ok()?;
    let value = if negative { -magnitude } else { magnitude };
    match (i64::try_from(value), u64::try_from(value)) {
        (Ok(value), _) => Some(value.into()),
        // A sign makes it a float: Go's ParseUint takes none.
        (_, Ok(value)) if unsigned.len() == digits.len() => Some(value.into()),
        _ => None,
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_decimal_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && is_digits(exponent)
    });
    is_digits(whole)
        && is_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent_fits
}

fn float(digits: &str) -> Option<Number> {
    let value: f64 = digits.parse().ok()?;
    Number::from_f64(value)
}

/// `2024-01-01`, alone or with a time behind it: go-yaml takes it for a timestamp.
fn is_timestamp(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let is_number =
        |text: Option<&str>, min: usize, max: usize, range: std::ops::RangeInclusive<u32>| {
            text.is_some_and(|text| {
                (min..=max).contains(&text.len())
                    && text.bytes().all(|byte| byte.is_ascii_digit())
                    && text.parse().is_ok_and(|number| range.contains(&number))
            })
        };
    let is_date = is_number(parts.next(), 4, 4, 0..=9999)
        && is_number(parts.next(), 1, 2, 1..=12)
        && is_number(parts.next(), 1, 2, 1..=31)
        && parts.next().is_none();
    // Any time is quoted, also one that Go would not take: quotes never hurt.
    is_date && time.is_none_or(|time| time.starts_with(|c: char| c.is_ascii_digit()))
}

/// `190:20:30`: a number to base 60 for YAML 1.1 readers, though not for go-yaml itself.
fn is_base60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut groups = whole.split(':');
    let starts_well = groups.next().is_some_and(|first| {
        first.starts_with(|c: char| c.is_ascii_digit())
            && first.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
    });
    let mut rest = groups.peekable();
    starts_well
        && rest.peek().is_some()
        && rest.all(|group| match group.as_bytes() {
            [digit] => digit.is_ascii_digit(),
            [tens, digit] => (b'0'..=b'5').contains(tens) && digit.is_ascii_digit(),
            _ => false,
        })
        && fraction.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

/// A number where the Kubernetes API wants a string: integers as they are, floats as Go's
/// `FormatFloat(value, 'g', -1, 32)`.
pub(crate) fn number_text(number: &Number) -> String {
    if number.is_i64() || number.is_u64() {
        return number.to_string();
    }
    let value = number.as_f64().unwrap_or_default() as f32;
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if value != 0.0 && !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_mean_what_go_yaml_says() {
        for (text, value) in [
            ("yes", json!(true)),
            ("OFF", json!(false)),
            ("tRue", json!("tRue")),
            ("~", json!(null)),
            ("0755", json!(493)),
            ("0o17", json!(15)),
            ("0x1F", json!(31)),
            ("-0b11", json!(-3)),
            ("08", json!(8.0)),
            ("1_000", json!(1000)),
            ("1e3", json!(1000.0)),
            (".5", json!(0.5)),
            ("1.", json!(1.0)),
            ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
            ("2024-01-01", json!("2024-01-01")),
            ("1:30", json!("1:30")),
            ("0x", json!("0x")),
            ("1.2.3", json!("1.2.3")),
            ("-", json!("-")),
            (".", json!(".")),
        ] {
            assert_eq!(resolve(text), value, "{text}");
        }
    }

    #[test]
    fn numbers_become_strings_as_go_formats_them() {
        for (text, string) in [
            ("5432", "5432"),
            ("1.10", "1.1"),
            ("5432.0", "5432"),
            ("1e3", "1000"),
            ("1000000.0", "1e+06"),
            ("0.00001", "1e-05"),
            ("0.0001", "0.0001"),
            ("1.5e10", "1.5e+10"),
            ("16777217.0", "1.6777216e+07"),
        ] {
            let Value::Number(number) = resolve(text) else { panic!("{text} is no number") };
            assert_eq!(number_text(&number), string, "{text}");
        }
    }
}
