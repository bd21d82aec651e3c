//! How often a client may ask.

use std::error::Error as _;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http_body_util::LengthLimitError;

use super::client::Client;
use super::refusal::Refusal;
use super::timeout::within;
use super::{MAX_BODY, Shared, known_path};

/// A peer may ask as often as so many clients, since the API server's proxy speaks for all of them.
const CLIENTS_OF_PEER: u32 = 10;
/// Requests after which clients that have not been seen lately are forgotten.
const TIDY_EVERY: u32 = 1000;

/// One bucket for each path and address.
type Buckets<K> = DefaultKeyedRateLimiter<(&'static str, K)>;

/// How often clients and peers have asked.
pub(super) struct Limits {
    clients: Buckets<Client>,
    peers: Buckets<IpAddr>,
    asked: AtomicU32,
}

impl Limits {
    /// `rate` a second, and `burst` more at once.
    pub(super) fn new(rate: u32, burst: u32) -> Self {
        let burst = burst.saturating_add(1);
        let of_peer = |number: u32| number.saturating_mul(CLIENTS_OF_PEER);
        Self {
            clients: buckets(rate, burst),
            peers: buckets(of_peer(rate), of_peer(burst)),
            asked: AtomicU32::new(0),
        }
    }

    /// Lets a request pass, or answers it with when to come again. The client's bucket comes first:
    /// a client over its own limit costs those behind the same peer nothing.
    pub(super) fn check(&self, path: &'static str, client: Client) -> Result<(), Refusal> {
        if self.asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(TIDY_EVERY) {
            self.clients.retain_recent();
            self.peers.retain_recent();
        }
        let now = DefaultClock::default().now();
        let of_client = self.clients.check_key(&(path, client));
        let checked = of_client.and_then(|()| self.peers.check_key(&(path, client.peer)));
        checked.map_err(|until| Refusal::too_many(until.wait_time_from(now)))
    }
}

fn buckets<K: Clone + Eq + Hash>(rate: u32, burst: u32) -> Buckets<K> {
    let positive = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    RateLimiter::keyed(Quota::per_second(positive(rate)).allow_burst(positive(burst)))
}

/// Lets a request in, or answers it, before its body is read; then waits for that, so long.
pub(super) async fn admitted(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let client = Client::of(request.headers(), peer.ip());
    shared.limits.check(known_path(Some(request.uri().path())), client)?;
    let place = shared.places.take(client).ok_or(Refusal::TooMany { seconds: 1 })?;
    // It travels with the request, and is free again once nothing of that is left.
    request.extensions_mut().insert(Arc::new(place));
    Ok(next.run(whole(request, shared.read_timeout).await?).await)
}

/// The request with its body in memory, once all of it has arrived.
async fn whole(request: Request, limit: Option<Duration>) -> Result<Request, Refusal> {
    let (head, body) = request.into_parts();
    let arrived = within(limit, to_bytes(body, MAX_BODY)).await.ok_or(Refusal::TooSlow)?;
    let body = arrived.map_err(|error| {
        let is_too_long = error.source().is_some_and(|cause| cause.is::<LengthLimitError>());
        if is_too_long { Refusal::TooLarge } else { Refusal::Malformed }
    })?;
    Ok(Request::from_parts(head, Body::from(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(name: u8) -> Client {
        Client::example(name, name)
    }

    #[test]
    fn with_burst_two_three_pass_at_once() {
        let limits = Limits::new(2, 2);
        let passed = (0..5).filter(|_| limits.check("/v1/verify", client(1)).is_ok()).count();
        assert_eq!(passed, 3);
        let refused = limits.check("/v1/verify", client(1)).unwrap_err();
        assert_eq!(refused, Refusal::TooMany { seconds: 1 });
    }

    #[test]
    fn buckets_are_for_each_path_and_client() {
        let limits = Limits::new(1, 1);
        while limits.check("/v1/verify", client(1)).is_ok() {}
        assert!(limits.check("/v1/rotate", client(1)).is_ok());
        assert!(limits.check("/v1/verify", client(2)).is_ok());
    }

    #[test]
    fn a_peer_that_invents_clients_asks_ten_times_as_often_as_one() {
        let limits = Limits::new(1, 1);
        let invented = |name| limits.check("/v1/verify", Client::example(name, 1)).is_ok();
        let passed = (0..200).filter(|name| invented(*name)).count();
        assert!((20..30).contains(&passed), "{passed} passed");
        assert!(limits.check("/v1/rotate", Client::example(201, 1)).is_ok());
        assert!(limits.check("/v1/verify", Client::example(202, 2)).is_ok());
    }

    #[test]
    fn a_client_over_its_limit_costs_its_peer_nothing() {
        let limits = Limits::new(1, 1);
        for _ in 0..100 {
            let _ = limits.check("/v1/verify", Client::example(1, 1));
        }
        assert!(limits.check("/v1/verify", Client::example(2, 1)).is_ok());
    }

    #[test]
    fn the_highest_limits_are_no_overflow() {
        assert!(Limits::new(u32::MAX, u32::MAX).check("/v1/verify", client(1)).is_ok());
    }
}
