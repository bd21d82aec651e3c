//! SealedSecret → Secret.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use sealwright_api::annotations::{self, SKIP_SET_OWNER_REFERENCES};
use sealwright_api::{API_VERSION, KIND, SealedSecret, SecretTemplate};
use sealwright_crypto::{Fingerprint, Keyring, Plaintext};
use sealwright_template::Timestamp;
use serde_json::{Map, Value};

use crate::open::{OpenItems, open_items};
use crate::render::{Rendered, rendered};
use crate::secret::nulls_to_empty;
use crate::{ItemErrors, OpenSecret, UnsealError};

/// What the caller knows or decides.
#[derive(Clone, Copy, Debug)]
pub struct UnsealOptions<'a> {
    /// Whether the deprecated field `data` is opened.
    pub accept_deprecated_data: bool,
    /// Keys that opened this object before; they are tried first.
    pub remembered: &'a [Fingerprint],
    /// The time, for templates that ask for it.
    pub now: Timestamp,
}

/// Everything is opened, nothing is remembered, and it is 1970.
impl Default for UnsealOptions<'_> {
    fn default() -> Self {
        let now = Timestamp { seconds: 0, nanoseconds: 0 };
        Self { accept_deprecated_data: true, remembered: &[], now }
    }
}

/// An opened object.
#[derive(Debug)]
pub struct Unsealed {
    /// The Secret as it is to be.
    pub secret: OpenSecret,
    /// The keys that opened its items, each once.
    pub keys: Vec<Fingerprint>,
    /// Keys of values whose template needs randomness or the time: they would be others the next time.
    pub unsteady: BTreeSet<String>,
}

/// Opens every item and makes the Secret of them: name and namespace are the SealedSecret's own,
/// the rest is the template's.
///
/// The Secret is owned by the SealedSecret, unless the template says otherwise or the object has
/// no UID yet (it was never on an API server).
///
/// # Errors
/// With every item that failed, named by its key.
pub fn unseal(
    sealed: &SealedSecret,
    keyring: &Keyring,
    options: UnsealOptions<'_>,
) -> Result<Unsealed, UnsealError> {
    if let Some(complaint) = &sealed.spec.malformed {
        return Err(UnsealError::Malformed(complaint.clone()));
    }
    let unsealed = match &sealed.spec.data {
        None => from_items(sealed, keyring, options)?,
        Some(_) if !options.accept_deprecated_data => return Err(UnsealError::DeprecatedData),
        Some(_) if !sealed.spec.encrypted_data.is_empty() => {
            return Err(UnsealError::BothDataFields);
        }
        Some(data) => from_whole_secret(sealed, data, keyring, options)?,
    };
    Ok(named(unsealed, sealed))
}

/// Makes the Secret that [`unseal`] would make if `values` were what is sealed in `encryptedData`: to try
/// a template without keys. No key is named in what comes of it.
///
/// # Errors
/// With every template that failed, named by its key, and for the deprecated field `data`, which holds
/// a whole Secret and no items that values could stand for.
pub fn render(
    sealed: &SealedSecret,
    values: BTreeMap<String, Plaintext>,
    now: Timestamp,
) -> Result<Unsealed, UnsealError> {
    if let Some(complaint) = &sealed.spec.malformed {
        return Err(UnsealError::Malformed(complaint.clone()));
    }
    if sealed.spec.data.is_some() {
        return Err(UnsealError::DeprecatedData);
    }
    let unsealed = from_values(sealed, OpenItems { values, ..OpenItems::default() }, now)?;
    Ok(named(unsealed, sealed))
}

/// Gives it the SealedSecret's name, namespace and owner, and what counts of the template's metadata.
fn named(Unsealed { mut secret, keys, unsteady }: Unsealed, sealed: &SealedSecret) -> Unsealed {
    secret.metadata = ObjectMeta {
        name: sealed.metadata.name.clone(),
        namespace: sealed.metadata.namespace.clone(),
        owner_references: owner_reference(sealed, &secret.metadata).map(|owner| vec![owner]),
        labels: secret.metadata.labels.filter(|labels| !labels.is_empty()),
        annotations: secret.metadata.annotations.filter(|annotations| !annotations.is_empty()),
        finalizers: secret.metadata.finalizers.filter(|finalizers| !finalizers.is_empty()),
        generate_name: secret.metadata.generate_name,
        ..ObjectMeta::default()
    };
    Unsealed { secret, keys, unsteady }
}

fn from_items(
    sealed: &SealedSecret,
    keyring: &Keyring,
    options: UnsealOptions<'_>,
) -> Result<Unsealed, UnsealError> {
    let items = sealed.spec.encrypted_data.iter();
    let items = open_items(&sealed.metadata, items, keyring, options.remembered)
        .map_err(UnsealError::Items)?;
    from_values(sealed, items, options.now)
}

fn from_values(
    sealed: &SealedSecret,
    OpenItems { values, keys, .. }: OpenItems,
    now: Timestamp,
) -> Result<Unsealed, UnsealError> {
    let empty = SecretTemplate::default();
    let template = sealed.spec.template.as_ref().unwrap_or(&empty);
    let metadata = template_metadata(template.metadata.as_ref())?;
    let Rendered { values, unsteady } = match rendered(values, template, now) {
        Ok(rendered) => rendered,
        Err(failed) => return Err(UnsealError::Items(ItemErrors { failed, keys })),
    };
    let secret = OpenSecret {
        metadata,
        type_: template.type_.clone().filter(|text| !text.is_empty()),
        immutable: template.immutable,
        data: values,
    };
    Ok(Unsealed { secret, keys, unsteady })
}

/// The deprecated form: a whole Secret, as JSON, sealed as one value.
fn from_whole_secret(
    sealed: &SealedSecret,
    data: &String,
    keyring: &Keyring,
    options: UnsealOptions<'_>,
) -> Result<Unsealed, UnsealError> {
    let item = "data".to_owned();
    let items = std::iter::once((&item, data));
    let OpenItems { values, keys, .. } =
        open_items(&sealed.metadata, items, keyring, options.remembered)
            .map_err(UnsealError::Items)?;
    let malformed = |_| UnsealError::Malformed("'data' does not hold a Secret".to_owned());
    let secret = serde_json::from_slice(values[&item].expose()).map_err(malformed)?;
    let secret = OpenSecret::from_json(secret)
        .map_err(|error| UnsealError::Malformed(format!("the Secret in 'data': {error}")))?;
    Ok(Unsealed { secret, keys, unsteady: BTreeSet::new() })
}

/// What counts of `template.metadata`: labels, annotations, finalizers, and `generateName`, which
/// does nothing beside a name. Its name, namespace and owner references never count: they would
/// let a template reach beyond its own object.
fn template_metadata(metadata: Option<&Map<String, Value>>) -> Result<ObjectMeta, UnsealError> {
    let mut wanted = Map::new();
    for field in ["labels", "annotations", "finalizers", "generateName"] {
        let value = metadata.and_then(|metadata| metadata.get(field)).cloned();
        wanted.insert(field.to_owned(), value.unwrap_or_default());
    }
    nulls_to_empty(&mut wanted);
    serde_json::from_value(Value::Object(wanted)).map_err(|_| {
        let complaint = "spec.template.metadata: labels, annotations and finalizers hold strings";
        UnsealError::Malformed(complaint.to_owned())
    })
}

fn owner_reference(sealed: &SealedSecret, wanted: &ObjectMeta) -> Option<OwnerReference> {
    let unowned = wanted.annotations.as_ref();
    if unowned.is_some_and(|all| annotations::is_true(all, SKIP_SET_OWNER_REFERENCES)) {
        return None;
    }
    Some(OwnerReference {
        api_version: API_VERSION.to_owned(),
        kind: KIND.to_owned(),
        name: sealed.metadata.name.clone()?,
        uid: sealed.metadata.uid.clone().filter(|uid| !uid.is_empty())?,
        controller: Some(true),
        block_owner_deletion: None,
    })
}
