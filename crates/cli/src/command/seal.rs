//! Secrets in, SealedSecrets out.

use sealwright_api::{Scope, SealedSecret};
use sealwright_crypto::PublicKey;
use sealwright_sealing::{OpenSecret, seal, set_scope};
use serde_json::Value;

use crate::args::Args;
use crate::certificate;
use crate::error::{Error, Result};
use crate::manifest::{self, Document};
use crate::namespace::Namespaces;
use crate::output::Output;

pub(crate) fn run(args: &Args, output: &Output) -> Result<()> {
    let documents = manifest::read_secrets(args.secret_file.path())?;
    let mut namespaces = Namespaces::new(args);
    let mut secrets = Vec::with_capacity(documents.len());
    for document in documents {
        secrets.push(prepared(document, args, &mut namespaces)?);
    }
    let key = certificate::to_seal_with(args)?;
    let sealed = secrets.iter().map(|(place, secret)| sealed(place, secret, &key));
    output.write_objects(&sealed.collect::<Result<Vec<_>>>()?)
}

/// The Secret as it is to be sealed: named, placed in a namespace, scoped.
fn prepared(
    document: Document,
    args: &Args,
    namespaces: &mut Namespaces<'_>,
) -> Result<(String, OpenSecret)> {
    let place = document.place.clone();
    let mut secret = OpenSecret::from_json(document.value)
        .map_err(|error| Error::new(format!("{place}: {error}")).hint(secret_hint(&error)))?;
    if let Some(name) = args.name.text() {
        secret.metadata.name = Some(name.to_owned());
    }
    if secret.metadata.name.as_deref().unwrap_or_default().is_empty() {
        return Err(Error::new(format!("{place}: missing metadata.name in input Secret"))
            .hint("name it in the manifest, or give --name"));
    }
    if secret.data.is_empty() && !args.allow_empty_data {
        return Err(Error::new(format!("{place}: the Secret has neither data nor stringData"))
            .hint("if that is meant, give --allow-empty-data"));
    }
    if let Some(scope) = args.scope.filter(|scope| *scope != Scope::Strict) {
        set_scope(&mut secret.metadata, scope);
    }
    namespaces.place(&mut secret.metadata).map_err(|error| error.in_document(&place))?;
    Ok((place, secret))
}

fn sealed(place: &str, secret: &OpenSecret, key: &PublicKey) -> Result<Value> {
    let sealed: SealedSecret = seal(secret, key).map_err(|error| {
        Error::new(format!("{place}: {error}")).hint("the API server would refuse the Secret")
    })?;
    Ok(serde_json::to_value(sealed).expect("a SealedSecret is JSON"))
}

fn secret_hint(error: &sealwright_sealing::SecretError) -> &'static str {
    use sealwright_sealing::SecretError;
    match error {
        SecretError::NotBase64 { .. } => "data holds base64; put plain text under stringData",
        SecretError::NotAString { .. } => "quote the value",
        SecretError::WrongType { .. } => "see `kubectl explain secret`",
    }
}
