//! Timeouts as Go's servers take them.

use std::time::Duration;

/// Zero, to Go, is no timeout.
pub(super) fn unless_zero(timeout: Duration) -> Option<Duration> {
    (!timeout.is_zero()).then_some(timeout)
}

/// What comes of `work`, unless it takes longer than the limit.
pub(super) async fn within<T>(limit: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, work).await.ok(),
        None => Some(work.await),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn zero_is_no_limit_and_all_else_is_one() {
        let soon = || tokio::time::sleep(Duration::from_millis(20));
        assert_eq!(within(unless_zero(Duration::ZERO), soon()).await, Some(()));
        assert_eq!(within(unless_zero(Duration::from_secs(60)), soon()).await, Some(()));
        let never = std::future::pending::<()>();
        assert_eq!(within(unless_zero(Duration::from_millis(1)), never).await, None);
    }
}
