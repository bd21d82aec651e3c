//! Finding matches.

use super::backtrack::{self, Backtracker};
use super::pike::Pike;
use super::{Regex, rune};
use crate::context::Context;
use crate::error::Fault;

/// A slot that notes no place.
pub(super) const NONE: u32 = u32::MAX;

/// Searches one subject with one regular expression.
pub(crate) struct Searcher<'a> {
    pub(super) regex: &'a Regex,
    pub(super) text: &'a [u8],
    backtracker: Backtracker,
    pike: Pike,
}

impl<'a> Searcher<'a> {
    pub(crate) fn new(regex: &'a Regex, text: &'a [u8]) -> Self {
        Self { regex, text, backtracker: Backtracker::default(), pike: Pike::default() }
    }

    /// Fills `slots` with the places of the leftmost match that begins at `from` or later: begin
    /// and end of the match, then of the groups, as many as there is room for.
    ///
    /// # Errors
    /// When the steps of the render run out.
    pub(super) fn search(
        &mut self,
        context: &mut Context<'_>,
        from: usize,
        slots: &mut [u32],
    ) -> Result<bool, Fault> {
        let program = &self.regex.program;
        if !backtrack::fits(program, self.text.len() - from) {
            return self.pike.search(context, program, self.text, from, slots);
        }
        let mut steps = 0;
        let found = self.backtracker.search(program, self.text, from, slots, &mut steps);
        context.spend(1 + steps / 2)?;
        Ok(found)
    }

    /// Whether there is a match.
    pub(crate) fn is_match(&mut self, context: &mut Context<'_>) -> Result<bool, Fault> {
        self.search(context, 0, &mut [])
    }

    /// The first match.
    pub(crate) fn find(&mut self, context: &mut Context<'_>) -> Result<Option<&'a [u8]>, Fault> {
        let mut slots = [NONE; 2];
        let found = self.search(context, 0, &mut slots)?;
        Ok(found.then(|| &self.text[slots[0] as usize..slots[1] as usize]))
    }

    /// What the first match and its groups hold; nothing where a group has no part in it.
    pub(crate) fn groups(
        &mut self,
        context: &mut Context<'_>,
    ) -> Result<Option<Vec<&'a [u8]>>, Fault> {
        let mut slots = vec![NONE; self.regex.groups() * 2];
        let found = self.search(context, 0, &mut slots)?;
        Ok(found.then(|| self.parts(&slots)))
    }

    /// The same of every match.
    pub(crate) fn all_groups(
        &mut self,
        context: &mut Context<'_>,
    ) -> Result<Vec<Vec<&'a [u8]>>, Fault> {
        let mut slots = vec![NONE; self.regex.groups() * 2];
        let mut found = Vec::new();
        let bytes = self.regex.groups() * size_of::<&[u8]>();
        self.each(context, usize::MAX, &mut slots, |this, context, slots| {
            context.room((found.len() + 1) * bytes)?;
            found.push(this.parts(slots));
            Ok(())
        })?;
        Ok(found)
    }

    fn parts(&self, slots: &[u32]) -> Vec<&'a [u8]> {
        let part = |pair: &[u32]| match *pair {
            [from, to] if from != NONE => &self.text[from as usize..to as usize],
            _ => &[],
        };
        slots.chunks(2).map(part).collect()
    }

    /// The places of the matches that do not overlap, as many as `limit`; all if it is negative.
    pub(crate) fn find_all(
        &mut self,
        context: &mut Context<'_>,
        limit: i64,
    ) -> Result<Vec<(usize, usize)>, Fault> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut found = Vec::new();
        self.each(context, limit, &mut [NONE; 2], |_, context, slots| {
            if found.len() == found.capacity() {
                context.room(found.len() * 3 * size_of::<(usize, usize)>())?;
            }
            found.push((slots[0] as usize, slots[1] as usize));
            Ok(())
        })?;
        Ok(found)
    }

    /// Calls `deliver` with the slots of the matches that do not overlap, up to `limit` of them.
    fn each(
        &mut self,
        context: &mut Context<'_>,
        limit: usize,
        slots: &mut [u32],
        mut deliver: impl FnMut(&Self, &mut Context<'_>, &[u32]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut count = 0;
        let mut at = 0;
        let mut last_end = None;
        while count < limit && at <= self.text.len() && self.search(context, at, slots)? {
            let (start, end) = (slots[0] as usize, slots[1] as usize);
            // No empty match right after another.
            let accept = end != at || last_end != Some(start);
            if end == at {
                at += rune::decode(self.text, at).1.max(1);
            } else {
                at = end;
            }
            last_end = Some(end);
            if accept {
                deliver(self, context, slots)?;
                count += 1;
            }
        }
        Ok(())
    }

    /// Go's `Split`: the texts between matches, and how many Go makes room for at first.
    pub(crate) fn split(
        &mut self,
        context: &mut Context<'_>,
        limit: i64,
    ) -> Result<(Vec<&'a [u8]>, usize), Fault> {
        if !self.regex.is_empty && self.text.is_empty() {
            return Ok((vec![self.text], 1));
        }
        let mut parts = Vec::new();
        let (mut begin, mut end) = (0, 0);
        let found = self.find_all(context, limit)?;
        let room = found.len();
        context.room(found.len() * 2 * size_of::<(usize, usize)>())?;
        for (from, to) in found {
            if limit > 0 && parts.len() as u64 + 1 >= limit.unsigned_abs() {
                break;
            }
            end = from;
            if to != 0 {
                parts.push(&self.text[begin..end]);
            }
            begin = to;
        }
        if end != self.text.len() {
            parts.push(&self.text[begin..]);
        }
        Ok((parts, room))
    }
}

/// The first character from `at` on that begins with one of `first`; the end if there is none.
/// Bytes beyond ASCII are all among them or none is, so no character is cut.
pub(super) fn skip(text: &[u8], at: usize, first: &[bool; 256]) -> usize {
    let found = text[at..].iter().position(|&byte| first[usize::from(byte)]);
    found.map_or(text.len(), |found| at + found)
}
