//! The API server's own answers where the controller's were wanted, in words for people.

use std::time::Duration;

use http::StatusCode;

use super::connection::Answer;
use super::explain::Route;
use crate::error::Error;

/// Why no answer of the controller came.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The API server was not reached.
    Unreachable(Error),
    /// It does not know who asks, or is none: no other way leads on.
    Nobody(Error),
    /// The API server answered, or waited for the controller in vain.
    ByServer(Error),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unreachable(error) | Refusal::Nobody(error) | Refusal::ByServer(error) => {
                error
            }
        }
    }
}

/// What the API server itself says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Nothing: somebody else speaks, the controller where it was asked.
    None,
    NotFound,
    Forbidden(String),
    /// Who asks may not act as somebody else.
    NotAs(String),
    Unauthorized,
    Unavailable(String),
    Other(StatusCode, String),
}

impl Word {
    pub(super) fn of(answer: &Answer) -> Self {
        // Who is in front of an API server to check credentials says so in its own way.
        if answer.status == StatusCode::UNAUTHORIZED {
            return Self::Unauthorized;
        }
        let is_failure = answer.status.is_client_error() || answer.status.is_server_error();
        let Some(said) = answer.of_api_server().filter(|_| is_failure) else { return Self::None };
        match answer.status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::FORBIDDEN if said.message.contains("cannot impersonate") => {
                Self::NotAs(said.message)
            }
            StatusCode::FORBIDDEN => Self::Forbidden(said.message),
            StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::BAD_GATEWAY
            | StatusCode::GATEWAY_TIMEOUT => Self::Unavailable(said.message),
            status => Self::Other(status, said.message),
        }
    }

    /// What it means for whoever asked for the Service.
    pub(super) fn told(&self, service: &str) -> Error {
        match self {
            Self::None => Error::new(format!("{service} gave no answer")),
            Self::NotFound => Error::new(format!("there is no Service {service}"))
                .hint("give --controller-name and --controller-namespace"),
            Self::NotAs(message) => {
                Error::new(format!("no permission to act as somebody else: {message}"))
                    .hint("leave --as out, or ask for the right to impersonate")
            }
            Self::Forbidden(message) => Error::new(format!(
                "no permission to reach {service}: {message}"
            ))
            .hint("ask for the role sealed-secrets-service-proxier, or use --cert with a file"),
            Self::Unauthorized => Error::new(format!("no permission to reach {service}"))
                .hint("log in to the cluster again, or choose another --context"),
            Self::Unavailable(message) => {
                Error::new(format!("{service} has no running controller: {message}"))
                    .hint("see `kubectl get pods` in its namespace")
            }
            Self::Other(status, message) => {
                Error::new(format!("cannot reach {service}: {status}: {message}"))
                    .hint("see the API server's log, or ask an administrator of the cluster")
            }
        }
    }
}

pub(super) fn unauthorized(route: &Route) -> Error {
    let server = &route.server;
    let hint = if server.starts_with("http://") {
        "no credentials are sent over http://: write https:// if it speaks that"
    } else {
        "log in to the cluster again, or choose another --context or --user"
    };
    Error::new(format!("{server} does not accept the credentials")).hint(hint)
}

/// Something else than an API server answered.
pub(super) fn not_kubernetes(route: &Route, answer: &Answer) -> Error {
    let server = &route.server;
    if answer.text.contains("HTTP request to an HTTPS server") {
        return Error::new(format!("{server} speaks TLS"))
            .hint("write https:// in the kubeconfig or --server");
    }
    let what = if is_page(&answer.text) { "a web page" } else { "something else" };
    let status = answer.status;
    Error::new(format!("{server} is no Kubernetes API server: it answers {status} with {what}"))
        .hint("check the address in the kubeconfig or --server; a proxy may answer in its place")
}

/// Whether a text is HTML.
pub(crate) fn is_page(text: &str) -> bool {
    let start: String = text.trim_start_matches('\u{feff}').trim_start().chars().take(14).collect();
    let start = start.to_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html") || start.starts_with("<head")
}

pub(super) fn too_often(who: &str, retry_after: Option<Duration>) -> Error {
    let hint = match retry_after {
        Some(pause) => format!("try again in {} seconds", pause.as_secs()),
        None => "try again later".to_owned(),
    };
    Error::new(format!("{who} is asked too often")).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, text: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, retry_after: None, date: None, text: text.to_owned() }
    }

    fn said(status: u16, message: &str) -> Answer {
        let text = format!(
            r#"{{"kind":"Status","apiVersion":"v1","code":{status},"message":"{message}"}}"#
        );
        answer(status, &text)
    }

    #[test]
    fn the_api_servers_words_are_told_from_the_controllers() {
        let message = || "why".to_owned();
        for (answer, expected) in [
            (answer(200, "-----BEGIN"), Word::None),
            (answer(404, "404 page not found"), Word::None),
            (answer(403, "<html>"), Word::None),
            (answer(409, ""), Word::None),
            (answer(503, "no key yet"), Word::None),
            // The API server's word is a failure; an answer of success is never its own.
            (said(200, "why"), Word::None),
            (answer(401, "<html>"), Word::Unauthorized),
            (said(401, "why"), Word::Unauthorized),
            (said(403, "why"), Word::Forbidden(message())),
            (said(404, "why"), Word::NotFound),
            (said(502, "why"), Word::Unavailable(message())),
            (said(503, "why"), Word::Unavailable(message())),
            (said(504, "why"), Word::Unavailable(message())),
            (said(500, "why"), Word::Other(StatusCode::INTERNAL_SERVER_ERROR, message())),
        ] {
            assert_eq!(Word::of(&answer), expected, "{answer:?}");
        }
    }

    #[test]
    fn each_word_names_the_service_and_what_to_do() {
        let impersonated =
            "users \\\"x\\\" is forbidden: User \\\"y\\\" cannot impersonate resource";
        for (answer, expected) in [
            (said(404, ""), "there is no Service n/s\nhint: give --controller-name"),
            (said(403, "why"), "no permission to reach n/s: why\nhint: ask for the role"),
            (said(403, impersonated), "no permission to act as somebody else: users \"x\" is"),
            (said(401, ""), "no permission to reach n/s\nhint: log in"),
            (said(503, "why"), "n/s has no running controller: why\nhint: see `kubectl get pods`"),
            (
                said(500, "why"),
                "cannot reach n/s: 500 Internal Server Error: why\nhint: see the API",
            ),
        ] {
            let text = Word::of(&answer).told("n/s").to_string();
            assert!(text.starts_with(&format!("error: {expected}")), "{text}");
        }
    }

    #[test]
    fn what_is_no_api_server_is_told() {
        let route = |server: &str| Route { server: server.to_owned(), proxy: None };
        let page = answer(302, "\u{feff} <!DOCTYPE HTML><title>Log in</title>");
        for (server, answer, expected) in [
            (
                "https://a",
                page,
                "https://a is no Kubernetes API server: it answers 302 Found with a web page\nhint: check the address",
            ),
            (
                "https://a",
                answer(404, "nope"),
                "https://a is no Kubernetes API server: it answers 404 Not Found with something else\n",
            ),
            (
                "http://a",
                answer(400, "Client sent an HTTP request to an HTTPS server.\n"),
                "http://a speaks TLS\nhint: write https://",
            ),
        ] {
            let text = not_kubernetes(&route(server), &answer).to_string();
            assert!(text.starts_with(&format!("error: {expected}")), "{text}");
        }
        for (server, hint) in [("https://a", "log in"), ("http://a", "no credentials are sent")] {
            let text = unauthorized(&route(server)).to_string();
            assert!(
                text.contains(&format!("does not accept the credentials\nhint: {hint}")),
                "{text}"
            );
        }
    }

    #[test]
    fn pages_are_known() {
        for (text, expected) in [
            ("<!doctype html>", true),
            ("\n<HTML lang=en>", true),
            ("<head>", true),
            ("-----BEGIN CERTIFICATE-----", false),
            ("", false),
            ("{}", false),
        ] {
            assert_eq!(is_page(text), expected, "{text}");
        }
    }
}
