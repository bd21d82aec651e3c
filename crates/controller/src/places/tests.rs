use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use tokio::sync::broadcast::Receiver;

use super::*;

struct Hall {
    places: Places,
    tracker: Arc<Tracker>,
    keyring: Keyring,
    called: Receiver<Object>,
}

impl Hall {
    fn open() -> Self {
        let tracker = Arc::<Tracker>::default();
        let (places, called) = (Places::new(tracker.clone()), tracker.again());
        Self { places, tracker, keyring: Keyring::default(), called }
    }

    fn take(&self, sealed: &SealedSecret) -> Option<Place> {
        self.tracker.saw(sealed);
        self.places.take(sealed, &self.keyring)
    }

    fn take_urgent(&self, sealed: &SealedSecret) -> Option<Place> {
        self.tracker.saw(sealed);
        self.tracker.urge(&ObjectRef::from_obj(sealed));
        self.places.take(sealed, &self.keyring)
    }

    fn all_of_the_backlogs_places(&self) -> Vec<Place> {
        let objects = (0..Class::Backlog.most()).map(|second| object(second as i64));
        objects.map(|object| self.take(&object).expect("a free place")).collect()
    }

    /// The names of those called since the last time.
    fn called(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.called.try_recv().ok()).map(|object| object.name).collect()
    }
}

fn object(second: i64) -> SealedSecret {
    let mut sealed = SealedSecret::new(&format!("s{second}"), Default::default());
    let second = jiff::Timestamp::from_second(second).unwrap();
    sealed.metadata.creation_timestamp = Some(Time(second));
    sealed
}

#[test]
fn what_somebody_waits_for_overtakes_the_backlog() {
    let hall = Hall::open();
    let _held = hall.all_of_the_backlogs_places();
    assert!(hall.take(&object(99)).is_none(), "the backlog takes more than its places");
    assert!(hall.take_urgent(&object(100)).is_some(), "it waits behind the backlog");
}

#[test]
fn the_backlog_is_done_newest_first() {
    let mut hall = Hall::open();
    let mut held = hall.all_of_the_backlogs_places();
    let (old, new, newest) = (object(1_000), object(2_000), object(3_000));
    for waiting in [&old, &new, &newest] {
        assert!(hall.take(waiting).is_none());
    }
    // One that is gone keeps nobody.
    hall.places.leave(&ObjectRef::from_obj(&newest));
    held.pop();
    assert_eq!(hall.called(), ["s2000"]);
    assert!(hall.take(&old).is_none(), "the place is another's");
    let first = hall.take(&new);
    assert!(first.is_some(), "its place was not kept");
    assert!(hall.called().is_empty());
    drop(first);
    assert_eq!(hall.called(), ["s1000"]);
    assert!(hall.take(&old).is_some());
}

#[test]
fn what_is_changed_while_it_waits_leaves_the_backlog() {
    let mut hall = Hall::open();
    let _held = hall.all_of_the_backlogs_places();
    let (other, changed, healed) = (object(2_000), object(1_000), object(500));
    for waiting in [&other, &changed, &healed] {
        assert!(hall.take(waiting).is_none());
    }
    hall.places.urge(&ObjectRef::from_obj(&changed));
    assert_eq!(hall.called(), ["s1000"]);
    assert!(hall.take(&changed).is_some());
    hall.take_urgent(&healed);
    assert_eq!(hall.called(), ["s500"]);
    assert!(hall.take(&other).is_none());
}

fn heavy(second: i64) -> SealedSecret {
    let mut sealed = object(second);
    let data = serde_json::json!({ "a": "{{ .b }}" });
    sealed.spec.template =
        Some(serde_json::from_value(serde_json::json!({ "data": data })).unwrap());
    sealed
}

#[test]
fn what_has_become_heavy_while_it_waited_takes_no_other_place() {
    let mut hall = Hall::open();
    let mut held = hall.all_of_the_backlogs_places();
    let second: i64 = 1_000;
    assert!(hall.take(&object(second)).is_none());
    // Called as it was, it comes as it is.
    held.pop();
    assert_eq!(hall.called(), ["s1000"]);
    let _heavy: Vec<_> = (0..2).map(|second| hall.take(&heavy(2_000 + second)).unwrap()).collect();
    assert!(hall.take(&heavy(second)).is_none(), "there are two places for those");
    assert!(hall.take(&object(500)).is_some(), "its place was not given back");
}

#[test]
fn heavy_ones_that_somebody_waits_for_come_first_and_in_turn() {
    let mut hall = Hall::open();
    let mut held: Vec<_> = (0..2).map(|second| hall.take(&heavy(second)).unwrap()).collect();
    assert!(hall.take(&heavy(9_000)).is_none());
    for second in [10, 20] {
        assert!(hall.take_urgent(&heavy(second)).is_none());
    }
    // Changed again, the first keeps its turn.
    hall.places.urge(&name_of(&heavy(10)));
    held.pop();
    assert_eq!(hall.called(), ["s10"]);
}

#[test]
fn whoever_waits_most_leaves_places_to_the_others_and_is_served_in_turn() {
    let mut hall = Hall::open();
    let urgent: Vec<_> = (0..20).map(object).collect();
    let mut held: Vec<_> = urgent.iter().filter_map(|object| hall.take_urgent(object)).collect();
    assert_eq!(held.len(), Class::Urgent.most());
    assert!(hall.take(&object(99)).is_some(), "nothing is left");
    held.pop();
    assert_eq!(hall.called(), [format!("s{}", Class::Urgent.most())], "not in turn");
}

#[test]
fn a_place_is_kept_for_nobody_who_is_gone_or_has_nothing_to_do() {
    let mut hall = Hall::open();
    let mut held = hall.all_of_the_backlogs_places();
    let (first, second) = (object(2_000), object(1_000));
    assert!(hall.take(&first).is_none() && hall.take(&second).is_none());
    held.pop();
    assert_eq!(hall.called(), ["s2000"]);
    hall.places.leave(&ObjectRef::from_obj(&first));
    assert_eq!(hall.called(), ["s1000"]);
    assert!(hall.take(&second).is_some());
}

#[test]
fn whatever_is_gone_before_it_waits_does_not_wait() {
    let mut hall = Hall::open();
    let mut held = hall.all_of_the_backlogs_places();
    let (gone, there) = (object(2_000), object(1_000));
    assert!(hall.places.take(&gone, &hall.keyring).is_none());
    assert!(hall.take(&there).is_none());
    held.pop();
    assert_eq!(hall.called(), ["s1000"]);
}
