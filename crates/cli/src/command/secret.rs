//! What sealing a Secret and merging one have in common.

use sealwright_sealing::{OpenSecret, SealError, SecretError};

use crate::args::Args;
use crate::error::{Error, Result};
use crate::manifest::Document;

/// The Secret of a document, if there is something in it to seal.
pub(super) fn opened(document: Document, args: &Args) -> Result<OpenSecret> {
    let place = document.place;
    let secret = OpenSecret::from_json(document.value)
        .map_err(|error| Error::new(format!("{place}: {error}")).hint(hint(&error)))?;
    if secret.data.is_empty() && !args.allow_empty_data {
        return Err(Error::new(format!("{place}: the Secret has neither data nor stringData"))
            .hint("if that is meant, give --allow-empty-data"));
    }
    Ok(secret)
}

/// A Secret that cannot be sealed.
pub(super) fn seal_error(place: &str, error: &SealError) -> Error {
    Error::new(format!("{place}: {error}")).hint("the API server would refuse the Secret")
}

fn hint(error: &SecretError) -> &'static str {
    match error {
        SecretError::NotBase64 { .. } => "data holds base64; put plain text under stringData",
        SecretError::NotAString { .. } => "quote the value",
        SecretError::WrongType { .. } => "see `kubectl explain secret`",
    }
}
