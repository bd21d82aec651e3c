//! Objects written as they are in a manifest.

use std::fmt::Debug;

use kube::api::PostParams;
use kube::core::Resource;
use kube::{Api, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Context, Result};

/// An object from the words of its manifest, which this crate wrote.
pub(crate) fn from_json<K: DeserializeOwned>(manifest: Value) -> K {
    serde_json::from_value(manifest).expect("a manifest in this crate has its kind's fields")
}

/// Creates the object of this manifest, unless there is one of its name.
pub(crate) async fn create_if_absent<K>(api: &Api<K>, manifest: Value) -> Result<()>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Serialize,
{
    let object: K = from_json(manifest);
    match api.create(&PostParams::default(), &object).await {
        Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(()),
        outcome => outcome
            .context(|| format!("cannot create {} {}", K::kind(&()), object.name_any()))
            .map(drop),
    }
}
