//! JSON as Go writes Kubernetes objects: fields in the order of Go's structs, maps sorted, two
//! blanks of indentation, and `<`, `>` and `&` escaped.

use serde_json::{Map, Value};

/// A Go struct: its fields in order, and what those hold. Fields it does not name follow sorted.
struct Struct(&'static [(&'static str, Option<&'static Struct>)]);

const OWNER_REFERENCE: Struct = Struct(&[
    ("apiVersion", None),
    ("kind", None),
    ("name", None),
    ("uid", None),
    ("controller", None),
    ("blockOwnerDeletion", None),
]);

const METADATA: Struct = Struct(&[
    ("name", None),
    ("generateName", None),
    ("namespace", None),
    ("uid", None),
    ("labels", None),
    ("annotations", None),
    ("ownerReferences", Some(&OWNER_REFERENCE)),
    ("finalizers", None),
]);

const TEMPLATE: Struct =
    Struct(&[("metadata", Some(&METADATA)), ("type", None), ("immutable", None), ("data", None)]);

const SPEC: Struct =
    Struct(&[("template", Some(&TEMPLATE)), ("data", None), ("encryptedData", None)]);

const SEALED_SECRET: Struct = Struct(&[
    ("kind", None),
    ("apiVersion", None),
    ("metadata", Some(&METADATA)),
    ("spec", Some(&SPEC)),
    ("status", None),
]);

const SECRET: Struct = Struct(&[
    ("kind", None),
    ("apiVersion", None),
    ("metadata", Some(&METADATA)),
    ("immutable", None),
    ("data", None),
    ("stringData", None),
    ("type", None),
]);

/// Writes a Secret or SealedSecret, with a line break at its end.
pub(crate) fn write(object: &Value) -> String {
    let kind = if object["kind"] == "Secret" { &SECRET } else { &SEALED_SECRET };
    let mut out = String::new();
    write_value(&mut out, object, Some(kind), 0);
    out.push('\n');
    out
}

fn write_value(out: &mut String, value: &Value, shape: Option<&Struct>, indent: usize) {
    match value {
        Value::Object(map) if map.is_empty() => out.push_str("{}"),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Object(map) => write_map(out, map, shape, indent),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                next_line(out, at > 0, indent + 2);
                write_value(out, item, shape, indent + 2);
            }
            next_line(out, false, indent);
            out.push(']');
        }
        Value::String(text) => write_string(out, text),
        other => out.push_str(&other.to_string()),
    }
}

fn write_map(out: &mut String, map: &Map<String, Value>, shape: Option<&Struct>, indent: usize) {
    out.push('{');
    let fields = shape.map_or(&[][..], |shape| shape.0);
    let position = |key: &str| fields.iter().position(|(name, _)| *name == key);
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort_by_key(|key| (position(key).unwrap_or(fields.len()), *key));
    for (at, key) in keys.into_iter().enumerate() {
        next_line(out, at > 0, indent + 2);
        write_string(out, key);
        out.push_str(": ");
        let inner = position(key).and_then(|position| fields[position].1);
        write_value(out, &map[key], inner, indent + 2);
    }
    next_line(out, false, indent);
    out.push('}');
}

fn next_line(out: &mut String, comma: bool, indent: usize) {
    if comma {
        out.push(',');
    }
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

/// A JSON string with Go's extra escapes, which make it safe inside HTML and JavaScript.
fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_stand_in_gos_order_and_maps_are_sorted() {
        let written = write(&json!({
            "type": "Opaque",
            "data": { "b": "", "a": "" },
            "metadata": { "labels": {}, "name": "n", "ownerReferences": [{ "kind": "k", "apiVersion": "v" }] },
            "apiVersion": "v1",
            "kind": "Secret",
        }));
        let keys: Vec<_> = written.lines().filter_map(|line| line.split('"').nth(1)).collect();
        assert_eq!(
            keys,
            [
                "kind",
                "apiVersion",
                "metadata",
                "name",
                "labels",
                "ownerReferences",
                "apiVersion",
                "kind",
                "data",
                "a",
                "b",
                "type"
            ]
        );
    }

    #[test]
    fn strings_are_escaped_as_go_escapes_them_and_come_back() {
        let text = "<a href=\"x\">&\u{2028}\t\n\u{1}\u{7f}ü😀\\";
        let written = write(&json!({ "k": text }));
        assert_eq!(
            written,
            "{\n  \"k\": \"\\u003ca href=\\\"x\\\"\\u003e\\u0026\\u2028\\t\\n\\u0001\u{7f}ü😀\\\\\"\n}\n"
        );
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap()["k"], text);
    }
}
