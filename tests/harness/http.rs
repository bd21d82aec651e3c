//! Plain HTTP to a server inside the network namespace.

use std::io::Cursor;

use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::{Context, Result};

/// Sends a request and reads the whole answer, whatever its status.
///
/// # Errors
/// When nobody answers.
pub async fn send(request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>> {
    let what = format!("{} {}", request.method(), request.uri());
    let step = || format!("no answer to {what}");
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = request.map(|body| Full::new(Cursor::new(body)));
    let (head, body) = client.request(request).await.context(step)?.into_parts();
    let body = body.collect().await.context(step)?.to_bytes();
    Ok(Response::from_parts(head, body.to_vec()))
}

/// `GET url`.
///
/// # Errors
/// As [`send`]'s.
pub async fn get(url: &str) -> Result<Response<Vec<u8>>> {
    let request = Request::get(url).body(Vec::new());
    send(request.context(|| format!("{url} is no URL"))?).await
}

/// `POST url` with a body.
///
/// # Errors
/// As [`send`]'s.
pub async fn post(url: &str, body: impl Into<Vec<u8>>) -> Result<Response<Vec<u8>>> {
    let request = Request::post(url).body(body.into());
    send(request.context(|| format!("{url} is no URL"))?).await
}
