//! What the generator makes, judged by Go alone: shares of the phases, and how often each function
//! is in a template that renders.

use std::collections::BTreeMap;
use std::io::Write;

use crate::case::Phase;
use crate::renderer::Renderer;
use crate::{Context, Result, generate};

/// How often a function occurs, by Go's phase.
#[derive(Clone, Copy, Default)]
pub struct Reach {
    /// In templates that render.
    pub ok: u64,
    /// In templates that fail while they render.
    pub exec: u64,
}

/// What came of the cases.
#[derive(Default)]
pub struct Statistics {
    /// How many cases ended in each phase.
    pub phases: BTreeMap<Phase, u64>,
    /// How often each function occurs.
    pub functions: BTreeMap<&'static str, Reach>,
    /// How many bytes the templates hold.
    pub bytes: usize,
    /// The most frequent reasons to fail.
    pub errors: BTreeMap<String, u64>,
}

/// Renders `cases` cases of `seed` with Go.
///
/// # Errors
/// When Go's program cannot be run.
pub fn gather(go: &mut Renderer, seed: u64, cases: u64) -> Result<Statistics> {
    let mut statistics = Statistics::default();
    for name in generate::functions() {
        statistics.functions.insert(name, Reach::default());
    }
    for number in 0..cases {
        let case = generate::case(seed, number);
        let outcome = go.render(&case)?;
        *statistics.phases.entry(outcome.phase).or_default() += 1;
        statistics.bytes += case.template.len();
        if outcome.phase != Phase::Ok {
            let error = format!("{}: {}", outcome.phase.name(), gist(&outcome.error));
            *statistics.errors.entry(error).or_default() += 1;
        }
        for (name, reach) in &mut statistics.functions {
            let count = u64::from(calls(&case.template, name));
            match outcome.phase {
                Phase::Ok => reach.ok += count,
                Phase::Exec => reach.exec += count,
                _ => {}
            }
        }
    }
    Ok(statistics)
}

/// Whether `name` stands in `template` as a word of its own.
pub(crate) fn calls(template: &str, name: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '"');
    template.match_indices(name).any(|(at, _)| {
        let (before, after) = (&template[..at], &template[at + name.len()..]);
        !before.ends_with(is_part) && !before.ends_with(['.', '$']) && !after.starts_with(is_part)
    })
}

/// The last words of an error, which say what went wrong.
fn gist(error: &str) -> String {
    let words = error.rsplit(": ").next().unwrap_or_default();
    words.chars().filter(|character| !character.is_ascii_digit()).take(60).collect()
}

impl Statistics {
    /// The functions that fewer than `least` rendering templates call.
    #[must_use]
    pub fn rarer_than(&self, least: u64) -> Vec<&'static str> {
        self.functions.iter().filter(|(_, reach)| reach.ok < least).map(|(name, _)| *name).collect()
    }

    /// The functions that no template calls, whether it renders or fails.
    #[must_use]
    pub fn unreached(&self) -> Vec<&'static str> {
        let unreached = self.functions.iter().filter(|(_, reach)| reach.ok + reach.exec == 0);
        unreached.map(|(name, _)| *name).collect()
    }

    /// The share of the templates that render.
    #[must_use]
    pub fn rendered(&self) -> f64 {
        let all: u64 = self.phases.values().sum();
        self.phases.get(&Phase::Ok).copied().unwrap_or_default() as f64 / all.max(1) as f64
    }

    /// Writes everything as a table.
    ///
    /// # Errors
    /// When writing fails.
    pub fn print(&self, out: &mut impl Write) -> Result<()> {
        self.write(out).context(|| "cannot write the statistics".into())
    }

    fn write(&self, out: &mut impl Write) -> std::io::Result<()> {
        let cases: u64 = self.phases.values().sum();
        writeln!(out, "{:<28} {:>7} {:>7}", "function", "ok", "exec")?;
        for (name, reach) in &self.functions {
            writeln!(out, "{name:<28} {:>7} {:>7}", reach.ok, reach.exec)?;
        }
        let mut errors: Vec<_> = self.errors.iter().collect();
        errors.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        writeln!(out)?;
        for (error, count) in errors.into_iter().take(40) {
            writeln!(out, "{count:>7} {error}")?;
        }
        writeln!(out, "\n{cases} cases, {} bytes each", self.bytes as u64 / cases.max(1))?;
        for (phase, count) in &self.phases {
            writeln!(out, "{:<9} {:>5.1} %", phase.name(), *count as f64 * 100.0 / cases as f64)?;
        }
        Ok(())
    }
}
