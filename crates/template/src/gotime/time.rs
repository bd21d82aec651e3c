//! A point in time.

use std::cmp::Ordering;
use std::sync::OnceLock;

use super::civil::{self, DAY, Date, EPOCH_DAYS, narrow};
use super::duration::{Duration, SECOND};
use super::zone::Zone;
use crate::context::Context;
use crate::value::Text;

/// `time.Time`
#[derive(Clone)]
pub(crate) struct Time {
    /// Since 0001-01-01T00:00:00Z.
    pub(super) seconds: i64,
    pub(super) nanoseconds: i64,
    /// Go's monotonic clock, in nanoseconds, of times that come from `now`.
    pub(super) monotonic: Option<i64>,
    pub(super) zone: Zone,
}

const EPOCH: i64 = EPOCH_DAYS * DAY;
/// The seconds that Go keeps together with the monotonic clock: from 1885 to 2157.
const MONOTONIC: std::ops::Range<i64> = WALL..WALL + (1 << 33);
pub(super) const WALL: i64 = (1884 * 365 + 1884 / 4 - 1884 / 100 + 1884 / 400) * DAY;

impl Time {
    /// The zero time, which Go returns where it has none.
    pub(crate) const ZERO: Self =
        Self { seconds: 0, nanoseconds: 0, monotonic: None, zone: Zone::Utc };

    /// `time.Now`
    pub(crate) fn now(context: &mut Context<'_>) -> Self {
        // Go's monotonic clock begins with the process, at 1.
        static BEGIN: OnceLock<i64> = OnceLock::new();
        let now = context.now();
        let nanoseconds = i64::from(now.nanoseconds);
        let wall = now.seconds.wrapping_mul(SECOND).wrapping_add(nanoseconds);
        let begin = *BEGIN.get_or_init(|| wall.wrapping_sub(1));
        let seconds = now.seconds.wrapping_add(EPOCH);
        let monotonic = MONOTONIC.contains(&seconds).then(|| wall.wrapping_sub(begin));
        Self { seconds, nanoseconds, monotonic, zone: Zone::Local }
    }

    /// `time.Unix(seconds, 0)`
    pub(crate) fn from_unix(seconds: i64) -> Self {
        Self { seconds: seconds.wrapping_add(EPOCH), zone: Zone::Local, ..Self::ZERO }
    }

    /// `time.Date` in UTC. Every part may lie beyond its bounds.
    pub(super) fn from_parts(
        (year, month, day): (i64, i64, i64),
        (hour, minute, second): (i64, i64, i64),
        nanoseconds: i64,
    ) -> Self {
        let days = civil::days(year, month, day) * i128::from(DAY);
        let time = i128::from(hour * 3600 + minute * 60 + second);
        Self { seconds: narrow(days + time), nanoseconds, ..Self::ZERO }
    }

    /// Seconds since 1970.
    pub(crate) fn unix(&self) -> i64 {
        self.seconds.wrapping_sub(EPOCH)
    }

    /// Nanoseconds since 1970, if they are not too many.
    pub(super) fn unix_nanoseconds(&self) -> i64 {
        self.unix().wrapping_mul(SECOND).wrapping_add(self.nanoseconds)
    }

    /// The same time shown elsewhere; the monotonic clock is lost.
    pub(crate) fn shown_in(&self, zone: Zone) -> Self {
        Self { zone, monotonic: None, ..self.clone() }
    }

    /// What the zone is called at this time, and its offset in seconds.
    pub(super) fn zone_at(&self) -> (Text, i64) {
        self.zone.at(self.unix())
    }

    /// Days since 0001-01-01 and seconds of the day, in the zone.
    pub(super) fn local(&self, offset: i64) -> (i128, i64) {
        civil::split(self.seconds.wrapping_add(offset))
    }

    pub(super) fn date(&self) -> Date {
        civil::date(self.local(self.zone_at().1).0)
    }

    /// Hour, minute, second.
    pub(super) fn clock(&self) -> (i64, i64, i64) {
        let second = self.local(self.zone_at().1).1;
        (second / 3600, second / 60 % 60, second % 60)
    }

    /// From 0, Sunday.
    pub(super) fn weekday(&self) -> i64 {
        weekday(self.local(self.zone_at().1).0)
    }

    /// From 1.
    pub(super) fn year_day(&self) -> i64 {
        year_day(self.local(self.zone_at().1).0)
    }

    pub(crate) fn add(&self, duration: Duration) -> Self {
        let nanoseconds = self.nanoseconds + duration.0 % SECOND;
        let seconds = duration.0 / SECOND + nanoseconds.div_euclid(SECOND);
        let mut sum = self.add_seconds(seconds);
        sum.nanoseconds = nanoseconds.rem_euclid(SECOND);
        sum.monotonic = sum.monotonic.and_then(|clock| clock.checked_add(duration.0));
        sum
    }

    /// Stops at the ends of time.
    pub(super) fn add_seconds(&self, seconds: i64) -> Self {
        let ends = if seconds > 0 { i64::MAX } else { -i64::MAX };
        let seconds = self.seconds.checked_add(seconds).unwrap_or(ends);
        let monotonic = self.monotonic.filter(|_| MONOTONIC.contains(&seconds));
        Self { seconds, monotonic, ..self.clone() }
    }

    /// `AddDate`; what exceeds a month goes on into the next.
    pub(super) fn add_date(&self, years: i64, months: i64, days: i64) -> Self {
        let Date { year, month, day } = self.date();
        let date = (year.wrapping_add(years), month.wrapping_add(months), day.wrapping_add(days));
        let offset = self.zone_at().1;
        let sum = Self::from_parts(date, self.clock(), self.nanoseconds);
        let seconds = sum.seconds.wrapping_sub(offset);
        Self { seconds, zone: self.zone.clone(), ..sum }
    }

    /// The time since `other`, as far as a duration reaches.
    pub(crate) fn since(&self, other: &Self) -> Duration {
        let difference = match (self.monotonic, other.monotonic) {
            (Some(one), Some(other)) => i128::from(one) - i128::from(other),
            _ => self.total() - other.total(),
        };
        let bounds = (i128::from(i64::MIN), i128::from(i64::MAX));
        Duration(narrow(difference.clamp(bounds.0, bounds.1)))
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (self.monotonic, other.monotonic) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => self.total().cmp(&other.total()),
        }
    }

    /// Down to a multiple of `step` since the zero time.
    pub(super) fn truncate(&self, step: Duration) -> Self {
        let plain = Self { monotonic: None, ..self.clone() };
        if step.0 <= 0 {
            return plain;
        }
        plain.add(Duration(-plain.beyond(step)))
    }

    /// To the nearest multiple of `step` since the zero time, half of it up.
    pub(super) fn round(&self, step: Duration) -> Self {
        let plain = Self { monotonic: None, ..self.clone() };
        if step.0 <= 0 {
            return plain;
        }
        let beyond = plain.beyond(step);
        let down = beyond < step.0 - beyond;
        plain.add(Duration(if down { -beyond } else { step.0 - beyond }))
    }

    fn beyond(&self, step: Duration) -> i64 {
        narrow(self.total().rem_euclid(i128::from(step.0)))
    }

    /// Nanoseconds since the zero time.
    fn total(&self) -> i128 {
        i128::from(self.seconds) * i128::from(SECOND) + i128::from(self.nanoseconds)
    }
}

/// The day of the week: 0001-01-01 was a Monday.
pub(super) fn weekday(days: i128) -> i64 {
    narrow((days + 1).rem_euclid(7))
}

/// The day of the year, from 1.
pub(super) fn year_day(days: i128) -> i64 {
    narrow(days - civil::days(civil::date(days).year, 1, 1)) + 1
}
