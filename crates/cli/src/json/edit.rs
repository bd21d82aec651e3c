//! JSON edited in place: order, indentation, numbers and every other byte stay as they were written.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Value, json};

use super::span::{Node, Shape, parse};
use crate::yaml::Step;

/// A value to be set at a path, or removed where it is None.
pub(crate) type Change<'a> = (&'a [Step], Option<&'a Value>);

/// One document with the changes made. None where they cannot be made in place.
pub(crate) fn edit(text: &str, changes: &[Change<'_>]) -> Option<String> {
    let root = parse(text)?;
    let mut splices = BTreeMap::new();
    let mut others = Vec::new();
    for change in changes {
        // What is there already is replaced in one pass: a file may have thousands of values.
        match (root.at(change.0), change.1) {
            (Some(node), Some(value)) => {
                splices.insert(node.span.start, (node.span.clone(), value.to_string()));
            }
            _ => others.push(change),
        }
    }
    let replaced = apply(text, splices.into_values())?;
    others.into_iter().try_fold(replaced, |text, (path, value)| {
        let root = parse(&text)?;
        let splice = match value {
            Some(value) => insertion(&text, &root, path, value)?,
            None => match removal(&root, path) {
                Some(span) => (span, String::new()),
                None => return Some(text),
            },
        };
        apply(&text, [splice])
    })
}

/// The text with each range replaced; None where two overlap.
fn apply(text: &str, splices: impl IntoIterator<Item = (Range<usize>, String)>) -> Option<String> {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for (span, new) in splices {
        out.push_str(text.get(at..span.start)?);
        out.push_str(&new);
        at = span.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// Where a value goes that is not there yet, with the keys that lead to it.
fn insertion(
    text: &str,
    root: &Node,
    path: &[Step],
    value: &Value,
) -> Option<(Range<usize>, String)> {
    let mut node = root;
    for (depth, step) in path.iter().enumerate() {
        let nested = |rest: &[Step]| {
            rest.iter()
                .rev()
                .try_fold(value.clone(), |value, step| Some(json!({ step.name()?: value })))
        };
        match &node.shape {
            Shape::Object(members) => {
                match members.iter().rev().find(|(key, _, _)| Some(key) == step.name().as_ref()) {
                    Some((.., below)) => node = below,
                    None => {
                        let member = (step.name()?, nested(&path[depth + 1..])?);
                        return Some(added(text, node, members, member));
                    }
                }
            }
            Shape::Array(items) => match step {
                Step::Index(at) => node = items.get(*at)?,
                Step::Key(_) => return None,
            },
            Shape::Scalar => return Some((node.span.clone(), nested(&path[depth..])?.to_string())),
        }
    }
    Some((node.span.clone(), value.to_string()))
}

/// A member behind those that an object has, laid out as they are.
fn added(
    text: &str,
    object: &Node,
    members: &[(String, Range<usize>, Node)],
    (key, value): (String, Value),
) -> (Range<usize>, String) {
    let key = Value::String(key);
    if let (Some((_, first, _)), Some((_, name, last))) = (members.first(), members.last()) {
        let lead = &text[object.span.start + 1..first.start];
        let colon = &text[name.end..last.span.start];
        return (last.span.end..last.span.end, format!(",{lead}{key}{colon}{value}"));
    }
    let line = text[..object.span.start].rfind('\n').map_or(0, |at| at + 1);
    let indent: String = text[line..].chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let new = match text.find('\n') {
        Some(end) => {
            let line_break = if text[..end].ends_with('\r') { "\r\n" } else { "\n" };
            let unit = if indent.starts_with('\t') { "\t" } else { "  " };
            format!("{{{line_break}{indent}{unit}{key}: {value}{line_break}{indent}}}")
        }
        None => format!("{{{key}:{value}}}"),
    };
    (object.span.clone(), new)
}

/// What goes with the value at a path: its key, and a comma.
fn removal(root: &Node, path: &[Step]) -> Option<Range<usize>> {
    let (Step::Key(key), above) = path.split_last()? else { return None };
    let object = root.at(above)?;
    let Shape::Object(members) = &object.shape else { return None };
    let at = members.iter().rposition(|(name, ..)| name == key)?;
    let (_, name, value) = &members[at];
    Some(match (members.get(at + 1), at.checked_sub(1).map(|before| &members[before])) {
        (Some((_, next, _)), _) => name.start..next.start,
        (None, Some((.., before))) => before.span.end..value.span.end,
        (None, None) => object.span.start + 1..object.span.end - 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(path: &str) -> Vec<Step> {
        let step = |name: &str| match name.parse() {
            Ok(index) => Step::Index(index),
            Err(_) => Step::Key(name.to_owned()),
        };
        path.split('.').map(step).collect()
    }

    fn edited(text: &str, changes: &[(&str, Option<Value>)]) -> Option<String> {
        let paths: Vec<_> = changes.iter().map(|(text, _)| path(text)).collect();
        let changes: Vec<_> = paths
            .iter()
            .zip(changes)
            .map(|(path, (_, value))| (path.as_slice(), value.as_ref()))
            .collect();
        edit(text, &changes)
    }

    #[test]
    fn everything_else_stays_as_it_was_written() {
        let text = "\r\n{\t\"n\" : 1.10,\r\n\t\"s\": {\r\n\t\t\"b\" :\"x\\u00fc}\",\r\n\t\t\"a\":[1e2, {\"k\":12345678901234567890123}]\r\n\t},\"e\":{}}\r\n";
        for (changes, from, to) in [
            (vec![("s.b", Some(json!("new")))], "\"x\\u00fc}\"", "\"new\""),
            (vec![("s.a.1.k", Some(json!("v")))], "12345678901234567890123", "\"v\""),
            (vec![("s.c", Some(json!("v")))], "}]\r\n\t}", "}],\r\n\t\t\"c\":\"v\"\r\n\t}"),
            (vec![("s.b", None)], "\"b\" :\"x\\u00fc}\",\r\n\t\t", ""),
            (vec![("s.a", None)], ",\r\n\t\t\"a\":[1e2, {\"k\":12345678901234567890123}]", ""),
            (
                vec![("n", None), ("s.b", Some(json!(1)))],
                "\"n\" : 1.10,\r\n\t\"s\": {\r\n\t\t\"b\" :\"x\\u00fc}\"",
                "\"s\": {\r\n\t\t\"b\" :1",
            ),
            (vec![("s.a.1.k", None)], "{\"k\":12345678901234567890123}", "{}"),
            (vec![("e.x.y", Some(json!("v")))], "{}}", "{\r\n\t\t\"x\": {\"y\":\"v\"}\r\n\t}}"),
            (vec![("n.x", Some(json!("v")))], "1.10", "{\"x\":\"v\"}"),
            (vec![("s.nope", None), ("none.at.all", None)], "", ""),
        ] {
            assert_eq!(
                text.matches(from).count().max(1),
                if from.is_empty() { text.len() + 1 } else { 1 },
                "{from}"
            );
            let wanted = if from.is_empty() { text.to_owned() } else { text.replace(from, to) };
            assert_eq!(edited(text, &changes).as_deref(), Some(wanted.as_str()), "{changes:?}");
        }
        assert_eq!(
            edited("{}", &[("a", Some(json!(1))), ("b", Some(json!(2)))]).as_deref(),
            Some("{\"a\":1,\"b\":2}")
        );
    }

    #[test]
    fn what_cannot_be_done_in_place_is_not_done() {
        for (text, changes) in [
            ("{\"a\": [1]}", vec![("a.5", Some(json!(1)))]),
            ("{\"a\": [1]}", vec![("a.b", Some(json!(1)))]),
            ("{\"a\": {\"b\": 1}}", vec![("a", Some(json!(1))), ("a.b", Some(json!(2)))]),
            ("{\"a\": ", vec![("a", Some(json!(1)))]),
            ("", vec![("a", Some(json!(1)))]),
        ] {
            assert_eq!(edited(text, &changes), None, "{text}");
        }
    }
}
