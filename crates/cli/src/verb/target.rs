//! Which SealedSecret of which file is meant.

use std::path::Path;

use crate::args::Given;
use crate::error::{Error, Result};
use crate::manifest::{self, Document};
use crate::sealed_file::{Place, SealedFile};

/// A file that is to be changed in place.
///
/// # Errors
/// When it cannot be read, or is standard input, which has no place.
pub(super) fn in_place(path: &Path) -> Result<SealedFile> {
    if manifest::is_standard_input(path) {
        return Err(Error::usage("name a file: it is changed in place"));
    }
    SealedFile::read(path)
}

/// The one of that name, if any, and that namespace, if need be; or the only one.
///
/// # Errors
/// When there is none, or several.
pub(super) fn target(
    file: &SealedFile,
    path: &Path,
    name: &Given,
    namespace: &Given,
) -> Result<(Place, Document)> {
    let mut found = file.sealed_secrets()?;
    let all: Vec<_> = found.iter().map(|(_, document)| title(document)).collect();
    if let Some(name) = name.text() {
        found.retain(|(_, document)| document.value["metadata"]["name"] == name);
        if found.is_empty() {
            return Err(Error::new(format!(
                "there is no SealedSecret {name} in {}",
                path.display()
            ))
            .hint(format!("there are {}", all.join(", "))));
        }
    }
    if let Some(namespace) = namespace.text().filter(|_| found.len() > 1) {
        found.retain(|(_, document)| document.value["metadata"]["namespace"] == namespace);
    }
    let last = found.pop().filter(|_| found.is_empty());
    last.ok_or_else(|| {
        Error::new(format!("{} holds several SealedSecrets: {}", path.display(), all.join(", ")))
            .hint("say which with --name, and --namespace where names are the same")
    })
}

fn title(document: &Document) -> String {
    super::facts::Facts::of(&document.value).title()
}
