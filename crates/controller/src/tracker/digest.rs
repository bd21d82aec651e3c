//! What a reconciliation depends on.

use std::hash::{DefaultHasher, Hash, Hasher};

use sealwright_api::SealedSecret;
use sealwright_api::annotations::{self, CLUSTER_WIDE, NAMESPACE_WIDE};

/// A digest of it. Status is not in it: our own reports would wake us. The UID is, since a
/// SealedSecret that is deleted and created again starts over.
pub(crate) fn digest(sealed: &SealedSecret) -> u64 {
    let metadata = &sealed.metadata;
    let scope = [CLUSTER_WIDE, NAMESPACE_WIDE].map(|name| {
        metadata.annotations.as_ref().is_some_and(|all| annotations::is_true(all, name))
    });
    let mut hasher = DefaultHasher::new();
    (&metadata.uid, metadata.generation, scope, metadata.deletion_timestamp.is_some())
        .hash(&mut hasher);
    hasher.finish()
}
