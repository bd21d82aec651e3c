//! Who is worked on at the same time, and who is next: new and changed objects overtake the backlog of
//! a start, which is done newest first. Each kind has places that the others cannot take.
//!
//! An object that waits is a name here and nothing else, no task and no copy of it. Once there is a
//! place for it, it is looked at again, as it is then.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use kube::runtime::reflector::ObjectRef;
use sealwright_api::SealedSecret;
use sealwright_crypto::Keyring;
use sealwright_sealing::last_changed;

use crate::cores::Cores;
use crate::tracker::{Tracker, name_of};

/// Enough to keep two cores busy while the API server answers. Each holds decrypted values and a
/// connection.
const PLACES: usize = 16;
/// RSA operations, were every key tried on every item: some two seconds of a core.
const HEAVY_COST: usize = 1000;

/// What an object waits as. Whoever stands earlier here is called earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Somebody changed it just now, or deleted its Secret, and waits for what comes of it. First
    /// come, first served.
    Urgent,
    /// Everything else: it was there at the start, failed before, or concerns a key. Newest first.
    Backlog,
    /// It may cost more than [`HEAVY_COST`], or has templates, which may take as long.
    Heavy,
}

const CLASSES: [Class; 3] = [Class::Urgent, Class::Backlog, Class::Heavy];

impl Class {
    fn of(sealed: &SealedSecret, keyring: &Keyring, is_urgent: bool) -> Self {
        let items = sealed.spec.encrypted_data.len() + usize::from(sealed.spec.data.is_some());
        let template = sealed.spec.template.as_ref();
        let has_templates = template.is_some_and(|template| template.data.is_some());
        match is_urgent {
            _ if has_templates || items * keyring.iter().count() > HEAVY_COST => Self::Heavy,
            true => Self::Urgent,
            false => Self::Backlog,
        }
    }

    /// The most places that it takes.
    fn most(self) -> usize {
        match self {
            Self::Urgent => 12,
            Self::Backlog => 10,
            Self::Heavy => 2,
        }
    }
}

type Object = ObjectRef<SealedSecret>;

/// Stands before every time that an object can have been changed at: somebody waits for it.
const AWAITED: i64 = i64::MAX;

/// The newest change first where that counts, and of equals whoever came first.
type Turn = (Reverse<i64>, u64);

/// Where an object stands that has no place yet, or does not know of it.
#[derive(Clone, Copy)]
enum Stand {
    InLine(Class, Turn),
    /// A place is kept for it until it comes, or leaves.
    Called(Class),
}

#[derive(Default)]
struct Lines {
    waiting: [BTreeMap<Turn, Arc<Object>>; CLASSES.len()],
    stands: HashMap<Arc<Object>, Stand>,
    taken: [usize; CLASSES.len()],
    came: u64,
}

impl Lines {
    fn join(&mut self, class: Class, changed: i64, object: Arc<Object>) {
        self.came += 1;
        let turn = (Reverse(if class == Class::Urgent { 0 } else { changed }), self.came);
        self.waiting[class as usize].insert(turn, object.clone());
        self.stands.insert(object, Stand::InLine(class, turn));
    }

    /// Takes it out of its line, or gives its place back.
    fn leave(&mut self, object: &Object) {
        match self.stands.remove(object) {
            Some(Stand::InLine(class, turn)) => _ = self.waiting[class as usize].remove(&turn),
            Some(Stand::Called(class)) => self.taken[class as usize] -= 1,
            None => {}
        }
    }

    /// Moves it to where those stand for whom somebody waits. One that may take long stays where it
    /// cannot keep others waiting, before those that nobody waits for.
    fn urge(&mut self, object: &Object) {
        let Some(Stand::InLine(class, turn)) = self.stands.get(object).copied() else { return };
        // Whoever is urged again keeps the turn that they have.
        let is_urged = class == Class::Urgent || turn.0 == Reverse(AWAITED);
        if !is_urged && let Some(object) = self.waiting[class as usize].remove(&turn) {
            let class = if class == Class::Heavy { class } else { Class::Urgent };
            self.join(class, AWAITED, object);
        }
    }

    /// Where an object stands that was changed since: it may have become one that takes long, which
    /// must not be done in the place of one that does not.
    fn stand(&mut self, object: &Object, class: Class) -> Option<Stand> {
        let stand = self.stands.get(object).copied();
        let of = stand.map(|stand| match stand {
            Stand::InLine(class, _) | Stand::Called(class) => class,
        });
        if class == Class::Heavy && of.is_some_and(|of| of != Class::Heavy) {
            self.leave(object);
            return None;
        }
        stand
    }

    fn is_free(&self, class: Class) -> bool {
        self.taken[class as usize] < class.most() && self.taken.iter().sum::<usize>() < PLACES
    }

    /// Whoever is next, if there is a place for them: it is kept for them then.
    fn call(&mut self) -> Option<Arc<Object>> {
        for class in CLASSES {
            if self.is_free(class)
                && let Some((_, next)) = self.waiting[class as usize].pop_first()
            {
                self.taken[class as usize] += 1;
                self.stands.insert(next.clone(), Stand::Called(class));
                return Some(next);
            }
        }
        None
    }
}

struct Shared {
    lines: Mutex<Lines>,
    cores: [Cores; CLASSES.len()],
    tracker: Arc<Tracker>,
}

impl Shared {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the lines, and calls whoever may come then.
    fn change<T>(&self, change: impl FnOnce(&mut Lines) -> T) -> T {
        let (changed, called) = {
            let mut lines = self.lines();
            let changed = change(&mut lines);
            (changed, std::iter::from_fn(|| lines.call()).collect::<Vec<_>>())
        };
        called.iter().for_each(|object| self.tracker.look_again(object));
        changed
    }
}

/// The places, and the cores for what takes long there.
pub(crate) struct Places(Arc<Shared>);

/// A place, given back when it is dropped.
pub(crate) struct Place {
    shared: Arc<Shared>,
    class: Class,
}

impl Places {
    /// Whoever has to wait is called with [`Tracker::look_again`].
    pub(crate) fn new(tracker: Arc<Tracker>) -> Self {
        let cores = CLASSES.map(|class| match class {
            Class::Urgent => Cores::of_all(),
            Class::Backlog | Class::Heavy => Cores::left_over(),
        });
        Self(Arc::new(Shared { lines: Mutex::default(), cores, tracker }))
    }

    /// The place that is kept for an object, or a free one. If there is none, it stands in line, and is
    /// looked at again once there is.
    pub(crate) fn take(&self, sealed: &SealedSecret, keyring: &Keyring) -> Option<Place> {
        let object = name_of(sealed);
        let is_urgent = self.0.tracker.is_urgent(sealed);
        let class = Class::of(sealed, keyring, is_urgent);
        // Whoever writes an object can claim another time than it was.
        let now = Timestamp::now().as_second();
        let changed = last_changed(&sealed.metadata).unwrap_or_default().min(now);
        let changed = if is_urgent { AWAITED } else { changed };
        let taken = self.0.change(|lines| match lines.stand(&object, class) {
            Some(Stand::Called(class)) => {
                lines.stands.remove(&object);
                Some(class)
            }
            Some(Stand::InLine(..)) => {
                if is_urgent {
                    lines.urge(&object);
                }
                None
            }
            None if lines.is_free(class) => {
                lines.taken[class as usize] += 1;
                Some(class)
            }
            None => {
                lines.join(class, changed, Arc::new(object.clone()));
                None
            }
        });
        if taken.is_none() && !self.0.tracker.is_there(sealed) {
            // It was deleted before it stood in line: nobody else would take it out.
            self.leave(&object);
        }
        taken.map(|class| Place { shared: self.0.clone(), class })
    }

    /// An object has nothing to do here after all, or is gone.
    pub(crate) fn leave(&self, object: &Object) {
        self.0.change(|lines| lines.leave(object));
    }

    /// Somebody waits for an object that may stand in the backlog: it stands there no longer.
    pub(crate) fn urge(&self, object: &Object) {
        self.0.change(|lines| lines.urge(object));
    }
}

impl Place {
    /// The cores for what takes long.
    pub(crate) fn cores(&self) -> &Cores {
        &self.shared.cores[self.class as usize]
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.change(|lines| lines.taken[self.class as usize] -= 1);
    }
}
