//! SealedSecrets of one name and namespace: a cluster has one of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Finding, Weight};
use crate::error::say;
use crate::manifest::Document;
use crate::table::printable;
use crate::verb::facts::Facts;

/// Where each was seen last.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<String, (PathBuf, String)>);

impl Seen {
    /// Two in one file are applied to one cluster, where the second replaces the first: a finding. Those
    /// of two files may be for two clusters, which is told and no more.
    pub(super) fn finding(&mut self, file: &Path, document: &Document) -> Option<Finding> {
        let facts = Facts::of(&document.value);
        if facts.name.is_none() || facts.namespace.is_none() {
            return None;
        }
        let place = document.place.clone();
        let (other, before) = self.0.insert(facts.title(), (file.to_owned(), place.clone()))?;
        let what = format!("{before} has the same name and namespace");
        if other == file {
            return Some(Finding { place, weight: Weight::Warning, what });
        }
        let note = format!("note: {place}: {what}; one cluster can have one of them only");
        say(printable(note));
        None
    }
}
