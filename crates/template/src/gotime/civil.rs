//! The Gregorian calendar, extended to all times.

/// Days from 0001-01-01 to 1970-01-01.
pub(super) const EPOCH_DAYS: i64 = 719_162;
pub(super) const DAY: i64 = 86_400;

/// From Go's absolute zero, a first of March, to the year 0 and to 0001-01-01.
const YEARS: u64 = 292_277_022_400;
const ABSOLUTE_DAYS: u64 = YEARS / 400 * 146_097 + 306;

/// Days in 400 years.
const CYCLE: i128 = 146_097;
/// From 0000-03-01 to 0001-01-01: years begin in March here, so that leap days come last.
const MARCH_DAYS: i128 = 306;

/// A day of the calendar.
#[derive(Clone, Copy)]
pub(super) struct Date {
    pub(super) year: i64,
    /// From 1.
    pub(super) month: i64,
    /// From 1.
    pub(super) day: i64,
}

/// The date of a day, counted from 0001-01-01 as 0.
pub(super) fn date(days: i128) -> Date {
    let days = days + MARCH_DAYS;
    let cycle = days.div_euclid(CYCLE);
    let of_cycle = days.rem_euclid(CYCLE);
    let year = (of_cycle - of_cycle / 1460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = cycle * 400 + year + i128::from(month <= 2);
    Date { year: narrow(year), month: narrow(month), day: narrow(day) }
}

/// The day of a date, counted from 0001-01-01 as 0. Months and days may lie beyond the calendar;
/// what is beyond all integers is what Go's arithmetic makes of it.
pub(super) fn days(year: i64, month: i64, day: i64) -> i128 {
    let month = month.wrapping_sub(1);
    let year = year.wrapping_add(month.div_euclid(12));
    let month = month.rem_euclid(12).cast_unsigned();
    // Years since Go's absolute zero, from March to February.
    let (back, from_march) = if month >= 2 { (0, month - 2) } else { (1, month + 10) };
    let year = year.cast_unsigned().wrapping_sub(back).wrapping_add(YEARS);
    let of_century = year % 100 * 1461 / 4;
    let days = (year / 100).wrapping_mul(146_097) / 4 + of_century + (153 * from_march + 2) / 5;
    let days = days.wrapping_add(day.wrapping_sub(1).cast_unsigned());
    i128::from(days) - i128::from(ABSOLUTE_DAYS)
}

/// Days since 0001-01-01 and seconds of the day, of seconds since then: Go counts them from its
/// absolute zero, so that what lies before is taken for the far future.
pub(super) fn split(seconds: i64) -> (i128, i64) {
    let absolute = seconds.cast_unsigned().wrapping_add(ABSOLUTE_DAYS * DAY.cast_unsigned());
    let days = absolute / DAY.cast_unsigned();
    let second = (absolute % DAY.cast_unsigned()).cast_signed();
    (i128::from(days) - i128::from(ABSOLUTE_DAYS), second)
}

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn days_in(month: i64, year: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Keeps the low bits, as Go's integers do.
pub(super) fn narrow(number: i128) -> i64 {
    number as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        assert_eq!(days(1970, 1, 1), i128::from(EPOCH_DAYS));
        for day in (-2_000_000..5_000_000).step_by(97) {
            let found = date(day);
            assert_eq!(days(found.year, found.month, found.day), day);
            assert!((1..=12).contains(&found.month));
            assert!((1..=days_in(found.month, found.year)).contains(&found.day));
        }
    }
}
