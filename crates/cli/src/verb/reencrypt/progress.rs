//! How far a long run is, on a terminal only.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar, or nothing where nobody looks.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A run over so many files.
    pub(super) fn begin(files: usize) -> Self {
        if files < 2 || !stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let count = u64::try_from(files).unwrap_or(u64::MAX);
        let style = ProgressStyle::with_template("{wide_bar} {pos} of {len} files, {eta} left");
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
