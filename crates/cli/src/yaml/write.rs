//! JSON values → one document.

use serde_json::Value;

use super::order::compare_keys;
use super::scalar::write_scalar;

/// Keys longer than this are written behind a `?`.
pub(super) const MAX_SIMPLE_KEY: usize = 128;

/// Writes a value in block style with go-yaml's order of keys and choice of quotes.
pub(crate) fn write(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => block_map(&mut out, map, 0),
        Value::Array(items) if !items.is_empty() => block_sequence(&mut out, items, 0),
        scalar => {
            flow(&mut out, scalar, 0);
            out.push('\n');
        }
    }
    out
}

/// Starts where the first key is to stand; later ones are indented by `indent`.
fn block_map(out: &mut String, map: &serde_json::Map<String, Value>, indent: usize) {
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort_by(|a, b| compare_keys(a, b));
    for (at, key) in keys.into_iter().enumerate() {
        if at > 0 {
            blanks(out, indent);
        }
        if key.len() > MAX_SIMPLE_KEY {
            out.push_str("? ");
            write_scalar(out, key, indent + 2, false);
            out.push('\n');
            blanks(out, indent);
        } else {
            write_scalar(out, key, indent + 2, true);
        }
        out.push(':');
        value_of_key(out, &map[key], indent);
    }
}

fn value_of_key(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            blanks(out, indent + 2);
            block_map(out, map, indent + 2);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            blanks(out, indent);
            block_sequence(out, items, indent);
        }
        scalar => {
            out.push(' ');
            flow(out, scalar, indent + 2);
            out.push('\n');
        }
    }
}

fn block_sequence(out: &mut String, items: &[Value], indent: usize) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            blanks(out, indent);
        }
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => block_map(out, map, indent + 2),
            Value::Array(items) if !items.is_empty() => block_sequence(out, items, indent + 2),
            scalar => {
                flow(out, scalar, indent + 2);
                out.push('\n');
            }
        }
    }
}

fn flow(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::String(text) => write_scalar(out, text, indent, false),
        Value::Object(_) => out.push_str("{}"),
        Value::Array(_) => out.push_str("[]"),
        other => out.push_str(&other.to_string()),
    }
}

fn blanks(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}

#[cfg(test)]
mod tests;
