//! Reading times.

mod zone;

use super::civil;
use super::layout::{self, DAYS, Fraction, Item, MONTHS};
use super::time::Time;
use super::zone::Zone;
use crate::context::Context;
use crate::error::Fault;

const BAD: Fault = Fault::new("a time is not as its layout says");
const RANGE: Fault = Fault::new("a part of a time is out of range");

/// What was read so far.
#[derive(Default)]
struct Reading<'v> {
    value: &'v [u8],
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanoseconds: i64,
    am: bool,
    pm: bool,
    /// Whether the time is said to be UTC.
    utc: bool,
    offset: Option<i64>,
    zone: &'v [u8],
}

impl Time {
    /// `time.ParseInLocation` in the local zone.
    ///
    /// # Errors
    /// When `value` is not as `layout` says, or there is no such day, or the steps run out.
    pub(crate) fn parse(
        context: &mut Context<'_>,
        layout: &[u8],
        value: &[u8],
    ) -> Result<Self, Fault> {
        context.spend(layout.len() as u64 * 2 + value.len() as u64)?;
        let mut reading = Reading { value, ..Reading::default() };
        let mut rest = layout;
        loop {
            let (before, item, after) = layout::next(rest);
            reading.skip(before)?;
            rest = after;
            let Some(item) = item else { break };
            reading.read(item, rest)?;
        }
        if !reading.value.is_empty() {
            return Err(BAD);
        }
        reading.time()
    }
}

impl<'v> Reading<'v> {
    /// Skips what the layout has literally; any spaces stand for any others.
    fn skip(&mut self, prefix: &[u8]) -> Result<(), Fault> {
        let mut prefix = prefix;
        while let Some((first, after)) = prefix.split_first() {
            if *first == b' ' {
                if self.value.first().is_some_and(|byte| *byte != b' ') {
                    return Err(BAD);
                }
                prefix = prefix.trim_start_matches_space();
                self.value = self.value.trim_start_matches_space();
                continue;
            }
            self.value = self.value.strip_prefix(&[*first]).ok_or(BAD)?;
            prefix = after;
        }
        Ok(())
    }

    fn read(&mut self, item: Item, layout: &[u8]) -> Result<(), Fault> {
        match item {
            Item::Year => self.year = self.short_year()?,
            Item::LongYear => self.year = self.long_year()?,
            Item::Month => self.month = Some(self.name(&MONTHS, 3)? + 1),
            Item::LongMonth => self.month = Some(self.name(&MONTHS, usize::MAX)? + 1),
            Item::NumMonth | Item::ZeroMonth => {
                self.month = Some(within(self.two(item == Item::ZeroMonth)?, 1..=12)?);
            }
            Item::WeekDay => drop(self.name(&DAYS, 3)?),
            Item::LongWeekDay => drop(self.name(&DAYS, usize::MAX)?),
            Item::Day | Item::UnderDay | Item::ZeroDay => {
                self.skip_spaces(usize::from(item == Item::UnderDay));
                self.day = Some(self.two(item == Item::ZeroDay)?);
            }
            Item::UnderYearDay | Item::ZeroYearDay => {
                self.skip_spaces(if item == Item::UnderYearDay { 2 } else { 0 });
                self.year_day = Some(self.three(item == Item::ZeroYearDay)?);
            }
            Item::Hour => self.hour = within(self.two(false)?, 0..=23)?,
            Item::Hour12 | Item::ZeroHour12 => {
                self.hour = within(self.two(item == Item::ZeroHour12)?, 0..=12)?;
            }
            Item::Minute | Item::ZeroMinute => {
                self.minute = within(self.two(item == Item::ZeroMinute)?, 0..=59)?;
            }
            Item::Second | Item::ZeroSecond => {
                self.second = within(self.two(item == Item::ZeroSecond)?, 0..=59)?;
                self.unannounced_fraction(layout)?;
            }
            Item::Pm => self.half(b"AM", b"PM")?,
            Item::LowerPm => self.half(b"am", b"pm")?,
            Item::Zone => self.zone_name()?,
            Item::Offset(form) => self.offset(form)?,
            Item::Fraction(fraction) => self.fraction(fraction)?,
        }
        Ok(())
    }

    fn short_year(&mut self) -> Result<i64, Fault> {
        let year = number(self.take(2)?)?;
        Ok(year + if year >= 69 { 1900 } else { 2000 })
    }

    fn long_year(&mut self) -> Result<i64, Fault> {
        if !is_digit(self.value, 0) {
            return Err(BAD);
        }
        number(self.take(4)?)
    }

    /// Which of the names, cut to `length`, comes next, in upper or lower case.
    fn name(&mut self, names: &[&str], length: usize) -> Result<i64, Fault> {
        for (at, name) in (0..).zip(names) {
            let name = &name.as_bytes()[..name.len().min(length)];
            if let Some((head, rest)) = self.value.split_at_checked(name.len())
                && head.eq_ignore_ascii_case(name)
            {
                self.value = rest;
                return Ok(at);
            }
        }
        Err(BAD)
    }

    fn skip_spaces(&mut self, most: usize) {
        for _ in 0..most {
            self.value = self.value.strip_prefix(b" ").unwrap_or(self.value);
        }
    }

    /// One or two digits; two if `fixed`.
    fn two(&mut self, fixed: bool) -> Result<i64, Fault> {
        match (is_digit(self.value, 0), is_digit(self.value, 1)) {
            (true, true) => number(self.take(2)?),
            (true, false) if !fixed => number(self.take(1)?),
            _ => Err(BAD),
        }
    }

    /// Up to three digits; three if `fixed`.
    fn three(&mut self, fixed: bool) -> Result<i64, Fault> {
        let digits = (0..3).take_while(|at| is_digit(self.value, *at)).count();
        if digits == 0 || (fixed && digits != 3) {
            return Err(BAD);
        }
        number(self.take(digits)?)
    }

    /// The half of the day.
    fn half(&mut self, am: &[u8], pm: &[u8]) -> Result<(), Fault> {
        let found = self.take(2)?;
        self.am |= found == am;
        self.pm |= found == pm;
        if found == am || found == pm { Ok(()) } else { Err(BAD) }
    }

    /// Decimals behind seconds are read even where the layout has none.
    fn unannounced_fraction(&mut self, layout: &[u8]) -> Result<(), Fault> {
        let announced = matches!(layout::next(layout).1, Some(Item::Fraction(_)));
        if announced || !begins_fraction(self.value) {
            return Ok(());
        }
        let digits = self.value[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.decimals(digits)
    }

    fn fraction(&mut self, form: Fraction) -> Result<(), Fault> {
        if !form.trimmed {
            return self.decimals(form.digits);
        }
        if !begins_fraction(self.value) {
            return Ok(());
        }
        let digits = self.value[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.decimals(digits)
    }

    /// A point or comma and that many digits, of which nine count.
    fn decimals(&mut self, digits: usize) -> Result<(), Fault> {
        let text = self.take(digits + 1)?;
        if !matches!(text.first(), Some(b'.' | b',')) {
            return Err(BAD);
        }
        let counted = digits.min(9);
        let found = number(&text[1..=counted])?;
        if found < 0 {
            return Err(RANGE);
        }
        let missing = u32::try_from(9 - counted).unwrap_or_default();
        self.nanoseconds = found * 10_i64.pow(missing);
        Ok(())
    }

    fn take(&mut self, length: usize) -> Result<&'v [u8], Fault> {
        let (taken, rest) = self.value.split_at_checked(length).ok_or(BAD)?;
        self.value = rest;
        Ok(taken)
    }

    fn time(mut self) -> Result<Time, Fault> {
        if self.pm && self.hour < 12 {
            self.hour += 12;
        } else if self.am && self.hour == 12 {
            self.hour = 0;
        }
        let (month, day) = self.month_and_day()?;
        if day < 1 || day > civil::days_in(month, self.year) {
            return Err(RANGE);
        }
        let clock = (self.hour, self.minute, self.second);
        let time = Time::from_parts((self.year, month, day), clock, self.nanoseconds);
        Ok(self.shown(time))
    }

    fn month_and_day(&self) -> Result<(i64, i64), Fault> {
        let Some(year_day) = self.year_day else {
            return Ok((self.month.unwrap_or(1), self.day.unwrap_or(1)));
        };
        let length = if civil::is_leap(self.year) { 366 } else { 365 };
        let date = civil::date(civil::days(self.year, 1, within(year_day, 1..=length)?));
        let agrees = |read: Option<i64>, found| read.is_none_or(|read| read == found);
        if !agrees(self.month, date.month) || !agrees(self.day, date.day) {
            return Err(RANGE);
        }
        Ok((date.month, date.day))
    }

    /// The time in the zone that was read.
    fn shown(&self, time: Time) -> Time {
        if self.utc {
            return time;
        }
        if let Some(offset) = self.offset {
            let local = offset == 0 && (self.zone.is_empty() || self.zone == b"UTC");
            let zone = if local { Zone::Local } else { Zone::fixed(self.zone, offset) };
            return time.add_seconds(-offset).shown_in(zone);
        }
        if self.zone.is_empty() {
            return time.shown_in(Zone::Local);
        }
        // Go does not know the offset of an abbreviation that is not local, and takes none.
        let hours = self.zone.strip_prefix(b"GMT").filter(|hours| !hours.is_empty());
        let offset = hours.and_then(|hours| number(hours).ok()).unwrap_or(0) * 3600;
        time.shown_in(Zone::fixed(self.zone, offset))
    }
}

fn within(number: i64, range: std::ops::RangeInclusive<i64>) -> Result<i64, Fault> {
    if range.contains(&number) { Ok(number) } else { Err(RANGE) }
}

fn is_digit(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(u8::is_ascii_digit)
}

fn begins_fraction(value: &[u8]) -> bool {
    matches!(value.first(), Some(b'.' | b',')) && is_digit(value, 1)
}

/// A number with or without sign; nothing is 0.
fn number(text: &[u8]) -> Result<i64, Fault> {
    let negative = text.starts_with(b"-");
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let number = digits.iter().try_fold(0_i64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    });
    number.map(|number| if negative { -number } else { number }).ok_or(BAD)
}

trait TrimSpace {
    fn trim_start_matches_space(&self) -> &Self;
}

impl TrimSpace for [u8] {
    fn trim_start_matches_space(&self) -> &Self {
        let spaces = self.iter().take_while(|byte| **byte == b' ').count();
        &self[spaces..]
    }
}
