//! Servers that stand in for what lies between kubeseal and an API server, or in its place.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use harness::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// A server at an address of its own, for as long as the test runs.
pub(crate) struct StandIn {
    /// `127.0.0.1:port`.
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl StandIn {
    /// The same, from now on.
    pub(crate) fn after_its_start(self) -> Self {
        self.asked.lock().expect("nobody panics with it").clear();
        self
    }

    /// What it was asked so far: heads of requests, or where a tunnel was to lead.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panics with it").clone()
    }
}

/// The answer that never comes.
pub(crate) const SILENCE: &str = "silence";

/// Answers each request with what `reply` makes of its first line.
pub(crate) async fn server(
    address: &str,
    reply: impl Fn(&str) -> String + Send + Sync + 'static,
) -> Result<StandIn> {
    let reply = Arc::new(reply);
    stand_in(address, move |mut stream, asked| {
        let reply = reply.clone();
        async move {
            let request = head(&mut stream).await?;
            let answer = reply(request.lines().next().unwrap_or_default());
            note(&asked, request);
            if answer == SILENCE {
                std::future::pending::<()>().await;
            }
            stream.write_all(answer.as_bytes()).await.ok()?;
            // What is left of the request must not make the kernel reset the connection.
            stream.shutdown().await.ok()?;
            let _ = stream.read_to_end(&mut Vec::new()).await;
            Some(())
        }
    })
    .await
}

/// An HTTP answer.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// Takes connections and says nothing.
pub(crate) async fn silent() -> Result<StandIn> {
    stand_in("127.0.0.1:0", |mut stream, _| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
        Some(())
    })
    .await
}

/// An HTTP proxy: `CONNECT`, RFC 9110, section 9.3.6. One that `wants` a header refuses without.
pub(crate) async fn http_proxy(wants: Option<&'static str>) -> Result<StandIn> {
    stand_in("127.0.0.1:0", move |mut stream, asked| async move {
        let request = head(&mut stream).await?;
        let target = request.split_whitespace().nth(1)?.to_owned();
        let is_allowed = wants.is_none_or(|wanted| request.contains(wanted));
        note(&asked, target.clone());
        if !is_allowed {
            let refusal = answer(407, "proxy-authenticate: Basic\r\n", "");
            stream.write_all(refusal.as_bytes()).await.ok()?;
            return Some(());
        }
        let Ok(mut server) = TcpStream::connect(&target).await else {
            stream.write_all(answer(502, "", "").as_bytes()).await.ok()?;
            return Some(());
        };
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
        copy_bidirectional(&mut stream, &mut server).await.ok().map(drop)
    })
    .await
}

/// A SOCKS5 proxy without a login, RFC 1928, for IPv4 addresses and names.
pub(crate) async fn socks_proxy() -> Result<StandIn> {
    stand_in("127.0.0.1:0", |mut stream, asked| async move {
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).await.ok()?;
        stream.write_all(&[5, 0]).await.ok()?;
        let mut request = [0; 4];
        stream.read_exact(&mut request).await.ok()?;
        let host = match request[3] {
            1 => {
                stream.read_u32().await.ok().map(|bits| std::net::Ipv4Addr::from(bits).to_string())
            }
            3 => {
                let mut name = vec![0; usize::from(stream.read_u8().await.ok()?)];
                stream.read_exact(&mut name).await.ok()?;
                String::from_utf8(name).ok()
            }
            _ => None,
        }?;
        let target = format!("{host}:{}", stream.read_u16().await.ok()?);
        note(&asked, target.clone());
        let server = TcpStream::connect(&target).await;
        let verdict = if server.is_ok() { 0 } else { 4 };
        stream.write_all(&[5, verdict, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
        copy_bidirectional(&mut stream, &mut server.ok()?).await.ok().map(drop)
    })
    .await
}

fn note(asked: &Mutex<Vec<String>>, what: String) {
    asked.lock().expect("nobody panics with it").push(what);
}

async fn stand_in<F>(
    address: &str,
    serve: impl Fn(TcpStream, Arc<Mutex<Vec<String>>>) -> F + Send + 'static,
) -> Result<StandIn>
where
    F: Future<Output = Option<()>> + Send + 'static,
{
    let listener = TcpListener::bind(address).await.context(|| "cannot listen")?;
    let address = listener.local_addr().context(|| "cannot listen")?;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = asked.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, noted.clone()));
        }
    });
    Ok(StandIn { address, asked })
}

async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        read.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(read).ok()
}
