//! A version.

use std::cmp::Ordering;

use crate::context::Context;
use crate::error::Fault;
use crate::value::Text;

pub(super) const INVALID: Fault = Fault::new("invalid semantic version");
pub(super) const ZERO: Fault = Fault::new("version segment starts with 0");
pub(super) const PRERELEASE: Fault = Fault::new("invalid prerelease string");
const METADATA: Fault = Fault::new("invalid metadata string");

/// What `semver.Version` holds.
#[derive(Clone, PartialEq)]
pub(crate) struct Version {
    pub(super) major: u64,
    pub(super) minor: u64,
    pub(super) patch: u64,
    /// Without the hyphen; empty if there is none.
    pub(super) prerelease: Text,
    /// Without the plus sign; empty if there is none.
    pub(super) metadata: Text,
    pub(super) original: Text,
}

impl Version {
    /// What is left of a version without its unexported fields, which are all it has.
    pub(super) const ZERO: Self = Self {
        major: 0,
        minor: 0,
        patch: 0,
        prerelease: Text::EMPTY,
        metadata: Text::EMPTY,
        original: Text::EMPTY,
    };

    /// `NewVersion`: `v?1(.2(.3)?)?(-a.b)?(+c.d)?`.
    ///
    /// # Errors
    /// When `text` is of another form, a prerelease number begins with 0, or steps run out.
    pub(crate) fn parse(context: &mut Context<'_>, text: &[u8]) -> Result<Self, Fault> {
        pay(context, text)?;
        let rest = text.strip_prefix(b"v").unwrap_or(text);
        let (major, mut rest) = number(rest)?;
        let mut more = [0; 2];
        for segment in &mut more {
            let Some(after) = rest.strip_prefix(b".") else { break };
            (*segment, rest) = number(after)?;
        }
        let [minor, patch] = more;
        let (prerelease, rest) = identifiers(rest, b'-')?;
        let (metadata, rest) = identifiers(rest, b'+')?;
        if !rest.is_empty() {
            return Err(INVALID);
        }
        check_prerelease(prerelease)?;
        Ok(Self {
            major,
            minor,
            patch,
            prerelease: prerelease.into(),
            metadata: metadata.into(),
            original: text.into(),
        })
    }

    /// How many bytes it holds, beside the numbers.
    pub(super) fn size(&self) -> usize {
        self.prerelease.len() + self.metadata.len() + self.original.len()
    }

    /// `1.2.3-pre+meta`, whatever the original was.
    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = format!("{}.{}.{}", self.major, self.minor, self.patch).into_bytes();
        for (sign, part) in [(b'-', &self.prerelease), (b'+', &self.metadata)] {
            if !part.is_empty() {
                text.push(sign);
                text.extend_from_slice(part);
            }
        }
        text
    }

    pub(super) fn next_major(&self) -> Self {
        let major = self.major.wrapping_add(1);
        Self { major, minor: 0, patch: 0, ..self.clone() }.released(self)
    }

    pub(super) fn next_minor(&self) -> Self {
        let minor = self.minor.wrapping_add(1);
        Self { minor, patch: 0, ..self.clone() }.released(self)
    }

    /// The next patch; of a prerelease, what it leads to.
    pub(super) fn next_patch(&self) -> Self {
        let step = u64::from(self.prerelease.is_empty());
        Self { patch: self.patch.wrapping_add(step), ..self.clone() }.released(self)
    }

    fn released(self, before: &Self) -> Self {
        let (prerelease, metadata) = (Text::EMPTY, Text::EMPTY);
        Self { prerelease, metadata, ..self }.made_from(before)
    }

    pub(super) fn with_prerelease(
        &self,
        context: &mut Context<'_>,
        prerelease: &Text,
    ) -> Result<Self, Fault> {
        pay(context, prerelease)?;
        check_prerelease(prerelease)?;
        Ok(Self { prerelease: prerelease.clone(), ..self.clone() }.made_from(self))
    }

    pub(super) fn with_metadata(
        &self,
        context: &mut Context<'_>,
        metadata: &Text,
    ) -> Result<Self, Fault> {
        pay(context, metadata)?;
        if !metadata.iter().all(|&byte| byte == b'.' || is_allowed(byte)) {
            return Err(METADATA);
        }
        Ok(Self { metadata: metadata.clone(), ..self.clone() }.made_from(self))
    }

    /// Writes the original anew, with a `v` if there was one.
    fn made_from(mut self, before: &Self) -> Self {
        let prefix: &[u8] = if before.original.starts_with(b"v") { b"v" } else { b"" };
        self.original = [prefix, &self.text()].concat().into();
        self
    }

    /// Metadata has no part in it; a prerelease comes before its release.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let numbers = |version: &Self| (version.major, version.minor, version.patch);
        let by_numbers = numbers(self).cmp(&numbers(other));
        by_numbers.then_with(|| match (&*self.prerelease, &*other.prerelease) {
            (b"", b"") => Ordering::Equal,
            (b"", _) => Ordering::Greater,
            (_, b"") => Ordering::Less,
            (one, other) => compare_prereleases(one, other),
        })
    }
}

/// Each byte is looked at several times, and copied into two texts.
fn pay(context: &mut Context<'_>, text: &[u8]) -> Result<(), Fault> {
    context.check(text.len().saturating_mul(3))?;
    context.spend(text.len() as u64 / 2)
}

/// By identifiers; the shorter comes first when all else is equal.
pub(super) fn compare_prereleases(one: &[u8], other: &[u8]) -> Ordering {
    let mut ones = one.split(|&byte| byte == b'.');
    let mut others = other.split(|&byte| byte == b'.');
    loop {
        let (one, other) = match (ones.next(), others.next()) {
            (None, None) => return Ordering::Equal,
            (one, other) => (one.unwrap_or_default(), other.unwrap_or_default()),
        };
        let order = compare_identifiers(one, other);
        if order.is_ne() {
            return order;
        }
    }
}

/// Nothing, then numbers, then words.
fn compare_identifiers(one: &[u8], other: &[u8]) -> Ordering {
    if one == other {
        return Ordering::Equal;
    }
    if one.is_empty() || other.is_empty() {
        return one.len().cmp(&other.len());
    }
    match (whole(one), whole(other)) {
        (None, None) => one.cmp(other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        // Of equal numbers that are written differently, neither is the greater one to Go.
        (Some(one), Some(other)) if one > other => Ordering::Greater,
        _ => Ordering::Less,
    }
}

fn whole(digits: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(digits).ok()?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// A number, and what comes after it.
fn number(text: &[u8]) -> Result<(u64, &[u8]), Fault> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Ok((whole(digits).ok_or(INVALID)?, rest))
}

/// What follows the sign, up to the plus sign or the end; nothing if the sign is not there.
fn identifiers(text: &[u8], sign: u8) -> Result<(&[u8], &[u8]), Fault> {
    let Some(text) = text.strip_prefix(&[sign]) else {
        return Ok((&[], text));
    };
    let end = text.iter().position(|&byte| byte != b'.' && !is_allowed(byte));
    let (found, rest) = text.split_at(end.unwrap_or(text.len()));
    if found.split(|&byte| byte == b'.').any(<[u8]>::is_empty) {
        return Err(INVALID);
    }
    Ok((found, rest))
}

fn is_allowed(byte: u8) -> bool {
    byte == b'-' || byte.is_ascii_alphanumeric()
}

fn check_prerelease(prerelease: &[u8]) -> Result<(), Fault> {
    for part in prerelease.split(|&byte| byte == b'.') {
        if part.iter().all(u8::is_ascii_digit) {
            if part.len() > 1 && part[0] == b'0' {
                return Err(ZERO);
            }
        } else if !part.iter().all(|&byte| is_allowed(byte)) {
            return Err(PRERELEASE);
        }
    }
    Ok(())
}
