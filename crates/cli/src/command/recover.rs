//! SealedSecrets and private keys in, Secrets out: the way back when the cluster is gone.

use sealwright_api::SealedSecret;
use sealwright_crypto::Keyring;
use sealwright_sealing::{ItemError, UnsealError, UnsealOptions, diagnose, unseal};
use serde_json::Value;

use crate::args::Args;
use crate::clock;
use crate::error::{Error, Result};
use crate::keys;
use crate::manifest::{self, Document};
use crate::output::Output;

pub(crate) fn run(args: &Args, output: &Output) -> Result<()> {
    if args.recovery_private_key.is_empty() {
        return Err(Error::new("--recovery-unseal needs --recovery-private-key")
            .hint("give the key Secrets of a backup, or a PEM file"));
    }
    let keyring = keys::read(&args.recovery_private_key)?;
    let documents = manifest::read_sealed_secrets(args.secret_file.path())?;
    let secrets = documents.into_iter().map(|document| recovered(document, &keyring));
    output.write_objects(&secrets.collect::<Result<Vec<_>>>()?)
}

fn recovered(document: Document, keyring: &Keyring) -> Result<Value> {
    let place = document.place;
    let sealed: SealedSecret = serde_json::from_value(document.value)
        .map_err(|_| Error::new(format!("{place}: metadata has a field of the wrong type")))?;
    let options = UnsealOptions { now: clock::now(), ..UnsealOptions::default() };
    let unsealed = unseal(&sealed, keyring, options)
        .map_err(|error| diagnose(error, &sealed, keyring))
        .map_err(|error| Error::new(format!("{place}: {error}")).hint(unseal_hint(&error)))?;
    Ok(unsealed.secret.to_json())
}

fn unseal_hint(error: &UnsealError) -> &'static str {
    match error {
        error if error.wants_a_key() => {
            "give the key that sealed it; name, namespace and scope must be as they were then"
        }
        UnsealError::Items(items)
            if items.failed.iter().any(|(_, error)| matches!(error, ItemError::Template(_))) =>
        {
            "take these keys out of spec.template.data to recover the sealed values"
        }
        _ => "see whether the manifest is whole and as kubeseal wrote it",
    }
}
