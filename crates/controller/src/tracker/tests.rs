use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::*;

fn object(name: &str, generation: i64) -> SealedSecret {
    let mut sealed = SealedSecret::new(name, Default::default());
    sealed.metadata.namespace = Some("n".to_owned());
    sealed.metadata.uid = Some("u".to_owned());
    sealed.metadata.generation = Some(generation);
    sealed
}

fn key(letter: &str) -> Fingerprint {
    Fingerprint::parse(&format!("SHA256:{}", letter.repeat(42) + "A")).unwrap()
}

/// A tracker that knows these objects.
fn knowing(names: &[&str]) -> Tracker {
    let tracker = Tracker::default();
    names.iter().for_each(|name| tracker.saw(&object(name, 1)));
    tracker
}

#[test]
fn waits_double_up_to_five_minutes_and_start_again_after_a_success() {
    let (tracker, sealed) = (knowing(&["db", "other"]), object("db", 1));
    let waits: Vec<_> = (0..12).map(|_| tracker.after_failure(&sealed).as_secs()).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    assert!(tracker.lasts_long(&sealed));
    assert_eq!(tracker.after_failure(&object("other", 1)).as_secs(), 1);
    // The Secret alone is no success: status may still not say so.
    tracker.remember(&sealed, Ending::Brought, &[], true);
    assert_eq!(tracker.after_failure(&sealed).as_secs(), 300);
    tracker.succeeded(&sealed);
    assert_eq!(tracker.after_failure(&sealed).as_secs(), 1);
}

#[test]
fn what_was_brought_about_is_known_until_the_object_changes() {
    let tracker = knowing(&["db"]);
    tracker.remember(&object("db", 1), Ending::Brought, &[], false);
    assert!(tracker.has_brought(&object("db", 1)));
    assert!(!tracker.has_brought(&object("db", 2)));
    tracker.forget(&ObjectRef::from_obj(&object("db", 1)));
    assert!(!tracker.has_brought(&object("db", 1)));
}

#[test]
fn a_deleted_object_does_not_come_back_by_work_that_was_in_hand() {
    let tracker = knowing(&["db"]);
    tracker.forget(&ObjectRef::from_obj(&object("db", 1)));
    tracker.remember(&object("db", 1), Ending::Brought, &[key("a")], true);
    assert!(!tracker.knows(&object("db", 1)));
    assert_eq!(tracker.objects_by_key(), Some(HashMap::new()));
}

#[test]
fn a_spec_is_new_until_it_was_brought_about() {
    let tracker = knowing(&["db"]);
    assert!(!tracker.is_new(&object("db", 1), false), "an earlier process may have");
    assert!(tracker.is_new(&object("db", 2), true));
    assert!(tracker.is_new(&object("db", 2), false), "a failure does not make it old");
    tracker.remember(&object("db", 2), Ending::Brought, &[], false);
    assert!(tracker.is_new(&object("db", 3), false), "this process brought about another");
}

#[test]
fn changed_keys_concern_what_failed_and_what_they_opened() {
    let tracker = knowing(&["refused", "failed", "by-a", "by-b"]);
    let mut again = tracker.again();
    tracker.remember(&object("refused", 1), Ending::NoKey, &[], false);
    tracker.remember(&object("failed", 1), Ending::Failed, &[], false);
    tracker.remember(&object("by-a", 1), Ending::Brought, &[key("a")], true);
    tracker.remember(&object("by-b", 1), Ending::Brought, &[key("b")], true);
    tracker.keys_changed(&Change { added: vec![key("c")], ..Change::default() });
    assert_eq!(again.try_recv().unwrap().name, "refused");
    assert!(again.try_recv().is_err());
    tracker.keys_changed(&Change { removed: vec![key("a")], ..Change::default() });
    assert_eq!(again.try_recv().unwrap().name, "by-a");
    assert!(again.try_recv().is_err());
}

#[test]
fn keys_are_counted_once_all_objects_were_looked_at_and_kept_over_failures() {
    let tracker = knowing(&["one", "two"]);
    tracker.remember(&object("one", 1), Ending::Brought, &[key("a")], true);
    assert_eq!(tracker.objects_by_key(), None);
    tracker.remember(&object("two", 1), Ending::Failed, &[key("a"), key("b")], true);
    tracker.remember(&object("two", 1), Ending::NoKey, &[key("b")], false);
    tracker.remember(&object("one", 1), Ending::Failed, &[], false);
    let counts = tracker.objects_by_key().unwrap();
    assert_eq!((counts[&key("a")], counts[&key("b")]), (2, 1));
}

#[test]
fn the_status_that_was_written_counts_until_the_watch_has_a_newer_one() {
    let tracker = knowing(&["db"]);
    let mut written = object("db", 1);
    written.metadata.resource_version = Some("11".to_owned());
    written.status =
        Some(SealedSecretStatus { observed_generation: Some(1), ..Default::default() });
    tracker.wrote(&written);
    let seen = |version: &str| {
        let mut sealed = object("db", 1);
        sealed.metadata.resource_version = Some(version.to_owned());
        tracker.up_to_date(Arc::new(sealed)).status.is_some()
    };
    assert!(seen("9"));
    assert!(!seen("11"));
    assert!(!seen("12"));
}

#[test]
fn a_secret_is_left_to_the_garbage_collector_for_half_a_minute() {
    let (tracker, sealed, start) = (Tracker::default(), object("u", 1), Instant::now());
    let left = |uid: &str| Secret {
        metadata: ObjectMeta { uid: Some(uid.to_owned()), ..ObjectMeta::default() },
        ..Secret::default()
    };
    let after = |second| start + Duration::from_secs(second);
    assert!(!tracker.has_waited_for_collection(&sealed, &left("a"), start), "not watched");
    tracker.saw(&sealed);
    assert!(!tracker.has_waited_for_collection(&sealed, &left("a"), start));
    assert!(!tracker.has_waited_for_collection(&sealed, &left("a"), after(29)));
    assert!(tracker.has_waited_for_collection(&sealed, &left("a"), after(30)));
    // Another one has its own time.
    assert!(!tracker.has_waited_for_collection(&sealed, &left("b"), after(31)));
    assert!(tracker.has_waited_for_collection(&sealed, &left("b"), after(61)));
}
