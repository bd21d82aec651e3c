//! The status of a SealedSecret.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::Api;
use kube::api::PostParams;
use sealwright_api::{
    Condition, ConditionStatus, RECONCILING, STALLED, SYNCED, SealedSecret, SealedSecretStatus,
};

use crate::error::Error;

/// Attempts against others who write the object at the same time.
const ATTEMPTS: u32 = 5;

/// The longest message, in bytes: an object with thousands of bad items must fit into etcd.
const MAX_MESSAGE: usize = 4096;

/// A message that fits.
pub(super) fn shortened(message: &str) -> String {
    if message.len() <= MAX_MESSAGE {
        return message.to_owned();
    }
    let end = (0..=MAX_MESSAGE).rev().find(|end| message.is_char_boundary(*end));
    format!("{} … and more", &message[..end.unwrap_or_default()])
}

/// What is to be said.
pub(super) struct Report {
    pub(super) condition: ConditionStatus,
    pub(super) message: Option<String>,
    /// Fingerprints of the keys that opened the object.
    pub(super) keys: Vec<String>,
    /// Whether a failure passes by itself, so that it is tried again.
    pub(super) is_transient: bool,
    /// Whether something was done, which moves the time of the last update.
    pub(super) is_work: bool,
}

/// Writes the report unless status says it already. Tells whether it wrote.
pub(super) async fn write(
    objects: &Api<SealedSecret>,
    sealed: &SealedSecret,
    report: &Report,
) -> Result<bool, Error> {
    let name = sealed.metadata.name.clone().unwrap_or_default();
    let mut latest = sealed.clone();
    for _ in 0..ATTEMPTS {
        let now = Time(Timestamp::now());
        let Some(status) = next(&latest, report, now) else {
            return Ok(false);
        };
        latest.status = Some(status);
        match objects.replace_status(&name, &PostParams::default(), &latest).await {
            Ok(_) => return Ok(true),
            Err(kube::Error::Api(status)) if status.code == 409 => {}
            // Deleted meanwhile: there is nobody left to tell.
            Err(kube::Error::Api(status)) if status.code == 404 => return Ok(false),
            Err(error) => return Err(Error::api("update the status")(error)),
        }
        match objects.get_opt(&name).await.map_err(Error::api("get the SealedSecret"))? {
            // What was judged is still what is there.
            Some(now) if is_same_spec(&now, sealed) => latest = now,
            // Changed or replaced: its own reconciliation will report.
            _ => return Ok(false),
        }
    }
    Err(Error::StatusContended)
}

fn is_same_spec(a: &SealedSecret, b: &SealedSecret) -> bool {
    a.metadata.uid == b.metadata.uid && a.metadata.generation == b.metadata.generation
}

/// The status to write, or `None` when it would say nothing new.
///
/// The keys alone are no news: an older resource definition drops them, and each look would write
/// them again.
fn next(sealed: &SealedSecret, report: &Report, now: Time) -> Option<SealedSecretStatus> {
    let Report { condition: status, message, keys, is_work, .. } = report;
    let (status, message) = (*status, message.as_deref());
    let current = sealed.status.clone().unwrap_or_default();
    let generation = sealed.metadata.generation;
    let previous = current.conditions.iter().find(|condition| condition.type_ == SYNCED);
    let is_known = previous.is_some_and(|previous| {
        previous.status == status && previous.message.as_deref() == message
    });
    if is_known && !is_work && current.observed_generation == generation {
        return None;
    }
    let transition = previous
        .filter(|previous| previous.status == status)
        .and_then(|previous| previous.last_transition_time.clone());
    let synced = Condition {
        type_: SYNCED.to_owned(),
        status,
        last_transition_time: Some(transition.unwrap_or_else(|| now.clone())),
        last_update_time: Some(now),
        reason: None,
        message: message.map(str::to_owned),
    };
    let ours = [SYNCED, STALLED, RECONCILING];
    let others = current.conditions.into_iter().filter(|c| !ours.contains(&c.type_.as_str()));
    let trouble = trouble(&synced, report.is_transient);
    let conditions = std::iter::once(synced).chain(trouble).chain(others).collect();
    Some(SealedSecretStatus { observed_generation: generation, conditions, keys: keys.clone() })
}

/// For tools that go by kstatus: whether a failure is final, or being worked on.
fn trouble(synced: &Condition, is_transient: bool) -> Option<Condition> {
    let type_ = if is_transient { RECONCILING } else { STALLED };
    (synced.status != ConditionStatus::True).then(|| Condition {
        type_: type_.to_owned(),
        status: ConditionStatus::True,
        ..synced.clone()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn sealed(generation: i64, status: Value) -> SealedSecret {
        serde_json::from_value(json!({
            "apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret",
            "metadata": { "name": "db", "generation": generation }, "spec": {}, "status": status,
        }))
        .unwrap()
    }

    fn at(second: i64) -> Time {
        Time(Timestamp::from_second(second).unwrap())
    }

    fn next_json(
        sealed: &SealedSecret,
        status: ConditionStatus,
        message: Option<&str>,
        anew: bool,
    ) -> Value {
        let message = message.map(str::to_owned);
        let (keys, is_transient) = (Vec::new(), false);
        let report = Report { condition: status, message, keys, is_transient, is_work: anew };
        let next = next(sealed, &report, at(100));
        serde_json::to_value(next).unwrap()
    }

    fn synced_at_zero() -> Value {
        json!({
            "observedGeneration": 1,
            "conditions": [{
                "type": "Synced", "status": "True",
                "lastUpdateTime": "1970-01-01T00:00:00Z", "lastTransitionTime": "1970-01-01T00:00:00Z",
            }],
        })
    }

    #[test]
    fn the_first_report_has_equal_times_and_no_message_when_true() {
        let written = next_json(&sealed(1, Value::Null), ConditionStatus::True, None, true);
        assert_eq!(
            written,
            json!({
                "observedGeneration": 1,
                "conditions": [{
                    "type": "Synced", "status": "True",
                    "lastUpdateTime": "1970-01-01T00:01:40Z",
                    "lastTransitionTime": "1970-01-01T00:01:40Z",
                }],
            })
        );
    }

    #[test]
    fn a_later_report_of_the_same_status_moves_the_update_only() {
        let written = next_json(&sealed(2, synced_at_zero()), ConditionStatus::True, None, false);
        assert_eq!(written["observedGeneration"], 2);
        assert_eq!(written["conditions"][0]["lastUpdateTime"], "1970-01-01T00:01:40Z");
        assert_eq!(written["conditions"][0]["lastTransitionTime"], "1970-01-01T00:00:00Z");
    }

    #[test]
    fn a_changed_status_or_message_is_written() {
        let failed =
            next_json(&sealed(1, synced_at_zero()), ConditionStatus::False, Some("a"), false);
        assert_eq!(failed["conditions"][0]["lastTransitionTime"], "1970-01-01T00:01:40Z");
        assert_eq!(failed["conditions"][1]["type"], "Stalled");
        let other = next_json(&sealed(1, failed), ConditionStatus::False, Some("b"), false);
        assert_eq!(other["conditions"][0]["message"], "b");
    }

    #[test]
    fn what_is_known_is_not_written_again() {
        let known = sealed(1, synced_at_zero());
        assert_eq!(next_json(&known, ConditionStatus::True, None, false), Value::Null);
        assert!(next_json(&known, ConditionStatus::True, None, true).is_object());
    }

    #[test]
    fn conditions_of_others_stay_behind_ours() {
        let status = json!({ "conditions": [{ "type": "Other", "status": "Unknown" }] });
        let written = next_json(&sealed(1, status), ConditionStatus::True, None, false);
        assert_eq!(written["conditions"][0]["type"], "Synced");
        assert_eq!(written["conditions"][1]["type"], "Other");
    }
}
