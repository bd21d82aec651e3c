//! Values that stand for sealed ones: those of a file, and dummies.

use std::collections::BTreeMap;
use std::path::Path;

use sealwright_api::SealedSecret;
use sealwright_crypto::Plaintext;
use serde_json::{Map, Value};

use crate::error::{Error, Result, say};
use crate::manifest;
use crate::yaml::number_text;

type Values = BTreeMap<String, Plaintext>;

/// `<KEY>` for each.
pub(super) fn dummies(sealed: &SealedSecret) -> Values {
    let keys = sealed.spec.encrypted_data.keys();
    keys.map(|key| (key.clone(), Plaintext::new(format!("<{key}>").into_bytes()))).collect()
}

/// Those of a file, and dummies for what it leaves out.
///
/// # Errors
/// When it is no map of texts, or has a value of what is no item. No value is repeated.
pub(super) fn from_file(file: &Path, sealed: &SealedSecret, place: &str) -> Result<Values> {
    let mut values = dummies(sealed);
    let items: Vec<_> = values.keys().cloned().collect();
    let mut missing = items.clone();
    for (key, value) in map(file)? {
        let Some(text) = text(value) else {
            return Err(Error::new(format!("{}: the value of {key} is no text", file.display()))
                .hint("values are texts, numbers and booleans"));
        };
        missing.retain(|item| *item != key);
        if values.insert(key.clone(), Plaintext::new(text.into_bytes())).is_none() {
            return Err(Error::new(format!("{}: {place} has no item {key}", file.display()))
                .hint(format!("its items are {}", items.join(", "))));
        }
    }
    for key in missing {
        say(format_args!("note: {} has no {key}: <{key}> stands for it", file.display()));
    }
    Ok(values)
}

fn map(file: &Path) -> Result<Map<String, Value>> {
    let name = file.display().to_string();
    let documents =
        manifest::parse(&manifest::read_file(file)?).map_err(|error| error.about(&name))?;
    match <[Value; 1]>::try_from(documents) {
        Ok([Value::Object(map)]) => Ok(map),
        Ok([Value::Null]) => Ok(Map::new()),
        Ok(_) => Err(Error::new(format!("{name} is no map of values")).hint(FORM)),
        Err(documents) if documents.is_empty() => Ok(Map::new()),
        Err(_) => Err(Error::new(format!("{name} holds several documents")).hint(FORM)),
    }
}

const FORM: &str = "write one line for each item, KEY: value";

/// As the values of `stringData` are read.
fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number_text(&number)),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    }
}
