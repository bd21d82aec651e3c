//! Which SealedSecret of a file is meant.

use std::path::Path;

use crate::args::Given;
use crate::error::{Error, Result};
use crate::manifest::Document;
use crate::sealed_file::{Place, SealedFile};

/// The one of that name, or the only one.
///
/// # Errors
/// When there is none, or several.
pub(super) fn target(file: &SealedFile, path: &Path, name: &Given) -> Result<(Place, Document)> {
    let mut found = file.sealed_secrets()?;
    if let Some(name) = name.text() {
        found.retain(|(_, document)| document.value["metadata"]["name"] == name);
        if found.is_empty() {
            return Err(Error::new(format!(
                "there is no SealedSecret {name} in {}",
                path.display()
            ))
            .hint("see their names with `kubeseal inspect`"));
        }
    }
    let last = found.pop().filter(|_| found.is_empty());
    last.ok_or_else(|| {
        Error::new(format!("{} holds several SealedSecrets", path.display()))
            .hint("say which with --name")
    })
}
