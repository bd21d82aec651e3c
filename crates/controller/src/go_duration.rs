//! Durations as Go's `time.ParseDuration` takes them.

use std::time::Duration;

const UNITS: [(&str, u128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// `720h30m`, `1.5h`, `0`: numbers with units, added up. Negative ones are refused: no setting
/// of the controller can mean one.
pub(crate) fn parse(text: &str) -> Result<Duration, &'static str> {
    let wrong = "a duration is like 720h, 1h30m or 90s";
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest.starts_with('-') {
        return Err("a duration cannot be negative");
    }
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(wrong);
    }
    let mut nanos: u128 = 0;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(wrong)?;
        let (number, tail) = rest.split_at(number_end);
        let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let (_, scale) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or(wrong)?;
        nanos = nanos.checked_add(scaled(number, scale).ok_or(wrong)?).ok_or(wrong)?;
        rest = tail;
    }
    // Go counts nanoseconds in 63 bits: some 292 years.
    let nanos = i64::try_from(nanos).map_err(|_| "a duration is at most 292 years")?;
    Ok(Duration::from_nanos(nanos.unsigned_abs()))
}

fn scaled(number: &str, scale: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let digits = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<u128>().ok() };
    let fraction = &fraction[..fraction.len().min(15)];
    let part = digits(fraction)? * scale / 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    digits(whole)?.checked_mul(scale)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gos_examples() {
        for (text, nanos) in [
            ("0", 0),
            ("300ms", 300_000_000),
            ("1.5h", 5_400_000_000_000),
            ("2h45m", 9_900_000_000_000),
            ("+5s", 5_000_000_000),
            (".5s", 500_000_000),
            ("1µs2ns", 1_002),
            ("87600h", 315_360_000_000_000_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_nanos(nanos)), "{text}");
        }
    }

    #[test]
    fn what_go_refuses_and_what_is_negative() {
        for text in ["", "3", "1d", "h", ".", ".s", "1.2.3s", "1 h", "-1h", "1h-5m", "9999999h"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
