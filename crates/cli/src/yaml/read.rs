//! Documents → JSON values.

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span, Tag};
use serde_json::{Map, Value};

use super::resolve::{is_float_constant, number_text, resolve};

/// Nodes that a text may come to once its aliases are followed; a Secret has some thousand.
const MAX_NODES: usize = 1_000_000;
/// Levels of nesting; a manifest has some ten.
const MAX_DEPTH: usize = 200;

/// What is wrong, and where. Never holds a piece of the text: that may be a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub(crate) struct YamlError {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) what: String,
}

/// A key that YAML 1.1 takes for a boolean, as in `y: 1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BooleanKey {
    pub(crate) line: usize,
    pub(crate) written: String,
    pub(crate) meant: bool,
}

/// The documents of a text, and what its writer should know.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Stream {
    pub(crate) documents: Vec<Value>,
    pub(crate) boolean_keys: Vec<BooleanKey>,
}

/// Reads all documents of `text`, empty ones left out. Of keys that are there twice the last wins.
pub(crate) fn read(text: &str) -> Result<Stream, YamlError> {
    let mut options = Options::default();
    // The parser holds comments back until it knows what they belong to, and only so many.
    options.set_emit_comments(false);
    let mut reader = Reader {
        events: Parser::new_from_str_with_options(text, options),
        anchors: HashMap::new(),
        nodes: 0,
        boolean_keys: Vec::new(),
    };
    let mut documents = Vec::new();
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => {
                return Ok(Stream { documents, boolean_keys: reader.boolean_keys });
            }
            (Event::DocumentStart(..), _) => {
                reader.anchors.clear();
                let first = reader.next()?;
                let document = reader.node(first, 0)?;
                if !document.is_null() {
                    documents.push(document);
                }
            }
            _ => {}
        }
    }
}

struct Reader<'a> {
    events: Parser<'a, granit_parser::StrInput<'a>>,
    /// Values by anchor, each with the number of its nodes.
    anchors: HashMap<usize, (Value, usize)>,
    nodes: usize,
    boolean_keys: Vec<BooleanKey>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), YamlError> {
        match self.events.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(syntax_error(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, (event, span): (Event<'a>, Span), depth: usize) -> Result<Value, YamlError> {
        if depth > MAX_DEPTH {
            return Err(error_at(&span, "nested too deeply"));
        }
        self.count(1, &span)?;
        let before = self.nodes;
        let (value, anchor) = match event {
            Event::Alias(anchor) => {
                let (value, nodes) = self
                    .anchors
                    .get(&anchor)
                    .cloned()
                    .ok_or_else(|| error_at(&span, "an alias inside its own anchor"))?;
                self.count(nodes, &span)?;
                return Ok(value);
            }
            Event::Scalar(text, style, anchor, tag) => {
                (scalar(&text, style, tag.as_deref(), &span)?, anchor)
            }
            Event::SequenceStart(_, anchor, _) => (self.sequence(depth)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.mapping(depth)?, anchor),
            _ => (Value::Null, 0),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, (value.clone(), self.nodes - before + 1));
        }
        Ok(value)
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, YamlError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Array(items)),
                item => items.push(self.node(item, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, YamlError> {
        let mut map = Map::new();
        let mut merged = Map::new();
        loop {
            let (event, span) = match self.next()? {
                (Event::MappingEnd, _) => break,
                key => key,
            };
            let written = match &event {
                Event::Scalar(text, ScalarStyle::Plain, _, _) => text.to_string(),
                _ => String::new(),
            };
            let is_merge = written == "<<";
            let key = self.node((event, span), depth + 1)?;
            if let Value::Bool(meant) = key {
                self.boolean_keys.push(BooleanKey { line: span.start.line(), written, meant });
            }
            let first = self.next()?;
            let value = self.node(first, depth + 1)?;
            if is_merge {
                merge(&mut merged, value)
                    .ok_or_else(|| error_at(&span, "only a map can be merged with <<"))?;
            } else {
                let key = key_text(key)
                    .ok_or_else(|| error_at(&span, "a key must be a string, number or boolean"))?;
                map.insert(key, value);
            }
        }
        for (key, value) in merged {
            map.entry(key).or_insert(value);
        }
        Ok(Value::Object(map))
    }

    fn count(&mut self, nodes: usize, span: &Span) -> Result<(), YamlError> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err(error_at(span, "too large once its aliases are followed"));
        }
        Ok(())
    }
}

pub(super) fn scalar(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
    span: &Span,
) -> Result<Value, YamlError> {
    let is_string = match tag {
        Some(tag) => !tag.is_yaml_core_schema() || tag.is_yaml_core_schema_tag("str"),
        None => style != ScalarStyle::Plain,
    };
    if is_string {
        return Ok(Value::String(text.to_owned()));
    }
    if is_float_constant(text) {
        return Err(error_at(span, "infinite numbers cannot be written as JSON"));
    }
    Ok(resolve(text))
}

/// JSON knows string keys only: others are written as Go prints them.
pub(super) fn key_text(key: Value) -> Option<String> {
    match key {
        Value::String(text) => Some(text),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number_text(&number)),
        _ => None,
    }
}

/// `<<`: keys of the map, or of each of a list of maps; earlier ones win.
fn merge(into: &mut Map<String, Value>, value: Value) -> Option<()> {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                into.entry(key).or_insert(value);
            }
            Some(())
        }
        Value::Array(maps) => {
            maps.into_iter().try_for_each(|map| map.is_object().then(|| merge(into, map)).flatten())
        }
        _ => None,
    }
}

fn syntax_error(error: &ScanError) -> YamlError {
    let what = match error.kind() {
        ErrorKind::UnexpectedCharacter { .. } => "unexpected character".to_owned(),
        kind => kind.to_string(),
    };
    YamlError { line: error.marker().line(), column: error.marker().col() + 1, what }
}

fn error_at(span: &Span, what: &str) -> YamlError {
    YamlError { line: span.start.line(), column: span.start.col() + 1, what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_are_read_in_order_and_empty_ones_left_out() {
        for (text, documents) in [
            ("", json!([])),
            ("# only a comment\n---\n# nothing\n", json!([])),
            ("---\na: 1\n---\n---\nb: 2\n...\n", json!([{ "a": 1 }, { "b": 2 }])),
            (
                "a: &x [1, {k: v}]\nb: *x\n",
                json!([{ "a": [1, { "k": "v" }], "b": [1, { "k": "v" }] }]),
            ),
            (
                "x: &x {a: 1, b: 2}\nz: {<<: *x, b: 3}\n",
                json!([{ "x": { "a": 1, "b": 2 }, "z": { "a": 1, "b": 3 } }]),
            ),
            (
                "on: yes\n1: a\n1.50: b\n\"y\": 'n'\n",
                json!([{ "true": true, "1": "a", "1.5": "b", "y": "n" }]),
            ),
            ("a: one\na: two\n", json!([{ "a": "two" }])),
            ("a: !!str 5\nb: !!int '5'\nc: !custom x\n", json!([{ "a": "5", "b": 5, "c": "x" }])),
        ] {
            assert_eq!(&read(text).unwrap().documents, documents.as_array().unwrap(), "{text}");
        }
    }

    #[test]
    fn as_many_comments_as_there_are() {
        let text = format!("a:\n{}  b: 1\n", "  # a word\n".repeat(10_000));
        assert_eq!(read(&text).unwrap().documents, [json!({ "a": { "b": 1 } })]);
    }

    #[test]
    fn keys_that_are_booleans_to_yaml_are_told() {
        let stream = read("a: y\nstringData: {n: x, 'y': z}\n").unwrap();
        let told = BooleanKey { line: 2, written: "n".to_owned(), meant: false };
        assert_eq!(stream.boolean_keys, [told]);
    }

    #[test]
    fn errors_name_line_and_column_and_quote_nothing() {
        for (text, line, column) in [
            ("{{{ nonsense\n", 1, 3),
            ("a:\n\tb: c\n", 2, 2),
            ("a: b: c\n", 1, 5),
            ("a: 1\nb: *hunter2\n", 2, 4),
            ("a: 1\nb: \"hunter2\n", 2, 4),
            ("? [hunter2]\n: 1\n", 1, 3),
            ("a: 1\n<<: hunter2\n", 2, 1),
            ("a: .inf\n", 1, 4),
            ("a: @hunter2\n", 1, 4),
            ("a: &x [*x]\n", 1, 8),
        ] {
            let error = read(text).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
            assert_eq!((error.line, error.column), (line, column), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_text_that_explodes_is_refused() {
        let bomb: String =
            (1..30).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)).collect();
        let error = read(&format!("a0: &a0 x\n{bomb}")).unwrap_err();
        assert_eq!(error.what, "too large once its aliases are followed");
        let deep = "[".repeat(5000) + &"]".repeat(5000);
        assert!(read(&deep).is_err());
    }
}
