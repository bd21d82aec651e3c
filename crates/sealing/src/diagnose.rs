//! Why no key opens an item: for the eyes of those who may read status and log, never over HTTP.

use sealwright_api::{Scope, SealedSecret};
use sealwright_crypto::{Envelope, Keyring};

use crate::error::Diagnosis;
use crate::open::{object_label, parse};
use crate::{ItemError, UnsealError, label};

/// Adds to each refused item what can be known about it.
///
/// Only labels made of the object's own fields are tried, and only on the session key: this must
/// not help whoever brings stolen ciphertext and guesses where it belongs.
pub fn diagnose(error: UnsealError, sealed: &SealedSecret, keyring: &Keyring) -> UnsealError {
    let UnsealError::Items(items) = error else { return error };
    let diagnosed = items.into_iter().map(|(key, error)| {
        let value = sealed.spec.encrypted_data.get(&key).or(sealed.spec.data.as_ref());
        let error = match (error, value) {
            (ItemError::Refused(_), Some(value)) => {
                ItemError::Refused(Some(diagnosis(value, sealed, keyring)))
            }
            (error, _) => error,
        };
        (key, error)
    });
    UnsealError::Items(diagnosed.collect())
}

fn diagnosis(value: &str, sealed: &SealedSecret, keyring: &Keyring) -> Diagnosis {
    let Ok(bytes) = parse(value) else { return Diagnosis::UnknownKey };
    let Ok(envelope) = Envelope::parse(&bytes) else { return Diagnosis::UnknownKey };
    let opens = |label: &str| keyring.key_of_session_key(label.as_bytes(), &envelope).is_some();
    if opens(&object_label(&sealed.metadata)) {
        return Diagnosis::Corrupt;
    }
    let found = candidates(sealed).into_iter().find(|(label, _)| opens(label));
    found.map_or(Diagnosis::UnknownKey, |(_, diagnosis)| diagnosis)
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
