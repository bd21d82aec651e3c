//! Objects of the API server, as JSON: listed, read, made and changed with the rights of whoever asks.

mod look;
mod paging;

use std::cell::Cell;
use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use serde_json::Value;

use super::connection::{Answer, Connection};
use super::explain::Failure;
use super::patience::pause;
use super::refusal::{self, Word};
use super::service::check_name;
use crate::args::ClusterArgs;
use crate::error::{Cause, Error, Result};
pub(crate) use look::{Greeting, Look};
use paging::Paging;

/// How often a list is begun anew that grew too old while it was read.
const ATTEMPTS: usize = 3;

/// The API server.
pub(crate) struct Api {
    connection: Connection,
    /// How long looks have waited so far, all together: one that is not answered in time says enough.
    waited: Cell<Duration>,
}

/// What the API server says of a request, if not that it failed.
enum Said {
    Object(Value),
    NotFound,
    /// It is there already, or was changed meanwhile.
    Conflict,
    /// The rest of a list is to be had no longer.
    Gone,
}

/// What became of a list.
enum Listed {
    All(Vec<Value>),
    /// There is nothing of that kind.
    Unknown,
    /// The rest is to be had no longer.
    Gone,
}

impl Api {
    /// Prepares the connection. Nothing is asked yet.
    ///
    /// # Errors
    /// When flags and kubeconfig do not lead to a cluster and a user.
    pub(crate) fn connect(flags: &ClusterArgs) -> Result<Self> {
        check_name("--controller-namespace", &flags.controller_namespace)?;
        let connection = Connection::prepare(flags).map_err(without_sealing)?;
        Ok(Self { connection, waited: Cell::default() })
    }

    /// The API server's URL, for people.
    pub(crate) fn server(&self) -> &str {
        &self.connection.route.server
    }

    /// The object at a path; `to` says what for: "read the Secret a/b".
    ///
    /// # Errors
    /// When the API server is not to be reached, or does not allow it.
    pub(crate) fn get(&self, path: &str, to: &str) -> Result<Option<Value>> {
        match self.ask(&Method::GET, path, &[], to)? {
            Said::Object(object) => Ok(Some(object)),
            Said::NotFound | Said::Conflict | Said::Gone => Ok(None),
        }
    }

    /// All objects at a path, with `query` in front of what pages need (`labelSelector=…`, or nothing).
    ///
    /// # Errors
    /// As for [`Self::get`]; and when there is nothing of that kind.
    pub(crate) fn list(&self, path: &str, query: &str, to: &str) -> Result<Vec<Value>> {
        self.list_if_known(path, query, to)?.ok_or_else(|| no_such_kind(to))
    }

    /// The same; `None` when the cluster knows nothing of that kind.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub(crate) fn list_if_known(
        &self,
        path: &str,
        query: &str,
        to: &str,
    ) -> Result<Option<Vec<Value>>> {
        for _ in 0..ATTEMPTS {
            match self.pages(path, query, to)? {
                Listed::All(objects) => return Ok(Some(objects)),
                Listed::Unknown => return Ok(None),
                Listed::Gone => {}
            }
        }
        Err(Error::new(format!("cannot {to}: the list grows old before it is read"))
            .hint("the API server is slow: try again later")
            .of(Cause::Remote))
    }

    /// Every page, as long as the API server remembers the later ones.
    fn pages(&self, path: &str, query: &str, to: &str) -> Result<Listed> {
        let mut objects = Vec::new();
        let mut paging = Paging::default();
        loop {
            let page = match self.ask(&Method::GET, &paging.uri(path, query), &[], to)? {
                Said::Object(page) => page,
                Said::Gone => return Ok(Listed::Gone),
                Said::NotFound | Said::Conflict => return Ok(Listed::Unknown),
            };
            let (items, has_more) = paging.take(page).ok_or_else(|| self.no_list(to))?;
            objects.extend(items);
            if !has_more {
                return Ok(Listed::All(objects));
            }
        }
    }

    /// An answer that is no list is not one of nothing: what hangs on it could be lost.
    fn no_list(&self, to: &str) -> Error {
        Error::new(format!(
            "cannot {to}: {} answers with something else than a list",
            self.server()
        ))
        .hint("check the address in the kubeconfig or --server; a proxy may answer in its place")
        .of(Cause::Remote)
    }

    /// Makes an object; `None` when one of that name is there already.
    ///
    /// # Errors
    /// As for [`Self::list`].
    pub(crate) fn create(&self, path: &str, object: &Value, to: &str) -> Result<Option<Value>> {
        match self.ask(&Method::POST, path, object.to_string().as_bytes(), to)? {
            Said::Object(object) => Ok(Some(object)),
            Said::Conflict => Ok(None),
            Said::NotFound | Said::Gone => Err(no_such_kind(to)),
        }
    }

    /// Changes an object by a merge patch (RFC 7386); `None` when it is gone, or is no longer of the
    /// `metadata.resourceVersion` that the patch names.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub(crate) fn merge(&self, path: &str, patch: &Value, to: &str) -> Result<Option<Value>> {
        match self.ask(&Method::PATCH, path, patch.to_string().as_bytes(), to)? {
            Said::Object(object) => Ok(Some(object)),
            Said::NotFound | Said::Conflict | Said::Gone => Ok(None),
        }
    }

    fn ask(&self, method: &Method, path: &str, body: &[u8], to: &str) -> Result<Said> {
        let answer = self.patiently(method, path, body).map_err(unanswered)?;
        self.said(&answer, to).map_err(|error| match error.cause() {
            Cause::Forbidden => error,
            _ => error.of(Cause::Remote),
        })
    }

    /// Asks again while the API server says that it is asked too often.
    fn patiently(&self, method: &Method, path: &str, body: &[u8]) -> Result<Answer> {
        let mut waited = Duration::ZERO;
        self.patiently_after(&mut waited, method, path, body)
    }

    /// The same, after having waited elsewhere.
    fn patiently_after(
        &self,
        waited: &mut Duration,
        method: &Method,
        path: &str,
        body: &[u8],
    ) -> Result<Answer> {
        let (start, before, connection) = (Instant::now(), *waited, &self.connection);
        loop {
            let answer = if *method == Method::GET {
                connection.page(path)
            } else {
                connection.send(method.clone(), path, body.to_vec())
            };
            let answer =
                answer.map_err(|failure: Failure| failure.told(&connection.route, None))?;
            if answer.status != StatusCode::TOO_MANY_REQUESTS {
                return Ok(answer);
            }
            *waited = before.saturating_add(start.elapsed());
            let Some(pause) = pause(*waited, answer.retry_after) else {
                return Err(refusal::too_often(self.server(), answer.retry_after));
            };
            connection.wait(pause);
            *waited = before.saturating_add(start.elapsed());
        }
    }

    fn said(&self, answer: &Answer, to: &str) -> Result<Said> {
        let route = &self.connection.route;
        match Word::of(answer) {
            Word::None if answer.status.is_success() => serde_json::from_str(&answer.text)
                .map(Said::Object)
                .map_err(|_| refusal::not_kubernetes(route, answer)),
            Word::None => Err(refusal::not_kubernetes(route, answer)),
            Word::NotFound => Ok(Said::NotFound),
            Word::Unauthorized => Err(refusal::unauthorized(route)),
            Word::Other(StatusCode::CONFLICT, _) => Ok(Said::Conflict),
            Word::Other(StatusCode::GONE, _) => Ok(Said::Gone),
            word @ Word::NotAs(_) => Err(word.told("")),
            Word::Forbidden(message) => {
                Err(Error::new(format!("no permission to {to}: {message}"))
                    .hint("ask an administrator of the cluster, or choose another --context"))
            }
            Word::Unavailable(message) | Word::Other(_, message) => {
                Err(Error::new(format!("cannot {to}: {message}"))
                    .hint("see the API server's log, or ask an administrator of the cluster"))
            }
        }
    }
}

/// Nothing is sealed here, which could be done without a cluster.
pub(super) fn without_sealing(error: Error) -> Error {
    let error =
        error.rehint(", give --server, or seal with --cert and no cluster", ", or give --server");
    error.rehint(", or seal with --cert and no cluster", "")
}

/// The same, of what did not come back.
pub(super) fn unanswered(error: Error) -> Error {
    without_sealing(error).of(Cause::Remote)
}

fn no_such_kind(to: &str) -> Error {
    Error::new(format!("cannot {to}: the cluster does not know the kind, or the namespace"))
        .hint("is the namespace there, and the SealedSecret resource definition installed?")
        .of(Cause::Remote)
}
