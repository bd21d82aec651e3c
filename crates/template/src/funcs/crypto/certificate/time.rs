//! Times in certificates: UTCTime from 1950 to 2049, else GeneralizedTime (RFC 5280, 4.1.2.5).

use super::super::der;

const DAY: i64 = 86_400;

/// Encodes seconds since 1970; none for years that have not four digits.
pub(super) fn encode(seconds: i64) -> Option<Vec<u8>> {
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    Some(match year {
        1950..2050 => der::element(der::UTC_TIME, format!("{:02}{rest}", year % 100).as_bytes()),
        0..10_000 => der::element(der::GENERALIZED_TIME, format!("{year:04}{rest}").as_bytes()),
        _ => return None,
    })
}

/// Year, month and day of days since 1970: eras of 400 years, years that begin in March.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let first = (153 * month + 2) / 5;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (year + era * 400 + next, month, day - first + 1)
}

/// Whether Go reads these as a time: with or without seconds in a UTCTime, in UTC or with an
/// offset.
pub(super) fn is_time(tag: u8, text: &[u8]) -> bool {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, zone) = text.split_at(digits);
    let two = |at: usize| i64::from(digits[at] - b'0') * 10 + i64::from(digits[at + 1] - b'0');
    let (year, at) = match (tag, digits.len()) {
        (der::UTC_TIME, 10 | 12) if two(0) < 69 => (2000 + two(0), 2),
        (der::UTC_TIME, 10 | 12) => (1900 + two(0), 2),
        (der::GENERALIZED_TIME, 14) => (two(0) * 100 + two(2), 4),
        _ => return false,
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match two(at) {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    let minute = two(at + 6);
    let second = if digits.len() == at + 10 { two(at + 8) } else { 0 };
    let day = (1..=days).contains(&two(at + 2));
    day && two(at + 4) < 24 && minute < 60 && second < 60 && is_zone(zone)
}

/// `Z`, or an offset other than zero.
fn is_zone(zone: &[u8]) -> bool {
    match zone {
        b"Z" => true,
        [b'+' | b'-', digits @ ..] if digits.len() == 4 => {
            let number = digits.iter().all(u8::is_ascii_digit);
            number && digits != b"0000" && &digits[..2] <= b"24" && &digits[2..] < b"60"
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_by_year() {
        for (seconds, written) in [
            (0, "700101000000Z"),
            (951_782_400, "000229000000Z"),
            (2_524_607_999, "491231235959Z"),
            (2_524_608_000, "20500101000000Z"),
            (-631_152_001, "19491231235959Z"),
            (-631_152_000, "500101000000Z"),
            (253_402_300_799, "99991231235959Z"),
        ] {
            let encoded = encode(seconds).unwrap();
            assert_eq!(encoded[2..], *written.as_bytes());
            assert!(is_time(encoded[0], written.as_bytes()), "{written}");
        }
        assert_eq!(encode(253_402_300_800), None);
        assert_eq!(encode(-62_167_219_201), None);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["7001010000Z", "000229000000Z", "700101000000+0100"] {
            assert!(is_time(der::UTC_TIME, text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "Z",
            "700101000000",
            "701301000000Z",
            "700001000000Z",
            "010229000000Z",
            "700100000000Z",
            "700101240000Z",
            "700101006000Z",
            "700101000060Z",
            "70010100000Z",
            "700101000000+0000",
            "700101000000.5Z",
            "20500101000000Z",
        ] {
            assert!(!is_time(der::UTC_TIME, text.as_bytes()), "{text}");
        }
        assert!(!is_time(der::GENERALIZED_TIME, b"21000229000000Z"));
    }
}
