//! `keys verify-backup`: whether a backup would bring back what is live. It is held in memory, and every
//! object of the cluster is opened with it.

use std::collections::HashSet;

use clap::Args;
use sealwright_crypto::Fingerprint;
use serde_json::{Value, json};

use super::live::{self, Need, Objects};
use super::stored::{self, Stored};
use super::{copies, unlock};
use crate::args::ClusterArgs;
use crate::cluster::Api;
use crate::error::{Result, say};
use crate::output;
use crate::table::printable;
use crate::verb::Ending;
use crate::verb::format::Format;

/// What to try.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 everything opens, 1 a key of the cluster is missing, 4 an \
object would be lost.")]
pub(crate) struct VerifyBackup {
    #[command(flatten)]
    backup: unlock::Backup,

    /// How to tell it
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,

    #[command(flatten)]
    objects: Objects,

    #[command(flatten)]
    cluster: ClusterArgs,
}

impl VerifyBackup {
    pub(super) fn run(&self) -> Result<Ending> {
        let copies = copies::read(&self.backup.open()?)?;
        let keyring = copies::keyring(&copies);
        let api = Api::connect(&self.cluster)?;
        let missing = self.missing(&api, &copies)?;
        let needs = live::needs(&self.objects.list(&api)?, &keyring);
        let lost: Vec<_> = needs.iter().filter(|need| !need.unopened.is_empty()).collect();
        let told = json!({
            "objects": needs.len(),
            "keys": keyring.iter().map(|key| key.fingerprint().to_string()).collect::<Vec<_>>(),
            "lost": lost.iter().map(|need| json(need)).collect::<Vec<_>>(),
            "missingKeys": missing.iter().map(|(_, key)| key.to_string()).collect::<Vec<_>>(),
        });
        let text = self.output.text(&told, || {
            let missing = missing
                .iter()
                .map(|(secret, key)| format!("{secret}: not in the backup: the key {key}\n"));
            let lost = lost.iter().map(|need| {
                format!("{}: would be lost: {}\n", need.object, need.unopened.join(", "))
            });
            missing.chain(lost).map(|line| printable(line.trim_end().to_owned()) + "\n").collect()
        });
        output::print(text.as_bytes())?;
        say(sum(needs.len(), lost.len(), keyring.iter().count()));
        Ok(match (lost.is_empty(), missing.is_empty()) {
            (false, _) => Ending::Sealed,
            (_, false) => Ending::Findings,
            _ => Ending::Clean,
        })
    }

    /// Keys in use that the backup lacks: of what is sealed with them from now on there is no copy. Who
    /// may list objects may not see keys.
    fn missing(&self, api: &Api, copies: &[copies::Copy]) -> Result<Vec<(String, Fingerprint)>> {
        let stored = match stored::all(api, &self.cluster) {
            Ok(stored) => stored,
            Err(error) if error.message().starts_with("no permission") => {
                say(format_args!(
                    "note: whether the backup has every key cannot be said: {}",
                    error.message()
                ));
                return Ok(Vec::new());
            }
            Err(error) => return Err(error),
        };
        let there: HashSet<_> = copies.iter().map(|copy| copy.key.fingerprint()).collect();
        let missing = |stored: &Stored| {
            let key = stored.fingerprint().filter(|_| stored.is_active())?;
            (!there.contains(&key)).then(|| (stored.name().to_owned(), key))
        };
        Ok(stored.iter().filter_map(missing).collect())
    }
}

fn json(need: &Need) -> Value {
    json!({ "object": need.object, "items": need.unopened })
}

fn sum(objects: usize, lost: usize, keys: usize) -> String {
    let keys = if keys == 1 { "1 key".to_owned() } else { format!("{keys} keys") };
    match (objects, lost) {
        (0, _) => format!("there is no SealedSecret to try the {keys} on"),
        (_, 0) => format!("all {objects} SealedSecrets open with the backup's {keys}"),
        _ => format!("{lost} of {objects} SealedSecrets do not open with the backup's {keys}"),
    }
}
