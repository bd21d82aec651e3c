use std::sync::{Arc, Mutex};

use kube::Client;
use kube::client::Body;
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
    let report = says(status, message, anew);
    let next = next(sealed, &report, at(100));
    serde_json::to_value(next).unwrap()
}

fn says(condition: ConditionStatus, message: Option<&str>, is_work: bool) -> Report {
    Report {
        condition,
        message: message.map(str::to_owned),
        keys: Vec::new(),
        is_open: false,
        is_new: false,
        record: None,
        is_record_news: false,
        drops_keys: false,
        is_transient: false,
        is_patched: None,
        is_work,
    }
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
    let failed = next_json(&sealed(1, synced_at_zero()), ConditionStatus::False, Some("a"), false);
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

#[tokio::test]
async fn a_status_in_doubt_is_read_before_it_is_judged() {
    let failed = json!({
        "observedGeneration": 1, "conditions": [{ "type": "Synced", "status": "False" }],
    });
    let stored = serde_json::to_vec(&sealed(1, failed)).unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let answer = {
        let asked = asked.clone();
        tower::service_fn(move |request: axum::http::Request<Body>| {
            asked.lock().unwrap().push(request.method().to_string());
            let answer = axum::http::Response::new(Body::from(stored.clone()));
            std::future::ready(Ok::<_, tower::BoxError>(answer))
        })
    };
    let objects = Api::namespaced(Client::new(answer, "n"), "n");
    let known = sealed(1, synced_at_zero());
    let report = says(ConditionStatus::True, None, false);
    assert!(write(&objects, &known, &report, false).await.unwrap().is_none());
    assert!(asked.lock().unwrap().is_empty());
    assert!(write(&objects, &known, &report, true).await.unwrap().is_some());
    assert_eq!(*asked.lock().unwrap(), ["GET", "PUT"]);
}

#[test]
fn conditions_of_others_stay_behind_ours() {
    let status = json!({ "conditions": [{ "type": "Other", "status": "Unknown" }] });
    let written = next_json(&sealed(1, status), ConditionStatus::True, None, false);
    assert_eq!(written["conditions"][0]["type"], "Synced");
    assert_eq!(written["conditions"][1]["type"], "Other");
}

#[test]
fn a_patched_secret_is_remembered_until_it_is_none() {
    let report = |is_patched| Report {
        condition: ConditionStatus::True,
        message: None,
        keys: Vec::new(),
        is_open: false,
        is_new: false,
        record: None,
        is_record_news: false,
        drops_keys: false,
        is_transient: false,
        is_patched,
        is_work: false,
    };
    let remembered = |status: &SealedSecretStatus| status.is_true(PATCHED);
    let known = sealed(1, synced_at_zero());
    let status = next(&known, &report(Some(true)), at(100)).expect("news");
    assert!(remembered(&status));
    let mut known = sealed(1, serde_json::to_value(&status).unwrap());
    assert_eq!(next(&known, &report(Some(true)), at(101)), None);
    known.metadata.generation = Some(2);
    assert!(remembered(&next(&known, &report(None), at(102)).expect("news")));
    assert!(!remembered(&next(&known, &report(Some(false)), at(103)).expect("news")));
}

fn report(keys: &[&str], condition: ConditionStatus) -> Report {
    Report {
        condition,
        message: None,
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        is_open: condition == ConditionStatus::True,
        drops_keys: false,
        is_new: false,
        record: None,
        is_record_news: false,
        is_transient: false,
        is_patched: None,
        is_work: false,
    }
}

#[test]
fn keys_are_news_unless_they_are_dropped_and_outlast_a_failure() {
    let known = sealed(1, synced_at_zero());
    let opened = report(&["k"], ConditionStatus::True);
    let status = next(&known, &opened, at(100)).expect("news");
    assert_eq!(status.keys, ["k"]);
    assert!(!tells_more(known.status.as_ref(), Some(&status)));
    let dropped = Report { drops_keys: true, ..report(&["k"], ConditionStatus::True) };
    assert_eq!(next(&known, &dropped, at(100)), None);
    let mut known = sealed(1, serde_json::to_value(&status).unwrap());
    assert_eq!(next(&known, &opened, at(101)), None);
    let failed = report(&["other"], ConditionStatus::False);
    let status = next(&known, &failed, at(102)).expect("news");
    assert_eq!(status.keys, ["other", "k"]);
    assert!(tells_more(known.status.as_ref(), Some(&status)));
    known.metadata.generation = Some(2);
    assert_eq!(next(&known, &failed, at(103)).expect("news").keys, ["other"]);
}

#[test]
fn a_failure_remembers_whether_the_spec_was_ever_brought_about() {
    let known = sealed(1, synced_at_zero());
    for is_new in [true, false] {
        let failed = Report { is_new, ..report(&[], ConditionStatus::False) };
        let status = next(&known, &failed, at(100)).expect("news");
        assert_eq!(says_new(&status), is_new);
        let known = sealed(1, serde_json::to_value(&status).unwrap());
        assert_eq!(next(&known, &failed, at(101)), None);
    }
}
