//! Reading offsets and abbreviations of zones.

use super::{BAD, RANGE, Reading, number};
use crate::error::Fault;
use crate::gotime::layout::Offset;

impl Reading<'_> {
    /// `Z` or an offset like `-07:00`.
    pub(super) fn offset(&mut self, form: Offset) -> Result<(), Fault> {
        if form.z
            && let Some(rest) = self.value.strip_prefix(b"Z")
        {
            self.value = rest;
            self.utc = true;
            return Ok(());
        }
        let colon = usize::from(form.colon);
        let minutes = if form.minutes { 2 + colon } else { 0 };
        let seconds = if form.seconds { 2 + colon } else { 0 };
        let text = self.take(3 + minutes + seconds)?;
        let (hours, rest) = text.split_at(3);
        let (minutes, seconds) = rest.split_at(minutes);
        let [hours, minutes, seconds] =
            [two(&hours[1..], 24)?, part(minutes, form.colon)?, part(seconds, form.colon)?];
        let offset = (hours * 60 + minutes) * 60 + seconds;
        let offset = match text[0] {
            b'+' => offset,
            b'-' => -offset,
            _ => return Err(BAD),
        };
        // Go's sign for no offset.
        self.offset = (offset != -1).then_some(offset);
        Ok(())
    }

    /// `UTC`, or what looks like an abbreviation.
    pub(super) fn zone_name(&mut self) -> Result<(), Fault> {
        if let Some(rest) = self.value.strip_prefix(b"UTC") {
            self.value = rest;
            self.utc = true;
            return Ok(());
        }
        let length = abbreviation(self.value).ok_or(BAD)?;
        self.zone = self.take(length)?;
        Ok(())
    }
}

/// Two digits behind a colon, or without; nothing is 0. Go lets pass 60.
fn part(text: &[u8], colon: bool) -> Result<i64, Fault> {
    match (text.is_empty(), colon) {
        (true, _) => Ok(0),
        (false, false) => two(text, 60),
        (false, true) => two(text.strip_prefix(b":").ok_or(BAD)?, 60),
    }
}

fn two(digits: &[u8], most: i64) -> Result<i64, Fault> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(BAD);
    }
    let found = number(digits)?;
    if found > most { Err(RANGE) } else { Ok(found) }
}

/// How long the abbreviation is that `value` begins with; none if it begins with none.
fn abbreviation(value: &[u8]) -> Option<usize> {
    if value.len() < 3 {
        return None;
    }
    if value.starts_with(b"ChST") || value.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(rest) = value.strip_prefix(b"GMT") {
        return Some(3 + signed_hours(rest).unwrap_or(0));
    }
    if matches!(value[0], b'+' | b'-') {
        return signed_hours(value);
    }
    let capitals = value.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count();
    match capitals {
        3 => Some(3),
        4 if value[3] == b'T' || value.starts_with(b"WITA") => Some(4),
        5 if value[4] == b'T' => Some(5),
        _ => None,
    }
}

/// The length of a sign and hours up to 23.
fn signed_hours(value: &[u8]) -> Option<usize> {
    let digits = value.strip_prefix(b"+").or_else(|| value.strip_prefix(b"-"))?;
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let hours = number(&digits[..length]).ok()?;
    (length > 0 && hours <= 23).then_some(length + 1)
}
