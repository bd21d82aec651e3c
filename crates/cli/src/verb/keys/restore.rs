//! `keys restore`: the keys of a backup, into a cluster. A key that is there already stays as it is, so
//! that it can be done again; and none is made that the backup does not hold.

use std::collections::HashSet;

use clap::Args;
use sealwright_api::annotations::{KEY_ACTIVE, KEY_LABEL};
use sealwright_crypto::{Fingerprint, Keyring};
use serde_json::{Value, json};

use super::copies::{self, Contents, KeyCopy};
use super::stored::{Home, Stored};
use super::unlock;
use crate::cluster::Api;
use crate::error::{Cause, Error, Result, say};
use crate::output;
use crate::table::Table;
use crate::verb::Ending;
use crate::verb::format::Format;

/// What to restore.
#[derive(Debug, Args)]
#[command(
    after_help = "Restore before the controller starts, and it makes no key of its own. A key that is \
there already stays as it is, so that a restore can be repeated."
)]
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
    home: Home,
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
    /// It is put there, and in use.
    Restored,
    /// It is put there, out of use as it was.
    RestoredRetired,
    /// It is there, and in use.
    There,
    /// It is there, and was taken out of use: that is not undone.
    ThereRetired,
    /// It is not there, and could not be put there.
    Failed,
}

impl Restore {
    pub(super) fn run(&self) -> Result<Ending> {
        let contents = copies::read(&self.backup.open()?, &self.home.key_prefix)?;
        let is_broken = contents.say_what_is_broken();
        let api = self.home.connect()?;
        let stored = self.home.keys(&api)?;
        self.say_where_from(&contents);
        let mut steps = plan(&contents.copies, &stored, &self.home.key_prefix);
        let mut errors = Vec::new();
        for step in steps.iter_mut().filter(|step| !self.dry_run && step.fate.is_to_do()) {
            let mut copies = contents.copies.iter();
            let copy = copies.find(|copy| copy.key.fingerprint() == step.key);
            // One that is refused must not keep newer ones out.
            if let Err(error) = self.put(&api, copy.expect("steps are of copies"), step) {
                step.fate = Fate::Failed;
                errors.push(error);
            }
        }
        self.tell(&steps)?;
        self.say_which_seals(&contents, &stored, &steps);
        match errors.pop() {
            Some(error) => {
                errors.iter().for_each(say);
                Err(error)
            }
            None => Ok(if is_broken { Ending::Findings } else { Ending::Clean }),
        }
    }

    /// Under its own name, or where another Secret has that, under one that follows from the key.
    fn put(&self, api: &Api, copy: &KeyCopy, step: &mut Step) -> Result<()> {
        let namespace = self.home.namespace();
        let other = name_of(step.key, &self.home.key_prefix);
        for name in [step.secret.clone(), other.clone()] {
            let mut object = copies::kept(&copy.secret);
            object["metadata"]["namespace"] = namespace.into();
            object["metadata"]["name"] = name.as_str().into();
            if object["metadata"]["labels"][KEY_LABEL].is_null() {
                // Without one only a key of the first name is found, and that may be taken.
                object["metadata"]["labels"][KEY_LABEL] = KEY_ACTIVE.into();
            }
            let to = format!("restore the key {} as the Secret {namespace}/{name}", step.key);
            if api.create(&self.home.path(), &object, &to)?.is_some() {
                step.secret = name;
                return Ok(());
            }
        }
        Err(Error::new(format!(
            "cannot restore the key {}: Secrets named {} and {other} are there, or were just written",
            step.key, step.secret,
        ))
        .hint("see what they hold, and restore again: what is there already stays as it is")
        .of(Cause::Remote))
    }

    fn tell(&self, steps: &[Step]) -> Result<()> {
        let told = steps.iter().map(|step| {
            json!({
                "secret": step.secret,
                "becomes": self.word(step.fate),
                "fingerprint": step.key.to_string(),
            })
        });
        let text = self.output.text(&Value::Array(told.collect()), || {
            let mut table = Table::new(&["SECRET", "BECOMES", "KEY"], 0);
            for step in steps {
                let fate = self.word(step.fate).to_owned();
                table.row([step.secret.clone(), fate, step.key.to_string()]);
            }
            table.text()
        });
        output::print(text.as_bytes())
    }

    fn word(&self, fate: Fate) -> &'static str {
        match fate {
            Fate::Restored if self.dry_run => "would be restored",
            Fate::Restored => "restored",
            Fate::RestoredRetired if self.dry_run => "would be restored, retired",
            Fate::RestoredRetired => "restored, retired",
            Fate::There => "there already",
            Fate::ThereRetired => "there, retired",
            Fate::Failed => "failed",
        }
    }

    /// Where nobody looks for them, keys do nothing.
    fn say_where_from(&self, contents: &Contents) {
        let here = self.home.namespace();
        let mut namespaces =
            contents.copies.iter().filter_map(|copy| copy.secret.metadata.namespace.as_deref());
        if let Some(other) = namespaces.rfind(|namespace| *namespace != here) {
            say(format_args!(
                "note: the keys are of the namespace {other}, and go into {here}: that has to be the \
                 controller's, see --controller-namespace"
            ));
        }
    }

    fn say_which_seals(&self, contents: &Contents, stored: &[Stored], steps: &[Step]) {
        let is_restored =
            |key| steps.iter().any(|step| step.key == key && step.fate == Fate::Restored);
        let restored = contents.copies.iter().map(|copy| &copy.key);
        let restored = restored.filter(|key| is_restored(key.fingerprint()));
        let there = stored.iter().filter(|stored| stored.is_active());
        let there = there.filter_map(|stored| stored.key.as_ref().ok());
        let keyring = Keyring::new(restored.chain(there).cloned());
        if let Some(newest) = keyring.newest() {
            let seals = if self.dry_run { "would seal" } else { "seals" };
            say(format_args!(
                "the newest key, which {seals} from now on: {}",
                newest.fingerprint()
            ));
        }
    }
}

impl Fate {
    fn is_to_do(self) -> bool {
        matches!(self, Self::Restored | Self::RestoredRetired)
    }
}

/// What becomes of each key of the backup, each once: of two copies the first counts.
fn plan(copies: &[KeyCopy], stored: &[Stored], prefix: &str) -> Vec<Step> {
    let mut seen = HashSet::new();
    let copies = copies.iter().filter(|copy| seen.insert(copy.key.fingerprint()));
    let step = |copy: &KeyCopy| {
        let key = copy.key.fingerprint();
        let mut there: Vec<_> =
            stored.iter().filter(|stored| stored.fingerprint() == Some(key)).collect();
        there.sort_by_key(|stored| !stored.is_active());
        let own = copy.secret.metadata.name.clone().filter(|name| !name.is_empty());
        let own = own.unwrap_or_else(|| name_of(key, prefix));
        let (secret, fate) = match there.first() {
            None if copy.is_active => (own, Fate::Restored),
            None => (own, Fate::RestoredRetired),
            Some(found) if found.is_active() => (found.name().to_owned(), Fate::There),
            Some(found) => (found.name().to_owned(), Fate::ThereRetired),
        };
        Step { key, secret, fate }
    };
    copies.map(step).collect()
}

/// The name that a key's Secret has where its own is taken: the same whenever it is restored.
fn name_of(key: Fingerprint, prefix: &str) -> String {
    let letters = key.to_string().to_lowercase();
    let letters = letters.trim_start_matches("sha256:").chars();
    let letters: String = letters.filter(char::is_ascii_alphanumeric).take(12).collect();
    format!("{prefix}-{letters}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use k8s_openapi::api::core::v1::Secret;
    use sealwright_crypto::{KeySize, SealingKey};
    use sealwright_sealing::{succeed, write_key};

    use super::*;

    fn secret(key: &SealingKey, name: &str, label: Option<&str>) -> Secret {
        let mut secret = write_key(key);
        secret.metadata.name = Some(name.to_owned());
        secret.metadata.labels =
            label.map(|label| [(KEY_LABEL.to_owned(), label.to_owned())].into());
        secret
    }

    fn copy(key: &Arc<SealingKey>, name: &str, label: Option<&str>) -> KeyCopy {
        let stored = Stored::of(secret(key, name, label));
        KeyCopy { is_active: stored.is_active(), secret: stored.secret, key: key.clone() }
    }

    #[test]
    fn what_is_there_stays_and_what_is_not_there_is_put_there() {
        let keys: Vec<_> = (0..5)
            .map(|age| succeed(&Keyring::default(), KeySize::Rsa2048, "", age, 10).unwrap())
            .map(Arc::new)
            .collect();
        let [new, retired, there, there_retired, twice] = keys.as_slice() else { panic!() };
        let copies = [
            copy(new, "new", Some("active")),
            copy(new, "again", Some("active")),
            copy(retired, "retired", Some("compromised")),
            copy(there, "there", Some("active")),
            copy(there_retired, "out", Some("active")),
            copy(twice, "", None),
        ];
        let stored = [
            Stored::of(secret(there, "under-another-name", Some("active"))),
            Stored::of(secret(there_retired, "out", Some("retired"))),
            Stored::of(secret(there, "retired-copy", Some("retired"))),
        ];
        let steps = plan(&copies, &stored, "key");
        let told: Vec<_> = steps.iter().map(|step| (step.secret.as_str(), step.fate)).collect();
        let named = name_of(twice.fingerprint(), "key");
        assert!(named.starts_with("key-") && named.len() <= 16, "{named}");
        assert_eq!(
            told,
            [
                ("new", Fate::Restored),
                ("retired", Fate::RestoredRetired),
                ("under-another-name", Fate::There),
                ("out", Fate::ThereRetired),
                (named.as_str(), Fate::Restored),
            ]
        );
    }
}
