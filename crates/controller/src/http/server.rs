//! Listening and serving, until told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing::{debug, info, warn};

use crate::app::stopped;
use crate::args::ListenAddr;
use crate::error::Error;

/// A server that listens already.
pub(crate) struct Server {
    pub(crate) listener: TcpListener,
    pub(crate) router: Router,
    /// How long a request's head may take to arrive.
    pub(crate) read_timeout: Duration,
}

/// Listens on the first address that is to be had: Go's `:8080` is IPv6 with IPv4, or IPv4 alone.
///
/// # Errors
/// When none is.
pub(crate) async fn listen(addresses: &ListenAddr) -> Result<TcpListener, Error> {
    let mut failed = None;
    for address in &addresses.0 {
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

impl Server {
    /// Serves until told to stop, then until the requests in hand are answered.
    pub(crate) async fn serve(self, mut stopping: watch::Receiver<bool>) {
        let connections = GracefulShutdown::new();
        loop {
            let accepted = tokio::select! {
                () = stopped(&mut stopping) => break,
                accepted = self.listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(connection) => connection,
                Err(error) => {
                    // Out of file descriptors, most likely: some may be free in a moment.
                    warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(self.read_timeout)
                .serve_connection(TokioIo::new(stream), self.service(peer));
            let connection = connections.watch(connection);
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    debug!("a connection ended: {error}");
                }
            });
        }
        connections.shutdown().await;
    }

    fn service(&self, peer: SocketAddr) -> TowerToHyperService<Router> {
        TowerToHyperService::new(self.router.clone().layer(Extension(peer)))
    }
}
