//! Constraints on versions: `^1.2`, `>= 1.0, < 2 || 3.x`.

use std::cmp::Ordering;
use std::sync::LazyLock;

use memchr::memmem;

use super::Version;
use super::version::compare_prereleases;
use crate::context::Context;
use crate::error::Fault;
use crate::goregex::{Regex, Searcher};
use crate::value::Counted;

const IMPROPER: Fault = Fault::new("improper constraint");

/// One of these must hold, in each of these all.
pub(crate) struct Constraints(Counted<Counted<Constraint>>);

struct Constraint {
    operator: Operator,
    version: Version,
    /// Whether a segment is missing or an `x`.
    dirty: bool,
    minor_dirty: bool,
    patch_dirty: bool,
}

#[derive(Clone, Copy)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

macro_rules! version {
    () => {
        r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
    };
}
macro_rules! operator {
    () => {
        r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^"
    };
}

/// One constraint: its operator, its version, the segments, the prerelease with its hyphen.
static ONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::literal(concat!(r"^\s*(", operator!(), r")\s*(", version!(), r")\s*$"))
});
/// `1.2 - 2.0`
static RANGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::literal(concat!(r"\s*(", version!(), r")\s+-\s+(", version!(), r")\s*"))
});
static FIND: LazyLock<Regex> =
    LazyLock::new(|| Regex::literal(concat!("(", operator!(), r")\s*(", version!(), ")")));
/// What stands between `||`: constraints with spaces or commas between them.
static ALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::literal(concat!(
        r"^(\s*(",
        operator!(),
        r")\s*(",
        version!(),
        r")\s*)((?:\s+|,\s*)(",
        operator!(),
        r")\s*(",
        version!(),
        r")\s*)*$"
    ))
});

impl Constraints {
    /// `NewConstraint`.
    ///
    /// # Errors
    /// When `text` is no constraint, or steps run out.
    pub(crate) fn parse(context: &mut Context<'_>, text: &[u8]) -> Result<Self, Fault> {
        let text = without_ranges(context, text)?;
        let mut branches = Counted::default();
        let mut rest = Some(&text[..]);
        while let Some(text) = rest {
            let (branch, after) = cut_at_bars(text);
            let constraints = Self::branch(context, branch)?;
            branches.push(context, constraints)?;
            rest = after;
        }
        Ok(Self(branches))
    }

    fn branch(context: &mut Context<'_>, text: &[u8]) -> Result<Counted<Constraint>, Fault> {
        if !Searcher::new(&ALL, text).is_match(context)? {
            return Err(IMPROPER);
        }
        let mut constraints = Counted::default();
        for (from, to) in Searcher::new(&FIND, text).find_all(context, -1)? {
            let constraint = Constraint::parse(context, &text[from..to])?;
            constraints.push(context, constraint)?;
        }
        Ok(constraints)
    }

    /// Whether the version satisfies them.
    ///
    /// # Errors
    /// When steps run out.
    pub(crate) fn check(
        &self,
        context: &mut Context<'_>,
        version: &Version,
    ) -> Result<bool, Fault> {
        for branch in self.0.iter() {
            let mut all = true;
            for constraint in branch.iter() {
                let read = version.prerelease.len() + constraint.version.prerelease.len();
                context.spend(1 + read as u64 / 8)?;
                all = all && constraint.check(version);
            }
            if all {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Writes `1.2 - 2.0` as `>= 1.2, <= 2.0`.
fn without_ranges(context: &mut Context<'_>, text: &[u8]) -> Result<Vec<u8>, Fault> {
    let found = Searcher::new(&RANGE, text).all_groups(context)?;
    context.room(text.len())?;
    let mut rewritten = text.to_vec();
    for groups in found {
        let (range, from, to) = (groups[0], groups[1], groups[11]);
        context.spend(rewritten.len() as u64)?;
        // Go replaces the first text like it, wherever that is.
        let Some(at) = memmem::find(&rewritten, range) else { continue };
        let bounds = [b">= ", from, b", <= ", to, b" "].concat();
        rewritten.splice(at..at + range.len(), bounds);
    }
    Ok(rewritten)
}

/// What comes before `||`, and after it.
fn cut_at_bars(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memmem::find(text, b"||") {
        Some(at) => (&text[..at], Some(&text[at + 2..])),
        None => (text, None),
    }
}

impl Constraint {
    fn parse(context: &mut Context<'_>, text: &[u8]) -> Result<Self, Fault> {
        let groups = Searcher::new(&ONE, text).groups(context)?.ok_or(IMPROPER)?;
        let [_, operator, whole, major, minor, patch, prerelease, ..] = groups[..] else {
            return Err(IMPROPER);
        };
        let open =
            |segment: &[u8]| matches!(segment, b"" | b"x" | b"X" | b"*" | b".x" | b".X" | b".*");
        let any = open(major);
        let minor_dirty = !any && open(minor);
        let patch_dirty = !any && !minor_dirty && open(patch);
        let version = if any {
            [b"0.0.0", prerelease].concat()
        } else if minor_dirty {
            [major, b".0.0", prerelease].concat()
        } else if patch_dirty {
            [major, minor, b".0", prerelease].concat()
        } else {
            whole.to_vec()
        };
        Ok(Self {
            operator: Operator::named(operator),
            version: Version::parse(context, &version)
                .map_err(|fault| if fault.limit { fault } else { IMPROPER })?,
            dirty: any || minor_dirty || patch_dirty,
            minor_dirty,
            patch_dirty,
        })
    }

    fn check(&self, version: &Version) -> bool {
        let prerelease = !version.prerelease.is_empty() && self.version.prerelease.is_empty();
        match self.operator {
            // Only `!=` without an `x` lets in prereleases that it does not ask for.
            Operator::NotEqual if !self.dirty => version.compare(&self.version).is_ne(),
            _ if prerelease => false,
            Operator::NotEqual => self.not_equal(version),
            Operator::Equal if self.dirty => self.tilde(version),
            Operator::Equal => version.compare(&self.version).is_eq(),
            Operator::Greater => self.greater(version),
            Operator::Less => version.compare(&self.version).is_lt(),
            Operator::GreaterOrEqual => version.compare(&self.version).is_ge(),
            Operator::LessOrEqual => self.less_or_equal(version),
            Operator::Tilde => self.tilde(version),
            Operator::Caret => self.caret(version),
        }
    }

    fn not_equal(&self, version: &Version) -> bool {
        let bound = &self.version;
        if version.major != bound.major {
            true
        } else if self.minor_dirty {
            false
        } else if version.minor != bound.minor {
            true
        } else if self.patch_dirty {
            compare_prereleases(&version.prerelease, &bound.prerelease).is_ne()
        } else {
            version.compare(bound).is_ne()
        }
    }

    fn greater(&self, version: &Version) -> bool {
        let bound = &self.version;
        match version.major.cmp(&bound.major) {
            _ if !self.dirty => version.compare(bound).is_gt(),
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal if self.minor_dirty => false,
            Ordering::Equal if self.patch_dirty => version.minor > bound.minor,
            Ordering::Equal => version.compare(bound).is_gt(),
        }
    }

    fn less_or_equal(&self, version: &Version) -> bool {
        let bound = &self.version;
        if !self.dirty {
            return version.compare(bound).is_le();
        }
        let beyond = version.major == bound.major && version.minor > bound.minor;
        version.major <= bound.major && (!beyond || self.minor_dirty)
    }

    fn tilde(&self, version: &Version) -> bool {
        let bound = &self.version;
        if version.compare(bound).is_lt() {
            return false;
        }
        let zero = (bound.major, bound.minor, bound.patch) == (0, 0, 0);
        if zero && !self.minor_dirty && !self.patch_dirty {
            return true;
        }
        version.major == bound.major && (version.minor == bound.minor || self.minor_dirty)
    }

    fn caret(&self, version: &Version) -> bool {
        let bound = &self.version;
        if version.compare(bound).is_lt() || version.major != bound.major {
            return false;
        }
        if bound.major > 0 || self.minor_dirty {
            return true;
        }
        if bound.minor > 0 || self.patch_dirty {
            return version.minor == bound.minor;
        }
        version.minor == 0 && version.patch == bound.patch
    }
}

impl Operator {
    fn named(name: &[u8]) -> Self {
        match name {
            b"!=" => Self::NotEqual,
            b">" => Self::Greater,
            b"<" => Self::Less,
            b">=" | b"=>" => Self::GreaterOrEqual,
            b"<=" | b"=<" => Self::LessOrEqual,
            b"~" | b"~>" => Self::Tilde,
            b"^" => Self::Caret,
            _ => Self::Equal,
        }
    }
}
