//! Room in memory for the bodies of requests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::client::Client;

/// Requests whose body may be in memory at the same time: each may have 3 MiB, more once parsed.
const IN_MEMORY: usize = 8;
/// The most of them that one client may hold, so that its slow requests do not keep out the others.
const CLIENT_MOST: usize = 2;
/// The same for one peer, whatever clients it claims to speak for.
const PEER_MOST: usize = 6;

/// The places, by whom they are held.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<Vec<Client>>);

/// One place, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) client: Client,
    places: Arc<Places>,
}

impl Places {
    /// A place for a request of `client`, unless there is none for it now.
    pub(super) fn take(self: &Arc<Self>, client: Client) -> Option<Place> {
        let mut held = self.held();
        let by_client = held.iter().filter(|other| **other == client).count();
        let by_peer = held.iter().filter(|other| other.peer == client.peer).count();
        if held.len() >= IN_MEMORY || by_client >= CLIENT_MOST || by_peer >= PEER_MOST {
            return None;
        }
        held.push(client);
        Some(Place { client, places: self.clone() })
    }

    /// Each change is one step, so a panic elsewhere leaves nothing half done.
    fn held(&self) -> MutexGuard<'_, Vec<Client>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.places.held();
        if let Some(at) = held.iter().position(|client| *client == self.client) {
            held.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_holds_two_places_and_gets_them_back() {
        let places = Arc::new(Places::default());
        let client = Client::example(1, 1);
        let first = places.take(client).unwrap();
        let _second = places.take(client).unwrap();
        assert!(places.take(client).is_none());
        assert!(
            places.take(Client::example(1, 2)).is_some(),
            "another peer only claims its address"
        );
        assert!(places.take(Client::example(2, 1)).is_some());
        drop(first);
        assert!(places.take(client).is_some());
    }

    #[test]
    fn a_peer_that_invents_clients_leaves_two_places_to_others() {
        let places = Arc::new(Places::default());
        let invented = (0..20).filter_map(|name| places.take(Client::example(name, 1)));
        let invented: Vec<_> = invented.collect();
        assert_eq!(invented.len(), 6);
        let others = (20..40).filter_map(|name| places.take(Client::example(name, name)));
        assert_eq!(others.collect::<Vec<_>>().len(), 2);
        assert!(places.take(Client::example(40, 40)).is_some(), "the others are done");
    }
}
