//! Values inside `{}` and `[]`.

use granit_parser::ScalarStyle;
use serde_json::Value;

use super::kept;
use crate::yaml::order::compare_keys;
use crate::yaml::scalar::{Quotes, is_printable, write_unfolded};

/// Keys longer than this must be announced by a `?`.
const MAX_FLOW_KEY: usize = 1000;

/// How a flow collection is written.
#[derive(Clone)]
pub(in super::super) struct FlowStyle {
    pub(in super::super) is_json: bool,
    /// Members on lines of their own.
    pub(in super::super) pretty: Option<Pretty>,
    /// No blanks between members, nor behind the colon.
    pub(in super::super) is_compact: bool,
}

/// Indentation, in the blanks or tabs that are in use.
#[derive(Clone)]
pub(in super::super) struct Pretty {
    pub(in super::super) indent: String,
    pub(in super::super) step: String,
}

impl FlowStyle {
    pub(in super::super) fn value(&self, value: &Value, quoted_as: Option<ScalarStyle>) -> String {
        match value {
            Value::Object(map) if !map.is_empty() => {
                let mut members: Vec<_> = map.iter().collect();
                if !self.is_json {
                    members.sort_by(|a, b| compare_keys(a.0, b.0));
                }
                let inside = self.deeper();
                let members =
                    members.into_iter().map(|(key, value)| inside.member(Some(key), value));
                format!("{{{}}}", self.list(members.collect()))
            }
            Value::Array(items) if !items.is_empty() => {
                let inside = self.deeper();
                let members = items.iter().map(|item| inside.member(None, item));
                format!("[{}]", self.list(members.collect()))
            }
            Value::Object(_) => "{}".to_owned(),
            Value::Array(_) => "[]".to_owned(),
            Value::String(text) => self.text(text, quoted_as, false),
            other => other.to_string(),
        }
    }

    /// `key: value`, or an item where there is no key.
    pub(in super::super) fn member(&self, key: Option<&str>, value: &Value) -> String {
        let value = self.value(value, None);
        let Some(key) = key else { return value };
        let key_text = self.text(key, None, true);
        match self.is_compact {
            true => format!("{key_text}:{value}"),
            false if key.len() > MAX_FLOW_KEY && !self.is_json => format!("? {key_text} : {value}"),
            false => format!("{key_text}: {value}"),
        }
    }

    /// What stands between two members, behind the comma.
    pub(in super::super) fn separator(&self) -> String {
        match &self.pretty {
            Some(pretty) => format!("\n{}", pretty.indent),
            None if self.is_compact => String::new(),
            None => " ".to_owned(),
        }
    }

    fn list(&self, members: Vec<String>) -> String {
        let inside = self.deeper();
        match (&self.pretty, inside.pretty) {
            (Some(outer), Some(inner)) if self.is_json => {
                let separator = format!(",\n{}", inner.indent);
                format!("\n{}{}\n{}", inner.indent, members.join(&separator), outer.indent)
            }
            _ if self.is_compact => members.join(","),
            _ => members.join(", "),
        }
    }

    fn deeper(&self) -> Self {
        let pretty = self.pretty.as_ref().map(|Pretty { indent, step }| Pretty {
            indent: format!("{indent}{step}"),
            step: step.clone(),
        });
        Self { pretty, ..*self }
    }

    fn text(&self, text: &str, quoted_as: Option<ScalarStyle>, is_key: bool) -> String {
        if self.is_json {
            return json(text);
        }
        let quotes = match kept(quoted_as) {
            Some(quotes) if quotes.carry(text) => quotes,
            Some(Quotes::Single) => Quotes::Double,
            _ => Quotes::of(text, is_key),
        };
        let quotes = match quotes {
            Quotes::Plain if !is_plain_in_flow(text) => Quotes::Single,
            Quotes::Block => Quotes::Double,
            quotes => quotes,
        };
        let mut out = String::new();
        write_unfolded(&mut out, text, quotes, 0, 0);
        out
    }
}

fn is_plain_in_flow(text: &str) -> bool {
    !text.contains([',', '[', ']', '{', '}']) && !text.starts_with(['-', '?', ':'])
}

/// A string for readers of JSON and of YAML, which takes fewer characters as they are.
fn json(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) || c > '\u{ffff}' => out.push(c),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}
