//! Why no key opens an item: for the eyes of those who may read status and log, never over HTTP.

use sealwright_api::{Scope, SealedSecret};
use sealwright_crypto::{Envelope, Fingerprint, Keyring};

use crate::error::Diagnosis;
use crate::open::{object_label, parse};
use crate::{ItemError, ItemErrors, UnsealError, label};

/// RSA operations that the diagnosis of one object may cost: some second of a core with keys of
/// 4096 bits. Whoever writes an object chooses how many items it has, and each one that nothing
/// explains costs as many operations as there are labels times keys.
const OPERATIONS: usize = 500;

/// Adds to each refused item what can be known about it, as far as the operations last.
///
/// Only labels made of the object's own fields are tried, and only on the session key: this must
/// not help whoever brings stolen ciphertext and guesses where it belongs.
pub fn diagnose(error: UnsealError, sealed: &SealedSecret, keyring: &Keyring) -> UnsealError {
    let UnsealError::Items(ItemErrors { failed, keys }) = error else { return error };
    let mut inquiry = Inquiry { keyring, labels: labels(sealed), operations_left: OPERATIONS };
    let diagnosed = failed.into_iter().map(|(key, error)| {
        let value = sealed.spec.encrypted_data.get(&key).or(sealed.spec.data.as_ref());
        let error = match (error, value) {
            (ItemError::Refused(_), Some(value)) => {
                ItemError::Refused(Some(inquiry.diagnosis(value)))
            }
            (error, _) => error,
        };
        (key, error)
    });
    UnsealError::Items(ItemErrors { failed: diagnosed.collect(), keys })
}

/// The diagnosis of one object, item by item.
struct Inquiry<'a> {
    keyring: &'a Keyring,
    /// What each label would mean, the likeliest first.
    labels: Vec<(String, Diagnosis)>,
    operations_left: usize,
}

impl Inquiry<'_> {
    fn diagnosis(&mut self, value: &str) -> Diagnosis {
        let Ok(bytes) = parse(value) else { return Diagnosis::UnknownKey };
        let Ok(envelope) = Envelope::parse(&bytes) else { return Diagnosis::UnknownKey };
        let found = (0..self.labels.len()).find(|at| self.opens(*at, &envelope));
        let Some(at) = found else { return Diagnosis::UnknownKey };
        // What explains one item is likely to explain the next.
        self.labels[..=at].rotate_right(1);
        self.labels[0].1.clone()
    }

    /// Whether a label opens the session key; not when there are too few operations left to tell.
    fn opens(&mut self, at: usize, envelope: &Envelope<'_>) -> bool {
        let fitting = self.keyring.iter().map(|key| key.private.public());
        let fitting = fitting.filter(|key| key.modulus_len() == envelope.rsa.len());
        let names: Vec<Fingerprint> = fitting.map(|key| key.fingerprint()).collect();
        if self.operations_left < names.len() {
            return false;
        }
        let label = self.labels[at].0.as_bytes();
        let opened_by = self.keyring.key_of_session_key(label, envelope);
        // Keys are tried in the keyring's order, up to the one that fits.
        let in_vain = names.iter().position(|name| Some(*name) == opened_by);
        self.operations_left -= in_vain.map_or(names.len(), |in_vain| in_vain + 1);
        opened_by.is_some()
    }
}

/// The labels that are tried: the object's own, under which only a changed value stays closed, then
/// the others.
fn labels(sealed: &SealedSecret) -> Vec<(String, Diagnosis)> {
    let own = (object_label(&sealed.metadata), Diagnosis::Corrupt);
    std::iter::once(own).chain(candidates(sealed)).collect()
}

/// Labels that the value may have been sealed with, other than the object's own.
fn candidates(sealed: &SealedSecret) -> Vec<(String, Diagnosis)> {
    let metadata = &sealed.metadata;
    let template = sealed.spec.template.as_ref().and_then(|template| template.metadata.as_ref());
    let of_template = |field: &str| Some(template?.get(field)?.as_str()?.to_owned());
    let unique = |own: Option<String>, other: Option<String>| {
        let mut all: Vec<String> = own.into_iter().chain(other).collect();
        all.dedup();
        all
    };
    let names = unique(metadata.name.clone(), of_template("name"));
    let namespaces = unique(metadata.namespace.clone(), of_template("namespace"));

    let own = object_label(metadata);
    let strict = namespaces.iter().flat_map(|namespace| {
        names.iter().map(move |name| (Scope::Strict, Some(namespace.clone()), Some(name.clone())))
    });
    let wide =
        namespaces.iter().map(|namespace| (Scope::NamespaceWide, Some(namespace.clone()), None));
    let all = strict.chain(wide).chain([(Scope::ClusterWide, None, None)]);
    let labelled = all.map(|(scope, namespace, name)| {
        let (in_namespace, named) = (namespace.clone().unwrap_or_default(), name.clone());
        let label = label(scope, &in_namespace, &named.unwrap_or_default());
        (label, Diagnosis::SealedFor { scope, namespace, name })
    });
    labelled.filter(|(label, _)| *label != own).collect()
}
