//! `--kubeclient-qps` and `--kubeclient-burst`, for those who want the limit that upstream has.

use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tower::{Layer, Service};

/// A layer that lets requests to the API server through no faster than it may.
#[derive(Clone)]
pub(crate) struct ApiLimit(Arc<DefaultDirectRateLimiter>);

impl ApiLimit {
    /// `None` when there is no limit: it was not asked for, or is negative.
    pub(crate) fn new(qps: Option<f64>, burst: i64) -> Option<Self> {
        let qps = qps.filter(|qps| *qps > 0.0 && burst >= 0)?;
        let burst = u32::try_from(burst).unwrap_or(u32::MAX);
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(Duration::from_secs_f64(1.0 / qps))?.allow_burst(burst);
        Some(Self(Arc::new(RateLimiter::direct(quota))))
    }
}

impl<S> Layer<S> for ApiLimit {
    type Service = Limited<S>;

    fn layer(&self, inner: S) -> Limited<S> {
        Limited { inner, limit: self.clone() }
    }
}

/// A service that waits for its turn.
#[derive(Clone)]
pub(crate) struct Limited<S> {
    inner: S,
    limit: ApiLimit,
}

impl<S, R> Service<R> for Limited<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let limit = self.limit.0.clone();
        // A future does nothing before it is polled, so the request waits as well.
        let response = self.inner.call(request);
        Box::pin(async move {
            limit.until_ready().await;
            response.await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_positive_rate_limits() {
        for (qps, burst, limits) in [
            (None, 10, false),
            (Some(-1.0), 10, false),
            (Some(5.0), -1, false),
            (Some(0.0), 10, false),
            (Some(5.0), 10, true),
            (Some(0.5), 0, true),
        ] {
            assert_eq!(ApiLimit::new(qps, burst).is_some(), limits, "{qps:?} {burst}");
        }
    }
}
