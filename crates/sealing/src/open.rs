//! Sealed values → plaintext, with whichever key fits.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sealwright_api::{Scope, SealedSecret};
use sealwright_crypto::{Envelope, Fingerprint, Hints, Keyring, Plaintext};

use crate::{ItemError, ItemErrors, UnsealOptions, VerifyError, decode_base64, label};

/// The opened items of one object.
#[derive(Default)]
pub(crate) struct OpenItems {
    pub(crate) values: BTreeMap<String, Plaintext>,
    /// The keys that opened them, in the order of their use.
    pub(crate) keys: Vec<Fingerprint>,
    /// The key that opened each.
    pub(crate) opened_by: BTreeMap<String, Fingerprint>,
}

/// Opens every item; fails with all that did not open. Each is taken from `items` only once the one
/// before it is done with.
pub(crate) fn open_items<'a>(
    metadata: &ObjectMeta,
    items: impl Iterator<Item = (&'a String, &'a String)>,
    keyring: &Keyring,
    remembered: &[Fingerprint],
) -> Result<OpenItems, ItemErrors> {
    let label = object_label(metadata);
    let changed = last_changed(metadata);
    let mut open = OpenItems::default();
    let mut failed = Vec::new();
    let mut previous = None;
    for (item, sealed) in items {
        let hints = Hints { remembered, previous, changed };
        let opened = parse(sealed).and_then(|bytes| {
            let envelope = Envelope::parse(&bytes).map_err(|_| ItemError::CutShort)?;
            keyring.open(label.as_bytes(), &envelope, hints).map_err(|_| ItemError::Refused(None))
        });
        match opened {
            Ok(opened) => {
                previous = Some(opened.key);
                if !open.keys.contains(&opened.key) {
                    open.keys.push(opened.key);
                }
                open.opened_by.insert(item.clone(), opened.key);
                open.values.insert(item.clone(), opened.value);
            }
            Err(error) => failed.push((item.clone(), error)),
        }
    }
    if failed.is_empty() { Ok(open) } else { Err(ItemErrors { failed, keys: open.keys }) }
}

/// Tells whether every item opens, and nothing more: no template is looked at, no value leaves,
/// no failure is explained. Malformed input is refused before any key is touched, and so is the
/// deprecated field `data` where it is not accepted.
///
/// `turn` is called before each item is opened: the place to let others do theirs first.
///
/// # Errors
/// [`VerifyError::Malformed`] for what cannot be read, [`VerifyError::Refused`] once every item
/// was tried.
pub fn verify(
    sealed: &SealedSecret,
    keyring: &Keyring,
    options: UnsealOptions<'_>,
    turn: &mut dyn FnMut(),
) -> Result<(), VerifyError> {
    check_form(sealed, options)?;
    let name = &String::new();
    let values = sealed.spec.encrypted_data.values().chain(&sealed.spec.data);
    let items = values.map(|value| (name, value)).inspect(|_| turn());
    open_items(&sealed.metadata, items, keyring, options.remembered)
        .map_err(|_| VerifyError::Refused)?;
    Ok(())
}

/// Refuses what no key could ever open, and what none may open, before any key is touched.
pub(crate) fn check_form(
    sealed: &SealedSecret,
    options: UnsealOptions<'_>,
) -> Result<(), VerifyError> {
    let spec = &sealed.spec;
    let is_named = sealed.metadata.name.as_deref().is_some_and(|name| !name.is_empty());
    let both = spec.data.is_some() && !spec.encrypted_data.is_empty();
    if spec.malformed.is_some() || !is_named || both {
        return Err(VerifyError::Malformed);
    }
    for value in spec.encrypted_data.values().chain(&spec.data) {
        let bytes = parse(value).map_err(|_| VerifyError::Malformed)?;
        Envelope::parse(&bytes).map_err(|_| VerifyError::Malformed)?;
    }
    let is_accepted = spec.data.is_none() || options.accept_deprecated_data;
    if is_accepted { Ok(()) } else { Err(VerifyError::Refused) }
}

pub(crate) fn parse(sealed: &str) -> Result<Vec<u8>, ItemError> {
    decode_base64(sealed).ok_or(ItemError::NotBase64)
}

pub(crate) fn object_label(metadata: &ObjectMeta) -> String {
    let scope = Scope::of(metadata.annotations.as_ref());
    let namespace = metadata.namespace.as_deref().unwrap_or_default();
    label(scope, namespace, metadata.name.as_deref().unwrap_or_default())
}

/// When somebody last wrote the object (not its status), in seconds since 1970 UTC: the key that
/// was newest then is the likeliest.
pub fn last_changed(metadata: &ObjectMeta) -> Option<i64> {
    let writes = metadata.managed_fields.iter().flatten();
    let writes = writes.filter(|entry| entry.subresource.as_deref().unwrap_or_default().is_empty());
    writes
        .filter_map(|entry| entry.time.as_ref())
        .chain(&metadata.creation_timestamp)
        .map(|time| time.0.as_second())
        .max()
}
