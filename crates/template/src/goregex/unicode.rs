//! What Go knows of Unicode: categories, scripts, and which characters differ in case only.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::class::Range;
use super::rune;

const TABLES: &str = include_str!("unicode/tables.txt");
const FOLDS: &str = include_str!("unicode/folds.txt");

/// What `\p{name}` stands for.
pub(super) struct Table {
    pub(super) ranges: Vec<Range>,
    /// Whether the name stands for all others.
    pub(super) negated: bool,
    /// Whether `(?i)` has an effect on it.
    pub(super) folds: bool,
}

/// The table that Go's `\p{name}` names; none if there is none.
pub(super) fn table(name: &str) -> Option<Table> {
    let name = canonical(name);
    let (ranges, negated, folds) = match name.as_str() {
        "Any" => (vec![(0, rune::MAX)], false, false),
        "Assigned" => (listed("Cn")?, true, false),
        "Ascii" => (vec![(0, 0x7f)], false, true),
        "Lc" | "Casedletter" => (listed("Lc")?, false, false),
        other => (listed(other)?, false, true),
    };
    Some(Table { ranges, negated, folds })
}

/// The name as Go looks it up: one capital, without spaces, hyphens and underscores.
fn canonical(name: &str) -> String {
    let mut canonical = String::with_capacity(name.len());
    for letter in name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' ')) {
        canonical.push(if canonical.is_empty() {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        });
    }
    canonical
}

/// The ranges of the table's line, and those of the lines that it refers to.
fn listed(name: &str) -> Option<Vec<Range>> {
    static LINES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        let lines = TABLES.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(|line| line.split_once(' ')).collect()
    });
    let line = *LINES.get(name)?;
    if let Some(others) = line.strip_prefix("= ") {
        return others.split(' ').map(listed).collect::<Option<Vec<_>>>().map(|all| all.concat());
    }
    Some(line.split(' ').filter_map(range).collect())
}

fn range(text: &str) -> Option<Range> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    Some((point(from)?, point(to)?))
}

fn point(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 16).ok()
}

/// Calls `add` with what equals a character of the range when case is ignored.
pub(super) fn each_fold(from: u32, to: u32, mut add: impl FnMut(u32)) {
    if to < 0x80 {
        for point in from..=to {
            ascii_folds(point, &mut add);
        }
        return;
    }
    let first = NEXT.partition_point(|&(point, _)| point < from);
    for &(point, mut other) in NEXT[first..].iter().take_while(|(point, _)| *point <= to) {
        while other != point {
            add(other);
            other = next(other);
        }
    }
}

fn ascii_folds(point: u32, add: &mut impl FnMut(u32)) {
    let letter = u8::try_from(point).unwrap_or_default();
    if !letter.is_ascii_alphabetic() {
        return;
    }
    add(point ^ 0x20);
    match letter.to_ascii_lowercase() {
        b'k' => add(0x212a),
        b's' => add(0x017f),
        _ => {}
    }
}

/// Each character that has others equal to it, and the next of them, as `unicode.SimpleFold`.
static NEXT: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| {
    let mut next = Vec::with_capacity(3000);
    for line in FOLDS.lines().filter(|line| !line.starts_with('#')) {
        let row: Vec<u32> = line.split(' ').filter_map(point).collect();
        next.extend(row.iter().copied().zip(row.iter().copied().cycle().skip(1)));
    }
    next.sort_unstable();
    next
});

fn next(point: u32) -> u32 {
    NEXT.binary_search_by_key(&point, |&(point, _)| point).map_or(point, |at| NEXT[at].1)
}
