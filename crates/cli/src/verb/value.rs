//! The bytes of a value, of a file or of standard input: no more than a Secret can hold are read, since
//! whatever is named may have no end.

use std::path::Path;

use sealwright_crypto::Plaintext;

use super::secret_type::MAX_SECRET;
use crate::error::{Error, Result};
use crate::manifest::{self, is_standard_input};

/// A text of variables, which has comments too, and is kept as values.
const MAX_TEXT: usize = 4 * MAX_SECRET;

/// The bytes of one value.
///
/// # Errors
/// When they cannot be read, or no Secret could hold them.
pub(super) fn read(path: &Path) -> Result<Plaintext> {
    at_most(path, MAX_SECRET).map(Plaintext::new)
}

/// The text of a file with several.
///
/// # Errors
/// As for [`read`]; and when it is no text.
pub(super) fn read_text(path: &Path) -> Result<String> {
    let (text, _) = manifest::decode(at_most(path, MAX_TEXT)?).ok_or_else(|| {
        Error::new(format!("cannot read {}: neither UTF-8 nor UTF-16 text", name(path)))
    })?;
    Ok(text)
}

fn at_most(path: &Path, limit: usize) -> Result<Vec<u8>> {
    manifest::read_at_most(path, limit)?.ok_or_else(|| {
        Error::new(format!("{} has more than {limit} bytes", name(path)))
            .hint(format!("the API server takes no Secret of more than {MAX_SECRET}"))
    })
}

fn name(path: &Path) -> String {
    match is_standard_input(path) {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    }
}
