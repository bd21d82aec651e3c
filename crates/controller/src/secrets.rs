//! Which Secrets are there, as far as they concern us: their identity and version, never their
//! values.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use k8s_openapi::api::core::v1::Secret;
use kube::runtime::reflector::ObjectRef;
use sealwright_api::SealedSecret;

/// One state of one Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretVersion {
    pub(crate) uid: String,
    pub(crate) version: String,
}

impl SecretVersion {
    pub(crate) fn of(secret: &Secret) -> Option<Self> {
        let metadata = &secret.metadata;
        Some(Self { uid: metadata.uid.clone()?, version: metadata.resource_version.clone()? })
    }
}

type Object = ObjectRef<SealedSecret>;

/// Their versions, by the SealedSecret that has their name.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    versions: HashMap<Object, SecretVersion>,
    /// Namespaces that were listed, `None` for all of them.
    listed: HashSet<Option<String>>,
}

impl Secrets {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The Secret of an object, as it was seen last.
    pub(crate) fn version(&self, object: &Object) -> Option<SecretVersion> {
        self.seen().versions.get(object).cloned()
    }

    /// Whether every Secret of a namespace was seen that concerns us.
    pub(crate) fn is_listed(&self, namespace: &str) -> bool {
        let seen = self.seen();
        seen.listed.contains(&None) || seen.listed.contains(&Some(namespace.to_owned()))
    }

    /// A Secret changed; `None`: it is gone, or concerns us no longer.
    pub(crate) fn changed(&self, object: Object, version: Option<SecretVersion>) {
        let mut seen = self.seen();
        match version {
            Some(version) => seen.versions.insert(object, version),
            None => seen.versions.remove(&object),
        };
    }

    /// All Secrets of a namespace, or of all.
    pub(crate) fn listed(&self, namespace: Option<&str>, all: HashMap<Object, SecretVersion>) {
        let mut seen = self.seen();
        match namespace {
            Some(namespace) => {
                seen.versions.retain(|object, _| object.namespace.as_deref() != Some(namespace));
                seen.versions.extend(all);
            }
            None => seen.versions = all,
        }
        seen.listed.insert(namespace.map(str::to_owned));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(namespace: &str, name: &str) -> Object {
        ObjectRef::new(name).within(namespace)
    }

    fn version(version: &str) -> SecretVersion {
        SecretVersion { uid: "u".to_owned(), version: version.to_owned() }
    }

    #[test]
    fn a_list_replaces_what_was_known_of_its_namespace_and_no_other() {
        let secrets = Secrets::default();
        secrets.changed(object("a", "old"), Some(version("1")));
        secrets.changed(object("b", "kept"), Some(version("1")));
        assert!(!secrets.is_listed("a"));
        secrets.listed(Some("a"), [(object("a", "new"), version("2"))].into());
        assert!(secrets.is_listed("a") && !secrets.is_listed("b"));
        assert_eq!(secrets.version(&object("a", "old")), None);
        assert_eq!(secrets.version(&object("a", "new")), Some(version("2")));
        assert_eq!(secrets.version(&object("b", "kept")), Some(version("1")));
        secrets.listed(None, HashMap::new());
        assert!(secrets.is_listed("b"));
        assert_eq!(secrets.version(&object("b", "kept")), None);
        secrets.changed(object("b", "x"), Some(version("3")));
        secrets.changed(object("b", "x"), None);
        assert_eq!(secrets.version(&object("b", "x")), None);
    }
}
