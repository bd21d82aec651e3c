//! `edit`: the items of a file in an editor. Without keys it is blind: a placeholder stands for each
//! value, and what is typed in its place is sealed. With `--reveal` the values stand there, opened with keys
//! or as the cluster has them.
//!
//! ```text
//! original ─▶ sheet (what is shown) ─▶ desk (tmpfs) ─▶ editor ─▶ sheet (what is wanted) ─▶ original
//!               ▲                        what cannot be used or written                         │
//!               ╰───────────────────────────────────────────────────────────────────────────────╯
//! ```

mod complaint;
mod desk;
mod editor;
mod live;
mod original;
mod rounds;
mod sheet;

use std::path::PathBuf;

use clap::Args;
use sealwright_crypto::{Hints, Keyring};
use sealwright_sealing::OpenSecret;
use serde_json::Value;

use super::Ending;
use super::recipient::Recipient;
use crate::args::ClusterArgs;
use crate::error::{Cause, Error, Result, say};
use crate::keys;
use crate::manifest::Document;
use crate::object::label_of;
pub(crate) use desk::sweep;
use original::Original;
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
        let mut original = Original::read(&self.file, &self.recipient)?;
        let shown = self.shown(&original)?;
        // Before anything is typed: else it would be lost for want of a certificate.
        let key = original.destination.key()?;
        let place = original.document.place.clone();
        let write = |wanted: &Wanted| original.write(wanted, &key);
        if !rounds::until_written(&place, &shown, write)? {
            say("nothing was changed");
        }
        Ok(Ending::Clean)
    }

    /// What the editor is given for each item.
    fn shown(&self, original: &Original<'_>) -> Result<Vec<(String, Shown)>> {
        let Original { document, secret, destination, .. } = original;
        let items = document.value["spec"]["encryptedData"].as_object().into_iter().flatten();
        let files: Vec<_> =
            self.recovery_private_key.iter().filter(|file| !file.is_empty()).cloned().collect();
        if !self.reveal {
            if !files.is_empty() {
                say("note: values are shown with --reveal only: --recovery-private-key opens none");
            }
            return Ok(items.map(|(item, _)| (item.clone(), Shown::Placeholder)).collect());
        }
        if files.is_empty() {
            return live_values(document, secret, &destination.cluster);
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
