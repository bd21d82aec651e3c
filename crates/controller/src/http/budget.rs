//! RSA operations that requests may cost, so that they starve neither reconciling nor each other.

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::limit::ClientAddr;
use super::refusal::Refusal;

/// Requests that do RSA at the same time: one core at most is theirs.
const AT_ONCE: usize = 1;
/// The most that one request may cost: some twenty seconds of a core, were every try in vain.
pub(super) const MAX_COST: u32 = 10_000;
/// What a client may cost a second once it has used up its burst, which is [`MAX_COST`].
const CLIENT_RATE: u32 = 100;
/// The same for all clients together.
const TOTAL_RATE: u32 = 200;
const TOTAL_BURST: u32 = 2 * MAX_COST;

/// The account.
pub(super) struct Budget {
    clients: DefaultKeyedRateLimiter<ClientAddr>,
    total: DefaultDirectRateLimiter,
    pool: Arc<Semaphore>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            clients: RateLimiter::keyed(quota(CLIENT_RATE, MAX_COST)),
            total: RateLimiter::direct(quota(TOTAL_RATE, TOTAL_BURST)),
            pool: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

fn quota(rate: u32, burst: u32) -> Quota {
    let positive = |number| NonZeroU32::new(number).expect("the constants above are positive");
    Quota::per_second(positive(rate)).allow_burst(positive(burst))
}

impl Budget {
    /// Takes `cost` operations from the client's account and from the common one, then waits for a
    /// place in the pool; places are given in the order of asking.
    ///
    /// # Errors
    /// An answer with when to come again. `cost` must not be over [`MAX_COST`].
    pub(super) async fn spend(
        &self,
        client: &ClientAddr,
        cost: u32,
    ) -> Result<OwnedSemaphorePermit, Refusal> {
        let cost = NonZeroU32::new(cost.min(MAX_COST)).unwrap_or(NonZeroU32::MIN);
        let now = DefaultClock::default().now();
        if self.clients.len() > 1000 {
            self.clients.retain_recent();
        }
        if let Ok(Err(until)) = self.clients.check_key_n(client, cost) {
            return Err(Refusal::too_many(until.wait_time_from(now)));
        }
        if let Ok(Err(until)) = self.total.check_n(cost) {
            return Err(Refusal::too_many(until.wait_time_from(now)));
        }
        self.pool.clone().acquire_owned().await.map_err(|_| Refusal::Ending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_client_uses_up_its_own_account_only() {
        let budget = Budget::default();
        let client = |name: &str| ClientAddr(name.to_owned());
        assert!(budget.spend(&client("a"), MAX_COST).await.is_ok());
        let refused = budget.spend(&client("a"), MAX_COST).await.unwrap_err();
        assert!(matches!(refused, Refusal::TooMany { seconds: 1.. }), "{refused:?}");
        assert!(budget.spend(&client("b"), MAX_COST).await.is_ok());
        assert!(budget.spend(&client("c"), MAX_COST).await.is_err(), "the common account is empty");
    }
}
