//! What to do about a Secret, decided from what is wanted and what is there.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use sealwright_api::annotations::{self, MANAGED, PATCH};
use sealwright_api::{API_VERSION, KIND};

/// Why the object is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// Its spec was never brought about: the Secret is made to equal it, whole.
    NewSpec,
    /// This process sees it for the first time and knows of no success: an earlier one may have
    /// brought it about. A Secret that is ours keeps what others added to it.
    FirstSight,
    /// Its spec was brought about before: the Secret is healed, and what others added to its
    /// labels and annotations is theirs.
    Healing,
    /// As healing, of a Secret that was only patched when it was last seen: once it is deleted, it
    /// is gone for good.
    HealingPatched,
}

impl Occasion {
    /// Whether the spec was brought about before.
    pub(crate) fn is_healing(self) -> bool {
        matches!(self, Self::Healing | Self::HealingPatched)
    }
}

/// What to do. A Secret to replace carries the resourceVersion that was judged.
#[derive(Debug, PartialEq)]
pub(crate) enum Plan {
    /// There is none: create it.
    Create(Box<Secret>),
    /// It is ours: overwrite it.
    Replace(Box<Secret>),
    /// It is ours but of another type, which the API server never changes: delete it, and create
    /// it anew.
    Recreate {
        /// The Secret to delete, as it was judged.
        old: Box<Secret>,
        /// The Secret to create.
        new: Box<Secret>,
    },
    /// It is annotated `patch`: add our items to it.
    Merge(Box<Secret>),
    /// It is as it should be, or its absence is.
    Keep,
    /// Its only owner is gone, and the garbage collector should take it.
    AwaitCollection {
        /// The Secret, as it was judged.
        old: Box<Secret>,
        /// The one to create then.
        new: Box<Secret>,
    },
    /// It is somebody else's.
    Refuse(Refusal),
}

impl Plan {
    /// Whether it is wrong to do for a SealedSecret that is another by now, or gone: it changes what
    /// is there, or makes a Secret that nobody would collect.
    pub(crate) fn needs_current(&self) -> bool {
        let owners = |secret: &Secret| secret.metadata.owner_references.iter().flatten().count();
        match self {
            Self::Create(secret) => owners(secret) == 0,
            plan => plan.writes(),
        }
    }

    /// Whether it changes a Secret.
    pub(crate) fn writes(&self) -> bool {
        !matches!(self, Self::Keep | Self::AwaitCollection { .. } | Self::Refuse(_))
    }
}

/// A Secret of that name exists and is not ours to touch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Resource {name:?} already exists and is not managed by SealedSecret")]
pub(crate) struct Refusal {
    name: String,
}

/// Decides.
///
/// `owner` is the UID of the SealedSecret. Only the existing Secret's annotations and owner can
/// give it away: a template that could claim a Secret would let whoever may create SealedSecrets
/// overwrite any Secret of the namespace. Into one that is annotated `patch`, a template may merge
/// `managed` and so own it, as upstream has it; it cannot take `patch` away.
pub(crate) fn plan(
    wanted: Secret,
    existing: Option<Secret>,
    owner: &str,
    occasion: Occasion,
) -> Plan {
    let Some(existing) = existing else {
        return if stays_deleted(&wanted, occasion) {
            Plan::Keep
        } else {
            Plan::Create(Box::new(wanted))
        };
    };
    if is_annotated(&existing, PATCH) {
        let merged = merged(wanted, existing.clone());
        return if merged == existing { Plan::Keep } else { Plan::Merge(Box::new(merged)) };
    }
    if is_ours(&existing, owner) {
        // What others added to a Secret that was given to us counts for nothing the first time.
        let is_kept = occasion == Occasion::FirstSight && is_controlled_by(&existing, owner);
        return overwrite(wanted, existing, is_kept || occasion.is_healing());
    }
    // Only what was brought about before: else an equal Secret of somebody else would be told from
    // another, and its values could be guessed by trying.
    let was_ours = occasion.is_healing() && wanted.metadata.owner_references.is_none();
    if was_ours && holds(&existing, &wanted) {
        return Plan::Keep;
    }
    if is_left_behind(&existing, owner) {
        return Plan::AwaitCollection { old: Box::new(existing), new: Box::new(wanted) };
    }
    Plan::Refuse(Refusal { name: existing.metadata.name.unwrap_or_default() })
}

/// Whether we only patch the Secret: it is annotated so, and stays somebody else's.
pub(crate) fn is_only_patched(existing: &Secret, owner: &str) -> bool {
    is_annotated(existing, PATCH) && !is_ours(existing, owner)
}

/// Whether a Secret is controlled by the SealedSecret of that UID, or given up to us.
pub(crate) fn is_ours(existing: &Secret, owner: &str) -> bool {
    is_annotated(existing, MANAGED) || is_controlled_by(existing, owner)
}

/// Whether a Secret is controlled by the SealedSecret of that UID.
pub(crate) fn is_controlled_by(existing: &Secret, owner: &str) -> bool {
    controller(existing) == Some(owner)
}

/// Whoever asked for a Secret without an owner, or had one patched, and deletes it wants it gone
/// until the spec changes.
fn stays_deleted(wanted: &Secret, occasion: Occasion) -> bool {
    match occasion {
        Occasion::NewSpec | Occasion::FirstSight => false,
        Occasion::Healing => {
            wanted.metadata.owner_references.is_none() && !is_annotated(wanted, MANAGED)
        }
        Occasion::HealingPatched => true,
    }
}

/// Makes the existing Secret the wanted one. `keeps` is whether labels, annotations and owners that
/// others added stay.
fn overwrite(wanted: Secret, existing: Secret, keeps: bool) -> Plan {
    let is_as_wanted = holds(&existing, &wanted)
        && (keeps
            || same_map(&existing.metadata.labels, &wanted.metadata.labels)
                && same_map(&existing.metadata.annotations, &wanted.metadata.annotations));
    let owners = owners(&existing, &wanted, keeps);
    if is_as_wanted && existing.metadata.owner_references == owners {
        return Plan::Keep;
    }
    // An immutable one is not deleted to be changed: the API server refuses, and that is told.
    let is_immutable = existing.immutable == Some(true);
    let is_made_anew = type_of(&existing) != type_of(&wanted) && !is_immutable;
    let (mut labels, mut annotations) = (BTreeMap::new(), BTreeMap::new());
    if keeps {
        labels = existing.metadata.labels.clone().unwrap_or_default();
        annotations = existing.metadata.annotations.clone().unwrap_or_default();
    }
    labels.extend(wanted.metadata.labels.unwrap_or_default());
    annotations.extend(wanted.metadata.annotations.unwrap_or_default());
    let metadata = ObjectMeta {
        labels: Some(labels),
        annotations: Some(annotations),
        owner_references: owners,
        ..wanted.metadata
    };
    if is_made_anew {
        let new = Secret { metadata, data: wanted.data, ..wanted };
        return Plan::Recreate { old: Box::new(existing), new: Box::new(new) };
    }
    Plan::Replace(Box::new(Secret {
        metadata: ObjectMeta {
            labels: metadata.labels,
            annotations: metadata.annotations,
            owner_references: metadata.owner_references,
            ..existing.metadata
        },
        data: wanted.data,
        type_: wanted.type_,
        // Both count at creation only: what is immutable stays so.
        immutable: existing.immutable,
        string_data: None,
    }))
}

/// Ours, and if they are kept, beside it those of others that do not control the Secret, in the
/// order in which they stand.
fn owners(existing: &Secret, wanted: &Secret, keeps: bool) -> Option<Vec<OwnerReference>> {
    let ours = wanted.metadata.owner_references.clone();
    let there = existing.metadata.owner_references.clone().unwrap_or_default();
    let is_controller = |owner: &OwnerReference| owner.controller == Some(true);
    if !keeps || there.iter().all(is_controller) {
        return ours;
    }
    let place = there.iter().position(is_controller).unwrap_or(there.len());
    let (before, after) = there.split_at(place);
    let after = after.iter().filter(|owner| !is_controller(owner)).cloned();
    Some(before.iter().cloned().chain(ours.into_iter().flatten()).chain(after).collect())
}

/// The existing Secret with our items, labels and annotations added. It stays whose it is, unless
/// `managed` stands in the result as well.
fn merged(wanted: Secret, mut existing: Secret) -> Secret {
    let owner_references = wanted.metadata.owner_references;
    add(&mut existing.data, wanted.data);
    add(&mut existing.metadata.labels, wanted.metadata.labels);
    let mut annotations = wanted.metadata.annotations.unwrap_or_default();
    // The owner's word to patch and no more: a template must not take it back.
    annotations.remove(PATCH);
    add(&mut existing.metadata.annotations, Some(annotations));
    if is_annotated(&existing, MANAGED) {
        existing.metadata.owner_references = owner_references;
    }
    existing
}

fn add<V>(into: &mut Option<BTreeMap<String, V>>, more: Option<BTreeMap<String, V>>) {
    let more = more.unwrap_or_default();
    if !more.is_empty() {
        into.get_or_insert_default().extend(more);
    }
}

/// Whether the items, the type and every wanted label and annotation are there.
fn holds(existing: &Secret, wanted: &Secret) -> bool {
    same_map(&existing.data, &wanted.data)
        && type_of(existing) == type_of(wanted)
        && contains(&existing.metadata.labels, &wanted.metadata.labels)
        && contains(&existing.metadata.annotations, &wanted.metadata.annotations)
}

/// The API server takes no type as Opaque.
fn type_of(secret: &Secret) -> &str {
    secret.type_.as_deref().unwrap_or("Opaque")
}

fn same_map<V: PartialEq>(
    a: &Option<BTreeMap<String, V>>,
    b: &Option<BTreeMap<String, V>>,
) -> bool {
    let (a, b) = (a.iter().flatten(), b.iter().flatten());
    a.eq(b)
}

fn contains(
    all: &Option<BTreeMap<String, String>>,
    some: &Option<BTreeMap<String, String>>,
) -> bool {
    let value = |key| all.as_ref().and_then(|all| all.get(key));
    some.iter().flatten().all(|(key, wanted)| value(key) == Some(wanted))
}

fn is_annotated(secret: &Secret, name: &str) -> bool {
    let annotations = secret.metadata.annotations.as_ref();
    annotations.is_some_and(|annotations| annotations::is_true(annotations, name))
}

/// The UID of the SealedSecret that controls a Secret.
fn controller(secret: &Secret) -> Option<&str> {
    controlling(secret).map(|reference| reference.uid.as_str())
}

fn controlling(secret: &Secret) -> Option<&OwnerReference> {
    let mut owners = secret.metadata.owner_references.iter().flatten();
    let controller = owners.find(|owner| owner.controller == Some(true))?;
    (controller.kind == KIND && controller.api_version == API_VERSION).then_some(controller)
}

/// Whether the Secret belongs to an earlier SealedSecret of the same name and to nobody else: names
/// are unique, so that one is gone.
fn is_left_behind(secret: &Secret, owner: &str) -> bool {
    let name = secret.metadata.name.as_deref().unwrap_or_default();
    let is_alone = secret.metadata.owner_references.as_ref().is_some_and(|all| all.len() == 1);
    let is_dead = |owned: &OwnerReference| owned.uid != owner && owned.name == name;
    is_alone && controlling(secret).is_some_and(is_dead)
}

#[cfg(test)]
mod tests;
