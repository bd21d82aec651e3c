//! `keys verify-backup`: whether a backup would bring back what is live. It is held in memory, and every
//! object of the cluster is opened with it.

use clap::Args;
use sealwright_crypto::Fingerprint;
use serde_json::{Value, json};

use super::copies::{self, Contents};
use super::live::{self, Need, Objects};
use super::stored::{Home, Stored};
use super::unlock;
use crate::cluster::Api;
use crate::error::{Cause, Result, say};
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
    home: Home,
}

impl VerifyBackup {
    pub(super) fn run(&self) -> Result<Ending> {
        let contents = copies::read(&self.backup.open()?, &self.home.key_prefix)?;
        let is_broken = contents.say_what_is_broken();
        let api = self.home.connect()?;
        let missing = self.missing(&api, &contents)?;
        let outcome = self.tried(&self.objects.list(&api)?, &contents);
        let json = outcome.json(&contents, missing.as_deref());
        let missing = missing.unwrap_or_default();
        output::print(self.output.text(&json, || outcome.lines(&missing)).as_bytes())?;
        say(self.sum(&outcome, contents.copies.len()));
        let is_whole = missing.is_empty() && outcome.only_retired.is_empty() && !is_broken;
        Ok(match (outcome.lost.is_empty(), is_whole) {
            (false, _) => Ending::Sealed,
            (_, false) => Ending::Findings,
            _ => Ending::Clean,
        })
    }

    /// Every object, first with the keys that are in use once they are restored, then with all.
    fn tried(&self, objects: &[Value], contents: &Contents) -> Outcome {
        let needs = live::needs(objects, &contents.active());
        let pairs = objects.iter().zip(needs);
        let closed = pairs.filter(|(_, need)| !need.unopened.is_empty()).map(|(object, _)| object);
        let closed: Vec<_> = closed.cloned().collect();
        let (lost, only_retired) = live::needs(&closed, &contents.all())
            .into_iter()
            .partition(|need| !need.unopened.is_empty());
        Outcome { objects: objects.len(), lost, only_retired }
    }

    /// Keys in use that the backup lacks: of what is sealed with them from now on there is no copy. `None`
    /// where it cannot be seen: who may list objects may not see keys.
    fn missing(
        &self,
        api: &Api,
        contents: &Contents,
    ) -> Result<Option<Vec<(String, Fingerprint)>>> {
        let stored = match self.home.keys(api) {
            Ok(stored) => stored,
            Err(error) if error.cause() == Cause::Forbidden => {
                say(format_args!(
                    "note: whether the backup has every key cannot be said: {}",
                    error.message()
                ));
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let active = contents.active();
        let missing = |stored: &Stored| {
            let key = stored.fingerprint().filter(|_| stored.is_active())?;
            (!active.contains(key)).then(|| (stored.name().to_owned(), key))
        };
        Ok(Some(stored.iter().filter_map(missing).collect()))
    }

    fn sum(&self, outcome: &Outcome, keys: usize) -> String {
        let keys = if keys == 1 { "1 key".to_owned() } else { format!("{keys} keys") };
        let closed = outcome.lost.len() + outcome.only_retired.len();
        match (outcome.objects, closed) {
            (0, _) => format!("there is no SealedSecret to try the backup's {keys} on"),
            (objects, 0) => {
                let verb = if objects == 1 { "opens" } else { "open" };
                format!("{} {verb} with the backup's {keys}", self.objects.told(objects))
            }
            (objects, closed) => {
                format!("{closed} of {objects} SealedSecrets do not open with the backup's {keys}")
            }
        }
    }
}

/// What became of the objects.
struct Outcome {
    objects: usize,
    /// No key of the backup opens them.
    lost: Vec<Need>,
    /// A key opens them that the backup has as one out of use.
    only_retired: Vec<Need>,
}

impl Outcome {
    fn json(&self, contents: &Contents, missing: Option<&[(String, Fingerprint)]>) -> Value {
        let keys = contents.copies.iter().map(|copy| copy.key.fingerprint().to_string());
        let lost =
            self.lost.iter().map(|need| json!({ "object": need.object, "items": need.unopened }));
        let missing = missing
            .map(|missing| missing.iter().map(|(_, key)| key.to_string()).collect::<Vec<_>>());
        json!({
            "objects": self.objects,
            "keys": keys.collect::<Vec<_>>(),
            "lost": lost.collect::<Vec<_>>(),
            "needRetired": self.only_retired.iter().map(|need| &need.object).collect::<Vec<_>>(),
            "missingKeys": missing,
        })
    }

    fn lines(&self, missing: &[(String, Fingerprint)]) -> String {
        let missing = missing
            .iter()
            .map(|(secret, key)| format!("{secret}: not in use in the backup: the key {key}"));
        let lost = self
            .lost
            .iter()
            .map(|need| format!("{}: would be lost: {}", need.object, need.unopened.join(", ")));
        let retired = self.only_retired.iter().map(|need| {
            format!("{}: opens only with a key that the backup has as retired", need.object)
        });
        missing.chain(lost).chain(retired).map(|line| printable(line) + "\n").collect()
    }
}
