//! Which SealedSecret of a file values are sealed into, for whom, and with which key.

use std::path::Path;

use clap::Args;
use sealwright_api::Scope;
use sealwright_crypto::PublicKey;
use sealwright_sealing::{OpenSecret, seal, set_scope};
use serde_json::Value;

use super::destination::Destination;
use super::facts::Facts;
use super::secret_type;
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
/// When a key is one that no Secret can have, or all values together have no room in one.
pub(super) fn put(
    secret: &OpenSecret,
    key: &PublicKey,
    file: &mut SealedFile,
    (place, document): (Place, &Document),
) -> Result<()> {
    check_size(secret, file, (place, document)).map_err(|error| error.about(&document.place))?;
    let sealed =
        seal(secret, key).map_err(|error| Error::new(format!("{}: {error}", document.place)))?;
    for (item, value) in sealed.spec.encrypted_data {
        file.set(place, path(["spec", "encryptedData", &item]), value.into());
    }
    Ok(())
}

/// Whether the values and those that stay beside them have room in one Secret.
fn check_size(
    secret: &OpenSecret,
    file: &SealedFile,
    (place, document): (Place, &Document),
) -> Result<()> {
    let new: usize = secret.data.values().map(|value| value.expose().len()).sum();
    let stays = |object: &Value| {
        let items = Facts::of(object).items.into_iter();
        let items = items.filter(|item| !secret.data.contains_key(&item.name));
        items.filter_map(|item| item.value.ok()).map(|value| value.bytes).sum::<usize>()
    };
    if secret_type::check_size(new + stays(&document.value)).is_ok() {
        return Ok(());
    }
    // Some of it may be about to be removed.
    let changed = SealedFile::of(Path::new(&document.place), file.text()?)?.sealed_secrets()?;
    let changed = changed.into_iter().find(|(other, _)| *other == place);
    secret_type::check_size(new + changed.map_or(0, |(_, document)| stays(&document.value)))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sealwright_crypto::Plaintext;

    use super::*;
    use crate::verb::secret_type::MAX_SECRET;

    /// Something in the form of a sealed value of so many bytes.
    fn sealed(bytes: usize) -> String {
        const RSA: usize = 256;
        const TAG: usize = 16;
        STANDARD.encode([&[1, 0][..], &vec![0; RSA + bytes + TAG]].concat())
    }

    fn check(old: &[(&str, usize)], removed: Option<&str>, new: &[(&str, usize)]) -> Result<()> {
        let items = old.iter().map(|(key, bytes)| format!("    {key}: {}\n", sealed(*bytes)));
        let head = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db}\n";
        let text = format!("{head}spec:\n  encryptedData:\n{}", items.collect::<String>());
        let mut file = SealedFile::of(Path::new("s.yaml"), text)?;
        let (place, document) = file.sealed_secrets()?.remove(0);
        if let Some(key) = removed {
            file.remove(place, path(["spec", "encryptedData", key]));
        }
        let value = |bytes: &usize| Plaintext::new(vec![b'x'; *bytes]);
        let data = new.iter().map(|(key, bytes)| ((*key).to_owned(), value(bytes)));
        let secret = OpenSecret { data: data.collect(), ..OpenSecret::default() };
        check_size(&secret, &file, (place, &document))
    }

    #[test]
    fn what_stays_and_what_is_new_have_room_for_1_mib() {
        const HALF: usize = MAX_SECRET / 2;
        assert!(check(&[], None, &[("a", MAX_SECRET)]).is_ok());
        assert!(check(&[], None, &[("a", MAX_SECRET), ("b", 1)]).is_err());
        assert!(check(&[("a", HALF)], None, &[("b", HALF)]).is_ok());
        assert!(check(&[("a", HALF + 1)], None, &[("b", HALF)]).is_err());
        // What is replaced or removed does not count.
        assert!(check(&[("a", HALF + 1)], None, &[("a", MAX_SECRET)]).is_ok());
        assert!(check(&[("a", HALF + 1), ("c", 1)], Some("a"), &[("b", MAX_SECRET - 1)]).is_ok());
        assert!(check(&[("a", HALF + 1), ("c", 1)], Some("a"), &[("b", MAX_SECRET)]).is_err());
    }
}
