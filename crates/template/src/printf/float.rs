//! `strconv.AppendFloat` for 64 bits.

/// Appends `number` in the form that a verb's letter names (`e E f g G b x X`); without a
/// precision, as few digits as tell it from every other number.
pub(crate) fn append_float(out: &mut Vec<u8>, number: f64, form: u8, precision: Option<usize>) {
    if number.is_nan() {
        return out.extend_from_slice(b"NaN");
    }
    if number.is_infinite() {
        return out.extend_from_slice(if number > 0.0 { b"+Inf" } else { b"-Inf" });
    }
    if number.is_sign_negative() {
        out.push(b'-');
    }
    let size = number.abs();
    match (form, precision) {
        (b'b', _) => binary(out, size),
        (b'x' | b'X', _) => hex(out, size, form, precision),
        (b'e' | b'E', None) => {
            let digits = Digits::shortest(size);
            let precision = digits.text.len().saturating_sub(1);
            exponential(out, &digits, precision, form);
        }
        (b'e' | b'E', Some(precision)) => {
            exponential(out, &Digits::rounded(size, precision), precision, form);
        }
        (b'f', None) => {
            let digits = Digits::shortest(size);
            fixed(out, &digits, digits.fraction());
        }
        (b'f', Some(precision)) => {
            // No number has more digits than that behind the point.
            let exact = precision.min(MOST);
            out.extend_from_slice(format!("{size:.exact$}").as_bytes());
            out.extend(std::iter::repeat_n(b'0', precision - exact));
        }
        (_, precision) => general(out, size, form, precision),
    }
}

const MOST: usize = 1100;

/// Significant digits, without zeros at the end, and where the decimal point is: 0.ddd · 10^point.
struct Digits {
    text: Vec<u8>,
    point: i32,
}

impl Digits {
    fn shortest(size: f64) -> Self {
        let digits = Self::read(&format!("{size:e}"));
        // Halfway between two texts that are as short, Go takes the even one.
        if digits.text.len() >= 16 {
            let even = format!("{size:.after$e}", after = digits.text.len() - 1);
            if even.parse() == Ok(size) {
                return Self::read(&even);
            }
        }
        digits
    }

    /// Rounded to `after` digits after the first.
    fn rounded(size: f64, after: usize) -> Self {
        Self::read(&format!("{size:.after$e}", after = after.min(MOST)))
    }

    fn read(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let digits = mantissa.bytes().filter(|byte| *byte != b'.');
        let mut text: Vec<u8> = digits.collect();
        while text.last() == Some(&b'0') {
            text.pop();
        }
        let point = if text.is_empty() { 0 } else { exponent.parse().unwrap_or(0) + 1 };
        Self { text, point }
    }

    fn count(&self) -> i32 {
        i32::try_from(self.text.len()).unwrap_or(i32::MAX)
    }

    /// How many digits stand behind the point.
    fn fraction(&self) -> usize {
        usize::try_from(self.count() - self.point).unwrap_or(0)
    }
}

/// `d.ddde±dd`
fn exponential(out: &mut Vec<u8>, digits: &Digits, precision: usize, letter: u8) {
    out.push(digits.text.first().copied().unwrap_or(b'0'));
    if precision > 0 {
        out.push(b'.');
        let shown = digits.text.get(1..).unwrap_or_default();
        let shown = &shown[..shown.len().min(precision)];
        out.extend_from_slice(shown);
        out.extend(std::iter::repeat_n(b'0', precision - shown.len()));
    }
    let exponent = if digits.text.is_empty() { 0 } else { digits.point - 1 };
    out.extend_from_slice(&[letter, if exponent < 0 { b'-' } else { b'+' }]);
    out.extend_from_slice(format!("{:02}", exponent.unsigned_abs()).as_bytes());
}

/// `ddd.ddd`
fn fixed(out: &mut Vec<u8>, digits: &Digits, precision: usize) {
    let digit = |at: i32| {
        usize::try_from(at).ok().and_then(|at| digits.text.get(at)).copied().unwrap_or(b'0')
    };
    if digits.point > 0 {
        out.extend((0..digits.point).map(digit));
    } else {
        out.push(b'0');
    }
    if precision > 0 {
        out.push(b'.');
        let precision = i32::try_from(precision).unwrap_or(i32::MAX);
        out.extend((0..precision).map(|at| digit(digits.point + at)));
    }
}

/// `%g`: exponential if the exponent is less than -4 or not less than the precision, which is 6
/// where none is given.
fn general(out: &mut Vec<u8>, size: f64, form: u8, precision: Option<usize>) {
    let precision = precision.map(|precision| precision.max(1));
    let digits = match precision {
        None => Digits::shortest(size),
        Some(precision) => Digits::rounded(size, precision - 1),
    };
    let count = digits.text.len();
    let limit = match precision {
        None => 6,
        Some(precision) if precision > count && digits.count() >= digits.point => digits.count(),
        Some(precision) => i32::try_from(precision).unwrap_or(i32::MAX),
    };
    let exponent = digits.point - 1;
    if exponent < -4 || exponent >= limit {
        let shown = precision.unwrap_or(count).min(count);
        exponential(out, &digits, shown.saturating_sub(1), form - (b'g' - b'e'));
    } else {
        fixed(out, &digits, digits.fraction());
    }
}

/// The mantissa as an integer (normal numbers have bit 52 set) and its exponent.
fn parts(size: f64) -> (u64, i32) {
    let bits = size.to_bits();
    let (mantissa, exponent) = (bits & ((1 << 52) - 1), (bits >> 52 & 0x7ff) as i32);
    if exponent == 0 { (mantissa, -1022) } else { (mantissa | 1 << 52, exponent - 1023) }
}

/// `mmmp±e`: mantissa · 2^e
fn binary(out: &mut Vec<u8>, size: f64) {
    let (mantissa, exponent) = parts(size);
    out.extend_from_slice(format!("{mantissa}p{:+}", exponent - 52).as_bytes());
}

/// `0x1.hhhp±dd`
fn hex(out: &mut Vec<u8>, size: f64, form: u8, precision: Option<usize>) {
    const TOP: u32 = 60;
    let (mantissa, mut exponent) = parts(size);
    // The leading 1 at bit 60.
    let mut mantissa = mantissa << (TOP - 52);
    if mantissa == 0 {
        exponent = 0;
    } else {
        let shift = mantissa.leading_zeros() - 3;
        mantissa <<= shift;
        exponent -= shift as i32;
    }
    if let Some(precision) = precision.filter(|precision| *precision < 15) {
        let keep = precision as u32 * 4;
        let extra = (mantissa << keep) & ((1 << TOP) - 1);
        mantissa >>= TOP - keep;
        mantissa += u64::from((extra | (mantissa & 1)) > 1 << (TOP - 1));
        mantissa <<= TOP - keep;
        if mantissa & 1 << (TOP + 1) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let digits = if form == b'X' { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    out.extend_from_slice(&[b'0', form, b'0' + (mantissa >> TOP & 1) as u8]);
    mantissa <<= 4;
    let shown = precision.unwrap_or((64 - mantissa.trailing_zeros()).div_ceil(4) as usize);
    let shown = if precision.is_none() && mantissa == 0 { 0 } else { shown };
    if shown > 0 {
        out.push(b'.');
    }
    for _ in 0..shown {
        out.push(digits[(mantissa >> TOP & 15) as usize]);
        mantissa <<= 4;
    }
    out.extend_from_slice(&[if form == b'X' { b'P' } else { b'p' }]);
    out.extend_from_slice(if exponent < 0 { b"-" } else { b"+" });
    out.extend_from_slice(format!("{:02}", exponent.unsigned_abs()).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_go_writes_them() {
        for (number, form, precision, wanted) in [
            (123_456_789.0, b'g', None, "1.23456789e+08"),
            (100_000.0, b'g', None, "100000"),
            (1e6, b'g', None, "1e+06"),
            (1e-5, b'g', None, "1e-05"),
            (0.0001, b'g', None, "0.0001"),
            (-0.0, b'g', None, "-0"),
            (5e-324, b'g', None, "5e-324"),
            // Halfway between …562 and …563.
            (14_882_817_160_621.562, b'g', None, "1.4882817160621562e+13"),
            (1e21, b'f', None, "1000000000000000000000"),
            (1.5, b'f', Some(0), "2"),
            (2.5, b'f', Some(0), "2"),
            (0.5, b'e', Some(3), "5.000e-01"),
            (0.5, b'e', Some(1200), &format!("5.{}e-01", "0".repeat(1200))),
            (1234.0, b'g', Some(2), "1.2e+03"),
            (1.0, b'b', None, "4503599627370496p-52"),
            (1.0, b'x', None, "0x1p+00"),
            (-3.75, b'x', Some(1), "-0x1.ep+01"),
            (f64::NAN, b'g', None, "NaN"),
            (f64::NEG_INFINITY, b'e', None, "-Inf"),
        ] {
            let mut out = Vec::new();
            append_float(&mut out, number, form, precision);
            assert_eq!(String::from_utf8_lossy(&out), wanted, "{number}");
        }
    }
}
