//! Writing times.

use super::civil::{self, Date};
use super::layout::{self, DAYS, Fraction, Item, MONTHS, Offset};
use super::time::{self, Time};
use crate::context::Context;
use crate::error::Fault;
use crate::value::Text;

const NANO: &[u8] = b"2006-01-02T15:04:05.999999999Z07:00";

/// What a layout can show of a time.
struct Parts {
    date: Date,
    days: i128,
    hour: i64,
    minute: i64,
    second: i64,
    nanoseconds: i64,
    zone: Text,
    offset: i64,
}

impl Time {
    /// Pays for writing it by `layout`, which a template gives.
    pub(crate) fn pay(&self, context: &mut Context<'_>, layout: &[u8]) -> Result<(), Fault> {
        // The year becomes thirteen bytes; `MST` becomes a name, which may be of any length.
        let name = self.zone_at().0.len();
        let growth = 4.max(name.div_ceil(3));
        context.room(layout.len().saturating_mul(2 * growth).saturating_add(name))?;
        context.spend(32 + layout.len() as u64 * 6)
    }

    /// `Format`
    pub(crate) fn format(&self, layout: &[u8]) -> Vec<u8> {
        let mut output = Vec::with_capacity(layout.len() + 10);
        self.append_format(&mut output, layout);
        output
    }

    pub(super) fn append_format(&self, output: &mut Vec<u8>, layout: &[u8]) {
        let parts = Parts::new(self);
        let mut rest = layout;
        loop {
            let (before, item, after) = layout::next(rest);
            output.extend_from_slice(before);
            match item {
                Some(item) => parts.write(output, item),
                None => return,
            }
            rest = after;
        }
    }

    /// `String()`
    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = self.format(b"2006-01-02 15:04:05.999999999 -0700 MST");
        if let Some(clock) = self.monotonic {
            let sign = if clock < 0 { '-' } else { '+' };
            let (seconds, rest) =
                (clock.unsigned_abs() / 1_000_000_000, clock.unsigned_abs() % 1_000_000_000);
            text.extend(format!(" m={sign}{seconds}.{rest:09}").bytes());
        }
        text
    }

    /// RFC 3339, as `MarshalText` writes it.
    ///
    /// # Errors
    /// When the year has not four digits, or the offset is a day or more.
    pub(super) fn rfc3339(&self) -> Result<Vec<u8>, Fault> {
        let text = self.format(NANO);
        if text.get(4) != Some(&b'-') {
            return Err("year outside of range [0,9999]".into());
        }
        if !text.ends_with(b"Z") {
            let zone = &text[text.len() - 6..];
            let hour = i64::from(zone[1]) * 10 + i64::from(zone[2]) - i64::from(b'0') * 11;
            if zone[0].is_ascii_digit() || hour >= 24 {
                return Err("timezone hour outside of range [0,23]".into());
            }
        }
        Ok(text)
    }
}

impl Parts {
    fn new(time: &Time) -> Self {
        let (zone, offset) = time.zone_at();
        let (days, second) = time.local(offset);
        Self {
            date: civil::date(days),
            days,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
            nanoseconds: time.nanoseconds,
            zone,
            offset,
        }
    }

    fn write(&self, output: &mut Vec<u8>, item: Item) {
        let Date { year, month, day } = self.date;
        let hour12 = (self.hour + 11) % 12 + 1;
        let month_name = MONTHS[(month - 1).unsigned_abs() as usize % 12];
        let day_name = DAYS[time::weekday(self.days).unsigned_abs() as usize % 7];
        match item {
            Item::LongMonth => output.extend(month_name.bytes()),
            Item::Month => output.extend(month_name.bytes().take(3)),
            Item::NumMonth => number(output, month, 0),
            Item::ZeroMonth => number(output, month, 2),
            Item::LongWeekDay => output.extend(day_name.bytes()),
            Item::WeekDay => output.extend(day_name.bytes().take(3)),
            Item::Day => number(output, day, 0),
            Item::UnderDay => output.extend(format!("{day:2}").bytes()),
            Item::ZeroDay => number(output, day, 2),
            Item::UnderYearDay => output.extend(format!("{:3}", time::year_day(self.days)).bytes()),
            Item::ZeroYearDay => number(output, time::year_day(self.days), 3),
            Item::Hour => number(output, self.hour, 2),
            Item::Hour12 => number(output, hour12, 0),
            Item::ZeroHour12 => number(output, hour12, 2),
            Item::Minute => number(output, self.minute, 0),
            Item::ZeroMinute => number(output, self.minute, 2),
            Item::Second => number(output, self.second, 0),
            Item::ZeroSecond => number(output, self.second, 2),
            Item::LongYear => number(output, year, 4),
            Item::Year => number(output, year.abs() % 100, 2),
            Item::Pm => output.extend(if self.hour >= 12 { b"PM" } else { b"AM" }),
            Item::LowerPm => output.extend(if self.hour >= 12 { b"pm" } else { b"am" }),
            Item::Zone if self.zone.is_empty() => {
                self.offset(
                    output,
                    Offset { z: false, colon: false, minutes: true, seconds: false },
                );
            }
            Item::Zone => output.extend_from_slice(&self.zone),
            Item::Offset(offset) if offset.z && self.offset == 0 => output.push(b'Z'),
            Item::Offset(offset) => self.offset(output, offset),
            Item::Fraction(fraction) => self.fraction(output, fraction),
        }
    }

    fn offset(&self, output: &mut Vec<u8>, form: Offset) {
        // Go takes the sign from the minutes: half a minute west is written "+00:00:-30".
        let minutes = self.offset / 60;
        let sign = if minutes < 0 { -1 } else { 1 };
        output.push(if minutes < 0 { b'-' } else { b'+' });
        number(output, minutes.abs() / 60, 2);
        let colon: &[u8] = if form.colon { b":" } else { b"" };
        if form.minutes {
            output.extend(colon);
            number(output, minutes.abs() % 60, 2);
        }
        if form.seconds {
            output.extend(colon);
            number(output, sign * self.offset % 60, 2);
        }
    }

    fn fraction(&self, output: &mut Vec<u8>, form: Fraction) {
        if form.trimmed && (form.digits == 0 || self.nanoseconds == 0) {
            return;
        }
        let digits = format!("{:09}", self.nanoseconds);
        let digits = &digits[..form.digits.min(9)];
        let digits = if form.trimmed { digits.trim_end_matches('0') } else { digits };
        if !form.trimmed || !digits.is_empty() {
            output.push(form.separator);
            output.extend(digits.bytes());
        }
    }
}

/// A number filled up with zeros; the sign does not count.
fn number(output: &mut Vec<u8>, number: i64, width: usize) {
    if number < 0 {
        output.push(b'-');
    }
    output.extend(format!("{:0width$}", number.unsigned_abs()).bytes());
}
