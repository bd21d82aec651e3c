//! The certificate, straight from the Service: one request over plain HTTP.

use axum::body::Bytes;
use axum::http::uri::Scheme;
use axum::http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use sealwright_crypto::Certificate;
use tokio::net::TcpStream;

const PATH: &str = "/v1/cert.pem";
/// Many times what a certificate has.
const LONGEST: usize = 1 << 16;

/// `http://host:port`.
pub(super) fn url(text: &str) -> Result<Uri, &'static str> {
    let wrong = "it is like http://sealed-secrets.kube-system.svc:8080";
    let url: Uri = text.parse().map_err(|_| wrong)?;
    let is_plain = url.scheme() == Some(&Scheme::HTTP) && url.host().is_some();
    if is_plain { Ok(url) } else { Err(wrong) }
}

pub(super) async fn fetch(url: &Uri) -> Result<Certificate, String> {
    let told = |error: &dyn std::error::Error| format!("{url}: {error}");
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, url.port_u16().unwrap_or(80))).await;
    let stream = stream.map_err(|error| told(&error))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| told(&error))?;
    tokio::spawn(connection);
    let authority = url.authority().map(ToString::to_string).unwrap_or_default();
    let request = Request::get(PATH).header(header::HOST, authority).body(Empty::<Bytes>::new());
    let request = request.map_err(|error| told(&error))?;
    let answer = sender.send_request(request).await.map_err(|error| told(&error))?;
    let status = answer.status();
    if status != StatusCode::OK {
        return Err(format!("{url} answers {status}"));
    }
    let body = Limited::new(answer.into_body(), LONGEST).collect().await;
    let body = body.map_err(|error| told(error.as_ref()))?.to_bytes();
    let text = std::str::from_utf8(&body).map_err(|error| told(&error))?;
    Certificate::from_pem(text).map_err(|error| told(&error))
}
