//! What there is to look through, whatever it comes from.

use std::path::PathBuf;

use gix::bstr::BString;

use super::examine::{Examined, MAX_BYTES};
use super::finding::Finding;

/// What came of a run.
#[derive(Default)]
pub(super) struct Report {
    pub(super) findings: Vec<Finding>,
    /// Files or versions of files that were looked at.
    pub(super) looked_at: usize,
    /// Findings that comments say are meant so.
    pub(super) ignored: usize,
    pub(super) notes: Vec<String>,
    /// The folders that baselines are in, which findings name by their place here.
    pub(super) roots: Vec<PathBuf>,
    /// Files that were asked for and left out all the same.
    pub(super) left_out: usize,
    /// Those of them that the repository lacks.
    pub(super) missing: usize,
}

/// What became of one file.
pub(super) enum Outcome {
    Examined(Examined),
    /// Said, and passed over.
    LeftOut(String),
    /// The same, since the repository lacks it.
    Missing(String),
}

impl Report {
    /// All of them together, in their order.
    pub(super) fn of(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        let mut report = Self::default();
        for outcome in outcomes {
            match outcome {
                Outcome::Examined(examined) => {
                    report.looked_at += 1;
                    report.findings.extend(examined.findings);
                    report.ignored += examined.ignored;
                    report.notes.extend(examined.notes);
                }
                Outcome::LeftOut(note) => {
                    report.notes.push(note);
                    report.left_out += 1;
                }
                Outcome::Missing(note) => {
                    report.notes.push(note);
                    report.left_out += 1;
                    report.missing += 1;
                }
            }
        }
        report.notes.dedup();
        report
    }
}

/// What is said of a file that is too large.
pub(super) fn too_large(path: &BString) -> Outcome {
    let limit = MAX_BYTES / 1024 / 1024;
    Outcome::LeftOut(format!("{path} is larger than {limit} MiB: it is left out"))
}
