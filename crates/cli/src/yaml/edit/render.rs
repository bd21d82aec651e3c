//! Values → text, by the rules of the writer but unfolded and indented as the document is.

mod flow;

use granit_parser::ScalarStyle;
use serde_json::{Map, Value};

pub(super) use flow::{FlowStyle, Pretty};

use crate::yaml::order::compare_keys;
use crate::yaml::scalar::{Quotes, write_unfolded};
use crate::yaml::write::MAX_SIMPLE_KEY;

/// How block collections are written.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// By how much a map inside a map is indented, and a sequence inside one.
    pub(super) map_step: usize,
    pub(super) sequence_step: usize,
    pub(super) care: Care,
}

/// What is done on further attempts, when lines behind a change have come to be part of a block
/// scalar before it.
#[derive(Clone, Copy, Default)]
pub(super) struct Care {
    /// Strings of several lines are quoted.
    pub(super) quotes_lines: bool,
    /// What is removed takes the blank lines behind it along.
    pub(super) removes_blanks: bool,
}

/// What stands on the line of the key, and what follows on lines of its own.
pub(super) struct Rendered {
    pub(super) head: String,
    pub(super) lines: Option<String>,
}

impl Rendered {
    pub(super) fn all(self) -> String {
        match self.lines {
            Some(lines) => format!("{}\n{lines}", self.head),
            None => self.head,
        }
    }
}

/// Whether a value is written as entries or items, each on a line.
pub(super) fn is_collection(value: &Value) -> bool {
    match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

impl Style {
    /// A scalar or an empty collection inside a collection at column `parent`, quoted as the
    /// scalar before it if that can be.
    pub(super) fn scalar(
        &self,
        value: &Value,
        quoted_as: Option<ScalarStyle>,
        parent: Option<usize>,
    ) -> Rendered {
        let step = if parent.is_some() { self.map_step } else { 2 };
        let mut head = String::new();
        self.write_scalar(&mut head, value, quoted_as, parent.unwrap_or(0) + step, step);
        match head.split_once('\n') {
            Some((first, lines)) => {
                Rendered { head: first.to_owned(), lines: Some(lines.to_owned()) }
            }
            None => Rendered { head, lines: None },
        }
    }

    /// A value whose lines after the first are indented by `column`, where the first starts.
    pub(super) fn block(&self, value: &Value, column: usize) -> String {
        let mut out = String::new();
        match value {
            Value::Object(map) if !map.is_empty() => self.map(&mut out, map, column),
            Value::Array(items) if !items.is_empty() => self.sequence(&mut out, items, column),
            scalar => self.write_scalar(&mut out, scalar, None, column, 2),
        }
        out
    }

    /// `key: value`, or `- value` where there is no key, that starts at `column`.
    pub(super) fn member(&self, key: Option<&str>, value: &Value, column: usize) -> String {
        let mut out = String::new();
        match key {
            Some(key) => self.entry(&mut out, key, value, column),
            None => self.item(&mut out, value, column),
        }
        out
    }

    /// `: value`, with all its lines, for a key at `column`.
    pub(super) fn after_key(&self, value: &Value, column: usize) -> String {
        let mut out = String::new();
        self.value(&mut out, value, column);
        out
    }

    fn map(&self, out: &mut String, map: &Map<String, Value>, column: usize) {
        let mut keys: Vec<&String> = map.keys().collect();
        keys.sort_by(|a, b| compare_keys(a, b));
        for (at, key) in keys.into_iter().enumerate() {
            if at > 0 {
                new_line(out, column);
            }
            self.entry(out, key, &map[key], column);
        }
    }

    fn sequence(&self, out: &mut String, items: &[Value], column: usize) {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                new_line(out, column);
            }
            self.item(out, item, column);
        }
    }

    fn entry(&self, out: &mut String, key: &str, value: &Value, column: usize) {
        let quotes = Quotes::of(key, true);
        if key.len() > MAX_SIMPLE_KEY {
            out.push_str("? ");
            write_unfolded(out, key, quotes, column + 2, 2);
            new_line(out, column);
        } else {
            write_unfolded(out, key, quotes, column, 2);
        }
        self.value(out, value, column);
    }

    fn value(&self, out: &mut String, value: &Value, column: usize) {
        out.push(':');
        if is_collection(value) {
            let column = column + self.step_to(value);
            new_line(out, column);
            out.push_str(&self.block(value, column));
        } else {
            out.push(' ');
            self.write_scalar(out, value, None, column + self.map_step, self.map_step);
        }
    }

    fn item(&self, out: &mut String, value: &Value, column: usize) {
        out.push_str("- ");
        out.push_str(&self.block(value, column + 2));
    }

    /// By how much a collection is indented inside a map.
    pub(super) fn step_to(&self, collection: &Value) -> usize {
        if collection.is_array() { self.sequence_step } else { self.map_step }
    }

    fn write_scalar(
        &self,
        out: &mut String,
        value: &Value,
        quoted_as: Option<ScalarStyle>,
        column: usize,
        step: usize,
    ) {
        match value {
            Value::String(text) => {
                write_unfolded(out, text, self.quotes(text, quoted_as), column, step);
            }
            Value::Object(_) => out.push_str("{}"),
            Value::Array(_) => out.push_str("[]"),
            other => out.push_str(&other.to_string()),
        }
    }

    fn quotes(&self, text: &str, quoted_as: Option<ScalarStyle>) -> Quotes {
        let quotes = match kept(quoted_as) {
            Some(quotes) if quotes.carry(text) => quotes,
            Some(Quotes::Single) => Quotes::Double,
            _ => Quotes::of(text, false),
        };
        match quotes {
            Quotes::Block if self.care.quotes_lines => Quotes::Double,
            quotes => quotes,
        }
    }
}

fn kept(style: Option<ScalarStyle>) -> Option<Quotes> {
    match style? {
        ScalarStyle::Plain => Some(Quotes::Plain),
        ScalarStyle::SingleQuoted => Some(Quotes::Single),
        ScalarStyle::DoubleQuoted => Some(Quotes::Double),
        _ => None,
    }
}

pub(super) fn blanks(count: usize) -> String {
    " ".repeat(count)
}

fn new_line(out: &mut String, column: usize) {
    out.push('\n');
    out.push_str(&blanks(column));
}
