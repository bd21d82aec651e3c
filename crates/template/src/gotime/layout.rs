//! Layouts: how the reference time, Mon Jan 2 15:04:05 MST 2006, would look.

/// A part of a layout that stands for a part of a time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekDay,
    WeekDay,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    Pm,
    LowerPm,
    Zone,
    Offset(Offset),
    Fraction(Fraction),
}

/// An offset from UTC: `-0700`, `Z07:00` and the like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Offset {
    /// Whether UTC is `Z`.
    pub(super) z: bool,
    pub(super) colon: bool,
    pub(super) minutes: bool,
    pub(super) seconds: bool,
}

/// Decimals of a second.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction {
    pub(super) digits: usize,
    pub(super) separator: u8,
    /// Whether zeros at the end are left out (`.999`).
    pub(super) trimmed: bool,
}

/// The text before the first item, the item, and the rest; all of it and none if there is none.
pub(super) fn next(layout: &[u8]) -> (&[u8], Option<Item>, &[u8]) {
    for at in 0..layout.len() {
        let rest = &layout[at..];
        // `_2006` is an underscore and a year.
        if rest.starts_with(b"_2006") {
            return (&layout[..=at], Some(Item::LongYear), &rest[5..]);
        }
        if let Some((item, length)) = item(rest) {
            return (&layout[..at], Some(item), &rest[length..]);
        }
    }
    (layout, None, &[])
}

/// The item that `rest` begins with, and its length.
fn item(rest: &[u8]) -> Option<(Item, usize)> {
    if matches!(rest[0], b'.' | b',') {
        return fraction(rest);
    }
    let items: &[(&str, Item)] = match rest[0] {
        b'J' => &[("January", Item::LongMonth), ("Jan", Item::Month)],
        b'M' => &[("Monday", Item::LongWeekDay), ("Mon", Item::WeekDay), ("MST", Item::Zone)],
        b'0' => ZERO,
        b'1' => &[("15", Item::Hour), ("1", Item::NumMonth)],
        b'2' => &[("2006", Item::LongYear), ("2", Item::Day)],
        b'_' => &[("_2", Item::UnderDay), ("__2", Item::UnderYearDay)],
        b'3' => &[("3", Item::Hour12)],
        b'4' => &[("4", Item::Minute)],
        b'5' => &[("5", Item::Second)],
        b'P' => &[("PM", Item::Pm)],
        b'p' => &[("pm", Item::LowerPm)],
        b'-' | b'Z' => return offset(rest),
        _ => &[],
    };
    let found = items.iter().find(|(text, item)| {
        // `Month` is no month.
        let abbreviation = matches!(item, Item::Month | Item::WeekDay);
        rest.starts_with(text.as_bytes())
            && !(abbreviation && rest.get(3).is_some_and(u8::is_ascii_lowercase))
    });
    found.map(|(text, item)| (*item, text.len()))
}

const ZERO: &[(&str, Item)] = &[
    ("01", Item::ZeroMonth),
    ("02", Item::ZeroDay),
    ("03", Item::ZeroHour12),
    ("04", Item::ZeroMinute),
    ("05", Item::ZeroSecond),
    ("06", Item::Year),
    ("002", Item::ZeroYearDay),
];

fn offset(rest: &[u8]) -> Option<(Item, usize)> {
    let z = rest[0] == b'Z';
    let forms: [(&[u8], [bool; 3]); 5] = [
        (b"070000", [false, true, true]),
        (b"07:00:00", [true, true, true]),
        (b"0700", [false, true, false]),
        (b"07:00", [true, true, false]),
        (b"07", [false, false, false]),
    ];
    let (text, [colon, minutes, seconds]) =
        forms.into_iter().find(|(text, _)| rest[1..].starts_with(text))?;
    Some((Item::Offset(Offset { z, colon, minutes, seconds }), text.len() + 1))
}

fn fraction(rest: &[u8]) -> Option<(Item, usize)> {
    let digit = *rest.get(1).filter(|digit| matches!(digit, b'0' | b'9'))?;
    let digits = rest[1..].iter().take_while(|other| **other == digit).count();
    if rest.get(digits + 1).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    // Go counts in twelve bits.
    let fraction = Fraction { digits: digits & 0xfff, separator: rest[0], trimmed: digit == b'9' };
    Some((Item::Fraction(fraction), digits + 1))
}

pub(super) const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
