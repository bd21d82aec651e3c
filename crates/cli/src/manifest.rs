//! Reading manifests: bytes → text → documents → objects of one kind.

mod coerce;
mod given;
mod input;
mod text;

use std::path::Path;

use sealwright_api::{API_VERSION, KIND};
use serde_json::Value;

use crate::error::{Error, Result, say};
use crate::yaml::{self, BooleanKey};
use coerce::Unquoted;
pub(crate) use coerce::not_strings;
pub(crate) use given::{check_path, is_content, no_path};
pub(crate) use input::{is_standard_input, read_at_most, read_bytes};
pub(crate) use text::{Encoding, decode};

/// One object of the input.
pub(crate) struct Document {
    /// Where it stands, for messages: `document 2 (db)`.
    pub(crate) place: String,
    pub(crate) value: Value,
}

/// The Secrets of a file or of standard input; those of a List one by one.
pub(crate) fn read_secrets(path: Option<&Path>) -> Result<Vec<Document>> {
    let documents = secrets_of(&read_text(path)?)?;
    not_empty(documents, "Secret")
}

/// The SealedSecrets of a file or of standard input; those of a List one by one.
pub(crate) fn read_sealed_secrets(path: Option<&Path>) -> Result<Vec<Document>> {
    let documents = objects(&read_text(path)?, KIND, API_VERSION)?;
    not_empty(documents, KIND)
}

/// The Secrets in a text.
pub(crate) fn secrets_of(text: &str) -> Result<Vec<Document>> {
    objects(text, "Secret", "v1")
}

/// The text of a file, whatever Unicode encoding it is in.
pub(crate) fn read_file(path: &Path) -> Result<String> {
    read_text(Some(path))
}

fn read_text(path: Option<&Path>) -> Result<String> {
    let (text, _) = decode(read_bytes(path)?).ok_or_else(|| {
        let source = path.filter(|path| !is_standard_input(path));
        let source = source.map_or("standard input".to_owned(), |path| path.display().to_string());
        Error::new(format!("cannot read {source}: neither UTF-8 nor UTF-16 text"))
    })?;
    Ok(text)
}

fn not_empty(documents: Vec<Document>, kind: &str) -> Result<Vec<Document>> {
    if documents.is_empty() {
        return Err(Error::new(format!("no {kind} found in the input"))
            .hint("give a manifest on standard input, or a file with -f"));
    }
    Ok(documents)
}

fn objects(text: &str, kind: &str, api_version: &str) -> Result<Vec<Document>> {
    let documents = parse(text)?;
    let several = documents.len() > 1;
    let mut objects = Vec::new();
    for (at, mut value) in documents.into_iter().enumerate() {
        let place = if several { format!("document {}", at + 1) } else { "input".to_owned() };
        if is_list(&value) {
            let items = value["items"].take();
            let items = match items {
                Value::Array(items) => items,
                Value::Null => Vec::new(),
                _ => {
                    return Err(Error::new(format!("{place}: the items of a List are no list"))
                        .hint("write each behind a dash"));
                }
            };
            for (at, item) in items.into_iter().enumerate() {
                let place = format!("{place}, item {}", at + 1);
                objects.push(checked(item, &place, kind, api_version)?);
            }
        } else {
            objects.push(checked(value, &place, kind, api_version)?);
        }
    }
    Ok(objects)
}

/// JSON documents one after another, if it is that.
pub(crate) fn json_documents(text: &str) -> Option<Vec<Value>> {
    let documents = serde_json::Deserializer::from_str(text).into_iter();
    text.trim_start().starts_with('{').then(|| documents.collect::<Result<_, _>>().ok()).flatten()
}

/// How long each of them is, with the blanks before it.
pub(crate) fn json_lengths(text: &str) -> Vec<usize> {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let (mut lengths, mut start) = (Vec::new(), 0);
    while let Some(Ok(_)) = documents.next() {
        let end = documents.byte_offset();
        lengths.push(end - start);
        start = end;
    }
    lengths
}

/// The same as they are written.
pub(crate) fn json_texts(text: &str) -> Vec<&str> {
    let mut start = 0;
    let texts = json_lengths(text).into_iter().map(|length| {
        start += length;
        text[start - length..start].trim()
    });
    texts.collect()
}

/// JSON documents one after another, else YAML.
pub(crate) fn parse(text: &str) -> Result<Vec<Value>> {
    if let Some(documents) = json_documents(text) {
        return Ok(documents);
    }
    let mut stream = yaml::read(text).map_err(|error| {
        Error::new(format!("the input is neither YAML nor JSON: {error}"))
            .hint("check the indentation and quotes there; tabs cannot indent YAML")
    })?;
    stream.boolean_keys.iter().for_each(warn_of_boolean_key);
    for document in &mut stream.documents {
        coerce::unquoted(document).iter().for_each(warn_of_unquoted);
        coerce::scalars_to_strings(document);
    }
    Ok(stream.documents)
}

fn warn_of_boolean_key(key: &BooleanKey) {
    let BooleanKey { line, written, meant } = key;
    say(format_args!(
        "warning: line {line}: the key {written} is a boolean to YAML and becomes \"{meant}\"; quote it to keep it"
    ));
}

fn warn_of_unquoted(value: &Unquoted<'_>) {
    let Unquoted { secret, key, becomes } = value;
    let of_secret = secret.map(|name| format!(" of {name}")).unwrap_or_default();
    say(format_args!(
        "warning: stringData{of_secret}: the value of {key:?} {becomes}; quote it to keep it"
    ));
}

pub(crate) fn is_list(value: &Value) -> bool {
    let kind = value["kind"].as_str().unwrap_or_default();
    kind.ends_with("List") && value.get("items").is_some()
}

/// Takes an object of the kind wanted. One that names none is taken too, as upstream does.
fn checked(value: Value, place: &str, kind: &str, api_version: &str) -> Result<Document> {
    if !value.is_object() {
        return Err(Error::new(format!("{place} is no {kind}: it is not a map"))
            .hint("a manifest begins with apiVersion, kind and metadata"));
    }
    let found_kind = value["kind"].as_str().unwrap_or(kind);
    if found_kind != kind {
        return Err(Error::new(format!("{place} is a {found_kind}, not a {kind}"))
            .hint(format!("give manifests of kind {kind} only")));
    }
    let found_version = value["apiVersion"].as_str().unwrap_or(api_version);
    if found_version != api_version {
        return Err(Error::new(format!(
            "{place}: there is no {kind} in apiVersion {found_version}"
        ))
        .hint(format!("write apiVersion: {api_version}")));
    }
    let place = match value["metadata"]["name"].as_str() {
        Some(name) if !name.is_empty() => format!("{place} ({name})"),
        _ => place.to_owned(),
    };
    Ok(Document { place, value })
}
