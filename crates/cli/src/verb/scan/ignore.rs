//! Comments that say that something is meant to stand there: `sealwright:ignore`, or
//! `sealwright:ignore RULE` for one kind of finding.

use super::rules::{self, Rule};

const MARKER: &str = "sealwright:ignore";

/// Whether a text has such a comment, or speaks of one.
pub(super) fn is_named(text: &str) -> bool {
    text.contains(MARKER)
}

/// The lines of a text, and what their comments say.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    has_marker: bool,
    /// Then columns need not be counted: a text can be one long line.
    is_ascii: bool,
}

/// What a comment says.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// Whatever is found.
    All,
    Rules(Vec<&'static Rule>),
    /// No rule has that name: nothing is ignored. It is not told: it may be a part of a value.
    Unknown,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Self {
            text,
            starts,
            has_marker: is_named(text) && !is_json(text),
            is_ascii: text.is_ascii(),
        }
    }

    /// Line and column of a byte, both from 1, the column in characters.
    pub(super) fn place(&self, at: usize) -> (usize, usize) {
        let line = self.line_of(at);
        let start = self.starts[line];
        let before = self.text.get(start..at).filter(|_| !self.is_ascii);
        (line + 1, 1 + before.map_or(at - start, |before| before.chars().count()))
    }

    fn line_of(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    fn line(&self, number: usize) -> &'t str {
        let start = self.starts[number];
        let end = self.starts.get(number + 1).map_or(self.text.len(), |next| next - 1);
        self.text.get(start..end).unwrap_or_default()
    }

    /// Whether the line that `at` is in says so, or a comment on the line above.
    pub(super) fn ignore(&self, rule: &'static Rule, at: usize) -> bool {
        if !self.has_marker {
            return false;
        }
        let number = self.line_of(at);
        let above = number.checked_sub(1).map(|above| self.line(above));
        covers(self.line(number), rule)
            || above.is_some_and(|line| is_comment(line) && covers(line, rule))
    }

    /// Whether the document that begins at `at` says so, in comments at its head or on its first line.
    pub(super) fn ignore_document(&self, rule: &'static Rule, at: usize) -> bool {
        if !self.has_marker {
            return false;
        }
        for number in self.line_of(at)..self.starts.len() {
            let line = self.line(number);
            let is_first = !(line.trim().is_empty() || line.starts_with("---") || is_comment(line));
            if covers(line, rule) {
                return true;
            }
            if is_first {
                return false;
            }
        }
        false
    }

    /// The lines of comments that name no rule.
    pub(super) fn mistakes(&self) -> Vec<usize> {
        if !self.has_marker {
            return Vec::new();
        }
        let said =
            (0..self.starts.len()).filter_map(|number| Some((number, said(self.line(number))?)));
        said.filter_map(|(number, said)| match said {
            Said::Unknown => Some(number + 1),
            _ => None,
        })
        .collect()
    }
}

/// JSON has no comments: what looks like one is a part of a value.
fn is_json(text: &str) -> bool {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    text.trim_start().starts_with(['{', '[']) && values.all(|value| value.is_ok())
}

fn covers(line: &str, rule: &'static Rule) -> bool {
    match said(line) {
        Some(Said::All) => true,
        Some(Said::Rules(rules)) => rules.contains(&rule),
        Some(Said::Unknown) | None => false,
    }
}

/// What stands behind the marker, up to the end of the comment or a reason behind two dashes.
fn said(line: &str) -> Option<Said> {
    let (before, rest) = line.split_once(MARKER)?;
    if !has_comment(before) {
        return None;
    }
    let end = ["*/", "--", "#}", "}}"].iter().filter_map(|end| rest.find(end)).min();
    let words = rest[..end.unwrap_or(rest.len())].split([' ', ',', '\t', '\r']);
    let words = words.filter(|word| !word.is_empty());
    let mut rules = Vec::new();
    for word in words {
        match rules::named(word) {
            Some(rule) => rules.push(rule),
            None => return Some(Said::Unknown),
        }
    }
    Some(if rules.is_empty() { Said::All } else { Said::Rules(rules) })
}

/// Signs that begin a comment in one language or another.
const COMMENTS: [&str; 7] = ["#", "//", "/*", "<!--", "--", ";", "%"];

/// Whether a sign stands directly before the marker, and before the sign a blank or nothing.
fn has_comment(before: &str) -> bool {
    let mut befores = COMMENTS.iter().filter_map(|sign| before.trim_end().strip_suffix(sign));
    befores.any(|before| {
        before.chars().next_back().is_none_or(|c| c.is_whitespace() || ";,){}/#-".contains(c))
    })
}

/// Whether there is nothing else on the line.
fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("{{").map_or(line, |action| action.trim_start_matches(['-', ' ']));
    COMMENTS.iter().any(|sign| line.starts_with(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_line_or_on_the_one_above() {
        for (text, is_ignored) in [
            ("a: X # sealwright:ignore", true),
            ("# sealwright:ignore\na: X", true),
            ("// sealwright:ignore\na: X", true),
            ("/* sealwright:ignore */ a: X", true),
            ("<!-- sealwright:ignore jwt -->\na: X", true),
            ("{{/* sealwright:ignore jwt */}}\na: X", true),
            ("a: X # sealwright:ignore aws-access-key, jwt -- it is a test's", true),
            ("a: X # sealwright:ignore -- it is a test's", true),
            ("a: X # sealwright:ignore aws-access-key", false),
            ("a: X # sealwright:ignore jvt", false),
            ("a: X # sealwright:ignored", false),
            ("a: X sealwright:ignore", false),
            ("a: X#sealwright:ignore", false),
            ("a: 'X # of old' sealwright:ignore", false),
            ("{\"b\": \"# sealwright:ignore\", \"a\": \"X\"}", false),
            ("b: 1 # sealwright:ignore\na: X", false),
            ("# sealwright:ignore\n\na: X", false),
            ("a: X\n# sealwright:ignore", false),
        ] {
            let lines = Lines::of(text);
            let at = text.find('X').unwrap();
            assert_eq!(lines.ignore(rules::JWT, at), is_ignored, "{text}");
        }
    }

    #[test]
    fn at_the_head_of_a_document() {
        for (head, is_ignored) in [
            ("# sealwright:ignore\n", true),
            ("--- # sealwright:ignore\n", true),
            ("---\n# Of the tests.\n\n# sealwright:ignore plain-secret\nkind: Secret\n", true),
            ("apiVersion: v1 # sealwright:ignore\n", true),
            ("apiVersion: v1\n# sealwright:ignore\n", false),
            ("", false),
        ] {
            let text = format!("x: 1\n{head}kind: Secret\na: X\n");
            assert_eq!(
                Lines::of(&text).ignore_document(rules::PLAIN_SECRET, 5),
                is_ignored,
                "{head}"
            );
        }
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let text =
            "a\nb # sealwright:ignore aws-key\nc # sealwright:ignore jwt\n\"sealwright:ignore x\"";
        assert_eq!(Lines::of(text).mistakes(), [2]);
    }

    #[test]
    fn places_count_characters() {
        let lines = Lines::of("ab\nü: X\r\n");
        assert_eq!((lines.place(0), lines.place(3), lines.place(7)), ((1, 1), (2, 1), (2, 4)));
    }
}
