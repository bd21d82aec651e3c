//! Anchors and aliases: a change must not reach what only refers to the changed place.

use std::ops::Range;

use super::EditError;
use super::plan::Plan;
use super::tree::{Document, Mark};

impl Plan<'_> {
    /// Refuses changes to anchored nodes, and their removal, while an alias outside stays.
    pub(super) fn check_aliases(&self, document: &Document) -> Result<(), EditError> {
        if document.aliases.is_empty() {
            return Ok(());
        }
        let gone = merged(&self.gone);
        let is_gone = |mark: &Mark| {
            let next = gone.partition_point(|range| range.start <= mark.at);
            next.checked_sub(1).and_then(|at| gone.get(at)).is_some_and(|range| mark.at < range.end)
        };
        for (anchor, alias) in document.aliases.iter().filter(|(_, alias)| !is_gone(alias)) {
            let Some(mark) = document.anchors.get(anchor) else { continue };
            if self.changed.contains(anchor) || is_gone(mark) {
                return Err(EditError::Shared { line: mark.line, alias: alias.line });
            }
        }
        Ok(())
    }
}

/// The same ranges in order, none inside another.
fn merged(ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut sorted = ranges.to_vec();
    sorted.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in sorted {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}
