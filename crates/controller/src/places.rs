//! Who is worked on at the same time: new and changed objects overtake the backlog of a start, and
//! no object holds all places for long.

use sealwright_api::SealedSecret;
use sealwright_crypto::Keyring;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::tracker::Tracker;

/// Enough to keep two cores busy while the API server answers. Each holds decrypted values and a
/// connection.
const PLACES: usize = 16;
/// The most of them for what nobody waits for.
const BACKLOG: usize = 10;
/// The most of them for objects that may cost more than [`HEAVY_COST`] each.
const HEAVY: usize = 2;
/// RSA operations, were every key tried on every item: some two seconds of a core.
const HEAVY_COST: usize = 1000;

/// The places.
pub(crate) struct Places {
    all: Semaphore,
    backlog: Semaphore,
    heavy: Semaphore,
}

impl Default for Places {
    fn default() -> Self {
        let places = |count| Semaphore::new(count);
        Self { all: places(PLACES), backlog: places(BACKLOG), heavy: places(HEAVY) }
    }
}

/// A place, given back when it is dropped.
pub(crate) struct Place<'a> {
    _all: Vec<SemaphorePermit<'a>>,
}

impl Places {
    /// Waits for a place.
    pub(crate) async fn take(
        &self,
        sealed: &SealedSecret,
        keyring: &Keyring,
        tracker: &Tracker,
    ) -> Place<'_> {
        let is_heavy = cost(sealed, keyring) > HEAVY_COST;
        let narrow = is_heavy.then_some(&self.heavy);
        let narrow = narrow.or_else(|| (!tracker.is_urgent(sealed)).then_some(&self.backlog));
        let mut permits = Vec::with_capacity(2);
        for semaphore in narrow.into_iter().chain([&self.all]) {
            permits.push(semaphore.acquire().await.expect("nobody closes the semaphores"));
        }
        Place { _all: permits }
    }
}

fn cost(sealed: &SealedSecret, keyring: &Keyring) -> usize {
    (sealed.spec.encrypted_data.len() + usize::from(sealed.spec.data.is_some()))
        * keyring.iter().count()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kube::runtime::reflector::ObjectRef;

    use super::*;

    #[tokio::test]
    async fn what_somebody_waits_for_overtakes_the_backlog() {
        let (places, tracker, keyring) =
            (Places::default(), Tracker::default(), Keyring::default());
        let object = |name: &str| SealedSecret::new(name, Default::default());
        let (old, new) = (object("old"), object("new"));
        let mut held = Vec::new();
        for _ in 0..BACKLOG {
            held.push(places.take(&old, &keyring, &tracker).await);
        }
        let soon = Duration::from_millis(20);
        let more = tokio::time::timeout(soon, places.take(&old, &keyring, &tracker));
        assert!(more.await.is_err(), "the backlog takes more than its places");
        tracker.saw(&new);
        tracker.urge(&ObjectRef::from_obj(&new));
        let taken = tokio::time::timeout(soon, places.take(&new, &keyring, &tracker));
        assert!(taken.await.is_ok(), "it waits behind the backlog");
    }
}
