//! What Go 1.26 with Sprig 3.3.0 renders, recorded; ours must be the same, byte for byte.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sealwright_template::{NoRandomness, Template, Timestamp, World};
use serde_json::Value;

const VECTORS: &[&str] = &[
    include_str!("vectors/gotemplate.json"),
    include_str!("vectors/functions.json"),
    include_str!("vectors/objects.json"),
];
const SPRIG: &str = include_str!("vectors/sprig-functions.tsv");

/// A clock that stands still, and bytes that look random enough.
struct Still(u8);

impl World for Still {
    fn now(&mut self) -> Timestamp {
        Timestamp { seconds: 1_750_000_000, nanoseconds: 123_456_789 }
    }

    fn random(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(197).wrapping_add(91);
            *byte = self.0;
        }
        Ok(())
    }
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Rendered(String),
    Parse,
    Exec,
}

fn outcome(case: &Value) -> Outcome {
    let text = case["template"].as_str().unwrap();
    let Ok(template) = Template::parse(case["name"].as_str().unwrap(), text) else {
        return Outcome::Parse;
    };
    match template.render(&data(case), &mut Still(7)) {
        Ok(_) if case["stable"] == false => Outcome::Rendered(String::new()),
        Ok(bytes) => Outcome::Rendered(bytes.escape_ascii().to_string()),
        Err(_) => Outcome::Exec,
    }
}

fn data(case: &Value) -> BTreeMap<String, Vec<u8>> {
    let decoded = |value: &Value| BASE64_STANDARD.decode(value.as_str().unwrap()).unwrap();
    let plain = |value: &Value| value.as_str().unwrap().as_bytes().to_vec();
    let plain = case["data"].as_object().into_iter().flatten().map(|(k, v)| (k.clone(), plain(v)));
    let base64 = case["data_b64"].as_object().into_iter().flatten();
    plain.chain(base64.map(|(key, value)| (key.clone(), decoded(value)))).collect()
}

fn wanted(case: &Value) -> Outcome {
    match case["phase"].as_str().unwrap() {
        "parse" => Outcome::Parse,
        "exec" => Outcome::Exec,
        _ if case["stable"] == false => Outcome::Rendered(String::new()),
        _ => {
            let bytes = match case["out_b64"].as_str() {
                Some(out) => BASE64_STANDARD.decode(out).unwrap(),
                None => case["out"].as_str().unwrap_or_default().as_bytes().to_vec(),
            };
            Outcome::Rendered(bytes.escape_ascii().to_string())
        }
    }
}

/// A list of cases, or an object that also says how they were made.
fn cases(text: &str) -> Vec<Value> {
    match serde_json::from_str(text).unwrap() {
        Value::Array(cases) => cases,
        mut object => object["cases"].as_array_mut().map(std::mem::take).unwrap(),
    }
}

#[test]
fn everything_renders_as_go_renders_it() {
    let cases: Vec<Value> = VECTORS.iter().flat_map(|text| cases(text)).collect();
    assert!(cases.len() > 333, "only {} cases", cases.len());
    let differs = |case: &Value| {
        let (found, wanted) = (outcome(case), wanted(case));
        let (name, template) = (&case["name"], &case["template"]);
        (found != wanted)
            .then(|| format!("{name}: {template}\n   wanted {wanted:?}\n   found  {found:?}"))
    };
    let differences: Vec<_> = cases.iter().filter_map(differs).collect();
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn every_function_is_there() {
    let there: BTreeSet<_> = Template::functions().collect();
    let sprig: BTreeSet<_> = SPRIG.lines().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(sprig.len(), 208);
    assert_eq!(sprig.difference(&there).collect::<Vec<_>>(), Vec::<&&str>::new());
    let builtins: Vec<_> = there.difference(&sprig).copied().collect();
    assert_eq!(
        builtins,
        [
            "and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not",
            "or", "print", "printf", "println", "urlquery",
        ]
    );
}
