//! Requests to the API server, and its answers as they are.

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, DATE, RETRY_AFTER};
use http::uri::Scheme;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use kube::Client;
use kube::client::Body;
use kube::core::Status;
use tokio::runtime::Runtime;

use super::address::{host, is_loopback, shown};
use super::config::{Configured, configured};
use super::explain::{Failure, Route};
use super::place::Place;
use crate::args::ClusterArgs;
use crate::error::{Error, Result};

/// More than any answer has that is wanted here: the API server's own objects end at 3 MiB.
const MAX_ANSWER: usize = 8 << 20;
/// More than a page of a list has: etcd's objects end at 1.5 MiB.
const MAX_PAGE: usize = 256 << 20;

/// A client of one cluster.
pub(super) struct Connection {
    client: Client,
    runtime: Runtime,
    limit: Option<Duration>,
    /// Whether it has to show that it is the cluster, or cannot be anybody else.
    pub(super) is_checked: bool,
    pub(super) route: Route,
    /// Tells the cluster from others.
    pub(super) place: Place,
}

/// What came back, whoever it came from.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// When to ask again.
    pub(super) retry_after: Option<Duration>,
    /// The clock of whoever answered, in HTTP's words (RFC 9110 §5.6.7).
    pub(super) date: Option<String>,
    pub(super) text: String,
}

impl Connection {
    /// Prepares everything; nothing is sent yet.
    ///
    /// # Errors
    /// When flags and kubeconfig lead nowhere.
    pub(super) fn prepare(flags: &ClusterArgs) -> Result<Self> {
        let Configured { context, config, authority, limits } = configured(flags)?;
        let route = Route {
            server: shown(&config.cluster_url.to_string()),
            proxy: config.proxy_url.as_ref().map(|proxy| shown(&proxy.to_string())),
        };
        let url = &config.cluster_url;
        let is_here = config.proxy_url.is_none() && is_loopback(&host(url));
        let is_tls = url.scheme() == Some(&Scheme::HTTPS);
        let is_checked = if is_tls { !config.accept_invalid_certs } else { is_here };
        let place = Place::new(context, &config.cluster_url, authority.as_deref());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::new(format!("cannot start: {error}")))?;
        let client = {
            let _inside = runtime.enter();
            Client::try_from(config).map_err(|error| unusable(&route, &error))?
        };
        Ok(Self { client, runtime, limit: limits.request, is_checked, route, place })
    }

    pub(super) fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.send(Method::GET, path, Vec::new())
    }

    /// A page of a list, which may be long.
    pub(super) fn page(&self, path: &str) -> Result<Answer, Failure> {
        self.answer(Method::GET, path, Vec::new(), MAX_PAGE)
    }

    /// Sends a request and waits for the whole answer. One that says no is an answer, too.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn send(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Answer, Failure> {
        self.answer(method, path, body, MAX_ANSWER)
    }

    fn answer(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        most: usize,
    ) -> Result<Answer, Failure> {
        self.runtime.block_on(async {
            let answered = answered(&self.client, method, path, body, most);
            let answered = match self.limit {
                Some(limit) => tokio::time::timeout(limit, answered)
                    .await
                    .map_err(|_| Failure::too_late(limit))?,
                None => answered.await,
            };
            answered.map_err(|error| Failure::of(&*error))
        })
    }

    /// Waits, and keeps the connection alive.
    pub(super) fn wait(&self, duration: Duration) {
        self.runtime.block_on(async { tokio::time::sleep(duration).await });
    }
}

impl Answer {
    /// The API server's own word, which is a `Status`; `None` when somebody behind it speaks.
    pub(super) fn of_api_server(&self) -> Option<Status> {
        let json: serde_json::Value = serde_json::from_str(&self.text).ok()?;
        let is_status = json["kind"] == "Status" && json["apiVersion"] == "v1";
        is_status.then(|| serde_json::from_value(json).ok())?
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

async fn answered(
    client: &Client,
    method: Method,
    path: &str,
    body: Vec<u8>,
    most: usize,
) -> Result<Answer, BoxError> {
    let content =
        if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(ACCEPT, "application/json, */*")
        .header(CONTENT_TYPE, content)
        .body(Body::from(body))?;
    let (head, body) = client.send(request).await?.into_parts();
    let bytes = Limited::new(body, most).collect().await?.to_bytes();
    let seconds = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Ok(Answer {
        status: head.status,
        retry_after: seconds.map(Duration::from_secs),
        date: head.headers.get(DATE).and_then(|value| Some(value.to_str().ok()?.to_owned())),
        text: String::from_utf8_lossy(&bytes).into_owned(),
    })
}

fn unusable(route: &Route, error: &kube::Error) -> Error {
    Error::new(format!("cannot prepare a connection to {}: {error}", route.server))
        .hint("check the certificates, keys and names in the kubeconfig and on the command line")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Answer {
        let text = text.to_owned();
        Answer { status: StatusCode::NOT_FOUND, retry_after: None, date: None, text }
    }

    #[test]
    fn the_api_servers_word_is_a_status_of_its_own_version() {
        let status = r#"{"kind":"Status","apiVersion":"v1","message":"no","code":404}"#;
        assert_eq!(answer(status).of_api_server().unwrap().message, "no");
        for text in ["", "404 page not found", "<html>", "{}", "[]", r#"{"kind":"Status"}"#] {
            assert!(answer(text).of_api_server().is_none(), "{text}");
        }
    }
}
