//! RSA operations that requests may cost, so that they starve neither reconciling nor each other.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::client::Client;
use super::refusal::Refusal;

/// The most that one request may cost: some twenty seconds of a core, were every try in vain.
pub(super) const MAX_COST: u32 = 10_000;
/// What a client may cost a second once it has used up its burst, which is [`MAX_COST`].
const CLIENT_RATE: u32 = 100;
/// The same for all clients together.
const TOTAL_RATE: u32 = 200;
const TOTAL_BURST: u32 = 2 * MAX_COST;
/// The same for a peer, whatever clients it claims to speak for: three quarters, so that none uses
/// up what is everybody's.
const PEER_RATE: u32 = TOTAL_RATE / 4 * 3;
const PEER_BURST: u32 = TOTAL_BURST / 4 * 3;
/// Accounts beyond which those that are full again are forgotten.
const ACCOUNTS: usize = 1000;
/// Bytes of a modulus of 4096 bits, with which an operation costs 1.
const UNIT: u64 = 512;

/// What an operation costs: its time grows with the cube of the key's length.
pub(super) fn weight(modulus_len: usize) -> u64 {
    (modulus_len as u64).pow(3).div_ceil(UNIT.pow(3))
}

/// The accounts.
pub(super) struct Budget {
    clients: DefaultKeyedRateLimiter<Client>,
    peers: DefaultKeyedRateLimiter<IpAddr>,
    total: DefaultDirectRateLimiter,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            clients: RateLimiter::keyed(quota(CLIENT_RATE, MAX_COST)),
            peers: RateLimiter::keyed(quota(PEER_RATE, PEER_BURST)),
            total: RateLimiter::direct(quota(TOTAL_RATE, TOTAL_BURST)),
        }
    }
}

fn quota(rate: u32, burst: u32) -> Quota {
    let positive = |number| NonZeroU32::new(number).expect("the constants above are positive");
    Quota::per_second(positive(rate)).allow_burst(positive(burst))
}

impl Budget {
    /// Takes `cost` from the client's account, from its peer's and from the common one: in this
    /// order, so that a client over its own limit costs the others nothing.
    ///
    /// # Errors
    /// An answer with when to come again. `cost` must not be over [`MAX_COST`].
    pub(super) fn spend(&self, client: Client, cost: u32) -> Result<(), Refusal> {
        let cost = NonZeroU32::new(cost.min(MAX_COST)).unwrap_or(NonZeroU32::MIN);
        let now = DefaultClock::default().now();
        if self.clients.len() + self.peers.len() > ACCOUNTS {
            self.clients.retain_recent();
            self.peers.retain_recent();
        }
        // The outer errors are of costs beyond a burst, which the cap above rules out.
        let charge = || {
            self.clients.check_key_n(&client, cost).unwrap_or(Ok(()))?;
            self.peers.check_key_n(&client.peer, cost).unwrap_or(Ok(()))?;
            self.total.check_n(cost).unwrap_or(Ok(()))
        };
        charge().map_err(|until| Refusal::too_many(until.wait_time_from(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_uses_up_its_own_account_only() {
        let budget = Budget::default();
        let client = |name| Client::example(name, name);
        assert_eq!(budget.spend(client(1), MAX_COST), Ok(()));
        let refused = budget.spend(client(1), MAX_COST).unwrap_err();
        assert!(matches!(refused, Refusal::TooMany { seconds: 1.. }), "{refused:?}");
        assert_eq!(budget.spend(client(2), MAX_COST), Ok(()));
        assert!(budget.spend(client(3), MAX_COST).is_err(), "the common account is empty");
    }

    #[test]
    fn a_peer_that_invents_clients_leaves_a_quarter_to_others() {
        let budget = Budget::default();
        let cost = MAX_COST / 10;
        let invented = |name| budget.spend(Client::example(name, 1), cost).is_ok();
        assert_eq!((0..40).filter(|name| invented(*name)).count(), 15);
        assert_eq!(budget.spend(Client::example(100, 2), 4 * cost), Ok(()));
    }

    #[test]
    fn a_client_over_its_limit_costs_its_peer_nothing() {
        let budget = Budget::default();
        let spend = |client, cost| budget.spend(Client::example(client, 1), cost);
        let spent = (0..20).filter(|_| spend(1, MAX_COST / 10).is_ok()).count();
        assert_eq!(spent, 10);
        assert_eq!(spend(2, MAX_COST / 2), Ok(()));
    }

    #[test]
    fn longer_keys_cost_more() {
        let weights = [256, 384, 512, 513, 640, 768, 1024].map(weight);
        assert_eq!(weights, [1, 1, 1, 2, 2, 4, 8]);
    }
}
