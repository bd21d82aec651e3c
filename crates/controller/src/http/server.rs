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

use super::timeout::unless_zero;
use crate::app::stopped;
use crate::args::ListenAddr;
use crate::error::Error;

/// A server that listens already.
pub(crate) struct Server {
    pub(crate) listener: TcpListener,
    pub(crate) router: Router,
    /// How long a request's head may take to arrive; zero: as long as it likes.
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
                // Of port 0, only the listener knows which it became.
                let bound = listener.local_addr().unwrap_or(*address);
                info!("listening on {bound}");
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
                .header_read_timeout(unless_zero(self.read_timeout))
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

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use axum::routing::get;
    use tokio::task::spawn_blocking;

    use super::*;

    #[tokio::test]
    async fn a_read_timeout_of_zero_is_none() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "ok" }));
        let server = Server { listener, router, read_timeout: Duration::ZERO };
        let (stop, stopping) = watch::channel(false);
        let asked = async {
            let answer = spawn_blocking(move || slowly_asked(address)).await;
            stop.send_replace(true);
            answer.unwrap()
        };
        let (answer, ()) = tokio::join!(asked, server.serve(stopping));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer:?}");
    }

    /// The answer to a request whose head takes a while; nothing when the server hangs up.
    fn slowly_asked(address: SocketAddr) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: c\r\n").unwrap();
        std::thread::sleep(Duration::from_millis(100));
        let mut answer = String::new();
        // Either fails when the server has hung up, which the answer shows.
        let _ = stream.write_all(b"Connection: close\r\n\r\n");
        let _ = stream.read_to_string(&mut answer);
        answer
    }
}
