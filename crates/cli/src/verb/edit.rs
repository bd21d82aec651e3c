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
use sealwright_crypto::{Hints, Keyring};
use sealwright_sealing::OpenSecret;
use serde_json::Value;

use super::Ending;
use super::recipient::{Recipient, put};
use super::target::in_place;
use crate::error::{Cause, Error, Result, say};
use crate::keys;
use crate::manifest::Document;
use crate::object::{label_of, path};
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

    #[command(flatten)]
    recipient: Recipient,
}

impl Edit {
    pub(super) fn run(&self) -> Result<Ending> {
        desk::sweep();
        let mut file = in_place(&self.file)?;
        let (place, document) = self.recipient.target(&file, &self.file)?;
        let destination = self.recipient.destination(&self.file)?;
        let mut secret = self.recipient.addressee(&document, &destination.cluster)?;
        let shown = self.shown(&document, &secret)?;
        // Before anything is typed: else it would be lost for want of a certificate.
        let key = destination.key()?;
        let Some(wanted) = edited(&document, &shown)? else {
            say("nothing was changed");
            return Ok(Ending::Clean);
        };
        for key in &wanted.removed {
            file.remove(place, path(["spec", "encryptedData", key]));
        }
        secret.data = wanted.values;
        put(&secret, &key, &mut file, (place, &document))?;
        file.save()?;
        Ok(Ending::Clean)
    }

    /// What the editor is given for each item.
    fn shown(&self, document: &Document, secret: &OpenSecret) -> Result<Vec<(String, Shown)>> {
        let keyring = match self.reveal {
            true => Some(keys::read(&self.recovery_private_key)?),
            false => None,
        };
        let label = label_of(&secret.metadata);
        let items = document.value["spec"]["encryptedData"].as_object().into_iter().flatten();
        let items = items.map(|(item, value)| {
            let shown = match &keyring {
                None => Shown::Placeholder,
                Some(keyring) => {
                    revealed(item, value, &label, keyring).map_err(|e| e.about(&document.place))?
                }
            };
            Ok((item.clone(), shown))
        });
        items.collect()
    }
}

/// A value in the clear.
fn revealed(item: &str, value: &Value, label: &str, keyring: &Keyring) -> Result<Shown> {
    let opened = keys::open_value(keyring, label, value, Hints::default()).ok_or_else(|| {
        Error::new(format!("{item} does not open with the keys"))
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
