//! Untyped numeric constants, in all of Go's syntax.

/// A constant and all the types it can take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number {
    pub(crate) int: Option<i64>,
    pub(crate) uint: Option<u64>,
    pub(crate) float: Option<f64>,
    pub(crate) complex: Option<(f64, f64)>,
    /// Whether it is a `float64` where nothing else decides.
    pub(crate) is_float_by_syntax: bool,
}

impl Number {
    /// Reads a number, imaginary or not.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(imaginary) = text.strip_suffix('i').and_then(parse_float) {
            return Some(Self::complex(0.0, imaginary));
        }
        let mut uint = parse_uint(text);
        let int = parse_int(text);
        if int == Some(0) {
            uint = Some(0);
        }
        let by_syntax = text.contains(['.', 'e', 'E', 'p', 'P']) && !is_hex_integer(text);
        let number = Self { int, uint, float: None, complex: None, is_float_by_syntax: by_syntax };
        if let Some(int) = int {
            return Some(Self { float: Some(int as f64), ..number });
        }
        if let Some(uint) = uint {
            return Some(Self { float: Some(uint as f64), ..number });
        }
        let float = parse_float(text)?;
        // An integer that fits no type is refused, not rounded.
        if !text.contains(['.', 'e', 'E', 'p', 'P']) {
            return None;
        }
        Some(Self { float: Some(float), int: whole_int(float), uint: whole_uint(float), ..number })
    }

    /// Reads a real and an imaginary part: `1+2i`.
    pub(crate) fn parse_complex(text: &str) -> Option<Self> {
        let text = text.strip_suffix('i')?;
        // A sign may also belong to an exponent: then one of the parts is no number.
        let signs = text.char_indices().skip(1).filter(|(_, sign)| matches!(sign, '+' | '-'));
        let mut parts = signs.map(|(at, _)| text.split_at(at));
        parts.find_map(|(real, imaginary)| {
            Some(Self::complex(parse_float(real)?, parse_float(imaginary)?))
        })
    }

    /// A character constant.
    pub(crate) fn character(code: u32) -> Self {
        Self {
            int: Some(i64::from(code)),
            uint: Some(u64::from(code)),
            float: Some(f64::from(code)),
            complex: None,
            is_float_by_syntax: false,
        }
    }

    fn complex(real: f64, imaginary: f64) -> Self {
        let float = (imaginary == 0.0).then_some(real);
        Self {
            int: float.and_then(whole_int),
            uint: float.and_then(whole_uint),
            float,
            complex: Some((real, imaginary)),
            is_float_by_syntax: false,
        }
    }
}

fn is_hex_integer(text: &str) -> bool {
    (text.starts_with("0x") || text.starts_with("0X"))
        && text.len() > 2
        && !text.contains(['p', 'P'])
}

/// The integer that `float` is exactly. Go's conversion of what is out of range yields the least
/// integer, so 2⁶³ and beyond are none.
fn whole_int(float: f64) -> Option<i64> {
    let int = float as i64;
    (int as f64 == float && int != i64::MAX).then_some(int)
}

fn whole_uint(float: f64) -> Option<u64> {
    let uint = float as u64;
    (uint as f64 == float && uint != u64::MAX).then_some(uint)
}

/// `strconv.ParseInt(text, 0, 64)`
pub(crate) fn parse_int(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let size = parse_uint(digits)?;
    if negative { 0_i64.checked_sub_unsigned(size) } else { i64::try_from(size).ok() }
}

/// `strconv.ParseUint(text, 0, 64)`
pub(crate) fn parse_uint(text: &str) -> Option<u64> {
    let lower = text.as_bytes().get(1).map(u8::to_ascii_lowercase);
    let (radix, digits) = match (text.starts_with('0'), lower) {
        (true, Some(b'x')) => (16, &text[2..]),
        (true, Some(b'b')) => (2, &text[2..]),
        (true, Some(b'o')) => (8, &text[2..]),
        (true, Some(_)) => (8, &text[1..]),
        _ => (10, text),
    };
    if digits.is_empty() || !underscores_separate(text) {
        return None;
    }
    digits.bytes().filter(|byte| *byte != b'_').try_fold(0_u64, |number, digit| {
        let digit = char::from(digit).to_digit(radix)?;
        number.checked_mul(u64::from(radix))?.checked_add(u64::from(digit))
    })
}

/// Whether every underscore stands between digits, or between the base and a digit.
fn underscores_separate(text: &str) -> bool {
    if !text.contains('_') {
        return true;
    }
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = text.to_ascii_lowercase();
    let based = ["0x", "0o", "0b"].iter().any(|base| lower.starts_with(base));
    let is_digit =
        |byte: u8| byte.is_ascii_digit() || lower.starts_with("0x") && byte.is_ascii_hexdigit();
    let mut before = if based { b'0' } else { b'^' };
    for byte in lower.bytes().skip(if based { 2 } else { 0 }) {
        before = match byte {
            b'_' if before != b'0' => return false,
            b'_' => b'_',
            byte if is_digit(byte) => b'0',
            _ if before == b'_' => return false,
            _ => b'!',
        };
    }
    before != b'_'
}

/// Digits that may make a number costly to read.
pub(crate) const MANY_DIGITS: usize = 20;

/// What it costs to read a float of so many characters, beside looking at them: whether many digits
/// are nearer to one float or the next takes arithmetic with as many.
pub(crate) fn float_steps(length: usize) -> u64 {
    const USED: usize = 800;
    if length < MANY_DIGITS { 0 } else { 1_000 + 8 * length.min(USED) as u64 }
}

/// `strconv.ParseFloat(text, 64)` for texts that the lexer lets through; none if out of range.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    if !underscores_separate(text) {
        return None;
    }
    let plain: String = text.chars().filter(|character| *character != '_').collect();
    let (negative, size) = match plain.strip_prefix('-') {
        Some(size) => (true, size),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let lower = size.to_ascii_lowercase();
    let float = match lower.strip_prefix("0x") {
        Some(hex) => parse_hex_float(hex)?,
        None if size.bytes().next()?.is_ascii_digit() || size.starts_with('.') => {
            size.parse().ok()?
        }
        None => return None,
    };
    let float = if negative { -float } else { float };
    float.is_finite().then_some(float)
}

/// `h.hhh p ±d`, rounded to nearest even.
fn parse_hex_float(text: &str) -> Option<f64> {
    let (digits, exponent) = text.split_once('p')?;
    let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if power.is_empty() || !power.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Beyond this range every number is zero or too large.
    let power = power.parse().map_or(1 << 40, |power: i64| power.min(1 << 40));
    let mut exponent = if exponent.starts_with('-') { -power } else { power };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (mut mantissa, mut rest) = (0_u64, 0_u32);
    for (at, digit) in whole.bytes().chain(fraction.bytes()).enumerate() {
        let digit = char::from(digit).to_digit(16)?;
        if mantissa >> 59 == 0 {
            mantissa = mantissa << 4 | u64::from(digit);
            exponent -= if at >= whole.len() { 4 } else { 0 };
        } else {
            rest |= digit;
            exponent += if at < whole.len() { 4 } else { 0 };
        }
    }
    Some(scale(mantissa | u64::from(rest != 0), exponent))
}

/// `mantissa · 2^exponent`, rounded once.
fn scale(mantissa: u64, exponent: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let top = 63 - i64::from(mantissa.leading_zeros()) + exponent;
    if top > 1023 {
        return f64::INFINITY;
    }
    // Bits below the last that a number of this size can hold.
    let last = (top - 52).max(-1074);
    let drop = last - exponent;
    if drop <= 0 {
        return mantissa as f64 * two_to(exponent);
    }
    if drop > 64 {
        return 0.0;
    }
    let wide = u128::from(mantissa);
    let half = 1_u128 << (drop - 1);
    let (kept, lost) = (wide >> drop, wide & ((1 << drop) - 1));
    let kept = kept + u128::from(lost > half || lost == half && kept & 1 == 1);
    kept as f64 * two_to(last)
}

/// 2^exponent; exact, as `exponent` is at least -1074 here.
fn two_to(exponent: i64) -> f64 {
    match i32::try_from(exponent) {
        Ok(exponent @ -1074..=-1023) => f64::from_bits(1 << (exponent + 1074)),
        Ok(exponent @ -1022..=1023) => f64::from_bits(((exponent + 1023) as u64) << 52),
        Ok(1024..) => f64::INFINITY,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_take_every_base() {
        for (text, wanted) in [
            ("31", Some(31)),
            ("0x1F", Some(31)),
            ("0b101", Some(5)),
            ("0o17", Some(15)),
            ("017", Some(15)),
            ("1_000", Some(1000)),
            ("0_7", Some(7)),
            ("0x_f", Some(15)),
            ("-0x8000000000000000", Some(i64::MIN)),
            ("+5", Some(5)),
            ("1__0", None),
            ("1_", None),
            ("_1", None),
            ("089", None),
            ("0x", None),
            ("9223372036854775808", None),
            ("--1", None),
        ] {
            assert_eq!(parse_int(text), wanted, "{text}");
        }
    }

    #[test]
    fn floats_are_rounded_once() {
        for (text, wanted) in [
            ("1.5e-3", Some(0.0015)),
            (".5", Some(0.5)),
            ("1.", Some(1.0)),
            ("1_0.5", Some(10.5)),
            ("0x1p4", Some(16.0)),
            ("0x1.8p1", Some(3.0)),
            ("0x.8p0", Some(0.5)),
            ("0x1.fffffffffffff8p0", Some(2.0)),
            ("0x1p-1074", Some(5e-324)),
            ("0x1p-1075", Some(0.0)),
            ("0x1.8p-1075", Some(5e-324)),
            ("0x1.fffffffffffffp1023", Some(f64::MAX)),
            ("-0x1p-3", Some(-0.125)),
            ("0x1.8", None),
            ("0x1p", None),
            ("0x1p1024", None),
            ("1e999", None),
            ("1e", None),
            ("", None),
            (".", None),
        ] {
            assert_eq!(parse_float(text), wanted, "{text}");
        }
    }

    #[test]
    fn constants_take_the_types_that_hold_them() {
        let whole = Number::parse("1.0").unwrap();
        assert_eq!((whole.int, whole.uint, whole.is_float_by_syntax), (Some(1), Some(1), true));
        let huge = Number::parse("18446744073709551615").unwrap();
        assert_eq!((huge.int, huge.uint), (None, Some(u64::MAX)));
        assert_eq!(Number::parse("18446744073709551616"), None);
        assert_eq!(Number::parse("-0").unwrap().uint, Some(0));
        assert_eq!(Number::parse("1e19").unwrap().int, None);
        assert_eq!(Number::parse_complex("1+2i").unwrap().complex, Some((1.0, 2.0)));
        assert_eq!(Number::parse_complex("1e+3-2.5i").unwrap().complex, Some((1000.0, -2.5)));
        assert_eq!(Number::parse_complex("0x1p2-1e+2i").unwrap().complex, Some((4.0, -100.0)));
        assert_eq!(Number::parse("2i").unwrap().complex, Some((0.0, 2.0)));
        assert!(!Number::parse("0xe").unwrap().is_float_by_syntax);
    }
}
