//! How often a client may ask.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;

use super::refusal::Refusal;
use super::{Shared, known_path};

/// Requests whose body may be in memory at the same time: each may have 3 MiB, more once parsed.
const IN_MEMORY: usize = 8;
/// Requests after which clients that have not been seen lately are forgotten.
const TIDY_EVERY: u32 = 1000;

/// Who asks: the address that the API server's proxy has written last, else the peer's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ClientAddr(pub(super) String);

impl ClientAddr {
    /// Only the last hop counts: what stands before it is the client's own claim.
    pub(super) fn of(headers: &HeaderMap, peer: IpAddr) -> Self {
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
        let hop = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next());
        let hop = hop.and_then(|hop| hop.trim().parse::<IpAddr>().ok());
        Self(hop.unwrap_or(peer).to_string())
    }
}

/// One bucket for each client and path.
pub(super) struct Limits {
    buckets: DefaultKeyedRateLimiter<(&'static str, ClientAddr)>,
    asked: AtomicU32,
    in_memory: Arc<Semaphore>,
}

impl Limits {
    /// `rate` a second, and `burst` more at once.
    pub(super) fn new(rate: u32, burst: u32) -> Self {
        let rate = NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN);
        let burst = NonZeroU32::new(burst.saturating_add(1)).unwrap_or(NonZeroU32::MIN);
        let buckets = RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst));
        Self { buckets, asked: AtomicU32::new(0), in_memory: Arc::new(Semaphore::new(IN_MEMORY)) }
    }

    /// Lets a request pass, or answers it with when to come again.
    pub(super) fn check(&self, path: &'static str, client: &ClientAddr) -> Result<(), Refusal> {
        if self.asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(TIDY_EVERY) {
            self.buckets.retain_recent();
        }
        self.buckets
            .check_key(&(path, client.clone()))
            .map_err(|until| Refusal::too_many(until.wait_time_from(DefaultClock::default().now())))
    }
}

/// Lets a request in, or answers it, before its body is read.
pub(super) async fn admitted(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let client = ClientAddr::of(request.headers(), peer.ip());
    shared.limits.check(known_path(Some(request.uri().path())), &client)?;
    let place = shared.limits.in_memory.clone().try_acquire_owned();
    let _place = place.map_err(|_| Refusal::TooMany { seconds: 1 })?;
    request.extensions_mut().insert(client);
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(name: &str) -> ClientAddr {
        ClientAddr(name.to_owned())
    }

    #[test]
    fn with_burst_two_three_pass_at_once() {
        let limits = Limits::new(2, 2);
        let passed = (0..5).filter(|_| limits.check("/v1/verify", &client("a")).is_ok()).count();
        assert_eq!(passed, 3);
        let refused = limits.check("/v1/verify", &client("a")).unwrap_err();
        assert_eq!(refused, Refusal::TooMany { seconds: 1 });
    }

    #[test]
    fn buckets_are_for_each_path_and_client() {
        let limits = Limits::new(1, 1);
        while limits.check("/v1/verify", &client("a")).is_ok() {}
        assert!(limits.check("/v1/rotate", &client("a")).is_ok());
        assert!(limits.check("/v1/verify", &client("b")).is_ok());
    }

    #[test]
    fn only_the_last_hop_says_who_asks() {
        let peer = IpAddr::from([10, 0, 0, 1]);
        let mut headers = HeaderMap::new();
        assert_eq!(ClientAddr::of(&headers, peer), client("10.0.0.1"));
        headers.append("x-forwarded-for", HeaderValue::from_static("1.1.1.1, 2.2.2.2"));
        assert_eq!(ClientAddr::of(&headers, peer), client("2.2.2.2"));
        headers.append("x-forwarded-for", HeaderValue::from_static("3.3.3.3"));
        assert_eq!(ClientAddr::of(&headers, peer), client("3.3.3.3"));
        headers.append("x-forwarded-for", HeaderValue::from_static("not an address"));
        assert_eq!(ClientAddr::of(&headers, peer), client("10.0.0.1"));
    }
}
