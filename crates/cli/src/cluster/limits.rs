//! How long to wait, as `--request-timeout` says.

use std::time::Duration;

use crate::error::{Error, Result};

/// Long enough for a distant API server, short enough for a person.
const CONNECT: Duration = Duration::from_secs(10);
const READ: Duration = Duration::from_secs(60);
/// kubectl's own, for whoever wants to wait for as long as it takes.
const PATIENT_CONNECT: Duration = Duration::from_secs(30);

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

/// When to give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Until the connection stands, TLS and proxy included.
    pub(super) connect: Option<Duration>,
    /// Between two signs of life.
    pub(super) read: Option<Duration>,
    /// For one request, from its beginning to the end of the answer.
    pub(super) request: Option<Duration>,
}

impl Limits {
    /// The flag's, or ours where it is not given. Zero is without end.
    ///
    /// # Errors
    /// For what is no duration.
    pub(super) fn of(flag: Option<&str>) -> Result<Self> {
        let Some(text) = flag else {
            return Ok(Self { connect: Some(CONNECT), read: Some(READ), request: None });
        };
        let duration = parse(text).ok_or_else(|| {
            Error::new(format!("cannot wait for --request-timeout {text:?}"))
                .hint("give seconds or a duration: 30, 30s, 1m30s; 0 for no end")
        })?;
        Ok(match duration {
            Duration::ZERO => Self { connect: Some(PATIENT_CONNECT), read: None, request: None },
            duration => Self { connect: None, read: None, request: Some(duration) },
        })
    }
}

/// Whole seconds, or a duration as Go's `time.ParseDuration` takes it. Negative ones mean nothing.
fn parse(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest.is_empty() {
        return None;
    }
    let mut nanos = 0_u128;
    while !rest.is_empty() {
        let (number, tail) = rest.split_at(rest.find(|c: char| !is_of_number(c))?);
        let (unit, tail) = tail.split_at(tail.find(is_of_number).unwrap_or(tail.len()));
        let (_, scale) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
        nanos = nanos.checked_add(scaled(number, scale)?)?;
        rest = tail;
    }
    u64::try_from(nanos).ok().map(Duration::from_nanos)
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || c == '.'
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
    fn a_request_may_take_as_long_as_the_flag_says() {
        for (text, millis) in [
            ("30", 30_000),
            ("30s", 30_000),
            ("1m30s", 90_000),
            ("1.5h", 5_400_000),
            ("300ms", 300),
            ("+.5s", 500),
        ] {
            let request = Some(Duration::from_millis(millis));
            let expected = Limits { connect: None, read: None, request };
            assert_eq!(Limits::of(Some(text)).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn zero_is_without_end_and_nothing_is_ours() {
        for text in ["0", "0s", "0h0m", "000"] {
            let limits = Limits::of(Some(text)).unwrap();
            assert_eq!((limits.read, limits.request), (None, None), "{text}");
        }
        let ours = Limits::of(None).unwrap();
        assert_eq!((ours.connect, ours.read, ours.request), (Some(CONNECT), Some(READ), None));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in
            ["", "+", "soon", "-5", "-5s", "5 s", "5d", "1.2.3s", ".", ".s", "s", "1h-5m", "5s5"]
        {
            let error = Limits::of(Some(text)).unwrap_err().to_string();
            assert!(error.contains("--request-timeout"), "{text}: {error}");
        }
        assert!(Limits::of(Some("99999999999999999999h")).is_err());
    }
}
