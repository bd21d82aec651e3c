//! Renders the same cases with Go and with ours, and collects where they differ.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use sealwright_template::Template;

use crate::case::{Case, Outcome, Phase, failed_action};
use crate::known::{self, Difference};
use crate::renderer::Renderer;
use crate::shrink::shrink;
use crate::statistics::calls;
use crate::{Context, Result, generate};

/// After so many differences the rest is only counted.
const SHOWN: usize = 200;

/// Both renderers, and what they may differ in.
pub struct Run {
    go: Renderer,
    ours: Renderer,
    known: Vec<Difference>,
    /// Functions that ours has not got.
    absent: Vec<&'static str>,
}

/// A case that the two do not agree on.
pub struct Disagreement {
    /// The case, cut down.
    pub case: Case,
    /// What Go makes of it.
    pub go: Outcome,
    /// What ours makes of it.
    pub ours: Outcome,
}

/// What came of a run.
#[derive(Default)]
pub struct Summary {
    /// How many cases there were for each of Go's phases.
    pub phases: BTreeMap<Phase, u64>,
    /// How many were not rendered, by a function that they call and ours has not got.
    pub absent: BTreeMap<&'static str, u64>,
    /// How many differ as the table of known differences says.
    pub known: u64,
    /// How many differ otherwise.
    pub different: u64,
    /// The first of them, cut down, grouped by [`Disagreement::cause`].
    pub shown: BTreeMap<String, Vec<Disagreement>>,
}

impl Run {
    /// A run of the two.
    ///
    /// # Errors
    /// When the table of known differences is not sound.
    pub fn new(go: Renderer, ours: Renderer) -> Result<Self> {
        let here: BTreeSet<_> = Template::functions().collect();
        let absent = generate::functions().filter(|name| !here.contains(name)).collect();
        Ok(Self { go, ours, known: known::differences()?, absent })
    }

    /// Holds the cases of `seed` with these numbers against each other.
    ///
    /// # Errors
    /// When one of the programs cannot be run.
    pub fn cases(&mut self, seed: u64, numbers: impl Iterator<Item = u64>) -> Result<Summary> {
        let mut summary = Summary::default();
        for number in numbers {
            self.compare(generate::case(seed, number), &mut summary)?;
        }
        Ok(summary)
    }

    /// Holds one case against the other renderer and adds to the summary.
    ///
    /// # Errors
    /// When one of the programs cannot be run.
    pub fn compare(&mut self, case: Case, summary: &mut Summary) -> Result<()> {
        if let Some(name) = self.absent.iter().find(|name| calls(&case.template, name)) {
            *summary.absent.entry(name).or_default() += 1;
            return Ok(());
        }
        let (go, ours) = (self.go.render(&case)?, self.ours.render(&case)?);
        let mut count = |phase| *summary.phases.entry(phase).or_default() += 1;
        if go.phase == Phase::Unstable || agree(&case, &go, &ours) {
            count(go.phase);
            return Ok(());
        }
        if self.known.iter().any(|known| known.covers(&case, &go, &ours)) {
            count(go.phase);
            summary.known += 1;
            return Ok(());
        }
        if !self.is_stable(&case, &go)? {
            count(Phase::Unstable);
            return Ok(());
        }
        count(go.phase);
        summary.different += 1;
        if summary.different <= SHOWN as u64 {
            let shown = self.cut_down(case, (go.phase, ours.phase))?;
            summary.shown.entry(shown.cause()).or_default().push(shown);
        }
        Ok(())
    }

    /// Whether another Go process says the same: an address that was printed differs there.
    fn is_stable(&mut self, case: &Case, before: &Outcome) -> Result<bool> {
        self.go.restart();
        Ok(self.go.render(case)?.agrees_with(before))
    }

    fn cut_down(&mut self, case: Case, phases: (Phase, Phase)) -> Result<Disagreement> {
        let case = shrink(case, |case| {
            let (go, ours) = (self.go.render(case)?, self.ours.render(case)?);
            let same = (go.phase, ours.phase) == phases && !agree(case, &go, &ours);
            let known = self.known.iter().any(|known| known.covers(case, &go, &ours));
            Ok(same && !known && self.is_stable(case, &go)?)
        })?;
        let (go, ours) = (self.go.render(&case)?, self.ours.render(&case)?);
        Ok(Disagreement { case, go, ours })
    }
}

/// Whether both say the same, and fail at the same action if they fail.
fn agree(case: &Case, go: &Outcome, ours: &Outcome) -> bool {
    go.agrees_with(ours)
        && (go.phase != Phase::Exec || failed_action(case, go) == failed_action(case, ours))
}

impl Disagreement {
    /// Both phases, and the functions and methods that the template calls: cases of one cause
    /// mostly share them.
    #[must_use]
    pub fn cause(&self) -> String {
        let outside = self.case.template.split(['"', '`']).step_by(2).collect::<Vec<_>>().join(" ");
        let names: BTreeSet<_> = generate::functions().chain(generate::methods()).collect();
        let words: BTreeSet<_> = outside
            .split(|character: char| !character.is_alphanumeric())
            .filter(|word| names.contains(word))
            .collect();
        let words = words.into_iter().collect::<Vec<_>>().join(" ");
        format!("{} in Go, {} here: {words}", self.go.phase.name(), self.ours.phase.name())
    }

    fn print(&self, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(out, "- `{}`", shown(self.case.template.as_bytes()))?;
        for (key, value) in &self.case.data {
            writeln!(out, "  - data `{key}` = `{}`", shown(value))?;
        }
        for (who, outcome) in [("Go", &self.go), ("here", &self.ours)] {
            let what = if outcome.phase == Phase::Ok {
                shown(&outcome.out)
            } else {
                outcome.error.clone()
            };
            writeln!(out, "  - {who}: {} `{}`", outcome.phase.name(), what.trim_end())?;
        }
        Ok(())
    }
}

fn shown(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\n' => out.push('␊'),
                '\0'..' ' | '\u{7f}'..'\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                    out.extend(character.escape_default())
                }
                _ => out.push(character),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

impl Summary {
    /// Whether nothing differs but what may.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.different == 0 && self.absent.is_empty()
    }

    /// Writes the counts and the differences.
    ///
    /// # Errors
    /// When writing fails.
    pub fn print(&self, out: &mut impl Write, most: usize) -> Result<()> {
        self.write(out, most).context(|| "cannot write the summary".into())
    }

    fn write(&self, out: &mut impl Write, most: usize) -> std::io::Result<()> {
        let mut groups: Vec<_> = self.shown.iter().collect();
        groups.sort_by_key(|(_, all)| std::cmp::Reverse(all.len()));
        for (cause, all) in groups {
            writeln!(out, "\n### {} × {cause}\n", all.len())?;
            let mut smallest: Vec<_> = all.iter().collect();
            smallest.sort_by_key(|one| one.case.template.len());
            for one in smallest.into_iter().take(most) {
                one.print(out)?;
            }
        }
        for (name, count) in &self.absent {
            writeln!(out, "{count} not rendered, for want of {name}")?;
        }
        let phases: Vec<_> =
            self.phases.iter().map(|(phase, count)| format!("{count} {}", phase.name())).collect();
        writeln!(
            out,
            "\n{} different, {} known; in Go {}",
            self.different,
            self.known,
            phases.join(", ")
        )
    }
}
