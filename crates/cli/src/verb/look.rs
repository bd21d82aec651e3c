//! Files that may hold SealedSecrets: some were named, others stand in a folder that was named, among
//! whatever else.

use std::path::PathBuf;

use sealwright_api::{API_VERSION, KIND};

use super::walk::Found;
use crate::error::{Error, Result};
use crate::manifest::{self, Document};
use crate::sealed_file::{Place, SealedFile};

/// What a file turned out to be.
pub(super) enum Look {
    /// It holds SealedSecrets.
    Sealed(SealedFile, Vec<(Place, Document)>),
    /// It holds other things.
    Other,
    /// It speaks of SealedSecrets, and is the template of some: no YAML, as in a Helm chart.
    Template(PathBuf),
    /// It speaks of SealedSecrets, and cannot be read.
    Unreadable(Error),
}

/// Reads a file.
///
/// # Errors
/// When a file that was named itself holds no SealedSecret.
pub(super) fn look(found: &Found) -> Result<Look> {
    if found.is_named {
        let file = SealedFile::read(&found.path)?;
        let objects = file.sealed_secrets()?;
        return Ok(Look::Sealed(file, objects));
    }
    let bytes = match manifest::read_bytes(Some(&found.path)) {
        Ok(bytes) => bytes,
        Err(error) => return Ok(Look::Unreadable(error)),
    };
    let Some((text, _)) = manifest::decode(bytes.clone()) else {
        let speaks = bytes.windows(KIND.len()).any(|part| part == KIND.as_bytes());
        let place = found.path.display();
        let error = Error::new(format!("{place}: neither UTF-8 nor UTF-16 text"));
        return Ok(if speaks { Look::Unreadable(error) } else { Look::Other });
    };
    if !text.contains(KIND) {
        return Ok(Look::Other);
    }
    let file = match SealedFile::of_bytes(&found.path, bytes) {
        Ok(file) => file,
        Err(_) if is_template(found, &text) => return Ok(Look::Template(found.path.clone())),
        Err(error) => return Ok(Look::Unreadable(error)),
    };
    if file.strangers() > 0 {
        let place = found.path.display();
        return Ok(Look::Unreadable(Error::new(format!(
            "{place}: a SealedSecret has another apiVersion than {API_VERSION}"
        ))));
    }
    let Ok(objects) = file.sealed_secrets() else { return Ok(Look::Other) };
    let is_made_up = |document: &Document| {
        let metadata = &document.value["metadata"];
        let field = |name: &str| metadata[name].as_str().unwrap_or_default().contains("{{");
        field("name") || field("namespace")
    };
    if objects.iter().any(|(_, document)| is_made_up(document)) {
        return Ok(Look::Template(found.path.clone()));
    }
    Ok(Look::Sealed(file, objects))
}

/// Whether what is no YAML is the template of some: it stands where Helm has them, or actions stand on
/// lines of their own. A value of `spec.template.data` has them too, and makes none of a file.
fn is_template(found: &Found, text: &str) -> bool {
    let mut folders = found.path.components().map(std::path::Component::as_os_str);
    let is_chart = folders.any(|folder| folder == "templates");
    let has_actions = || text.lines().any(|line| line.trim_start().starts_with("{{"));
    let is_name = |line: &str| {
        let mut words = line.split_whitespace();
        let is_field = |word: &str| word.ends_with("name:") || word.ends_with("namespace:");
        words.any(is_field) && words.next().is_some_and(|word| word.contains("{{"))
    };
    text.contains("{{") && (is_chart || has_actions() || text.lines().any(is_name))
}
