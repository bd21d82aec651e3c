//! Edits in place: every byte that a change does not concern stays as it is.
//!
//! Text and parse tree → splices → text. What comes out is read again and held against what was
//! wanted, so that a layout we misjudge ends in an error and never in a damaged file.

mod block;
mod find;
mod flow;
mod lines;
mod plan;
mod render;
mod replace;
mod sharing;
mod site;
mod splice;
mod tree;
mod want;

use serde_json::Value;

pub(crate) use self::find::{line_of, repeated_key};

use self::plan::plan;
use self::render::Care;
use self::splice::Splices;
use self::tree::Document;
use self::want::{Misfit, Want};
use super::read::{YamlError, read};

/// A step from a value to one below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Key(String),
    /// Counts the items as they are in the text; the one behind the last appends.
    Index(usize),
}

impl Step {
    /// The key that it leads to, where it leads to one.
    pub(crate) fn name(&self) -> Option<String> {
        self.key().map(str::to_owned)
    }

    fn is_key(&self) -> bool {
        self.key().is_some()
    }

    fn is_index(&self) -> bool {
        self.index().is_some()
    }

    fn key(&self) -> Option<&str> {
        match self {
            Self::Key(key) => Some(key),
            Self::Index(_) => None,
        }
    }

    fn index(&self) -> Option<usize> {
        match self {
            Self::Key(_) => None,
            Self::Index(index) => Some(*index),
        }
    }
}

/// A value to be set, or removed where `value` is None. What is already gone may be removed.
#[derive(Clone)]
pub(crate) struct Change {
    /// Counts the documents as [`read`] does.
    pub(crate) document: usize,
    pub(crate) path: Vec<Step>,
    pub(crate) value: Option<Value>,
}

/// Why a text was not edited. Names lines only: what stands there may be a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EditError {
    #[error(transparent)]
    Unreadable(#[from] YamlError),
    #[error("there is no document {number}: the text has {count}")]
    NoSuchDocument { number: usize, count: usize },
    #[error("document {number} cannot be removed as a whole")]
    WholeDocument { number: usize },
    #[error("line {line}: {misfit}")]
    Misfit { line: usize, misfit: Misfit },
    #[error(
        "line {line}: a change here would also change line {alias}, which refers to it by an alias"
    )]
    Shared { line: usize, alias: usize },
    #[error("line {line}: an alias; what it stands for is written elsewhere")]
    ThroughAlias { line: usize },
    #[error("line {line}: the value comes in through a merge (<<) and is written elsewhere")]
    ThroughMerge { line: usize },
    #[error("line {line}: this document is laid out in a way that cannot be edited in place")]
    Layout { line: usize },
    #[error("a path of more than {MAX_STEPS} steps")]
    TooDeep,
}

/// No document that can be read is nested deeper.
const MAX_STEPS: usize = 200;

/// The text with all changes made, later ones on top of earlier ones.
pub(crate) fn edit(text: &str, changes: &[Change]) -> Result<String, EditError> {
    let old = read(text)?.documents;
    let wants = sort(changes, old.len())?;
    let documents = tree::documents(text).filter(|documents| documents.len() == old.len());
    let documents = documents.ok_or(EditError::Layout { line: 1 })?;
    let edit = Edit { text, documents, old, wants };
    let mut edited = edit.attempt(Care::default());
    for removes_blanks in [false, true] {
        if matches!(edited, Err(EditError::Layout { .. })) {
            edited = edit.attempt(Care { quotes_lines: true, removes_blanks });
        }
    }
    edited
}

/// The changes by document, each as a tree.
fn sort(changes: &[Change], count: usize) -> Result<Vec<Want>, EditError> {
    let mut wants: Vec<Want> = (0..count).map(|_| Want::default()).collect();
    for (turn, Change { document, path, value }) in changes.iter().enumerate() {
        if path.len() > MAX_STEPS {
            return Err(EditError::TooDeep);
        }
        let number = document.saturating_add(1);
        let want = wants.get_mut(*document).ok_or(EditError::NoSuchDocument { number, count })?;
        want.add(turn, path, value.clone());
    }
    match wants.iter().position(Want::removes) {
        Some(at) => Err(EditError::WholeDocument { number: at + 1 }),
        None => Ok(wants),
    }
}

struct Edit<'t> {
    text: &'t str,
    documents: Vec<Document>,
    old: Vec<Value>,
    wants: Vec<Want>,
}

impl Edit<'_> {
    fn attempt(&self, care: Care) -> Result<String, EditError> {
        let mut splices = Splices::default();
        let mut doubt = None;
        for ((document, old), want) in self.documents.iter().zip(&self.old).zip(&self.wants) {
            let own = plan(self.text, document, old, want, care, &mut splices)?;
            doubt = doubt.or(own);
        }
        let edited = splices.apply(self.text).ok_or_else(|| self.layout())?;
        match (self.first_mismatch(&edited), doubt) {
            (None, _) => Ok(edited),
            (Some(_), Some(line)) => Err(EditError::ThroughMerge { line }),
            (Some(line), None) => Err(EditError::Layout { line }),
        }
    }

    /// Said of the first document that is to change.
    fn layout(&self) -> EditError {
        let mut documents = self.documents.iter().zip(&self.wants);
        let changed = documents.find(|(_, want)| !want.is_nothing());
        EditError::Layout { line: changed.map_or(1, |(document, _)| document.root.line) }
    }

    /// The line of the first document that does not come back as wanted.
    fn first_mismatch(&self, edited: &str) -> Option<usize> {
        let edited = read(edited).map(|stream| stream.documents).unwrap_or_default();
        let mut edited = edited.into_iter();
        for ((document, old), want) in self.documents.iter().zip(&self.old).zip(&self.wants) {
            let wanted = want.apply(Some(old.clone()));
            let is_as_wanted = match wanted {
                Ok(None | Some(Value::Null)) => true,
                Ok(wanted) => edited.next() == wanted,
                Err(_) => false,
            };
            if !is_as_wanted {
                return Some(document.root.line);
            }
        }
        edited.next().map(|_| 1)
    }
}

#[cfg(test)]
mod tests;
