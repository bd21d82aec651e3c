//! Compares functions with what Go made of the same calls: `tests/vectors/*.json`.

use serde_json::Value as Json;

use crate::context::testing::Still;
use crate::context::{Budget, Context};
use crate::error::Fault;
use crate::funcs::{Args, lookup};
use crate::printf;
use crate::template::Template;
use crate::value::Value;

/// A string, or `{"hex": …}` where it is no UTF-8.
fn bytes(json: &Json) -> Vec<u8> {
    if let Some(text) = json.as_str() {
        return text.into();
    }
    let hex = json["hex"].as_str().expect("a string or its bytes");
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digit).collect()
}

fn argument(context: &mut Context<'_>, json: &Json) -> Value {
    match json {
        Json::Number(number) => Value::Int(number.as_i64().unwrap()),
        Json::Bool(value) => (*value).into(),
        Json::Object(map) if !map.contains_key("hex") => {
            let dict = crate::value::Dict::from_iter([]);
            for (key, value) in map {
                let value = argument(context, value);
                dict.insert(context, key.as_str().into(), value).unwrap();
            }
            dict.into()
        }
        text => bytes(text).into(),
    }
}

/// Whether the result is what Go's was.
fn agrees(result: &Value, expected: &Json) -> bool {
    match result {
        Value::Text(text) => **text == *bytes(expected),
        Value::Bool(value) => expected.as_bool() == Some(*value),
        Value::Strings(list) if list.is_nil() => expected == "<nil>",
        Value::Strings(list) => {
            let expected = expected.as_array().expect("a list").iter().map(bytes);
            list.to_vec().iter().map(|text| text.to_vec()).eq(expected)
        }
        Value::Dict(dict) => {
            let expected = expected["map"].as_object().expect("a map");
            dict.len() == expected.len()
                && expected.iter().all(|(key, value)| {
                    dict.any(|name, found| **name == *key.as_bytes() && agrees(found, value))
                })
        }
        Value::Object(object) => object.string() == Some(bytes(expected)),
        _ => false,
    }
}

fn call(context: &mut Context<'_>, case: &Json) -> Result<Value, Fault> {
    let function = lookup(case["call"].as_str().unwrap()).expect("a function of that name");
    let args = case["args"].as_array().expect("a list of arguments");
    let mut args: Vec<Value> = args.iter().map(|arg| argument(context, arg)).collect();
    assert!(function.takes(args.len()), "{case}");
    (function.body)(context, &mut Args(&mut args))
}

/// A template with the strings that it is given.
fn render(case: &Json) -> (&'static str, Vec<u8>) {
    let template = match Template::parse("case", case["template"].as_str().unwrap()) {
        Ok(template) => template,
        Err(_) => return ("parse", Vec::new()),
    };
    let data = case["data"].as_object().into_iter().flatten();
    let data = data.map(|(name, value)| (name.clone(), bytes(value))).collect();
    match template.render(&data, &mut Still) {
        Ok(output) => ("ok", output),
        Err(_) => ("exec", Vec::new()),
    }
}

/// What is wrong with ours; none if nothing is.
fn difference(case: &Json) -> Option<String> {
    if case["template"].is_string() {
        let (phase, output) = render(case);
        let good = case["phase"] == phase && (phase != "ok" || output == bytes(&case["out"]));
        return (!good).then(|| format!("{phase} {}", String::from_utf8_lossy(&output)));
    }
    let world = &mut Still;
    let mut budget = Budget::default();
    let context = &mut Context::new(world, &mut budget);
    match call(context, case) {
        Ok(result) if case["fails"].is_null() && agrees(&result, &case["out"]) => None,
        Ok(result) => Some(printf::display(context, &result).map_or_else(
            |fault| fault.text.to_owned(),
            |text| String::from_utf8_lossy(&text).into_owned(),
        )),
        Err(fault) if !fault.limit && case["fails"] == true => None,
        Err(fault) => Some(fault.text.to_owned()),
    }
}

fn compare(file: &str) {
    let file: Json = serde_json::from_str(file).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let differences = cases.iter().filter_map(|case| Some((case, difference(case)?)));
    let wrong: Vec<_> =
        differences.map(|(case, ours)| format!("{case}\n    but {ours}\n")).collect();
    let shown: String = wrong.iter().take(20).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{shown}", wrong.len(), cases.len());
}

#[test]
fn regular_expressions_are_go_s() {
    compare(include_str!("../../tests/vectors/regex.json"));
}

#[test]
fn versions_and_constraints_are_masterminds() {
    compare(include_str!("../../tests/vectors/semver.json"));
}

#[test]
fn urls_are_go_s() {
    compare(include_str!("../../tests/vectors/url.json"));
}

#[test]
fn times_are_go_s() {
    compare(include_str!("../../tests/vectors/dates.json"));
}
