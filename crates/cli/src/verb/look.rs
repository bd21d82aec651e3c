//! Files that may hold SealedSecrets: some were named, others stand in a folder that was named, among
//! whatever else.

use std::path::PathBuf;

use sealwright_api::KIND;

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
    let Ok(text) = manifest::read_file(&found.path) else { return Ok(Look::Other) };
    if !text.contains(KIND) {
        return Ok(Look::Other);
    }
    let is_template = text.contains("{{");
    match SealedFile::read(&found.path) {
        Ok(file) => Ok(match file.sealed_secrets() {
            Ok(objects) => Look::Sealed(file, objects),
            Err(_) => Look::Other,
        }),
        Err(_) if is_template => Ok(Look::Template(found.path.clone())),
        Err(error) => Ok(Look::Unreadable(error)),
    }
}
