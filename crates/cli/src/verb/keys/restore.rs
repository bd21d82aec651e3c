//! `keys restore`: the keys of a backup, into a cluster. A key that is there already stays as it is, so
//! that it can be done again; and none is made that the backup does not hold.

use std::collections::HashSet;

use clap::Args;
use sealwright_crypto::Fingerprint;
use serde_json::{Value, json};

use super::copies::{self, Copy};
use super::stored::{self, Stored};
use super::unlock;
use crate::args::ClusterArgs;
use crate::cluster::Api;
use crate::error::{Cause, Error, Result, say};
use crate::output;
use crate::table::Table;
use crate::verb::Ending;
use crate::verb::format::Format;

/// What to restore.
#[derive(Debug, Args)]
#[command(after_help = "Restore before the controller starts, and it makes no key of its own.")]
pub(crate) struct Restore {
    #[command(flatten)]
    backup: unlock::Backup,

    /// Say what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// How to tell it
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,

    #[command(flatten)]
    cluster: ClusterArgs,
}

/// What becomes of a key.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    key: Fingerprint,
    secret: String,
    fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is put there.
    Restored,
    /// It is there, and in use.
    There,
    /// It is there, and was taken out of use: that is not undone.
    ThereRetired,
}

impl Restore {
    pub(super) fn run(&self) -> Result<Ending> {
        let mut copies = copies::read(&self.backup.open()?)?;
        // The newest last: should this end halfway, none is missing that is older than the newest.
        copies.sort_by_key(|copy| copy.key.born);
        let api = Api::connect(&self.cluster)?;
        let stored = stored::all(&api, &self.cluster)?;
        let mut steps = plan(&copies, &stored);
        if !self.dry_run {
            for step in &mut steps {
                if step.fate == Fate::Restored {
                    let copy = copies.iter().find(|copy| copy.key.fingerprint() == step.key);
                    self.put(&api, copy.expect("steps are of copies"), step)?;
                }
            }
        }
        self.tell(&steps)?;
        self.say_which_seals(&copies, &stored);
        Ok(Ending::Clean)
    }

    /// Under its own name, or where another Secret has that, under one that follows from the key.
    fn put(&self, api: &Api, copy: &Copy, step: &mut Step) -> Result<()> {
        let namespace = stored::namespace(&self.cluster);
        for name in [step.secret.clone(), name_of(step.key)] {
            let mut object = copies::kept(&copy.secret);
            object["metadata"]["namespace"] = namespace.into();
            object["metadata"]["name"] = name.as_str().into();
            let to = format!("create the Secret {namespace}/{name}");
            if api.create(&stored::path(&self.cluster), &object, &to)?.is_some() {
                step.secret = name;
                return Ok(());
            }
        }
        Err(Error::new(format!(
            "cannot restore the key {}: Secrets named {} and {} are there, and hold something else",
            step.key,
            step.secret,
            name_of(step.key)
        ))
        .hint("see what they are; the keys before it are restored, and restoring again goes on")
        .of(Cause::Remote))
    }

    fn tell(&self, steps: &[Step]) -> Result<()> {
        let told: Vec<Value> = steps.iter().map(|step| self.json(step)).collect();
        let text = self.output.text(&Value::Array(told), || {
            let mut table = Table::new(&["SECRET", "BECOMES", "KEY"], 0);
            for step in steps {
                let fate = self.word(step.fate).to_owned();
                table.row([step.secret.clone(), fate, step.key.to_string()]);
            }
            table.text()
        });
        output::print(text.as_bytes())
    }

    fn json(&self, step: &Step) -> Value {
        json!({
            "secret": step.secret,
            "becomes": self.word(step.fate),
            "fingerprint": step.key.to_string(),
        })
    }

    fn word(&self, fate: Fate) -> &'static str {
        match fate {
            Fate::Restored if self.dry_run => "would be restored",
            Fate::Restored => "restored",
            Fate::There => "there already",
            Fate::ThereRetired => "there, retired",
        }
    }

    fn say_which_seals(&self, copies: &[Copy], stored: &[Stored]) {
        let restored = copies.iter().filter(|copy| {
            let there = |stored: &&Stored| stored.fingerprint() == Some(copy.key.fingerprint());
            sealwright_sealing::is_active(&copy.secret) && !stored.iter().any(|s| there(&s))
        });
        let there = stored.iter().filter(|stored| stored.is_active());
        let there = there.filter_map(|stored| stored.key.as_ref().ok());
        let newest = restored
            .map(|copy| &copy.key)
            .chain(there)
            .min_by_key(|key| (std::cmp::Reverse(key.born), key.fingerprint()));
        if let Some(newest) = newest {
            let seals = if self.dry_run { "would seal" } else { "seals" };
            say(format_args!(
                "the newest key, which {seals} from now on: {}",
                newest.fingerprint()
            ));
        }
    }
}

/// What becomes of each key of the backup, each once.
fn plan(copies: &[Copy], stored: &[Stored]) -> Vec<Step> {
    let mut seen = HashSet::new();
    let copies = copies.iter().filter(|copy| seen.insert(copy.key.fingerprint()));
    let step = |copy: &Copy| {
        let key = copy.key.fingerprint();
        let mut there: Vec<_> =
            stored.iter().filter(|stored| stored.fingerprint() == Some(key)).collect();
        there.sort_by_key(|stored| !stored.is_active());
        let own = copy.secret.metadata.name.clone().filter(|name| !name.is_empty());
        let (secret, fate) = match there.first() {
            None => (own.unwrap_or_else(|| name_of(key)), Fate::Restored),
            Some(found) if found.is_active() => (found.name().to_owned(), Fate::There),
            Some(found) => (found.name().to_owned(), Fate::ThereRetired),
        };
        Step { key, secret, fate }
    };
    copies.map(step).collect()
}

/// The name that a key's Secret has where its own is taken: the same whenever it is restored.
fn name_of(key: Fingerprint) -> String {
    let letters = key.to_string().to_lowercase();
    let letters = letters.trim_start_matches("sha256:").chars();
    let letters: String = letters.filter(char::is_ascii_alphanumeric).take(12).collect();
    format!("{}-{letters}", stored::LEGACY)
}
