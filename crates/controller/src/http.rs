//! The HTTP server: the certificate for those who seal, and whether something opens.

mod verify;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use sealwright_crypto::Keyring;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tracing::{error, info};

use crate::app::stopped;
use crate::args::ListenAddr;
use crate::error::Error;

/// The API server's own limit for a request.
const MAX_BODY: usize = 3 << 20;
/// Requests that may do RSA at the same time, so that they cannot starve reconciling.
const RSA_AT_ONCE: usize = 1;

#[derive(Clone)]
struct Shared {
    keyring: Arc<Keyring>,
    rsa: Arc<Semaphore>,
}

/// Listens, and returns the server as a future that ends when the process is told to stop.
///
/// # Errors
/// When none of the addresses can be listened on.
pub(crate) async fn serve(
    address: &ListenAddr,
    keyring: Arc<Keyring>,
    mut stopping: watch::Receiver<bool>,
) -> Result<impl Future<Output = ()>, Error> {
    let listener = listen(&address.0).await?;
    let shared = Shared { keyring, rsa: Arc::new(Semaphore::new(RSA_AT_ONCE)) };
    let server = axum::serve(listener, router(shared))
        .with_graceful_shutdown(async move { stopped(&mut stopping).await });
    Ok(async {
        if let Err(error) = server.await {
            error!("the HTTP server ended: {error}");
        }
    })
}

fn router(shared: Shared) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/v1/cert.pem", get(certificate))
        .route("/v1/verify", post(verify::verify))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(shared)
}

async fn certificate(State(shared): State<Shared>) -> Response {
    match shared.keyring.newest_certificate() {
        Some(certificate) => {
            let pem_file = [(header::CONTENT_TYPE, "application/x-pem-file")];
            (pem_file, certificate.to_pem().to_owned()).into_response()
        }
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn listen(addresses: &[SocketAddr]) -> Result<TcpListener, Error> {
    let mut failed = None;
    for address in addresses {
        match TcpListener::bind(address).await {
            Ok(listener) => {
                info!("listening on {address}");
                return Ok(listener);
            }
            Err(source) => failed = Some(Error::Listen { address: address.to_string(), source }),
        }
    }
    Err(failed.expect("there is an address to try"))
}
