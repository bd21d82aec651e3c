//! `keys retire`: a key taken out of use, once every live object opens without it. It is not deleted: its
//! Secret only gets another label.

use std::collections::{BTreeSet, HashSet};

use clap::Args;
use sealwright_api::annotations::{KEY_ACTIVE, KEY_LABEL};
use sealwright_crypto::{Certificate, Fingerprint, Keyring};
use serde_json::{Value, json};

use super::live::{self, Need, Objects};
use super::stored::{self, Home, RETIRED, Stored};
use crate::cluster::{Api, Controller};
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
    home: Home,
}

impl Retire {
    pub(super) fn run(&self) -> Result<Ending> {
        let api = self.home.connect()?;
        let stored = self.home.keys(&api)?;
        let key = meant(&stored, &self.key)?;
        let in_use: Vec<_> = stored
            .iter()
            .filter(|stored| stored.fingerprint() == Some(key) && stored.is_active())
            .collect();
        if in_use.is_empty() {
            say(format_args!("{key} is retired already"));
            return self.tell(&[]).map(|()| Ending::Clean);
        }
        self.check_that_it_does_not_seal(&stored, key)?;
        let keys = Keys::of(&stored, key);
        let objects = self.objects.list(&api)?;
        let needed = keys.needed_by(&objects);
        needed.say_what_does_not_open_at_all();
        self.tell(&needed.objects)?;
        needed.check(key, "it stays in use")?;
        self.say_what_was_tried(objects.len());
        if self.dry_run {
            say(format_args!("{} would be retired", names(&in_use)));
            return Ok(Ending::Clean);
        }
        for stored in &in_use {
            self.relabel(&api, stored, RETIRED)?;
        }
        self.look_again(&api, &keys, &objects, &in_use)?;
        let (names, namespace) = (names(&in_use), self.home.namespace());
        say(format_args!(
            "{names} retired; this takes it back: kubectl label secret {} -n {namespace} --overwrite \
             {KEY_LABEL}={KEY_ACTIVE}",
            names.replace(',', "")
        ));
        Ok(Ending::Clean)
    }

    /// By the certificates, and by what the controller itself says: it may have been told to go by another
    /// order, or not have seen a newer key yet.
    fn check_that_it_does_not_seal(&self, stored: &[Stored], key: Fingerprint) -> Result<()> {
        let seals = |why: &str| {
            Err(Error::new(format!("{key} is the newest key, which seals{why}"))
                .hint("make another with `kubeseal keys generate`, seal anew, and try again")
                .of(Cause::Policy))
        };
        if stored::newest(stored) == Some(key) {
            return seals("");
        }
        let served = Controller::connect(&self.home.cluster)
            .and_then(|controller| controller.certificate())
            .and_then(|pem| Certificate::from_pem(&pem).map_err(|e| Error::new(e.to_string())));
        match served {
            Ok(certificate) if certificate.fingerprint() == key => {
                seals(", as the controller says")
            }
            Ok(_) => Ok(()),
            Err(error) => {
                say(format_args!(
                    "note: which key the controller seals with cannot be asked: {}",
                    error.message()
                ));
                Ok(())
            }
        }
    }

    fn tell(&self, needed: &[String]) -> Result<()> {
        let line = |object: &String| printable(format!("{object}: needs the key")) + "\n";
        let text =
            self.output.text(&json!({ "needed": needed }), || needed.iter().map(line).collect());
        output::print(text.as_bytes())
    }

    fn say_what_was_tried(&self, count: usize) {
        let tried = match count {
            0 => "there is no SealedSecret to try".to_owned(),
            1 => format!("{} opens without it", self.objects.told(1)),
            _ => format!("{} open without it", self.objects.told(count)),
        };
        say(format_args!("{tried}; Git and other clusters cannot be seen from here"));
    }

    fn relabel(&self, api: &Api, stored: &Stored, label: &str) -> Result<()> {
        let (namespace, name) = (self.home.namespace(), stored.name());
        let path = format!("{}/{name}", self.home.path());
        let to = format!("relabel the Secret {namespace}/{name}");
        if api.merge(&path, &stored.labelling(label), &to)?.is_none() {
            return Err(Error::new(format!("cannot {to}: it was changed meanwhile"))
                .hint("look at what it is now, and try again")
                .of(Cause::Remote));
        }
        Ok(())
    }

    /// What was applied while the others were tried: if that needs the key, all is as before.
    fn look_again(
        &self,
        api: &Api,
        keys: &Keys,
        before: &[Value],
        in_use: &[&Stored],
    ) -> Result<()> {
        let id = |object: &Value| {
            let metadata = &object["metadata"];
            (metadata["uid"].to_string(), metadata["generation"].to_string())
        };
        let seen: HashSet<_> = before.iter().map(id).collect();
        let mut now = self.objects.list(api)?;
        now.retain(|object| !seen.contains(&id(object)));
        let needed = keys.needed_by(&now);
        if let Err(error) =
            needed.check(keys.key, "it was applied just now, and the key is in use again")
        {
            for stored in in_use {
                // Nobody else knows of the label yet; whatever it is now, it is to be the old one.
                let mut stored = Stored::of(stored.secret.clone());
                stored.secret.metadata.resource_version = None;
                self.relabel(api, &stored, KEY_ACTIVE)?;
            }
            return Err(error);
        }
        Ok(())
    }
}

/// The keys without the one that is to go, and that alone.
struct Keys {
    key: Fingerprint,
    without: Keyring,
    alone: Keyring,
}

/// Who needs the key.
struct Needed {
    objects: Vec<String>,
    /// These do not open with it either.
    closed: Vec<String>,
}

impl Keys {
    fn of(stored: &[Stored], key: Fingerprint) -> Self {
        let active = || stored.iter().filter(|stored| stored.is_active());
        let keys = || active().filter_map(|stored| stored.key.as_ref().ok().cloned());
        let without = Keyring::new(keys().filter(|found| found.fingerprint() != key));
        let alone = Keyring::new(keys().filter(|found| found.fingerprint() == key));
        Self { key, without, alone }
    }

    fn needed_by(&self, objects: &[Value]) -> Needed {
        let pairs = objects.iter().zip(live::needs(objects, &self.without));
        let closed = pairs.filter(|(_, need)| !need.unopened.is_empty()).map(|(object, _)| object);
        let closed: Vec<_> = closed.cloned().collect();
        let needs = live::needs(&closed, &self.alone).into_iter();
        let (closed, needed): (Vec<_>, Vec<_>) = needs.partition(|need| need.keys.is_empty());
        let names = |needs: Vec<Need>| needs.into_iter().map(|need| need.object).collect();
        Needed { objects: names(needed), closed: names(closed) }
    }
}

impl Needed {
    fn say_what_does_not_open_at_all(&self) {
        for object in &self.closed {
            say(format_args!("note: {object} does not open with this key either"));
        }
    }

    fn check(&self, key: Fingerprint, so: &str) -> Result<()> {
        let need = match self.objects.as_slice() {
            [] => return Ok(()),
            [object] => format!("{object} needs"),
            objects => format!("{} objects need", objects.len()),
        };
        Err(Error::new(format!("{need} {key}: {so}"))
            .hint("seal anew with `kubeseal reencrypt`, apply that, and try again")
            .of(Cause::Policy))
    }
}

fn names(stored: &[&Stored]) -> String {
    stored.iter().map(|stored| stored.name()).collect::<Vec<_>>().join(", ")
}

/// The key that a word means.
///
/// # Errors
/// When it means none, or several.
fn meant(stored: &[Stored], word: &str) -> Result<Fingerprint> {
    let begins =
        |key: Fingerprint| word.len() > "SHA256:".len() && key.to_string().starts_with(word);
    let is_meant =
        |stored: &&Stored| stored.name() == word || stored.fingerprint().is_some_and(begins);
    let meant: Vec<_> = stored.iter().filter(is_meant).collect();
    let keys: BTreeSet<_> = meant.iter().filter_map(|stored| stored.fingerprint()).collect();
    let shown = printable(word.to_owned());
    match (keys.first(), keys.len(), meant.first()) {
        (Some(key), 1, _) => Ok(*key),
        (None, _, Some(unreadable)) => {
            Err(Error::new(format!("the key in {} cannot be read", unreadable.name()))
                .hint("the controller passes it over already"))
        }
        (None, ..) => {
            Err(Error::usage(format!("there is no key {shown}"))
                .hint("kubeseal keys list shows them"))
        }
        _ => Err(Error::usage(format!("{shown} means several keys"))
            .hint("kubeseal keys list shows them")),
    }
}
