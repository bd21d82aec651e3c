//! Whether SealedSecrets come to what they say. What the controller says of one that does not is left to
//! kubectl: upstream's controller copies values into it.

use jiff::Timestamp;
use serde_json::Value;

use super::check::{Finding, count};
use crate::cluster::{Api, Look};

pub(super) const CHECK: &str = "SealedSecrets";
const ALL: &str = "/apis/bitnami.com/v1alpha1/sealedsecrets";
/// Until then nothing need have been reported yet.
const PATIENCE: i64 = 300;

/// What there is of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Census {
    all: usize,
    /// Of which the controller says that they do not sync.
    failing: Vec<String>,
    /// Of which it says nothing.
    unreported: Vec<String>,
}

/// Looks at all that may be listed: everywhere, or else in the namespace `own`.
pub(super) fn finding(api: &Api, own: Option<&str>, is_reporting: bool, now: Timestamp) -> Finding {
    let mut census = Census::default();
    let everywhere = api.look_at_each(ALL, "", |object| census.add(&object, now));
    let (Look::Forbidden(_), Some(own)) = (&everywhere, own) else {
        return counted(&everywhere, &census, "in the cluster", is_reporting);
    };
    let path = format!("/apis/bitnami.com/v1alpha1/namespaces/{own}/sealedsecrets");
    let mut census = Census::default();
    let there = api.look_at_each(&path, "", |object| census.add(&object, now));
    if matches!(there, Look::There(())) {
        return counted(&there, &census, &format!("in {own}"), is_reporting);
    }
    counted(&everywhere, &census, "", is_reporting)
}

impl Census {
    fn add(&mut self, object: &Value, now: Timestamp) {
        let metadata = &object["metadata"];
        let text = |field: &str| metadata[field].as_str().unwrap_or_default();
        self.all += 1;
        let title = || format!("{}/{}", text("namespace"), text("name"));
        let age = changed(metadata).map(|changed| now.as_second() - changed.as_second());
        match synced(object) {
            Some("False") => self.failing.push(title()),
            Some("True") => {}
            _ if age.is_some_and(|age| age > PATIENCE) => self.unreported.push(title()),
            _ => {}
        }
    }
}

/// What the controller reports of an object as it is now: not of an earlier generation of it.
fn synced(object: &Value) -> Option<&str> {
    let status = &object["status"];
    let (is, seen) = (&object["metadata"]["generation"], &status["observedGeneration"]);
    if seen.as_i64().zip(is.as_i64()).is_some_and(|(seen, is)| seen < is) {
        return None;
    }
    let mut conditions = status["conditions"].as_array().into_iter().flatten();
    conditions.find(|condition| condition["type"] == "Synced")?["status"].as_str()
}

/// When somebody else than the controller last wrote the object.
fn changed(metadata: &Value) -> Option<Timestamp> {
    let writers = metadata["managedFields"].as_array().into_iter().flatten();
    let writers = writers.filter(|writer| writer["subresource"] != "status");
    let times = writers.map(|writer| &writer["time"]).chain([&metadata["creationTimestamp"]]);
    times.filter_map(|time| time.as_str()?.parse().ok()).max()
}

fn counted(look: &Look<()>, census: &Census, place: &str, is_reporting: bool) -> Finding {
    if look.hindrance().is_some() {
        return Finding::hidden(CHECK, "whether they sync", look);
    }
    let all = count(census.all, "SealedSecret");
    if !census.failing.is_empty() {
        let failing = census.failing.len();
        let found = format!("{failing} of {all} {place} {} not sync", do_or_does(failing));
        let remedy = "`kubectl describe sealedsecret NAME -n NAMESPACE` says why";
        return Finding::warning(CHECK, found, remedy).with(census.failing.clone());
    }
    if is_reporting && !census.unreported.is_empty() {
        let silent = census.unreported.len();
        let found = format!("of {silent} of {all} {place} nothing is reported");
        let remedy = "see the controller's log, and whether it watches their namespaces and labels";
        return Finding::warning(CHECK, found, remedy).with(census.unreported.clone());
    }
    match census.all {
        0 => Finding::ok(CHECK, format!("there is none {place}")),
        1 => Finding::ok(CHECK, format!("the only one {place} does not fail")),
        all => Finding::ok(CHECK, format!("none of {all} {place} fails")),
    }
}

fn do_or_does(count: usize) -> &'static str {
    if count == 1 { "does" } else { "do" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::check::State;
    use super::*;

    fn census(objects: &[Value]) -> Census {
        let now = "2024-03-01T12:00:00Z".parse().unwrap();
        let mut census = Census::default();
        objects.iter().for_each(|object| census.add(object, now));
        census
    }

    fn object(name: &str, created: &str, status: Value) -> Value {
        json!({
            "metadata": { "name": name, "namespace": "n", "creationTimestamp": created },
            "status": status,
        })
    }

    fn synced(status: &str) -> Value {
        json!({ "conditions": [
            { "type": "Stalled", "status": "True" },
            { "type": "Synced", "status": status, "message": "hunter2" },
        ] })
    }

    const OLD: &str = "2024-03-01T11:00:00Z";
    const NEW: &str = "2024-03-01T11:59:00Z";

    #[test]
    fn those_that_fail_are_named_and_what_is_said_of_them_is_not_repeated() {
        let census = census(&[
            object("a", OLD, synced("True")),
            object("b", OLD, synced("False")),
            object("c", OLD, Value::Null),
        ]);
        let finding = counted(&Look::There(()), &census, "in the cluster", true);
        assert_eq!(finding.state, State::Warning);
        assert_eq!(finding.found, "1 of 3 SealedSecrets in the cluster does not sync");
        assert_eq!(finding.details, ["n/b"]);
    }

    #[test]
    fn a_controller_that_should_report_and_does_not_is_told_after_a_while() {
        let silent = census(&[object("a", OLD, Value::Null), object("b", NEW, Value::Null)]);
        let finding = counted(&Look::There(()), &silent, "in n", true);
        assert_eq!(finding.found, "of 1 of 2 SealedSecrets in n nothing is reported");
        assert_eq!(counted(&Look::There(()), &silent, "in n", false).state, State::Ok);
    }

    #[test]
    fn what_was_said_of_an_earlier_generation_is_not_said_of_this_one() {
        let of = |generation: i64, seen: i64, status: &str, written: &str| {
            let mut object = object("a", OLD, synced(status));
            object["metadata"]["generation"] = generation.into();
            object["metadata"]["managedFields"] = json!([
                { "time": written },
                { "time": NEW, "subresource": "status" },
            ]);
            object["status"]["observedGeneration"] = seen.into();
            let census = census(&[object]);
            (census.failing.len(), census.unreported.len())
        };
        assert_eq!(of(2, 2, "True", OLD), (0, 0));
        assert_eq!(of(2, 1, "True", OLD), (0, 1));
        assert_eq!(of(2, 1, "False", OLD), (0, 1));
        assert_eq!(of(2, 2, "False", OLD), (1, 0));
        assert_eq!(of(2, 2, "Unknown", OLD), (0, 1));
        // It was changed a moment ago.
        assert_eq!(of(2, 1, "True", NEW), (0, 0));
        assert_eq!(of(2, 2, "Unknown", NEW), (0, 0));
    }

    #[test]
    fn what_may_not_be_listed_is_unknown() {
        let hidden = Look::Forbidden("cannot list sealedsecrets".to_owned());
        let finding = counted(&hidden, &Census::default(), "", true);
        assert_eq!(finding.state, State::Unknown);
        assert!(finding.found.contains("cannot list sealedsecrets"));
        let none = counted(&Look::There(()), &Census::default(), "in n", true);
        assert_eq!((none.state, none.found.as_str()), (State::Ok, "there is none in n"));
    }
}
