//! Go's regular expressions: package `regexp` with its Perl-like syntax.
//!
//! What Go accepts is accepted, what it rejects is rejected, and the leftmost-first match is the
//! same, on subjects of any bytes: a byte that is no UTF-8 is read as U+FFFD, as Go reads it. The
//! two machines are Go's too, a backtracker that visits nothing twice and Pike's: both take time
//! in proportion to pattern and subject, and pay for it, step by step.

mod ast;
mod backtrack;
mod class;
mod compile;
mod expand;
mod parse;
mod pike;
mod replace;
mod rune;
mod search;
mod unicode;

pub(crate) use replace::quote_meta;
pub(crate) use search::Searcher;

use crate::context::Context;
use crate::error::Fault;
use compile::Program;

/// Steps that the smallest pattern takes.
const CALL: u64 = 64;

/// A regular expression, ready to search with.
pub(crate) struct Regex {
    program: Program,
    /// The names of the groups, from group 0; empty for those without.
    names: Vec<String>,
    is_empty: bool,
}

impl Regex {
    /// Go's `regexp.Compile`.
    ///
    /// # Errors
    /// When Go rejects `pattern`, or it is so large that only harm can be meant.
    pub(crate) fn new(context: &mut Context<'_>, pattern: &[u8]) -> Result<Self, Fault> {
        context.spend(CALL + 2 * pattern.len() as u64)?;
        let reading = pattern.len().saturating_mul(parse::READING);
        context.room(reading)?;
        let text = std::str::from_utf8(pattern).map_err(|_| "a regular expression is not UTF-8")?;
        let mut pay = |steps, bytes: usize| {
            context.spend(steps)?;
            context.check(reading + bytes)
        };
        let parsed = parse::parse(text, &mut pay)?;
        let size = parsed.tree.size;
        context.spend(compile::steps(size))?;
        context.room(reading + parsed.bytes + size * compile::INSTRUCTION)?;
        let program = compile::compile(&parsed.tree, parsed.classes);
        Ok(Self { program, names: parsed.names, is_empty: pattern.is_empty() })
    }

    /// A pattern that is part of the program.
    pub(crate) fn literal(pattern: &'static str) -> Self {
        let parsed = parse::parse(pattern, &mut |_, _| Ok(()));
        let parsed = parsed.expect("patterns of the program are good");
        let program = compile::compile(&parsed.tree, parsed.classes);
        Self { program, names: parsed.names, is_empty: pattern.is_empty() }
    }

    /// How many groups there are, with group 0, the whole match.
    pub(crate) fn groups(&self) -> usize {
        self.names.len()
    }
}

#[cfg(test)]
mod tests;
