//! The HTTP servers: certificate, verify, rotate and health for the cluster; metrics beside them.

mod budget;
mod client;
mod health;
mod limit;
mod places;
mod refusal;
mod server;
mod timeout;
mod turns;
mod values;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::args::Args;
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::tracker::Tracker;
use budget::Budget;
pub(crate) use health::{Awaited, Readiness};
use limit::Limits;
use places::Places;
pub(crate) use server::{Server, listen};
use timeout::{unless_zero, within};
use turns::Pool;

/// The API server's own limit for a request.
const MAX_BODY: usize = 3 << 20;

/// What the handlers share.
pub(crate) struct Shared {
    pub(crate) keys: Arc<Keys>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) tracker: Arc<Tracker>,
    pub(crate) readiness: Arc<Readiness>,
    limits: Limits,
    places: Arc<Places>,
    budget: Budget,
    pool: Pool,
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
    accept_deprecated_data: bool,
}

impl Shared {
    pub(crate) fn new(
        keys: Arc<Keys>,
        metrics: Arc<Metrics>,
        tracker: Arc<Tracker>,
        readiness: Arc<Readiness>,
        args: &Args,
    ) -> Self {
        Self {
            keys,
            metrics,
            tracker,
            readiness,
            limits: Limits::new(args.rate_limit, args.rate_limit_burst),
            places: Arc::default(),
            budget: Budget::default(),
            pool: Pool::default(),
            read_timeout: unless_zero(args.read_timeout),
            write_timeout: unless_zero(args.write_timeout),
            accept_deprecated_data: args.accept_deprecated_v1_data,
        }
    }
}

/// What the cluster reaches at `--listen-addr`.
pub(crate) fn public(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/livez", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/v1/cert.pem", get(certificate))
        .merge(opening(shared.clone()))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(shared.clone(), measured))
        .with_state(shared)
}

/// The requests that cost RSA: admitted before their body is read.
fn opening(shared: Arc<Shared>) -> Router<Arc<Shared>> {
    Router::new()
        .route("/v1/verify", post(values::verify))
        .route("/v1/rotate", post(values::rotate))
        .route_layer(from_fn_with_state(shared, limit::admitted))
}

/// What Prometheus reaches at `--listen-metrics-addr`.
pub(crate) fn metrics(shared: Arc<Shared>) -> Router {
    Router::new().route("/metrics", get(metrics_text)).with_state(shared)
}

async fn certificate(State(shared): State<Arc<Shared>>) -> Response {
    match shared.keys.current().newest_certificate() {
        Some(certificate) => {
            let pem_file = [(header::CONTENT_TYPE, "application/x-pem-file")];
            (pem_file, certificate.to_pem().to_owned()).into_response()
        }
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn metrics_text(State(shared): State<Arc<Shared>>) -> Response {
    let (keyring, is_ready) = (shared.keys.current(), shared.readiness.is_ready());
    let text = shared.metrics.text(&keyring, &shared.tracker, is_ready);
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
        .into_response()
}

/// Counts each answer and its time, and ends those that take too long.
async fn measured(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let path = known_path(path.as_deref());
    let (method, start) = (known_method(request.method()), Instant::now());
    let answer = within(shared.write_timeout, next.run(request)).await;
    let answer = answer.unwrap_or_else(|| StatusCode::SERVICE_UNAVAILABLE.into_response());
    shared.metrics.count_request(path, method, answer.status().as_u16(), start.elapsed());
    answer
}

/// A path as a label: whatever strangers ask for is one and the same.
fn known_path(path: Option<&str>) -> &'static str {
    const PATHS: [&str; 6] =
        ["/healthz", "/livez", "/readyz", "/v1/cert.pem", "/v1/verify", "/v1/rotate"];
    PATHS.into_iter().find(|known| Some(*known) == path).unwrap_or("other")
}

/// A method as a label: those that strangers invent are one and the same, or each would be a series.
fn known_method(method: &Method) -> &'static str {
    const METHODS: [&str; 9] =
        ["get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"];
    let name = method.as_str();
    METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_methods_are_one_label() {
        for (method, label) in [
            ("GET", "get"),
            ("HEAD", "head"),
            ("POST", "post"),
            ("PUT", "put"),
            ("DELETE", "delete"),
            ("CONNECT", "connect"),
            ("OPTIONS", "options"),
            ("TRACE", "trace"),
            ("PATCH", "patch"),
            ("PROPFIND", "unknown"),
            ("INVENTED-7", "unknown"),
        ] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            assert_eq!(known_method(&method), label);
        }
    }
}
