//! Turns at RSA: each request opens one item, then lets the next request open one.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests that do RSA at the same time: one core at most is theirs.
const AT_ONCE: usize = 1;

/// Where requests wait, apart from reconciling, in the order of asking.
pub(super) struct Pool(Arc<Semaphore>);

impl Default for Pool {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Pool {
    /// The turns of one request, none of which has come yet.
    pub(super) fn turns(&self) -> Turns {
        Turns { pool: self.0.clone(), permit: None }
    }
}

/// The turns of one request; dropping it ends the one that is on.
pub(super) struct Turns {
    pool: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Ends this turn and waits for the next one, on a thread that may block.
    pub(super) fn wait(&mut self) {
        // Ended first: whoever waits already comes before this request.
        drop(self.permit.take());
        self.permit = Handle::current().block_on(self.pool.clone().acquire_owned()).ok();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::task::spawn_blocking;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn who_waits_comes_before_who_had_a_turn() {
        let pool = Pool::default();
        let mut long = pool.turns();
        let mut long = spawn_blocking(move || {
            long.wait();
            long
        })
        .await
        .unwrap();
        let mut other = Box::pin(pool.0.clone().acquire_owned());
        assert!(timeout(Duration::ZERO, other.as_mut()).await.is_err(), "it is the other's turn");

        let again = spawn_blocking(move || {
            long.wait();
            long
        });
        let turn = timeout(Duration::from_secs(5), other).await;
        assert!(!again.is_finished());
        let came = matches!(turn, Ok(Ok(_)));
        drop(turn);
        // Were the first request never to let go, its thread would wait until the pool is closed.
        let again = timeout(Duration::from_secs(5), again).await;
        pool.0.close();
        assert!(came, "the first request kept its turn");
        assert!(again.unwrap().unwrap().permit.is_some(), "its turn comes again");
    }
}
