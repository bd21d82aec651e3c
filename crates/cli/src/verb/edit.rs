//! `edit`: the items of a file in an editor. Without keys it is blind: a placeholder stands for each
//! value, and what is typed in its place is sealed. With `--reveal` and keys the values stand there.
//!
//! ```text
//! file ─▶ sheet (what is shown) ─▶ desk (tmpfs) ─▶ editor ─▶ sheet (what is wanted) ─▶ changes ─▶ file
//! ```

mod desk;
mod editor;
mod sheet;

use std::path::PathBuf;

use clap::Args;
use sealwright_crypto::{Envelope, Hints, Keyring};
use sealwright_sealing::{OpenSecret, decode_base64, label, seal};
use serde_json::Value;

use super::Ending;
use super::addressee::addressee;
use super::target::{in_place, target};
use crate::args::{ClusterArgs, Given};
use crate::certificate;
use crate::error::{Cause, Error, Result, say};
use crate::keys;
use crate::manifest::Document;
use crate::object::{path, scope_of};
use desk::Desk;
use sheet::{Shown, Wanted};

/// What to edit.
#[derive(Debug, Args)]
#[command(
    after_help = "The editor is $VISUAL, else $EDITOR, else vi. What it is given lies in memory \
(tmpfs), readable by you only, and is wiped when it ends; editors that are known are started without \
swap, backup and undo files. Items whose text stays as it is are not touched."
)]
pub(crate) struct Edit {
    /// The file to change
    file: PathBuf,

    /// Show the values, opened with --recovery-private-key, instead of placeholders
    #[arg(long, requires = "recovery_private_key")]
    reveal: bool,

    /// With --reveal: private keys, PEM or the key Secrets of a backup
    #[arg(long, value_name = "FILE,…", value_delimiter = ',')]
    recovery_private_key: Vec<String>,

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

impl Edit {
    pub(super) fn run(&self) -> Result<Ending> {
        desk::sweep();
        let mut file = in_place(&self.file)?;
        let (place, document) = target(&file, &self.file, &self.name, &self.namespace)?;
        let mut secret = addressee(&document, &self.namespace, &self.cluster)?;
        let shown = self.shown(&document)?;
        // Before anything is typed: else it would be lost for want of a certificate.
        let key = certificate::to_seal_with(&self.cert, &self.cluster)?;
        let Some(wanted) = edited(&document, &shown)? else {
            say("nothing was changed");
            return Ok(Ending::Clean);
        };
        for key in &wanted.removed {
            file.remove(place, path(["spec", "encryptedData", key]));
        }
        for (item, value) in sealed(&mut secret, wanted, &key, &document)? {
            file.set(place, path(["spec", "encryptedData", &item]), value);
        }
        file.save()?;
        Ok(Ending::Clean)
    }

    /// What the editor is given for each item.
    fn shown(&self, document: &Document) -> Result<Vec<(String, Shown)>> {
        let keyring = match self.reveal {
            true => Some(keys::read(&self.recovery_private_key)?),
            false => None,
        };
        let items = document.value["spec"]["encryptedData"].as_object().into_iter().flatten();
        let items = items.map(|(item, value)| {
            let shown = match &keyring {
                None => Shown::Placeholder,
                Some(keyring) => revealed(item, value, document, keyring)?,
            };
            Ok((item.clone(), shown))
        });
        items.collect()
    }
}

/// A value in the clear.
fn revealed(item: &str, value: &Value, document: &Document, keyring: &Keyring) -> Result<Shown> {
    let object = &document.value;
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
    let label = label(scope_of(object), text("namespace"), text("name"));
    let opened = value.as_str().and_then(decode_base64).and_then(|bytes| {
        keyring.open(label.as_bytes(), &Envelope::parse(&bytes).ok()?, Hints::default()).ok()
    });
    let opened = opened.ok_or_else(|| {
        Error::new(format!("{}: {item} does not open with the keys", document.place))
            .hint("give the key that sealed it, or edit without --reveal")
            .of(Cause::Sealed)
    })?;
    Ok(Shown::of(opened.value))
}

/// What comes back from the editor, unless it is what went in. What cannot be understood goes back.
fn edited(document: &Document, shown: &[(String, Shown)]) -> Result<Option<Wanted>> {
    let desk = Desk::set_up()?;
    let mut text = sheet::write(&document.place, shown);
    loop {
        desk.lay_out(&text)?;
        editor::run(&desk)?;
        let back = desk.take_back()?;
        if back == text {
            return Ok(None);
        }
        match sheet::read(&back, shown) {
            Ok(wanted) if wanted.is_nothing() => return Ok(None),
            Ok(wanted) => return Ok(Some(wanted)),
            Err(reason) => text = sheet::with_complaint(&back, &reason),
        }
    }
}

/// New and changed items, sealed.
fn sealed(
    secret: &mut OpenSecret,
    wanted: Wanted,
    key: &sealwright_crypto::PublicKey,
    document: &Document,
) -> Result<Vec<(String, Value)>> {
    secret.data = wanted.values;
    let sealed =
        seal(secret, key).map_err(|error| Error::new(format!("{}: {error}", document.place)))?;
    let items = sealed.spec.encrypted_data.into_iter();
    Ok(items.map(|(item, value)| (item, value.into())).collect())
}
