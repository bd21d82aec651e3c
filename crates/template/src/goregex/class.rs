//! Sets of characters.

use super::{rune, unicode};

/// A range of code points, both ends included.
pub(super) type Range = (u32, u32);

/// A set that is being put together.
#[derive(Default)]
pub(super) struct Builder {
    ranges: Vec<Range>,
}

impl Builder {
    pub(super) fn add(&mut self, from: u32, to: u32) {
        self.ranges.push((from, to));
    }

    /// Adds the range and whatever is equal to one of it when case is ignored.
    pub(super) fn add_folded(&mut self, from: u32, to: u32) {
        self.add(from, to);
        unicode::each_fold(from, to, |other| self.ranges.push((other, other)));
    }

    /// Adds a set; with `fold` what equals it when case is ignored, with `negate` the complement.
    pub(super) fn add_set(&mut self, set: &[Range], fold: bool, negate: bool) {
        if !fold && !negate {
            self.ranges.extend_from_slice(set);
            return;
        }
        let mut other = Self::default();
        for &(from, to) in set {
            if fold { other.add_folded(from, to) } else { other.add(from, to) }
        }
        if negate {
            other.negate();
        }
        self.ranges.append(&mut other.ranges);
    }

    pub(super) fn negate(&mut self) {
        self.sort();
        let mut next = 0;
        let mut rest = Vec::with_capacity(self.ranges.len() + 1);
        for &(from, to) in &self.ranges {
            if next < from {
                rest.push((next, from - 1));
            }
            next = to + 1;
        }
        if next <= rune::MAX {
            rest.push((next, rune::MAX));
        }
        self.ranges = rest;
    }

    /// How many ranges it takes, at most.
    pub(super) fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Bytes that they take, with what a vector takes in advance.
    pub(super) fn bytes(&self) -> usize {
        self.ranges.len() * 2 * size_of::<Range>()
    }

    pub(super) fn build(mut self) -> Class {
        self.sort();
        let mut ascii = 0;
        for &(from, to) in self.ranges.iter().take_while(|range| range.0 < 0x80) {
            for point in from..=to.min(0x7f) {
                ascii |= 1 << point;
            }
        }
        let beyond = self.ranges.partition_point(|range| range.1 < 0x80);
        self.ranges.drain(..beyond);
        self.ranges.shrink_to_fit();
        Class { ascii, beyond: self.ranges }
    }

    /// Sorts, and joins what touches.
    fn sort(&mut self) {
        self.ranges.sort_unstable();
        let mut kept: usize = 0;
        for at in 0..self.ranges.len() {
            let (from, to) = self.ranges[at];
            match kept.checked_sub(1).map(|last| &mut self.ranges[last]) {
                Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
                _ => {
                    self.ranges[kept] = (from, to);
                    kept += 1;
                }
            }
        }
        self.ranges.truncate(kept);
    }
}

/// A set of characters.
pub(super) struct Class {
    ascii: u128,
    /// What reaches beyond ASCII, sorted.
    beyond: Vec<Range>,
}

impl Class {
    pub(super) fn contains(&self, point: u32) -> bool {
        if point < 0x80 {
            return self.ascii >> point & 1 == 1;
        }
        let at = self.beyond.partition_point(|range| range.1 < point);
        self.beyond.get(at).is_some_and(|range| range.0 <= point)
    }

    /// The bytes of ASCII, as bits.
    pub(super) fn ascii(&self) -> u128 {
        self.ascii
    }

    pub(super) fn reaches_beyond_ascii(&self) -> bool {
        !self.beyond.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        // What is allocated takes some more.
        const OVERHEAD: usize = 16;
        size_of::<Self>() + OVERHEAD + self.beyond.len() * size_of::<Range>()
    }
}

/// Perl's classes: `d`, `s`, `w`.
pub(super) fn perl(letter: u8) -> Option<&'static [Range]> {
    Some(match letter {
        b'd' => DIGIT,
        b's' => &[(0x09, 0x0a), (0x0c, 0x0d), (0x20, 0x20)],
        b'w' => WORD,
        _ => return None,
    })
}

const DIGIT: &[Range] = &[(0x30, 0x39)];
const WORD: &[Range] = &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];

/// POSIX's classes, by the name between `[:` and `:]`.
pub(super) fn posix(name: &str) -> Option<&'static [Range]> {
    Some(match name {
        "alnum" => &[(0x30, 0x39), (0x41, 0x5a), (0x61, 0x7a)],
        "alpha" => &[(0x41, 0x5a), (0x61, 0x7a)],
        "ascii" => &[(0x00, 0x7f)],
        "blank" => &[(0x09, 0x09), (0x20, 0x20)],
        "cntrl" => &[(0x00, 0x1f), (0x7f, 0x7f)],
        "digit" => DIGIT,
        "graph" => &[(0x21, 0x7e)],
        "lower" => &[(0x61, 0x7a)],
        "print" => &[(0x20, 0x7e)],
        "punct" => &[(0x21, 0x2f), (0x3a, 0x40), (0x5b, 0x60), (0x7b, 0x7e)],
        "space" => &[(0x09, 0x0d), (0x20, 0x20)],
        "upper" => &[(0x41, 0x5a)],
        "word" => WORD,
        "xdigit" => &[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)],
        _ => return None,
    })
}
