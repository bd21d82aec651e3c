//! What sealing a Secret and merging one have in common.

use sealwright_sealing::{OpenSecret, SealError, SecretError};
use serde_json::Value;

use crate::args::Args;
use crate::error::{Error, Result};
use crate::manifest::Document;
use crate::typo;

/// Under another name its values would be left out without a word.
const STRING_DATA: &str = "stringData";

/// The Secret of a document, if there is something in it to seal.
pub(super) fn opened(document: Document, args: &Args) -> Result<OpenSecret> {
    let place = document.place;
    if let Some(field) = misspelt(&document.value) {
        return Err(Error::new(format!("{place}: a Secret has no field {field:?}"))
            .hint(format!("did you mean {STRING_DATA}?")));
    }
    let secret = OpenSecret::from_json(document.value)
        .map_err(|error| Error::new(format!("{place}: {error}")).hint(hint(&error)))?;
    if secret.data.is_empty() && !args.allow_empty_data {
        return Err(Error::new(format!("{place}: the Secret has neither data nor stringData"))
            .hint("if that is meant, give --allow-empty-data"));
    }
    Ok(secret)
}

/// A field that was to be it.
fn misspelt(secret: &Value) -> Option<&str> {
    let mut fields = secret.as_object()?.keys().map(String::as_str);
    fields.find(|field| *field != STRING_DATA && typo::meant(field, [STRING_DATA]).is_some())
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
