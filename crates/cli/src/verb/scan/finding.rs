//! One thing that was found: where it stands and what it is, never what it says.

use gix::bstr::BString;
use sealwright_crypto::Plaintext;
use serde_json::{Value, json};

use super::rules::Rule;

/// Something that should not stand where it does.
pub(super) struct Finding {
    pub(super) rule: &'static Rule,
    /// From the root of the repository, with slashes; from the current folder where there are several.
    pub(super) path: BString,
    /// What the baseline knows it by: always from the root of its own repository.
    pub(super) inside: BString,
    /// Which of the roots that is.
    pub(super) root: usize,
    pub(super) place: Place,
    /// The Secret and the key, if it is a value of one.
    pub(super) item: Option<Item>,
    /// Bytes of the value.
    pub(super) bytes: usize,
    pub(super) is_encoded: bool,
    /// The first commit in which it stands, where history was looked at.
    pub(super) commit: Option<Commit>,
    /// For the baseline.
    pub(super) secret: Plaintext,
}

/// Lines and columns from 1; the end is behind the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

/// An entry of a Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// `shop/db`; empty where it has no name.
    pub(super) secret: String,
    pub(super) key: String,
}

/// A commit, as far as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) id: String,
    /// `2026-11-30`.
    pub(super) date: String,
}

impl Finding {
    /// For programs.
    pub(super) fn json(&self) -> Value {
        let mut told = json!({
            "rule": self.rule.id,
            "weight": self.rule.weight.word(),
            "path": self.path.to_string(),
            "line": self.place.line,
            "column": self.place.column,
            "bytes": self.bytes,
            "base64": self.is_encoded,
        });
        if let Some(Item { secret, key }) = &self.item {
            told["secret"] = json!(secret);
            told["key"] = json!(key);
        }
        if let Some(Commit { id, date }) = &self.commit {
            told["commit"] = json!(id);
            told["date"] = json!(date);
        }
        told
    }

    /// What it is, for people: `password of Secret shop/db, 7 bytes`.
    pub(super) fn description(&self) -> String {
        let what = match &self.item {
            Some(Item { secret, key }) if secret.is_empty() => format!("{key} of a Secret"),
            Some(Item { secret, key }) => format!("{key} of Secret {secret}"),
            None => self.rule.title.to_owned(),
        };
        let bytes = if self.bytes == 1 { "byte" } else { "bytes" };
        let encoded = if self.is_encoded { " in base64" } else { "" };
        format!("{what}, {} {bytes}{encoded}", self.bytes)
    }
}
