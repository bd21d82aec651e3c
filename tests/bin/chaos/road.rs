//! The road from one controller to the API server: everything passes it, unless the weather is bad.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use harness::{Context, Error, Result};
use http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kube::Client;
use kube::client::Body;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::sleep;

/// What happens to what passes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Nothing.
    Fair,
    /// Nothing passes: connections end as soon as they begin.
    Closed,
    /// So many percent of requests do not arrive and are refused.
    Refusals(u8),
    /// So many percent of writes arrive, and their answers do not.
    Losses(u8),
}

/// What the API server's own refusals look like.
const REFUSALS: [(StatusCode, &str); 6] = [
    (StatusCode::CONFLICT, "Conflict"),
    (StatusCode::CONFLICT, "AlreadyExists"),
    (StatusCode::GONE, "Expired"),
    (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests"),
    (StatusCode::INTERNAL_SERVER_ERROR, "InternalError"),
    (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable"),
];

/// A server at an address of its own, which the controller takes for the API server.
pub(crate) struct Road {
    traffic: Arc<Traffic>,
    kubeconfig: PathBuf,
    listening: AbortHandle,
}

struct Traffic {
    client: Client,
    /// What lasts; the last that began counts.
    weather: Mutex<Vec<Weather>>,
    random: Mutex<SmallRng>,
    connections: Mutex<Vec<AbortHandle>>,
}

impl Road {
    /// Leads to where `client` goes, with its rights. Writes the kubeconfig of the near end.
    pub(crate) async fn to(client: Client, seed: u64, kubeconfig: PathBuf) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context(|| "cannot listen")?;
        let address = listener.local_addr().context(|| "cannot listen")?;
        write_kubeconfig(&kubeconfig, address)?;
        let traffic = Arc::new(Traffic {
            client,
            weather: Mutex::default(),
            random: Mutex::new(SmallRng::seed_from_u64(seed)),
            connections: Mutex::default(),
        });
        let listening = tokio::spawn(traffic.clone().accept(listener)).abort_handle();
        Ok(Self { traffic, kubeconfig, listening })
    }

    /// Of the near end.
    pub(crate) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Bad weather, and then fair weather.
    pub(crate) async fn for_a_while(&self, weather: Weather, time: Duration) {
        held(&self.traffic.weather).push(weather);
        if weather == Weather::Closed {
            self.cut();
        }
        sleep(time).await;
        let mut all = held(&self.traffic.weather);
        if let Some(at) = all.iter().position(|one| *one == weather) {
            all.remove(at);
        }
    }

    /// Ends all connections in the middle of whatever they do.
    pub(crate) fn cut(&self) {
        held(&self.traffic.connections).drain(..).for_each(|connection| connection.abort());
    }
}

impl Drop for Road {
    fn drop(&mut self) {
        self.listening.abort();
        self.cut();
    }
}

impl Traffic {
    async fn accept(self: Arc<Self>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            if self.weather() == Weather::Closed {
                continue;
            }
            let connection = tokio::spawn(self.clone().serve(stream)).abort_handle();
            let mut connections = held(&self.connections);
            connections.retain(|connection| !connection.is_finished());
            connections.push(connection);
        }
    }

    async fn serve(self: Arc<Self>, stream: TcpStream) {
        let answers = service_fn(|request| self.answer(request));
        // An error is what the weather made of it.
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answers).await;
    }

    /// An error ends the connection without an answer.
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>> {
        let is_write = request.method() != Method::GET;
        match self.weather() {
            Weather::Closed => Err(Error::new("closed")),
            Weather::Refusals(percent) if self.is_struck(percent) => self.refusal(),
            Weather::Losses(percent) if is_write && self.is_struck(percent) => {
                let answer = self.forward(request).await?;
                // It was done once the answer has come whole.
                let _ = answer.into_body().collect().await;
                Err(Error::new("lost"))
            }
            _ => self.forward(request).await,
        }
    }

    fn weather(&self) -> Weather {
        held(&self.weather).last().copied().unwrap_or(Weather::Fair)
    }

    fn is_struck(&self, percent: u8) -> bool {
        held(&self.random).random_range(0..100) < percent
    }

    async fn forward(&self, request: Request<Incoming>) -> Result<Response<Body>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.context(|| "the request broke off")?.to_bytes();
        let mut onward = Request::builder().method(head.method).uri(head.uri);
        for name in [ACCEPT, CONTENT_TYPE] {
            if let Some(value) = head.headers.get(&name) {
                onward = onward.header(name, value);
            }
        }
        let onward = onward.body(Body::from(body)).context(|| "cannot pass on a request")?;
        self.client.send(onward).await.context(|| "the API server gave no answer")
    }

    fn refusal(&self) -> Result<Response<Body>> {
        let (status, reason) = REFUSALS[held(&self.random).random_range(0..REFUSALS.len())];
        let text = json!({
            "kind": "Status", "apiVersion": "v1", "status": "Failure",
            "code": status.as_u16(), "reason": reason, "message": "refused by the weather",
        });
        let answer = Response::builder().status(status).header(CONTENT_TYPE, "application/json");
        let answer = match status {
            StatusCode::TOO_MANY_REQUESTS => answer.header(RETRY_AFTER, "1"),
            _ => answer,
        };
        answer.body(Body::from(Bytes::from(text.to_string()))).context(|| "cannot refuse")
    }
}

fn write_kubeconfig(path: &Path, address: SocketAddr) -> Result<()> {
    let kubeconfig = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "road",
        "contexts": [{ "name": "road", "context": { "cluster": "road", "user": "road" } }],
        "clusters": [{ "name": "road", "cluster": { "server": format!("http://{address}") } }],
        "users": [{ "name": "road", "user": {} }],
    });
    std::fs::write(path, kubeconfig.to_string()).context(|| "cannot write a kubeconfig")
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
