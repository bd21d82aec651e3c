//! `keys retire`: a key taken out of use, once every live object opens without it. It is not deleted: its
//! Secret only gets another label.

use clap::Args;
use sealwright_api::annotations::{KEY_ACTIVE, KEY_LABEL};
use sealwright_crypto::{Fingerprint, Keyring};
use serde_json::json;

use super::live::{self, Objects};
use super::stored::{self, Stored};
use crate::args::ClusterArgs;
use crate::cluster::Api;
use crate::error::{Cause, Error, Result, say};
use crate::output;
use crate::table::printable;
use crate::verb::Ending;
use crate::verb::format::Format;

/// Which key.
#[derive(Debug, Args)]
#[command(
    after_help = "Only objects in this cluster can be tried: what is sealed with the key in Git, or \
live in another cluster with the same keys, does not open any more."
)]
pub(crate) struct Retire {
    /// The key: SHA256:…, or the beginning of it that no other has, or the name of its Secret
    #[arg(value_name = "KEY|SECRET")]
    key: String,

    /// Say whether it could be retired, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// How to tell which objects need it
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,

    #[command(flatten)]
    objects: Objects,

    #[command(flatten)]
    cluster: ClusterArgs,
}

impl Retire {
    pub(super) fn run(&self) -> Result<Ending> {
        let api = Api::connect(&self.cluster)?;
        let stored = stored::all(&api, &self.cluster)?;
        let (chosen, key) = chosen(&stored, &self.key)?;
        if !chosen.is_active() {
            say(format_args!("{} is retired already", chosen.name()));
            return Ok(Ending::Clean);
        }
        if stored::newest(&stored) == Some(key) {
            return Err(Error::new(format!("{key} is the newest key, which seals"))
                .hint("make another with `kubeseal keys generate`, seal anew, and try again")
                .of(Cause::Policy));
        }
        let needed = self.needed(&api, &stored, key)?;
        output::print(
            self.output.text(&json!({ "needed": needed }), || lines(&needed)).as_bytes(),
        )?;
        if !needed.is_empty() {
            let objects = if needed.len() == 1 { "1 object needs" } else { "objects need" };
            let count =
                if needed.len() == 1 { String::new() } else { format!("{} ", needed.len()) };
            return Err(Error::new(format!("{count}{objects} {key}: it stays in use"))
                .hint("seal them anew with `kubeseal reencrypt`, apply that, and try again")
                .of(Cause::Policy));
        }
        say(
            "every object of this cluster opens without it; Git and other clusters cannot be seen from here",
        );
        if self.dry_run {
            say(format_args!("{} would be retired", chosen.name()));
        } else {
            self.relabel(&api, chosen)?;
        }
        Ok(Ending::Clean)
    }

    /// Objects that do not open without the key. Those that do not open with it either are said.
    fn needed(&self, api: &Api, stored: &[Stored], key: Fingerprint) -> Result<Vec<String>> {
        let active = || stored.iter().filter(|stored| stored.is_active());
        let keys = || active().filter_map(|stored| stored.key.as_ref().ok().cloned());
        let without = Keyring::new(keys().filter(|found| found.fingerprint() != key));
        let alone = Keyring::new(keys().filter(|found| found.fingerprint() == key));
        let objects = self.objects.list(api)?;
        let needs = live::needs(&objects, &without);
        let closed: Vec<_> = objects
            .into_iter()
            .zip(needs)
            .filter(|(_, need)| !need.unopened.is_empty())
            .map(|(object, _)| object)
            .collect();
        let mut needed = Vec::new();
        for need in live::needs(&closed, &alone) {
            if need.keys.is_empty() {
                say(format_args!("note: {} does not open with this key either", need.object));
            } else {
                needed.push(need.object);
            }
        }
        Ok(needed)
    }

    fn relabel(&self, api: &Api, chosen: &Stored) -> Result<()> {
        let (namespace, name) = (stored::namespace(&self.cluster), chosen.name());
        let path = format!("{}/{name}", stored::path(&self.cluster));
        let to = format!("relabel the Secret {namespace}/{name}");
        if api.merge(&path, &chosen.retirement(), &to)?.is_none() {
            return Err(Error::new(format!("cannot {to}: it was changed meanwhile"))
                .hint("look at what it is now, and try again")
                .of(Cause::Remote));
        }
        say(format_args!(
            "{name} is retired; this takes it back: kubectl label secret {name} -n {namespace} \
             --overwrite {KEY_LABEL}={KEY_ACTIVE}"
        ));
        Ok(())
    }
}

fn lines(needed: &[String]) -> String {
    needed.iter().map(|object| printable(format!("{object}: needs the key")) + "\n").collect()
}

/// The key that a word means.
///
/// # Errors
/// When it means none, or several.
fn chosen<'a>(stored: &'a [Stored], word: &str) -> Result<(&'a Stored, Fingerprint)> {
    let is_meant = |stored: &&Stored| {
        let begins =
            |key: Fingerprint| word.len() > "SHA256:".len() && key.to_string().starts_with(word);
        stored.name() == word || stored.fingerprint().is_some_and(begins)
    };
    let meant: Vec<_> = stored.iter().filter(is_meant).collect();
    let see = "kubeseal keys list shows them";
    match meant.as_slice() {
        [] => Err(Error::new(format!("there is no key {}", printable(word.to_owned())))
            .hint(see)
            .of(Cause::Usage)),
        [one] => match one.fingerprint() {
            Some(key) => Ok((one, key)),
            None => Err(Error::new(format!("the key in {} cannot be read", one.name()))
                .hint("the controller passes it over already")),
        },
        _ => Err(Error::new(format!("{} means several keys", printable(word.to_owned())))
            .hint(see)
            .of(Cause::Usage)),
    }
}
