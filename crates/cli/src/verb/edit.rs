//! `edit`: the items of a file in an editor. Without keys it is blind: a placeholder stands for each
//! value, and what is typed in its place is sealed. With `--reveal` the values stand there, opened with keys
//! or as the cluster has them.
//!
//! ```text
//! file ─▶ sheet (what is shown) ─▶ desk (tmpfs) ─▶ editor ─▶ sheet (what is wanted) ─▶ changes ─▶ file
//! ```

mod desk;
mod editor;
mod live;
mod sheet;

use std::path::PathBuf;

use clap::Args;
use sealwright_crypto::{Hints, Keyring};
use sealwright_sealing::OpenSecret;
use serde_json::Value;

use super::Ending;
use super::recipient::{Recipient, put};
use super::target::in_place;
use crate::args::ClusterArgs;
use crate::error::{Cause, Error, Result, say};
use crate::keys;
use crate::manifest::Document;
use crate::object::{label_of, path};
use desk::Desk;
use editor::Editor;
use sheet::{Shown, Wanted};

/// How often what cannot be understood goes back: an editor may be a script.
const MAX_TIMES: usize = 20;

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

    /// Show the values instead of placeholders: opened with --recovery-private-key, or as they are in
    /// the cluster's Secret, for whoever may read that
    #[arg(long)]
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
        let shown = self.shown(&document, &secret, &destination.cluster)?;
        // Before anything is typed: else it would be lost for want of a certificate.
        let key = destination.key()?;
        let Some(wanted) = edited(&document, &shown)? else {
            say("nothing was changed");
            return Ok(Ending::Clean);
        };
        // No ciphertext knows under which key it stands.
        for (new, old) in &wanted.renamed {
            let value = document.value["spec"]["encryptedData"][old].clone();
            file.set(place, path(["spec", "encryptedData", new]), value);
        }
        for key in &wanted.removed {
            file.remove(place, path(["spec", "encryptedData", key]));
        }
        secret.data = wanted.values;
        put(&secret, &key, &mut file, (place, &document))?;
        file.save()?;
        Ok(Ending::Clean)
    }

    /// What the editor is given for each item.
    fn shown(
        &self,
        document: &Document,
        secret: &OpenSecret,
        cluster: &ClusterArgs,
    ) -> Result<Vec<(String, Shown)>> {
        let items = document.value["spec"]["encryptedData"].as_object().into_iter().flatten();
        if !self.reveal {
            return Ok(items.map(|(item, _)| (item.clone(), Shown::Placeholder)).collect());
        }
        let files: Vec<_> =
            self.recovery_private_key.iter().filter(|file| !file.is_empty()).cloned().collect();
        if files.is_empty() {
            return live_values(document, secret, cluster);
        }
        let (keyring, label) = (keys::read(&files)?, label_of(&secret.metadata));
        let items = items.map(|(item, value)| {
            let shown = revealed(item, value, &label, &keyring);
            Ok((item.clone(), shown.map_err(|error| error.about(&document.place))?))
        });
        items.collect()
    }
}

/// What the cluster has; a placeholder where that is something else than the file has.
fn live_values(
    document: &Document,
    secret: &OpenSecret,
    cluster: &ClusterArgs,
) -> Result<Vec<(String, Shown)>> {
    let mut values = live::values(&document.value, &secret.metadata, cluster)?;
    let items = document.value["spec"]["encryptedData"].as_object().into_iter().flatten();
    let shown = items
        .map(|(item, _)| (item.clone(), values.remove(item).map_or(Shown::Placeholder, Shown::of)));
    let shown: Vec<_> = shown.collect();
    let unknown = shown.iter().filter(|(_, shown)| matches!(shown, Shown::Placeholder));
    let unknown: Vec<_> = unknown.map(|(item, _)| item.as_str()).collect();
    if !unknown.is_empty() {
        say(format_args!(
            "note: not shown, since the cluster has something else than the file: {}",
            unknown.join(", ")
        ));
    }
    Ok(shown)
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
    let editor = Editor::choose()?;
    let mut text = sheet::write(&document.place, shown);
    let mut reason = None;
    for _ in 0..MAX_TIMES {
        desk.lay_out(&text)?;
        editor.run(&desk)?;
        let back = desk.take_back()?;
        // Nothing at all is how many say that they want nothing after all.
        if back.trim().is_empty() {
            return Ok(None);
        }
        if back == text {
            break;
        }
        match sheet::read(&back, shown) {
            Ok(wanted) if wanted.is_nothing() => return Ok(None),
            Ok(wanted) => return Ok(Some(wanted)),
            Err(why) => {
                text = sheet::with_complaint(&back, &why);
                reason = Some(why);
            }
        }
    }
    match reason {
        None => Ok(None),
        Some(reason) => {
            Err(Error::new(format!("{}: {reason}: nothing was changed", document.place)))
        }
    }
}
