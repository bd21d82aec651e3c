//! What a backslash begins.

use super::{Parser, split_first};
use crate::error::Fault;
use crate::goregex::ast::Look;
use crate::goregex::class::{self, Builder};
use crate::goregex::{rune, unicode};

const INVALID: Fault = Fault::new("invalid escape sequence in a regular expression");
const RANGE: Fault = Fault::new("invalid character class range in a regular expression");

impl Parser<'_> {
    /// An escape outside of a set.
    pub(super) fn escape(&mut self) -> Result<(), Fault> {
        let Some((letter, after)) = split_first(&self.rest[1..]) else {
            return Err("trailing backslash at end of a regular expression".into());
        };
        let look = match letter {
            'A' => Some(Look::TextStart),
            'z' => Some(Look::TextEnd),
            'b' => Some(Look::WordBoundary),
            'B' => Some(Look::NoWordBoundary),
            _ => None,
        };
        if let Some(look) = look {
            self.rest = after;
            self.look(look);
            return Ok(());
        }
        if letter == 'Q' {
            let (literal, rest) = after.split_once("\\E").unwrap_or((after, ""));
            self.rest = rest;
            return literal.chars().try_for_each(|letter| self.literal(letter.into()));
        }
        let mut set = Builder::default();
        if self.class_escape(&mut set)? {
            return self.push_set(set);
        }
        let point = self.char_escape()?;
        self.literal(point)
    }

    /// Adds `\d`, `\pL`, `\p{Greek}` and the like to the set; false if it is another escape.
    pub(super) fn class_escape(&mut self, set: &mut Builder) -> Result<bool, Fault> {
        let Some(&letter) = self.rest.as_bytes().get(1) else {
            return Ok(false);
        };
        let upper = letter.is_ascii_uppercase();
        if let Some(ranges) = class::perl(letter.to_ascii_lowercase()) {
            set.add_set(ranges, self.flags.fold, upper);
            self.rest = &self.rest[2..];
            return Ok(true);
        }
        if letter.eq_ignore_ascii_case(&b'p') {
            self.unicode_escape(upper, set)?;
            return Ok(true);
        }
        Ok(false)
    }

    fn unicode_escape(&mut self, negate: bool, set: &mut Builder) -> Result<(), Fault> {
        let after = &self.rest[2..];
        let (name, rest) = match after.strip_prefix('{') {
            Some(braced) => braced.split_once('}').ok_or(RANGE)?,
            None => after.split_at(split_first(after).ok_or(RANGE)?.0.len_utf8()),
        };
        let (name, caret) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
        let table = unicode::table(name).ok_or(RANGE)?;
        let negate = negate ^ caret ^ table.negated;
        self.pay(table.ranges.len() as u64 * 8, set.bytes())?;
        set.add_set(&table.ranges, self.flags.fold && table.folds, negate);
        self.rest = rest;
        Ok(())
    }

    /// An escape that stands for one character.
    pub(super) fn char_escape(&mut self) -> Result<u32, Fault> {
        let (letter, after) = split_first(&self.rest[1..]).ok_or(INVALID)?;
        self.rest = after;
        let octal = |text: &str| text.starts_with(|digit| matches!(digit, '0'..='7'));
        Ok(match letter {
            'a' => 0x07,
            'f' => 0x0c,
            'n' => 0x0a,
            'r' => 0x0d,
            't' => 0x09,
            'v' => 0x0b,
            'x' => self.hexadecimal()?,
            // A digit other than 0 alone would refer back to a group, which Go has not.
            '0' => self.octal(0),
            '1'..='7' if octal(after) => self.octal(u32::from(letter) - 0x30),
            other if other.is_ascii() && !other.is_ascii_alphanumeric() => other.into(),
            _ => return Err(INVALID),
        })
    }

    /// The rest of up to three octal digits.
    fn octal(&mut self, first: u32) -> u32 {
        let mut point = first;
        for _ in 0..2 {
            match split_first(self.rest) {
                Some((digit @ '0'..='7', rest)) => {
                    point = point * 8 + (u32::from(digit) - 0x30);
                    self.rest = rest;
                }
                _ => break,
            }
        }
        point
    }

    /// Two hexadecimal digits, or any number of them in braces.
    fn hexadecimal(&mut self) -> Result<u32, Fault> {
        let (digits, rest) = match self.rest.strip_prefix('{') {
            Some(braced) => braced.split_once('}').ok_or(INVALID)?,
            None => (self.rest.get(..2).ok_or(INVALID)?, &self.rest[2..]),
        };
        self.rest = rest;
        if digits.is_empty() {
            return Err(INVALID);
        }
        digits.chars().try_fold(0, |point, digit| {
            let point = point * 16 + digit.to_digit(16).ok_or(INVALID)?;
            if point > rune::MAX { Err(INVALID) } else { Ok(point) }
        })
    }
}
