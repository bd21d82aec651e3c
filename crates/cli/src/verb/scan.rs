//! `scan`: Secrets that are not sealed, keys and tokens, in files, in what is about to be committed, and
//! in everything that ever was.

mod action;
mod address;
mod baseline;
mod beside;
mod body;
mod called;
mod embedded;
mod examine;
mod finding;
mod flow;
mod git;
mod history;
mod ignore;
mod ignored;
mod lines;
mod located;
mod manifest;
mod masked;
mod objects;
mod pem;
mod placeholder;
mod ppk;
mod public;
mod reference;
mod rules;
mod sarif;
mod source;
mod staged;
mod tell;
mod text;
mod token_parts;
mod tokens;
mod tree;
mod wrap;

use std::path::{Path, PathBuf};

use clap::Args;

use super::Ending;
use crate::error::{Error, Result, say};
use crate::manifest::is_standard_input;
use crate::output;
use crate::table::printable;
use baseline::Baseline;
use finding::Finding;
use git::Checkout;
use source::Report;
use tell::Format;

/// What to look through.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kubeseal scan                       the files of this folder, but for those that Git ignores
  kubeseal scan --staged              what git commit is about to commit
  kubeseal scan --history             every version of every file in every branch and tag
  helm template . | kubeseal scan -   standard input
  kubeseal scan --write-baseline      what is found now is told no more

Values are never shown. A comment sealwright:ignore, or sealwright:ignore RULE, on a line or
above it says that what stands there is meant so; on the first line of a Secret it is said of
all of it.

Exit codes: 0 nothing found, 1 found something.")]
pub(crate) struct Scan {
    /// Files and folders, the current folder by default; with --staged and --history what is below them
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Look through what is staged and not yet committed, as it is in the index
    #[arg(long, conflicts_with = "history")]
    staged: bool,

    /// Look through every version of every file that can be reached, and name the first commit of each
    #[arg(long)]
    history: bool,

    /// File that lists findings to leave out; .sealed-secrets-baseline.json of the repository by default
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Add what is found to the baseline, which is made if it is not there
    #[arg(long)]
    write_baseline: bool,

    /// How to tell it
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

impl Scan {
    pub(super) fn run(&self) -> Result<Ending> {
        let Report { mut findings, looked_at, ignored, notes, left_out, roots, .. } =
            self.report()?;
        // A name may have line breaks in it, and a note has none.
        notes.into_iter().for_each(|note| say(format!("note: {}", printable(note))));
        let places = roots.iter().map(|root| baseline::place(self.baseline.as_deref(), root));
        let places: Vec<_> = places.collect();
        if self.write_baseline {
            write_baselines(&places, &findings)?;
            return self.ending(&[], left_out);
        }
        let found = findings.len();
        for (root, place) in places.iter().enumerate() {
            if let Some(baseline) = self.known(place)? {
                findings = baseline.unknown(findings, root);
            }
        }
        let known = found - findings.len();
        tell::sort(&mut findings);
        output::print(self.output.text(&findings).as_bytes())?;
        self.say_sum(looked_at, &findings, ignored, known);
        self.ending(&findings, left_out)
    }

    /// What is left of it. Where something could not be looked at, nothing found is not nothing there.
    fn ending(&self, findings: &[Finding], left_out: usize) -> Result<Ending> {
        if !findings.is_empty() {
            return Ok(Ending::Findings);
        }
        if left_out == 0 {
            return Ok(Ending::Clean);
        }
        let hint = match (self.staged, self.history) {
            (true, _) => "see the notes above; git commit --no-verify commits without looking",
            (_, true) => {
                "see the notes above; git fetch --refetch --no-filter fetches what a clone has not"
            }
            _ => "see the notes above",
        };
        let what = counted(left_out, if self.history { "version" } else { "file" });
        Err(Error::usage(format!("{what} that should be looked at could not be")).hint(hint))
    }

    fn report(&self) -> Result<Report> {
        if !(self.staged || self.history) {
            let here = [PathBuf::from(".")];
            let paths = if self.paths.is_empty() { &here } else { self.paths.as_slice() };
            return tree::scan(paths);
        }
        if self.paths.iter().any(|path| is_standard_input(path)) {
            return Err(Error::usage("standard input is neither staged nor history")
                .hint("give it alone: kubeseal scan -"));
        }
        let checkout = Checkout::around(&self.paths)?;
        let report = if self.staged { staged::scan(&checkout)? } else { history::scan(&checkout)? };
        let root = checkout.root().unwrap_or_else(|| PathBuf::from("."));
        Ok(Report { roots: vec![root], ..report })
    }

    /// The baseline that was given, or the one that is there.
    fn known(&self, place: &Path) -> Result<Option<Baseline>> {
        let is_there = self.baseline.is_some() || place.exists();
        is_there.then(|| Baseline::read(place)).transpose()
    }

    fn say_sum(&self, looked_at: usize, findings: &[Finding], ignored: usize, known: usize) {
        let what = match (self.staged, self.history) {
            (true, _) => "staged file",
            (_, true) => "version",
            _ => "file",
        };
        let mut sum = format!("{} looked at: ", counted(looked_at, what));
        sum += &match findings.len() {
            0 => "nothing found".to_owned(),
            count => counted(count, "finding"),
        };
        if known > 0 {
            sum += &format!(", {known} more in the baseline");
        }
        if ignored > 0 {
            sum += &format!(", {ignored} more ignored by comments");
        }
        say(sum);
    }
}

/// Each root has its own, unless one was named for all.
fn write_baselines(places: &[PathBuf], findings: &[Finding]) -> Result<()> {
    for (root, place) in places.iter().enumerate() {
        let findings: Vec<_> = findings.iter().filter(|finding| finding.root == root).collect();
        if findings.is_empty() && places.len() > 1 {
            continue;
        }
        let mut baseline = if place.exists() { Baseline::read(place)? } else { Baseline::new() };
        baseline.add(&findings);
        baseline.write(place)?;
        let count = counted(findings.len(), "finding");
        let place = printable(place.display().to_string());
        say(format_args!("{count} in {place}: commit it"));
    }
    Ok(())
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
