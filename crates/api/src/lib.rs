//! The SealedSecret custom resource, `bitnami.com/v1alpha1`: data only.
//!
//! The types read everything that upstream's schema accepts, and more: an object that makes no
//! sense still parses, so that one of them cannot stop a watch for all others.

pub mod annotations;
mod condition;
mod scope;
mod sealed_secret;
mod spec;

pub use condition::{
    Condition, ConditionStatus, PATCHED, RECONCILING, RECORDED, STALLED, SYNCED, SealedSecretStatus,
};
pub use scope::{Scope, UnknownScope};
pub use sealed_secret::{API_VERSION, KIND, SealedSecret, SealedSecretSpec};
pub use spec::SecretTemplate;
