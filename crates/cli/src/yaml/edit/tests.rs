//! Layouts and what comes of changes to them, kept as data in `tests/vectors/yaml-edits.toml`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Change, Step, edit};
use crate::yaml::read;

mod properties;

#[derive(Deserialize)]
struct Vectors {
    edit: Vec<Layout>,
}

#[derive(Deserialize)]
struct Layout {
    name: String,
    before: String,
    changes: Vec<Written>,
    after: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    document: usize,
    path: Vec<WrittenStep>,
    /// As JSON; a change without it removes.
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenStep {
    Index(usize),
    Key(String),
}

impl Written {
    fn change(&self) -> Change {
        let path = self.path.iter().map(|step| match step {
            WrittenStep::Index(index) => Step::Index(*index),
            WrittenStep::Key(key) => Step::Key(key.clone()),
        });
        let value = self.value.as_ref().map(|value| serde_json::from_str(value).unwrap());
        Change { document: self.document, path: path.collect(), value }
    }
}

fn layouts() -> Vec<Layout> {
    let vectors = include_str!("../../../tests/vectors/yaml-edits.toml");
    toml::from_str::<Vectors>(vectors).unwrap().edit
}

#[test]
fn every_layout_is_edited_as_written() {
    let mut failures = Vec::new();
    for Layout { name, before, changes, after, error } in layouts() {
        let changes: Vec<Change> = changes.iter().map(Written::change).collect();
        let expected = after.ok_or_else(|| error.unwrap());
        let actual = edit(&before, &changes).map_err(|error| error.to_string());
        if actual != expected {
            failures.push(format!("{name}:\n  expected {expected:?}\n  actual   {actual:?}"));
        }
    }
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}

/// One after another on plain values, which knows nothing of how [`edit`] does it.
fn changed(mut documents: Vec<Value>, changes: &[Change]) -> Vec<Value> {
    let gone = json!("removed by this test");
    for Change { document, path, value } in changes {
        let mut place = &mut documents[*document];
        for step in path {
            place = match step {
                Step::Key(key) => {
                    if place.is_null() || *place == gone {
                        *place = json!({});
                    }
                    match place {
                        Value::Object(map) => map.entry(key.clone()).or_insert(gone.clone()),
                        _ => break,
                    }
                }
                Step::Index(index) => {
                    if place.is_null() || *place == gone {
                        *place = json!([]);
                    }
                    let items = place.as_array_mut().unwrap();
                    items.resize(items.len().max(index + 1), gone.clone());
                    &mut items[*index]
                }
            };
        }
        *place = value.clone().unwrap_or_else(|| gone.clone());
    }
    documents.iter_mut().for_each(|document| sweep(document, &gone));
    documents
}

fn sweep(value: &mut Value, gone: &Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| value != gone);
            map.values_mut().for_each(|value| sweep(value, gone));
        }
        Value::Array(items) => {
            items.retain(|value| value != gone);
            items.iter_mut().for_each(|value| sweep(value, gone));
        }
        _ => {}
    }
}

#[test]
fn to_edit_and_read_is_to_read_and_change() {
    for Layout { name, before, changes, after, .. } in layouts() {
        let Some(after) = after else { continue };
        if name == "what is not there may be removed" {
            continue;
        }
        let changes: Vec<Change> = changes.iter().map(Written::change).collect();
        let expected = changed(read(&before).unwrap().documents, &changes);
        assert_eq!(read(&after).unwrap().documents, expected, "{name}");
    }
}
