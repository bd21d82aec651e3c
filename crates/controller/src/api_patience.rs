//! How long an answer of the API server is waited for: a connection that has died in silence would
//! else hold the work in hand for ever.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::Request;
use tower::{BoxError, Layer, Service};

/// As long as the API server gives itself for a request that is no watch.
const PATIENCE: Duration = Duration::from_secs(60);

/// A layer that gives up a request whose answer has not begun. A watch may be quiet once it has; how
/// quiet, kube's `read_timeout` says.
#[derive(Clone, Copy)]
pub(crate) struct ApiPatience(Duration);

impl Default for ApiPatience {
    fn default() -> Self {
        Self(PATIENCE)
    }
}

impl<S> Layer<S> for ApiPatience {
    type Service = Patient<S>;

    fn layer(&self, inner: S) -> Patient<S> {
        Patient { inner, limit: self.0 }
    }
}

/// A service whose answers are waited for so long.
#[derive(Clone)]
pub(crate) struct Patient<S> {
    inner: S,
    limit: Duration,
}

/// There was no answer in time.
#[derive(Debug, thiserror::Error)]
#[error("the API server did not answer within {} s", .0.as_secs_f64())]
struct NoAnswer(Duration);

impl<S, B> Service<Request<B>> for Patient<S>
where
    S: Service<Request<B>>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (limit, answer) = (self.limit, self.inner.call(request));
        Box::pin(async move {
            match tokio::time::timeout(limit, answer).await {
                Ok(answer) => answer.map_err(Into::into),
                Err(_) => Err(NoAnswer(limit).into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tower::ServiceExt;

    use super::*;

    const SOON: Duration = Duration::from_millis(10);

    fn request(uri: &str) -> Request<()> {
        Request::get(uri).body(()).unwrap()
    }

    #[tokio::test]
    async fn a_request_without_an_answer_is_given_up() {
        let silent = tower::service_fn(|_: Request<()>| pending::<Result<(), BoxError>>());
        for uri in ["/api/v1/secrets", "/api/v1/secrets?watch=true"] {
            let answer = ApiPatience(SOON).layer(silent).oneshot(request(uri)).await;
            let error = answer.unwrap_err().to_string();
            assert_eq!(error, "the API server did not answer within 0.01 s");
        }
        let usual = NoAnswer(ApiPatience::default().0).to_string();
        assert_eq!(usual, "the API server did not answer within 60 s");
    }

    #[tokio::test]
    async fn answers_and_errors_pass() {
        let echo = tower::service_fn(|request: Request<Result<u8, &'static str>>| {
            ready(request.into_body())
        });
        for (answer, passed) in [(Ok(7), Ok(7)), (Err("no"), Err("no".to_owned()))] {
            let answer = ApiPatience(SOON).layer(echo).oneshot(Request::new(answer)).await;
            assert_eq!(answer.map_err(|error| error.to_string()), passed);
        }
    }
}
