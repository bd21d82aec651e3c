//! Which SealedSecrets are otherwise than before.

use std::collections::HashMap;
use std::sync::Arc;

use kube::runtime::reflector::ObjectRef;
use sealwright_api::SealedSecret;

use crate::tracker::{digest, name_of};

/// What was seen of each object last.
#[derive(Default)]
pub(super) struct Seen(HashMap<ObjectRef<SealedSecret>, (u64, Arc<SealedSecret>)>);

impl Seen {
    /// The object, if it matters that it changed.
    pub(super) fn applied(&mut self, sealed: Arc<SealedSecret>) -> Option<Arc<SealedSecret>> {
        let digest = digest(&sealed);
        let before = self.0.insert(name_of(&sealed), (digest, sealed.clone()));
        before.is_none_or(|(before, _)| before != digest).then_some(sealed)
    }

    /// Deleted, or no longer selected: if it comes back, it is new.
    pub(super) fn deleted(&mut self, sealed: &SealedSecret) {
        self.0.remove(&name_of(sealed));
    }

    /// What changed and what is gone since the last list: while a watch is broken off, it tells
    /// neither.
    pub(super) fn listed(
        &mut self,
        all: Vec<Arc<SealedSecret>>,
    ) -> (Vec<Arc<SealedSecret>>, Vec<Arc<SealedSecret>>) {
        let mut before = std::mem::take(&mut self.0);
        let mut changed = Vec::new();
        for sealed in all {
            let object = name_of(&sealed);
            let digest = digest(&sealed);
            let is_known = before.remove(&object).is_some_and(|(before, _)| before == digest);
            if !is_known {
                changed.push(sealed.clone());
            }
            self.0.insert(object, (digest, sealed));
        }
        (changed, before.into_values().map(|(_, sealed)| sealed).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(name: &str, generation: i64) -> Arc<SealedSecret> {
        let mut sealed = SealedSecret::new(name, Default::default());
        sealed.metadata.uid = Some("u".to_owned());
        sealed.metadata.generation = Some(generation);
        Arc::new(sealed)
    }

    fn names(objects: &[Arc<SealedSecret>]) -> Vec<&str> {
        objects.iter().filter_map(|sealed| sealed.metadata.name.as_deref()).collect()
    }

    #[test]
    fn only_changes_count_and_what_comes_back_is_new() {
        let mut seen = Seen::default();
        assert!(seen.applied(object("a", 1)).is_some());
        assert!(seen.applied(object("a", 1)).is_none());
        assert!(seen.applied(object("a", 2)).is_some());
        seen.deleted(&object("a", 2));
        assert!(seen.applied(object("a", 2)).is_some());
    }

    #[test]
    fn a_list_tells_what_changed_and_what_is_gone() {
        let mut seen = Seen::default();
        seen.listed(vec![object("same", 1), object("changed", 1), object("gone", 1)]);
        let (changed, gone) =
            seen.listed(vec![object("same", 1), object("changed", 2), object("new", 1)]);
        assert_eq!(names(&changed), ["changed", "new"]);
        assert_eq!(names(&gone), ["gone"]);
    }
}
