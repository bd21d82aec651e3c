//! How far a long run is, on a terminal only.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar, or nothing where nobody looks.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A run over so many of `what`: "files".
    pub(super) fn begin(count: usize, what: &str) -> Self {
        if count < 2 || !stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let template = format!("{{wide_bar}} {{pos}} of {{len}} {what}, {{eta}} left");
        let style = ProgressStyle::with_template(&template);
        Self(ProgressBar::new(count).with_style(style.expect("the template is one")))
    }

    /// One more is done.
    pub(super) fn step(&self) {
        self.0.inc(1);
    }

    /// All are.
    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}
