//! `[…]`.

use super::{Parser, split_first};
use crate::error::Fault;
use crate::goregex::class::{self, Builder};

const RANGE: Fault = Fault::new("invalid character class range in a regular expression");

impl Parser<'_> {
    pub(super) fn set(&mut self) -> Result<(), Fault> {
        self.rest = &self.rest[1..];
        let negate = self.skip('^');
        let mut set = Builder::default();
        let mut first = true;
        while first || !self.rest.starts_with(']') {
            first = false;
            let before = set.len();
            self.member(&mut set)?;
            self.grown(&set, before)?;
        }
        self.rest = &self.rest[1..];
        if negate {
            set.negate();
        }
        self.push_set(set)
    }

    /// One character, range or named set.
    fn member(&mut self, set: &mut Builder) -> Result<(), Fault> {
        if self.named(set)? || (self.rest.starts_with('\\') && self.class_escape(set)?) {
            return Ok(());
        }
        let from = self.member_char()?;
        let mut to = from;
        // A hyphen before the closing bracket, or at the end, is itself.
        if self.rest.len() >= 2 && self.rest.starts_with('-') && !self.rest.starts_with("-]") {
            self.rest = &self.rest[1..];
            to = self.member_char()?;
            if to < from {
                return Err(RANGE);
            }
        }
        if self.flags.fold {
            set.add_folded(from, to)
        } else {
            set.add(from, to)
        }
        Ok(())
    }

    /// Pays for what a member brought that is more than itself.
    fn grown(&mut self, set: &Builder, before: usize) -> Result<(), Fault> {
        if self.ranges + set.len() > super::RANGES {
            return Err(Fault::HELD);
        }
        match set.len() - before {
            0 | 1 => Ok(()),
            more => self.pay(more as u64 * 2, set.bytes()),
        }
    }

    /// `[:alpha:]` or `[:^alpha:]`.
    fn named(&mut self, set: &mut Builder) -> Result<bool, Fault> {
        let Some(named) = self.rest.strip_prefix("[:").filter(|_| self.may_name) else {
            return Ok(false);
        };
        let Some((name, rest)) = named.split_once(":]") else {
            // Nor is there one behind: it is not looked for again.
            self.may_name = false;
            return Ok(false);
        };
        let (name, negate) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
        set.add_set(class::posix(name).ok_or(RANGE)?, self.flags.fold, negate);
        self.rest = rest;
        Ok(true)
    }

    fn member_char(&mut self) -> Result<u32, Fault> {
        if self.rest.starts_with('\\') {
            return self.char_escape();
        }
        let (letter, rest) =
            split_first(self.rest).ok_or("missing closing ] in a regular expression")?;
        self.rest = rest;
        Ok(letter.into())
    }

    fn skip(&mut self, letter: char) -> bool {
        let rest = self.rest.strip_prefix(letter);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}
