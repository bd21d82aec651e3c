//! What the controller reports of an object.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

/// The type of the condition that tells whether the Secret is what the SealedSecret says.
pub const SYNCED: &str = "Synced";
/// True, and there only then: it failed and will not pass by itself. One of kstatus' conditions.
pub const STALLED: &str = "Stalled";
/// True, and there only then: it failed and is tried again. One of kstatus' conditions.
pub const RECONCILING: &str = "Reconciling";
/// True, and there only then: the Secret is somebody else's, and the items were merged into it. It
/// outlasts a restart: such a Secret does not come back once it is deleted.
pub const PATCHED: &str = "Patched";

/// True, and there only then: what was brought about, in the controller's own words and signed with
/// one of its keys, so that a restart need not open the object again.
pub const RECORDED: &str = "Recorded";

/// What the controller last saw of a SealedSecret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SealedSecretStatus {
    /// The generation of the spec that the conditions are about.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient")]
    pub observed_generation: Option<i64>,
    /// The latest observations; the first is of type Synced.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "lenient")]
    pub conditions: Vec<Condition>,
    /// Fingerprints of the keys that opened the object: as long as they are named here, the object
    /// needs them.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "lenient")]
    pub keys: Vec<String>,
}

/// One observation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What is observed, such as Synced.
    #[serde(rename = "type")]
    pub type_: String,
    /// Whether it holds: True, False or Unknown.
    #[schemars(with = "String")]
    pub status: ConditionStatus,
    /// When this condition was last reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "date_time")]
    pub last_update_time: Option<Time>,
    /// When the status last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "date_time")]
    pub last_transition_time: Option<Time>,
    /// A word for programs, where there is trouble: NeverSynced, this spec was never brought about,
    /// or SyncedBefore, it was. Synced has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A sentence for people: what failed, and which items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl SealedSecretStatus {
    /// Whether a condition of this type is there and True.
    pub fn is_true(&self, type_: &str) -> bool {
        let mut conditions = self.conditions.iter();
        conditions.any(|found| found.type_ == type_ && found.status == ConditionStatus::True)
    }
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// Nothing is known.
    Unknown,
}

/// A status is ours to write: one that makes no sense is written anew, not an error.
fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + serde::de::DeserializeOwned,
{
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

fn date_time(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "date-time", "nullable": true })
}
