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
        let verdict = self.verdict(&case, &go, &ours)?;
        let phase = if verdict == Verdict::Unstable { Phase::Unstable } else { go.phase };
        *summary.phases.entry(phase).or_default() += 1;
        summary.known += u64::from(verdict == Verdict::Known);
        if verdict == Verdict::Different {
            summary.different += 1;
            if summary.different <= SHOWN as u64 {
                let shown = self.cut_down(case, (go.phase, ours.phase))?;
                summary.shown.entry(shown.cause()).or_default().push(shown);
            }
        }
        Ok(())
    }

    /// Ours must never die, whatever becomes of Go.
    fn verdict(&mut self, case: &Case, go: &Outcome, ours: &Outcome) -> Result<Verdict> {
        Ok(if ours.phase == Phase::Killed {
            Verdict::Different
        } else if go.phase == Phase::Unstable {
            Verdict::Unstable
        } else if agree(case, go, ours) {
            Verdict::Same
        } else if self.known.iter().any(|known| known.covers(case, go, ours)) {
            Verdict::Known
        } else if !self.is_stable(case, go)? {
            Verdict::Unstable
        } else {
            Verdict::Different
        })
    }

    /// Whether another Go process says the same: an address that was printed differs there.
    fn is_stable(&mut self, case: &Case, before: &Outcome) -> Result<bool> {
        self.go.restart();
        Ok(self.go.render(case)?.agrees_with(before))
    }

    fn cut_down(&mut self, case: Case, phases: (Phase, Phase)) -> Result<Disagreement> {
        let case = shrink(case, |case| {
            let (go, ours) = (self.go.render(case)?, self.ours.render(case)?);
            let same = (go.phase, ours.phase) == phases;
            Ok(same && self.verdict(case, &go, &ours)? == Verdict::Different)
        })?;
        let (go, ours) = (self.go.render(&case)?, self.ours.render(&case)?);
        Ok(Disagreement { case, go, ours })
    }
}

/// What holding two outcomes against each other gives.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    Same,
    /// The table has a row for it.
    Known,
    /// Go says something else each time.
    Unstable,
    Different,
}

/// Whether both say the same, and fail at the same action if they fail. Who dies says nothing.
#[must_use]
pub fn agree(case: &Case, go: &Outcome, ours: &Outcome) -> bool {
    ours.phase != Phase::Killed
        && go.agrees_with(ours)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that ends at a request without an answer.
    const DIES: &[&str] = &["-c", "read request"];
    const UNSTABLE: &[&str] =
        &["-c", "while read request; do echo '{\"phase\":\"unstable\"}'; done"];
    const FAILS: &[&str] = &["-c", "while read request; do echo '{\"phase\":\"exec\"}'; done"];
    const IS_LIMITED: &[&str] =
        &["-c", "while read request; do echo '{\"phase\":\"exec\",\"limit\":true}'; done"];

    fn compared(go: &'static [&'static str], ours: &'static [&'static str]) -> Summary {
        let renderer = |arguments| Renderer::new("sh".into(), arguments);
        let mut summary = Summary::default();
        let case = Case { template: "x".into(), ..Case::default() };
        let mut run = Run::new(renderer(go), renderer(ours)).unwrap();
        run.compare(case, &mut summary).unwrap();
        summary
    }

    #[test]
    fn a_death_of_ours_is_always_a_difference() {
        for go in [DIES, UNSTABLE, FAILS] {
            assert_eq!(compared(go, DIES).different, 1, "{go:?}");
        }
    }

    #[test]
    fn where_go_dies_only_a_limit_of_ours_will_do() {
        let (limited, failed) = (compared(DIES, IS_LIMITED), compared(DIES, FAILS));
        assert_eq!((limited.known, limited.different), (1, 0));
        assert_eq!((failed.known, failed.different), (0, 1));
        let unstable = compared(UNSTABLE, FAILS);
        assert_eq!((unstable.known, unstable.different), (0, 0));
    }
}
