//! Pieces of a text and what is to stand in their stead.

use std::ops::Range;

use super::lines;

struct Splice {
    range: Range<usize>,
    text: String,
    /// Whole lines: a line break stands before them, whatever else does.
    is_lines: bool,
}

/// The splices of one text, in the order in which they were found.
#[derive(Default)]
pub(super) struct Splices(Vec<Splice>);

impl Splices {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn replace(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.0.push(Splice { range, text: text.into(), is_lines: false });
    }

    pub(super) fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at..at, text);
    }

    pub(super) fn delete(&mut self, range: Range<usize>) {
        self.replace(range, String::new());
    }

    /// Inserts lines, whose last needs no line break, where a line starts or the text ends.
    pub(super) fn insert_lines(&mut self, at: usize, text: String) {
        self.0.push(Splice { range: at..at, text: text + "\n", is_lines: true });
    }

    /// The text with its splices, or nothing where they contradict each other.
    pub(super) fn apply(mut self, text: &str) -> Option<String> {
        // Insertions first; stable, so that those at one place stay in the order they were found.
        self.0.sort_by_key(|splice| (splice.range.start, !splice.range.is_empty()));
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        let mut has_only_deleted = true;
        for splice in &self.0 {
            let is_deletion = splice.text.is_empty();
            if splice.range.start < at && !(is_deletion && has_only_deleted) {
                return None;
            }
            out.push_str(text.get(at..splice.range.start.max(at))?);
            push(&mut out, splice, text);
            has_only_deleted = is_deletion;
            at = at.max(splice.range.end);
        }
        out.push_str(text.get(at..)?);
        Some(out)
    }
}

/// Writes what a splice brings, with the line breaks of its surroundings.
fn push(out: &mut String, splice: &Splice, text: &str) {
    if !splice.text.contains('\n') {
        out.push_str(&splice.text);
        return;
    }
    let line_break = match splice.is_lines {
        true => lines::break_before(text, splice.range.start),
        false => lines::break_after(text, splice.range.start),
    };
    if splice.is_lines && !out.is_empty() && !out.ends_with(['\n', '\r']) {
        out.push_str(line_break);
    }
    out.push_str(&splice.text.replace('\n', line_break));
}
