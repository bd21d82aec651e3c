//! A file whose SealedSecrets are changed in place: what is not changed stays as it was written,
//! comments, order, quotes and other documents included.

use std::path::{Path, PathBuf};

use sealwright_api::{API_VERSION, KIND};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::json;
use crate::manifest::{self, Document, Encoding};
use crate::object;
use crate::output::{self, Output};
use crate::table::printable;
use crate::yaml::{self, Change, Step};

/// Where an object stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    document: usize,
    /// Its place in a List.
    item: Option<usize>,
}

/// The file, and the changes that are to be made.
pub(crate) struct SealedFile {
    path: PathBuf,
    text: String,
    encoding: Encoding,
    documents: Vec<Value>,
    changes: Vec<Change>,
    /// Of the file as it was read: somebody else may write it before this does.
    digest: Option<[u8; 32]>,
}

impl SealedFile {
    /// Reads it.
    ///
    /// # Errors
    /// When it cannot be read, or is neither YAML nor JSON.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        Self::of_bytes(path, manifest::read_bytes(Some(path))?)
    }

    /// The file, of which these bytes were read.
    ///
    /// # Errors
    /// When they are neither YAML nor JSON.
    pub(crate) fn of_bytes(path: &Path, bytes: Vec<u8>) -> Result<Self> {
        let digest = Some(Sha256::digest(&bytes).into());
        let (text, encoding) = manifest::decode(bytes).ok_or_else(|| {
            Error::new(format!("cannot read {}: neither UTF-8 nor UTF-16 text", path.display()))
        })?;
        Ok(Self { encoding, digest, ..Self::of(path, text)? })
    }

    /// The file, of which this is the text.
    ///
    /// # Errors
    /// When it is neither YAML nor JSON.
    pub(crate) fn of(path: &Path, text: String) -> Result<Self> {
        let documents =
            manifest::parse(&text).map_err(|error| error.about(&path.display().to_string()))?;
        let (path, encoding, changes) = (path.to_owned(), Encoding::default(), Vec::new());
        Ok(Self { path, text, encoding, documents, changes, digest: None })
    }

    /// Its SealedSecrets; documents of other kinds are none of our business.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn sealed_secrets(&self) -> Result<Vec<(Place, Document)>> {
        let mut found = Vec::new();
        for (document, value) in self.documents.iter().enumerate() {
            match value["items"].as_array().filter(|_| manifest::is_list(value)) {
                Some(items) => {
                    let places = (0..items.len()).map(|item| Place { document, item: Some(item) });
                    found.extend(places.zip(items.iter().cloned()));
                }
                None => found.push((Place { document, item: None }, value.clone())),
            }
        }
        found.retain(|(_, value)| value["kind"] == KIND && value["apiVersion"] == API_VERSION);
        if found.is_empty() {
            return Err(Error::new(format!("there is no {KIND} in {}", self.path.display()))
                .hint("give a file that kubeseal has written"));
        }
        Ok(found.into_iter().map(|(place, value)| (place, self.document(value))).collect())
    }

    fn document(&self, value: Value) -> Document {
        let file = printable(self.path.display().to_string());
        let place = match value["metadata"]["name"].as_str() {
            Some(name) if !name.is_empty() => format!("{file} ({})", printable(name.to_owned())),
            _ => file,
        };
        Document { place, value }
    }

    /// Sets the value at a path within an object, when the file is written.
    pub(crate) fn set(&mut self, place: Place, path: Vec<Step>, value: Value) {
        self.change(place, path, Some(value));
    }

    /// Removes what is at a path within an object, when the file is written.
    pub(crate) fn remove(&mut self, place: Place, path: Vec<Step>) {
        self.change(place, path, None);
    }

    fn change(&mut self, place: Place, path: Vec<Step>, value: Option<Value>) {
        let item = place.item.map(|item| [Step::Key("items".to_owned()), Step::Index(item)]);
        let path = item.into_iter().flatten().chain(path).collect();
        self.changes.push(Change { document: place.document, path, value });
    }

    /// Writes the file as upstream's commands do: JSON anew, or as YAML if that was asked for; YAML as it
    /// was written but for what changed.
    ///
    /// # Errors
    /// As for [`Self::save`].
    pub(crate) fn write(self, output: &Output) -> Result<()> {
        let text = match manifest::json_documents(&self.text) {
            Some(_) => self.json_anew(output.asks_for_yaml()),
            None => self.text()?,
        };
        self.replace(&text)
    }

    /// Writes the file as it was written but for what changed.
    ///
    /// # Errors
    /// When it cannot be written, or not be changed without changing something else.
    pub(crate) fn save(self) -> Result<()> {
        let text = self.text()?;
        self.replace(&text)
    }

    /// Puts it in the place of what was read, if that is still there.
    fn replace(&self, text: &str) -> Result<()> {
        let bytes = self.encoding.encode(text);
        let Some(digest) = self.digest else { return output::replace(&self.path, bytes) };
        let is_as_read = |now: &[u8]| <[u8; 32]>::from(Sha256::digest(now)) == digest;
        if output::replace_unchanged(&self.path, bytes, is_as_read)? {
            return Ok(());
        }
        let file = printable(self.path.display().to_string());
        Err(Error::new(format!("{file} was changed meanwhile: nothing was written"))
            .hint("look at what it is now, and try again"))
    }

    /// Of objects in it the fields that are no strings, and become some here alone: kubectl passes them on as
    /// they are, and the API server refuses them.
    pub(crate) fn not_strings(&self, places: impl Iterator<Item = Place>) -> Vec<Vec<String>> {
        let read = || yaml::read(&self.text).map(|stream| stream.documents).ok();
        let written = manifest::json_documents(&self.text).or_else(read).unwrap_or_default();
        let of_place = |Place { document, item }| {
            let document = written.get(document)?;
            match item {
                Some(item) => document["items"].get(item),
                None => Some(document),
            }
        };
        places.map(|place| of_place(place).map(manifest::not_strings).unwrap_or_default()).collect()
    }

    /// SealedSecrets of an apiVersion that nobody reads.
    pub(crate) fn strangers(&self) -> usize {
        let is_one = |value: &&Value| value["kind"] == KIND && value["apiVersion"] != API_VERSION;
        self.documents.iter().filter(is_one).count()
    }

    /// Its text as it was written but for what changed.
    ///
    /// # Errors
    /// When it cannot be changed without changing something else.
    pub(crate) fn text(&self) -> Result<String> {
        if manifest::json_documents(&self.text).is_some() {
            return Ok(self.json_in_place().unwrap_or_else(|| self.json_anew(false)));
        }
        yaml::edit(&self.text, &self.changes).map_err(|error| {
            Error::new(format!("{}: {error}", self.path.display()))
                .hint("write this part of the file without anchors, aliases and merges")
        })
    }

    /// JSON with the changes made where they are. None where that cannot be done: a key may be there twice.
    fn json_in_place(&self) -> Option<String> {
        let mut edited = String::with_capacity(self.text.len());
        let mut rest = self.text.as_str();
        for (at, length) in manifest::json_lengths(&self.text).into_iter().enumerate() {
            let (document, behind) = rest.split_at(length);
            let changes = self.changes.iter().filter(|change| change.document == at);
            let changes: Vec<_> =
                changes.map(|change| Change { document: 0, ..change.clone() }).collect();
            // JSON is YAML (YAML 1.2 §1.3).
            edited += &yaml::edit(document, &changes).ok()?;
            rest = behind;
        }
        edited += rest;
        // What comes out is held against what was wanted.
        (manifest::json_documents(&edited)? == self.changed_documents()).then_some(edited)
    }

    fn changed_documents(&self) -> Vec<Value> {
        let mut documents = self.documents.clone();
        for Change { document, path, value } in &self.changes {
            match (documents.get_mut(*document), value) {
                (Some(object), Some(value)) => object::set(object, path, value.clone()),
                (Some(object), None) => object::remove(object, path),
                (None, _) => {}
            }
        }
        documents
    }

    /// The documents that change, written anew; the others as they are.
    fn json_anew(&self, becomes_yaml: bool) -> String {
        let texts = manifest::json_texts(&self.text);
        let written = self.changed_documents();
        let written = written.iter().enumerate().map(|(at, document)| {
            if becomes_yaml {
                return format!("---\n{}", yaml::write(document));
            }
            let is_changed = self.changes.iter().any(|change| change.document == at);
            match texts.get(at).filter(|_| !is_changed) {
                Some(text) => format!("{text}\n"),
                None => json::write(document),
            }
        });
        written.collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(path: &str) -> Vec<Step> {
        let step = |name: &str| match name.parse() {
            Ok(index) => Step::Index(index),
            Err(_) => Step::Key(name.to_owned()),
        };
        path.split('.').map(step).collect()
    }

    /// Only what is made in place counts.
    fn edited(text: &str, changes: &[(&str, Option<Value>)]) -> Option<String> {
        let mut file = SealedFile::of(Path::new("s.json"), text.to_owned()).unwrap();
        for (at, value) in changes {
            file.change(Place { document: 0, item: None }, path(at), value.clone());
        }
        file.json_in_place()
    }

    #[test]
    fn in_json_everything_else_stays_as_it_was_written() {
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
            (vec![("e.x.y", Some(json!("v")))], "{}}", "{\"x\": {\"y\": \"v\"}}}"),
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
            Some("{\"a\": 1, \"b\": 2}")
        );
        let null = edited("{\"a\": null}", &[("a.x", Some(json!("v")))]);
        assert_eq!(null.as_deref(), Some("{\"a\": {\"x\": \"v\"}}"));
        // What is no map is written anew.
        assert_eq!(edited("{\"a\": 1}", &[("a.x", Some(json!("v")))]), None);
    }
}
