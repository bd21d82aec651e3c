//! `diff`: which items differ, by name and never by value. As a textconv it shows Git a file whose
//! sealed values are a line each.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Ending;
use super::facts::{Facts, Item};
use super::format::Format;
use crate::error::{Error, Result};
use crate::manifest::{self, Document};
use crate::object::{at, sealed_values};
use crate::output;
use crate::sealed_file::SealedFile;
use crate::table::printable;

/// Hexadecimal digits that tell two sealed values apart.
const DIGITS: usize = 24;

/// What to compare.
#[derive(Debug, Args)]
#[command(after_help = "As a textconv, for Git to show what changed in a sealed file:
  git config diff.sealed.textconv 'kubeseal diff --textconv'
  echo '*sealed*.yaml diff=sealed' >> .gitattributes")]
pub(crate) struct Diff {
    /// The file as it was, and as it is
    #[arg(required = true, num_args = 1..=2, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Print one file with a short digest in the place of each sealed value
    #[arg(long)]
    textconv: bool,

    /// How to tell it
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

impl Diff {
    pub(super) fn run(&self) -> Result<Ending> {
        match (self.files.as_slice(), self.textconv) {
            ([file], true) => {
                output::print(&shortened(file)?)?;
                Ok(Ending::Clean)
            }
            ([before, after], false) => self.compare(before, after),
            (_, true) => Err(Error::usage("--textconv takes one file")
                .hint("Git names the file; see kubeseal diff --help")),
            (_, false) => Err(Error::usage("diff takes two files: before and after")),
        }
    }

    fn compare(&self, before: &Path, after: &Path) -> Result<Ending> {
        if [before, after].into_iter().all(manifest::is_standard_input) {
            return Err(Error::usage("standard input can be one of the two files"));
        }
        let pairs = paired(objects(before)?, objects(after)?);
        let changes: Vec<_> = pairs.iter().filter_map(Change::between).collect();
        let told = Value::Array(changes.iter().map(Change::json).collect());
        let text = self.output.text(&told, || changes.iter().map(Change::lines).collect());
        output::print(text.as_bytes())?;
        Ok(if changes.is_empty() { Ending::Clean } else { Ending::Findings })
    }
}

fn objects(file: &Path) -> Result<Vec<Document>> {
    Ok(SealedFile::read(file)?
        .sealed_secrets()?
        .into_iter()
        .map(|(_, document)| document)
        .collect())
}

/// A file for Git to compare: whatever is no SealedSecret stays, and so does what cannot be read.
fn shortened(file: &Path) -> Result<Vec<u8>> {
    let bytes = manifest::read_bytes(Some(file))?;
    let Ok(text) = String::from_utf8(bytes.clone()) else { return Ok(bytes) };
    let Ok(mut sealed) = SealedFile::of(file, text) else { return Ok(bytes) };
    let Ok(objects) = sealed.sealed_secrets() else { return Ok(bytes) };
    for (place, document) in objects {
        for path in sealed_values(&document.value) {
            if let Some(Value::String(value)) = at(&document.value, &path) {
                sealed.set(place, path.clone(), format!("<sealed {}>", digest(value)).into());
            }
        }
    }
    Ok(sealed.text().map_or(bytes, String::into_bytes))
}

fn digest(value: &str) -> String {
    let digest = Sha256::digest(value.as_bytes());
    let hex = digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    hex[..DIGITS].to_owned()
}

/// An object before, after, or both.
type Pair = (Option<Value>, Option<Value>);

/// By namespace and name. Where each file holds one, they are a pair whatever their names.
fn paired(before: Vec<Document>, after: Vec<Document>) -> Vec<Pair> {
    let values = |documents: Vec<Document>| documents.into_iter().map(|document| document.value);
    let (before, after): (Vec<_>, Vec<_>) = (values(before).collect(), values(after).collect());
    if let ([_], [_]) = (before.as_slice(), after.as_slice()) {
        return before.into_iter().map(Some).zip(after.into_iter().map(Some)).collect();
    }
    let id = |value: &Value| {
        let metadata = &value["metadata"];
        (metadata["namespace"].to_string(), metadata["name"].to_string())
    };
    let mut by_id: HashMap<_, VecDeque<usize>> = HashMap::new();
    for (at, new) in after.iter().enumerate() {
        by_id.entry(id(new)).or_default().push_back(at);
    }
    let mut after: Vec<_> = after.into_iter().map(Some).collect();
    let mut pairs = Vec::new();
    for old in before {
        let same = by_id.get_mut(&id(&old)).and_then(VecDeque::pop_front);
        pairs.push((Some(old), same.and_then(|at| after[at].take())));
    }
    pairs.extend(after.into_iter().flatten().map(|new| (None, Some(new))));
    pairs
}

/// What differs between two states of an object.
#[derive(Debug, PartialEq)]
struct Change {
    title: String,
    /// Whether it is there before and after.
    is_there: [bool; 2],
    added: Vec<String>,
    removed: Vec<String>,
    /// Sealed anew; whether with the same value nobody can tell.
    resealed: Vec<String>,
    /// Everything else, as a path.
    other: BTreeSet<String>,
}

impl Change {
    fn between((before, after): &Pair) -> Option<Self> {
        let items = |object: &Option<Value>| {
            object.as_ref().map(|object| Facts::of(object).items).unwrap_or_default()
        };
        let (old, new) = (items(before), items(after));
        let only = |these: &[Item], those: &[Item]| {
            let there: HashSet<_> = those.iter().map(|item| &item.name).collect();
            let missing = these.iter().filter(|item| !there.contains(&item.name));
            missing.map(|item| item.name.clone()).collect::<Vec<_>>()
        };
        let mut other = BTreeSet::new();
        let mut resealed = Vec::new();
        if let (Some(before), Some(after)) = (before, after) {
            for path in sealed_values(before) {
                let (was, is) = (at(before, &path), at(after, &path));
                if is.is_some() && was != is {
                    resealed.push(path.last().and_then(|step| step.name()).unwrap_or_default());
                }
            }
            differing(&without_values(before), &without_values(after), "", &mut other);
        }
        let title = Facts::of(after.as_ref().or(before.as_ref())?).title();
        let change = Self {
            title,
            is_there: [before.is_some(), after.is_some()],
            added: only(&new, &old),
            removed: only(&old, &new),
            resealed,
            other,
        };
        (!change.is_nothing()).then_some(change)
    }

    fn is_nothing(&self) -> bool {
        let lists = [&self.added, &self.removed, &self.resealed];
        self.is_there == [true, true]
            && lists.iter().all(|list| list.is_empty())
            && self.other.is_empty()
    }

    fn json(&self) -> Value {
        json!({
            "object": self.title,
            "before": self.is_there[0],
            "after": self.is_there[1],
            "added": self.added,
            "removed": self.removed,
            "sealedAnew": self.resealed,
            "other": self.other,
        })
    }

    fn lines(&self) -> String {
        let what = match self.is_there {
            [false, _] => "  (new)",
            [_, false] => "  (gone)",
            _ => "",
        };
        let lines = |sign: char, names: &[String]| {
            names.iter().map(|name| format!("  {sign} {name}")).collect::<Vec<_>>()
        };
        let other = self.other.iter().map(|path| format!("  ~ {path}"));
        let lines = [format!("{}{what}", self.title)]
            .into_iter()
            .chain(lines('+', &self.added))
            .chain(lines('-', &self.removed))
            .chain(self.resealed.iter().map(|name| format!("  ~ {name}  (sealed anew)")))
            .chain(other);
        lines.map(|line| printable(line) + "\n").collect()
    }
}

/// The object but for its sealed values, and for what a server adds.
fn without_values(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(object) = object.as_object_mut() {
        object.remove("status");
    }
    if let Some(spec) = object["spec"].as_object_mut() {
        for (field, is_sealed) in
            [("encryptedData", Value::is_object as fn(&Value) -> bool), ("data", Value::is_string)]
        {
            if spec.get(field).is_some_and(is_sealed) {
                spec.remove(field);
            }
        }
    }
    object
}

/// The paths at which two values differ.
fn differing(old: &Value, new: &Value, path: &str, found: &mut BTreeSet<String>) {
    match (old, new) {
        (Value::Object(before), Value::Object(after)) => {
            let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
            for key in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                differing(
                    before.get(key).unwrap_or(&Value::Null),
                    after.get(key).unwrap_or(&Value::Null),
                    &path,
                    found,
                );
            }
        }
        _ if old != new => _ = found.insert(path.to_owned()),
        _ => {}
    }
}
