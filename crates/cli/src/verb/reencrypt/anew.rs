//! Who seals anew: the controller, which has the keys, or this program, if it was given them.

use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealwright_crypto::{Fingerprint, Hints, Keyring, PublicKey, seal};
use sealwright_sealing::{Anew as Which, label};
use serde_json::Value;

use crate::cluster::Controller;
use crate::command::reencrypt::take_values;
use crate::error::{Cause, Error, Result, say};
use crate::keys;
use crate::manifest::Document;
use crate::object::{at, scope_of, sealed_values};
use crate::verb::destination::Destination;
use crate::yaml::Step;

/// Who does it.
pub(super) enum Anew<'a> {
    /// It is asked by one thread at a time.
    Controller(Mutex<Box<Controller<'a>>>),
    Here {
        keyring: &'a Keyring,
        newest: PublicKey,
    },
}

/// What is to change in an object.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Items with their paths and new values.
    pub(super) anew: Vec<(String, Vec<Step>, Value)>,
    /// Items that have the newest key.
    pub(super) kept: usize,
}

impl<'a> Anew<'a> {
    /// With private keys this program does it for a cluster, else the controller in it.
    ///
    /// # Errors
    /// When certificate or cluster cannot be had, or a repository names one to whom these values may
    /// never have belonged.
    pub(super) fn choose(
        keyring: Option<&'a Keyring>,
        destination: &'a Destination,
    ) -> Result<Self> {
        let Some(keyring) = keyring else {
            destination.say_whose_controller();
            let controller = Controller::connect(&destination.cluster)?;
            return Ok(Self::Controller(Mutex::new(Box::new(controller))));
        };
        let newest = destination.key()?;
        if !keyring.contains(newest.fingerprint()) {
            if let Some(rule) = destination.repositorys_rule() {
                return Err(strange(rule, newest.fingerprint()));
            }
            say(
                "note: the newest private key is not among those given, so a file with a value that \
                 has it already fails; with it, such values are left alone",
            );
        }
        Ok(Self::Here { keyring, newest })
    }

    /// What is to change in an object, all of it or nothing.
    ///
    /// # Errors
    /// When one of its values does not open.
    pub(super) fn values(&self, document: &Document) -> Result<Changes> {
        match self {
            Self::Controller(controller) => {
                through(&controller.lock().unwrap_or_else(PoisonError::into_inner), document)
            }
            Self::Here { keyring, newest } => here(document, keyring, newest),
        }
    }
}

/// Whoever may write a rule would have values opened, and sealed for a key of his own.
fn strange(rule: &str, key: Fingerprint) -> Error {
    Error::new(format!(
        "{rule} has values sealed for {key}, which is not among the private keys that were given"
    ))
    .hint(
        "give that one's private key too; or, if it is the cluster's, its certificate with --cert",
    )
    .of(Cause::Policy)
}

fn through(controller: &Controller<'_>, document: &Document) -> Result<Changes> {
    let answer = controller.rotate(&document.value, Which::Outdated);
    let answer = answer.map_err(|error| error.about(&document.place))?;
    let mut object = document.value.clone();
    take_values(&mut object, &answer, Which::Outdated)
        .map_err(|reason| Error::new(format!("{}: {reason}", document.place)).of(Cause::Remote))?;
    let mut changes = Changes::default();
    for path in sealed_values(&object) {
        match at(&object, &path) {
            Some(value) if Some(value) != at(&document.value, &path) => {
                changes.anew.push((name(&path), path.clone(), value.clone()));
            }
            _ => changes.kept += 1,
        }
    }
    Ok(changes)
}

fn here(document: &Document, keyring: &Keyring, newest: &PublicKey) -> Result<Changes> {
    let object = &document.value;
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
    let label = label(scope_of(object), text("namespace"), text("name"));
    let remembered = [newest.fingerprint()];
    let (mut changes, mut previous) = (Changes::default(), None);
    for path in sealed_values(object) {
        let hints = Hints { remembered: &remembered, previous, changed: None };
        let opened =
            at(object, &path).and_then(|value| keys::open_value(keyring, &label, value, hints));
        let Some(opened) = opened else { return Err(unopened(document, keyring)) };
        previous = Some::<Fingerprint>(opened.key);
        if opened.key == newest.fingerprint() {
            changes.kept += 1;
        } else {
            let sealed = STANDARD.encode(seal(newest, label.as_bytes(), &opened.value));
            changes.anew.push((name(&path), path, sealed.into()));
        }
    }
    Ok(changes)
}

fn name(path: &[Step]) -> String {
    path.last().and_then(Step::name).unwrap_or_default()
}

fn unopened(document: &Document, keyring: &Keyring) -> Error {
    let reason = keys::refusal(&document.value, keyring);
    let reason = reason.map_or("no key could decrypt secret".to_owned(), |refusal| refusal.reason);
    Error::new(format!("{}: {reason}", document.place))
        .hint("give the key that sealed it; name, namespace and scope must be as they were then")
        .of(Cause::Sealed)
}
