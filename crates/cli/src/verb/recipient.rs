//! Which SealedSecret of a file values are sealed into, for whom, and with which key.

use std::path::Path;

use clap::Args;
use sealwright_api::Scope;
use sealwright_crypto::PublicKey;
use sealwright_sealing::{OpenSecret, seal, set_scope};

use super::destination::Destination;
use super::target::target;
use crate::args::{ClusterArgs, Given};
use crate::configuration::Configuration;
use crate::error::{Error, Result, say};
use crate::manifest::Document;
use crate::namespace::Namespaces;
use crate::object::{path, scope_of};
use crate::sealed_file::{Place, SealedFile};

/// The flags that say so.
#[derive(Debug, Args)]
pub(super) struct Recipient {
    /// Which of several SealedSecrets in the file
    #[arg(long)]
    name: Given,

    /// Namespace of a SealedSecret that names none
    #[arg(short, long)]
    namespace: Given,

    /// Certificate to seal with: a file, a file:// or an http(s):// URL. No cluster is needed then
    #[arg(long, value_name = "FILE|URL")]
    cert: Given,

    #[command(flatten)]
    cluster: ClusterArgs,
}

impl Recipient {
    /// The SealedSecret that is meant.
    ///
    /// # Errors
    /// When there is none, or several.
    pub(super) fn target(&self, file: &SealedFile, path: &Path) -> Result<(Place, Document)> {
        target(file, path, &self.name, &self.namespace)
    }

    /// For whom the values of that file are sealed.
    ///
    /// # Errors
    /// As for [`Destination::choose`].
    pub(super) fn destination(&self, path: &Path) -> Result<Destination> {
        let configuration = &mut Configuration::default();
        Destination::choose(&self.cert, &self.cluster, Some(path), configuration)
    }

    /// An empty Secret of the name, namespace and scope of a SealedSecret, which goes to that cluster.
    ///
    /// # Errors
    /// When it has no name, or the form of before 2018, beside which items cannot stand.
    pub(super) fn addressee(
        &self,
        document: &Document,
        cluster: &ClusterArgs,
    ) -> Result<OpenSecret> {
        let Document { place, value: object } = document;
        if !object["spec"]["data"].is_null() {
            return Err(Error::new(format!("{place}: items cannot stand beside spec.data"))
                .hint("the file has the deprecated form: recover it and seal it anew"));
        }
        let text = |field: &str| {
            let text = object["metadata"][field].as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let name = text("name").ok_or_else(|| {
            Error::new(format!("{place}: metadata.name is missing")).hint("name it")
        })?;
        let scope = scope_of(object);
        let mut secret = OpenSecret::default();
        secret.metadata.name = Some(name);
        secret.metadata.namespace = text("namespace");
        set_scope(&mut secret.metadata, scope);
        let is_named = secret.metadata.namespace.is_some();
        Namespaces::new(&self.namespace, cluster).place(&mut secret.metadata)?;
        if let Some(namespace) = secret.metadata.namespace.as_ref().filter(|_| !is_named)
            && scope != Scope::ClusterWide
        {
            say(format_args!("note: sealed for the namespace {namespace}: {place} names none"));
        }
        Ok(secret)
    }
}

/// Seals the values of a Secret, and sets them in the file.
///
/// # Errors
/// When a key is one that no Secret can have.
pub(super) fn put(
    secret: &OpenSecret,
    key: &PublicKey,
    file: &mut SealedFile,
    (place, document): (Place, &Document),
) -> Result<()> {
    let sealed =
        seal(secret, key).map_err(|error| Error::new(format!("{}: {error}", document.place)))?;
    for (item, value) in sealed.spec.encrypted_data {
        file.set(place, path(["spec", "encryptedData", &item]), value.into());
    }
    Ok(())
}
