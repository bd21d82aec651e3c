//! The file that is edited: what can be known of it before anything is typed, and writing what was.

use std::path::Path;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sealwright_api::Scope;
use sealwright_crypto::PublicKey;
use sealwright_sealing::OpenSecret;
use serde_json::Value;

use super::sheet::Wanted;
use crate::error::{Error, Result};
use crate::manifest::Document;
use crate::object::path;
use crate::sealed_file::{Place, SealedFile};
use crate::verb::destination::Destination;
use crate::verb::recipient::{Recipient, put};
use crate::verb::target::in_place;

/// The file, and the SealedSecret in it.
pub(super) struct Original<'a> {
    file: &'a Path,
    recipient: &'a Recipient,
    pub(super) destination: Destination,
    /// As it was read first, until that is written.
    read: Option<(SealedFile, Place)>,
    /// What the sheet is about.
    pub(super) document: Document,
    pub(super) secret: OpenSecret,
}

impl<'a> Original<'a> {
    /// Reads it.
    ///
    /// # Errors
    /// When it is none that values can be sealed into, or could not be written.
    pub(super) fn read(file: &'a Path, recipient: &'a Recipient) -> Result<Self> {
        let mut sealed = in_place(file)?;
        let (place, document) = recipient.target(&sealed, file)?;
        let destination = recipient.destination(file)?;
        let secret = recipient.addressee(&document, &destination.cluster)?;
        writable(file)?;
        editable(&mut sealed, place, &document)?;
        let read = Some((sealed, place));
        Ok(Self { file, recipient, destination, read, document, secret })
    }

    /// Writes what is wanted: into what was read, or else into what the file is by now.
    ///
    /// # Errors
    /// When an item that is to change is not what it was. That is said once: it is what it was from then on.
    pub(super) fn write(&mut self, wanted: &Wanted, key: &PublicKey) -> Result<()> {
        if let Some((file, place)) = self.read.take()
            && self.put(file, place, wanted, key).is_ok()
        {
            return Ok(());
        }
        let file = in_place(self.file)?;
        let (place, document) = self.recipient.target(&file, self.file)?;
        let changed = changed(&self.document.value, &document.value, wanted);
        let before = whose(&self.secret.metadata);
        if without_items(&self.document.value) != without_items(&document.value) {
            self.secret = self.recipient.addressee(&document, &self.destination.cluster)?;
        }
        self.document = document;
        let now = whose(&self.secret.metadata);
        if now != before {
            let place = &self.document.place;
            return Err(Error::new(format!(
                "{place}: somebody made it {now} meanwhile, of {before}"
            ))
            .hint("see whether that is whom your values are for"));
        }
        if !changed.is_empty() {
            let (place, changed) = (&self.document.place, changed.join(", "));
            return Err(Error::new(format!("{place}: somebody changed {changed} meanwhile"))
                .hint("look at what the file is now, and try again"));
        }
        self.put(file, place, wanted, key)
    }

    fn put(
        &mut self,
        mut file: SealedFile,
        place: Place,
        wanted: &Wanted,
        key: &PublicKey,
    ) -> Result<()> {
        // No ciphertext knows under which key it stands.
        for (new, old) in &wanted.renamed {
            let value = item(&self.document.value, old).ok_or_else(|| {
                Error::new(format!("{}: {old} is gone: {new} has no value", self.document.place))
            })?;
            file.set(place, at(new), value.clone());
        }
        for key in &wanted.removed {
            file.remove(place, at(key));
        }
        self.secret.data.clone_from(&wanted.values);
        put(&self.secret, key, &mut file, (place, &self.document))?;
        file.save()
    }
}

fn at(item: &str) -> Vec<crate::yaml::Step> {
    path(["spec", "encryptedData", item])
}

fn item<'v>(object: &'v Value, item: &str) -> Option<&'v Value> {
    object.get("spec")?.get("encryptedData")?.get(item)
}

/// Items that are to change, and are not what they were.
fn changed<'w>(before: &Value, now: &Value, wanted: &'w Wanted) -> Vec<&'w str> {
    let keys = wanted.values.keys().chain(&wanted.removed).chain(wanted.renamed.keys());
    keys.map(String::as_str).filter(|key| item(before, key) != item(now, key)).collect()
}

/// For whom values are sealed.
fn whose(metadata: &ObjectMeta) -> String {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let scope = Scope::of(metadata.annotations.as_ref());
    format!("{}/{} (scope {scope})", text(&metadata.namespace), text(&metadata.name))
}

fn without_items(object: &Value) -> Value {
    let mut rest = object.clone();
    if let Some(spec) = rest.get_mut("spec").and_then(Value::as_object_mut) {
        spec.remove("encryptedData");
    }
    rest
}

/// Whether an item could be added: not where all of them are an alias, or come from elsewhere.
fn editable(file: &mut SealedFile, place: Place, document: &Document) -> Result<()> {
    let items = document.value["spec"]["encryptedData"].as_object();
    let longest = items.into_iter().flatten().map(|(item, _)| item.len()).max();
    // No item is called so.
    let trial = at(&"x".repeat(longest.unwrap_or_default() + 1));
    file.set(place, trial.clone(), "".into());
    file.text()?;
    file.remove(place, trial);
    Ok(())
}

/// Whether the file could be replaced, which is what its folder must allow.
#[cfg(unix)]
fn writable(file: &Path) -> Result<()> {
    use rustix::fs::{Access, access};

    use crate::output;
    if !output::is_file(file) {
        return Ok(());
    }
    let target = output::followed(file);
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    access(folder, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| {
        let reason = crate::error::io_reason(&error.into());
        Error::new(format!("cannot write {}: {reason}", file.display()))
            .hint(format!("see whether the folder {} is there and writable", folder.display()))
    })
}

#[cfg(not(unix))]
fn writable(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_to_change_must_be_what_it_was() {
        let object = |items: Value| json!({ "spec": { "encryptedData": items } });
        let before = object(json!({ "a": "A", "b": "B", "c": "C" }));
        let wanted = Wanted {
            values: [("a".to_owned(), sealwright_crypto::Plaintext::new(Vec::new()))].into(),
            removed: vec!["b".to_owned()],
            renamed: [("new".to_owned(), "b".to_owned())].into(),
        };
        for (now, expected) in [
            (json!({ "a": "A", "b": "B", "c": "X", "d": "D" }), vec![]),
            (json!({ "a": "X", "b": "B" }), vec!["a"]),
            (json!({ "b": "X" }), vec!["a", "b"]),
            (json!({ "a": "A", "b": "B", "new": "N" }), vec!["new"]),
            (Value::Null, vec!["a", "b"]),
        ] {
            assert_eq!(changed(&before, &object(now.clone()), &wanted), expected, "{now}");
        }
    }
}
