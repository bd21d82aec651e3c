//! Why a request got no answer, in words for people: what was tried, what came of it, what to do.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use crate::error::{Error, io_reason};

/// Where a request goes, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) server: String,
    pub(super) proxy: Option<String>,
}

/// What went wrong on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Cause {
    UnknownHost,
    Refused,
    /// There is no way to it.
    Away(String),
    TimedOut,
    /// Not within the time of `--request-timeout`.
    TooLate(Duration),
    HungUp,
    NoTls,
    UnknownAuthority,
    /// The certificate is for other names.
    OtherName(Vec<String>),
    Outdated,
    /// The server wants another client certificate, or one at all.
    Stranger,
    Tls(String),
    /// The proxy was reached and says no.
    ProxySays(String),
    Other(String),
}

/// A request without an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    cause: Cause,
    is_before_proxy: bool,
}

impl Failure {
    /// What the client's error comes down to.
    pub(super) fn of(error: &(dyn StdError + 'static)) -> Self {
        Self { cause: cause(error), is_before_proxy: chain(error).any(is_of_tunnel) }
    }

    /// The time of `--request-timeout` is over.
    pub(super) fn too_late(limit: Duration) -> Self {
        Self { cause: Cause::TooLate(limit), is_before_proxy: false }
    }

    /// Whether nobody was there to ask. Who is there and is not believed, or says too much, is not away.
    pub(super) fn is_out_of_reach(&self) -> bool {
        match self.cause {
            Cause::UnknownHost
            | Cause::Refused
            | Cause::Away(_)
            | Cause::TimedOut
            | Cause::TooLate(_)
            | Cause::HungUp
            | Cause::ProxySays(_) => true,
            Cause::NoTls
            | Cause::UnknownAuthority
            | Cause::OtherName(_)
            | Cause::Outdated
            | Cause::Stranger
            | Cause::Tls(_)
            | Cause::Other(_) => false,
        }
    }

    /// In words: the API server was to be reached, or a Service behind it.
    pub(super) fn told(&self, route: &Route, service: Option<&str>) -> Error {
        let Route { server, proxy } = route;
        let place = match service {
            Some(service) => format!("{service} at {server}"),
            None => server.clone(),
        };
        let way = match proxy {
            Some(proxy) => format!("{place} through the proxy {proxy}"),
            None => place,
        };
        let words = words(&self.cause);
        if self.is_before_proxy {
            return Error::new(format!("cannot reach {way}: the proxy: {words}")).hint(PROXY_HINT);
        }
        Error::new(format!("cannot reach {way}: {words}")).hint(hint(&self.cause))
    }
}

/// Why a request got no answer, without who was asked.
pub(super) fn in_short(error: &(dyn StdError + 'static)) -> String {
    words(&cause(error))
}

const PROXY_HINT: &str =
    "check --proxy-url, proxy-url in the kubeconfig, and the variables HTTPS_PROXY and NO_PROXY";

fn words(cause: &Cause) -> String {
    match cause {
        Cause::UnknownHost => "its name cannot be resolved".to_owned(),
        Cause::Refused => "connection refused".to_owned(),
        Cause::TimedOut => "no answer in time".to_owned(),
        Cause::TooLate(limit) => format!("no answer within {limit:?}"),
        Cause::HungUp => "it closed the connection".to_owned(),
        Cause::NoTls => "what answers there does not speak TLS".to_owned(),
        Cause::UnknownAuthority => "its certificate comes from an unknown authority".to_owned(),
        Cause::OtherName(names) if names.is_empty() => {
            "its certificate is for another name".to_owned()
        }
        Cause::OtherName(names) => format!("its certificate is for {}", names.join(", ")),
        Cause::Outdated => "its certificate is not valid at this time".to_owned(),
        Cause::Stranger => "it does not accept the client certificate".to_owned(),
        Cause::Tls(text) => format!("TLS failed: {text}"),
        Cause::Away(text) | Cause::ProxySays(text) | Cause::Other(text) => text.clone(),
    }
}

fn hint(cause: &Cause) -> &'static str {
    match cause {
        Cause::UnknownHost => {
            "check the address in the kubeconfig or --server, and the network or VPN"
        }
        Cause::Refused | Cause::Away(_) | Cause::HungUp | Cause::Other(_) | Cause::ProxySays(_) => {
            "check the kubeconfig and --context, or seal with --cert and no cluster"
        }
        Cause::TimedOut => "check the network or VPN, or seal with --cert and no cluster",
        Cause::TooLate(_) => {
            "give it more time with --request-timeout, or check the network or VPN"
        }
        Cause::NoTls => "check the port; if it is meant to be plain HTTP, write http://",
        Cause::UnknownAuthority => {
            "check --context; the cluster's own authority is given with --certificate-authority"
        }
        Cause::OtherName(_) => {
            "check --context; if it is the right server, give the name with --tls-server-name"
        }
        Cause::Outdated => "check this machine's clock; else the server needs a new certificate",
        Cause::Stranger => "log in to the cluster again, or check --client-certificate",
        Cause::Tls(_) => "check the address; is it the API server's?",
    }
}

/// The innermost error that says something. Most outer ones say no more than that there is one.
fn cause(error: &(dyn StdError + 'static)) -> Cause {
    let known = chain(error).find_map(|error| {
        of_io(error).or_else(|| error.downcast_ref().map(of_tls)).or_else(|| of_text(error))
    });
    known.unwrap_or_else(|| Cause::Other(innermost(error)))
}

/// An error and those behind it. An I/O error hides the one that it carries from `source`.
fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let carried = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match carried {
            Some(carried) => Some(carried as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}

fn of_io(error: &(dyn StdError + 'static)) -> Option<Cause> {
    let error = error.downcast_ref::<io::Error>()?;
    match error.kind() {
        ErrorKind::ConnectionRefused => Some(Cause::Refused),
        ErrorKind::TimedOut => Some(Cause::TimedOut),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => Some(Cause::HungUp),
        ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::AddrNotAvailable => Some(Cause::Away(io_reason(error))),
        _ => None,
    }
}

fn of_tls(error: &rustls::Error) -> Cause {
    use rustls::Error::{AlertReceived, InvalidCertificate};
    match error {
        InvalidCertificate(error) => of_certificate(error),
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => Cause::NoTls,
        AlertReceived(
            AlertDescription::BadCertificate
            | AlertDescription::CertificateRequired
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied,
        ) => Cause::Stranger,
        other => Cause::Tls(other.to_string()),
    }
}

fn of_certificate(error: &CertificateError) -> Cause {
    match error {
        CertificateError::UnknownIssuer => Cause::UnknownAuthority,
        CertificateError::NotValidForName => Cause::OtherName(Vec::new()),
        CertificateError::NotValidForNameContext { presented, .. } => {
            Cause::OtherName(presented.iter().map(|name| in_words(name)).collect())
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Cause::Outdated,
        other => Cause::Tls(other.to_string()),
    }
}

/// `DnsName("api.example")` without what Rust puts around it.
fn in_words(name: &str) -> String {
    let inner = name.split_once('(').map_or(name, |(_, inner)| inner.trim_end_matches(')'));
    inner.trim_matches('"').to_owned()
}

/// Types that hyper keeps to itself are known by what they say.
fn of_text(error: &(dyn StdError + 'static)) -> Option<Cause> {
    let text = error.to_string();
    match text.as_str() {
        "dns error" => return Some(Cause::UnknownHost),
        "connection closed before message completed" => return Some(Cause::HungUp),
        _ => {}
    }
    let said =
        text.strip_prefix("tunnel error: ").or_else(|| text.strip_prefix("SOCKS error: "))?;
    match said {
        // What is behind these two says more.
        "failed to create underlying connection" | "io error establishing tunnel"
            if error.source().is_some() =>
        {
            None
        }
        "unexpected end of file" => Some(Cause::HungUp),
        "unsuccessful" => Some(Cause::ProxySays("it does not let this through".to_owned())),
        "failed to create underlying connection" => {
            Some(Cause::ProxySays("it cannot be reached".to_owned()))
        }
        other => Some(Cause::ProxySays(other.to_lowercase())),
    }
}

fn is_of_tunnel(error: &(dyn StdError + 'static)) -> bool {
    let text = error.to_string();
    text.starts_with("tunnel error: ") || text.starts_with("SOCKS error: ")
}

fn innermost(error: &(dyn StdError + 'static)) -> String {
    let last = chain(error).last().unwrap_or(error);
    match last.downcast_ref() {
        Some(error) => io_reason(error),
        None => last.to_string().lines().next().unwrap_or_default().to_lowercase(),
    }
}

#[cfg(test)]
mod tests;
