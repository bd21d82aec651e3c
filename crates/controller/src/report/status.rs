//! The status of a SealedSecret.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::Api;
use kube::api::PostParams;
use sealwright_api::{Condition, ConditionStatus, SYNCED, SealedSecret, SealedSecretStatus};

use crate::error::Error;

/// Attempts against others who write the object at the same time.
const ATTEMPTS: u32 = 5;

/// Writes the condition unless status says it already; `anew` when something was done, which
/// moves the time of the last update. Tells whether it wrote.
pub(super) async fn write(
    objects: &Api<SealedSecret>,
    sealed: &SealedSecret,
    condition: ConditionStatus,
    message: Option<String>,
    anew: bool,
) -> Result<bool, Error> {
    let name = sealed.metadata.name.clone().unwrap_or_default();
    let mut latest = sealed.clone();
    for _ in 0..ATTEMPTS {
        let now = Time(Timestamp::now());
        let Some(status) = next(&latest, condition, message.as_deref(), anew, now) else {
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
    Ok(false)
}

fn is_same_spec(a: &SealedSecret, b: &SealedSecret) -> bool {
    a.metadata.uid == b.metadata.uid && a.metadata.generation == b.metadata.generation
}

/// The status to write, or `None` when it would say nothing new.
fn next(
    sealed: &SealedSecret,
    status: ConditionStatus,
    message: Option<&str>,
    anew: bool,
    now: Time,
) -> Option<SealedSecretStatus> {
    let current = sealed.status.clone().unwrap_or_default();
    let generation = sealed.metadata.generation;
    let previous = current.conditions.iter().find(|condition| condition.type_ == SYNCED);
    let is_known = previous.is_some_and(|previous| {
        previous.status == status && previous.message.as_deref() == message
    });
    if is_known && !anew && current.observed_generation == generation {
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
    let others = current.conditions.into_iter().filter(|condition| condition.type_ != SYNCED);
    let conditions = std::iter::once(synced).chain(others).collect();
    Some(SealedSecretStatus { observed_generation: generation, conditions })
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
        let next = next(sealed, status, message, anew, at(100));
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
