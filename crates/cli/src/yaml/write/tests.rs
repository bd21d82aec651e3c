//! Held against what `sigs.k8s.io/yaml` writes, recorded in `tests/vectors/go-yaml.json`.

use serde::Deserialize;
use serde_json::json;

use super::write;
use crate::yaml::read;

#[derive(Deserialize)]
struct Recorded {
    strings: Vec<Text>,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    yaml: String,
    ours: Option<String>,
}

fn recorded() -> Vec<Text> {
    let recorded = include_str!("../../../tests/vectors/go-yaml.json");
    serde_json::from_str::<Recorded>(recorded).unwrap().strings
}

#[test]
fn strings_are_written_as_go_writes_them() {
    for Text { text, yaml, ours } in recorded() {
        let written = write(&json!({ "metadata": { "annotations": { "k": text } } }));
        assert_eq!(written, ours.unwrap_or(yaml), "{text:?}");
    }
}

#[test]
fn every_string_comes_back_unchanged() {
    let long = "word ".repeat(800);
    let texts = recorded().into_iter().map(|row| row.text);
    for text in texts.chain([long.clone(), format!("\t{long}"), format!("x: {long}")]) {
        let value = json!({ "k": text, "l": [text] });
        assert_eq!(read(&write(&value)).unwrap().documents, [value], "{text:?}");
    }
}

#[test]
fn keys_stand_in_gos_order() {
    let value = json!({ "a10": 1, "a9": 1, "a1": 1, "B": 1, "_": 1, "1": 1, "a": 1, "10": 1, "9": 1, "a.b": 1, "ab": 1 });
    let written = write(&value);
    let keys: Vec<_> = written.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(keys, ["_", "\"1\"", "\"9\"", "\"10\"", "B", "a", "a.b", "a1", "a9", "a10", "ab"]);
}

#[test]
fn nested_collections_are_indented_as_go_indents_them() {
    let value = json!({
        "list": [{ "a": 1, "b": [true, null] }, [1, [2]], {}, []],
        "empty": {},
        "none": null,
    });
    assert_eq!(
        write(&value),
        "empty: {}\nlist:\n- a: 1\n  b:\n  - true\n  - null\n- - 1\n  - - 2\n- {}\n- []\nnone: null\n"
    );
}
