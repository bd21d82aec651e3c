//! The controller's Service: which one it is, and asking what is behind it through the API server.
//!
//! When the default name does not exist, Helm's is tried: by `get`, in the same namespace. A search by
//! label or in other namespaces would let any tenant's Service pose as the controller.

use std::cell::{Cell, OnceCell};
use std::io::IsTerminal;
use std::time::Instant;

use http::{Method, StatusCode};
use k8s_openapi::api::core::v1::Service;

use super::connection::{Answer, Connection};
use super::patience::pause;
use super::refusal::{self, Refusal, Word};
use crate::args::ClusterArgs;
use crate::error::{Error, Result, say};

/// The name when none is given, upstream's.
pub(super) const DEFAULT: &str = "sealed-secrets-controller";
/// The name that Helm's default install has.
pub(super) const HELMS: &str = "sealed-secrets";
/// The ports that are tried when the Service may not be read: the only one, and the usual one.
pub(crate) const USUAL_PORTS: [&str; 2] = ["", "http"];
/// Who may not ask the default name cannot know whether it exists.
const FORBIDDEN_DEFAULT: &str = "ask for the role sealed-secrets-service-proxier, or use --cert with \
                                 a file; if Helm installed the controller, give \
                                 --controller-name=sealed-secrets";

/// A Service through the API server's proxy.
pub(super) struct Proxied {
    pub(super) connection: Connection,
    namespace: String,
    name: String,
    found: OnceCell<Found>,
    has_said_that_it_waits: Cell<bool>,
}

/// Where requests go.
#[derive(Clone, Debug)]
struct Found {
    name: String,
    port: String,
}

/// What `get` says of a Service.
enum Look {
    There {
        port: String,
    },
    /// It may not be read; it may be asked all the same.
    Hidden,
    Absent,
}

impl Proxied {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// When no Service can have the name, or flags and kubeconfig lead nowhere.
    pub(super) fn prepare(flags: &ClusterArgs) -> Result<Self> {
        let (namespace, name) = (&flags.controller_namespace, &flags.controller_name);
        for (flag, value) in [("--controller-namespace", namespace), ("--controller-name", name)] {
            check_name(flag, value)?;
        }
        Ok(Self {
            connection: Connection::prepare(flags)?,
            namespace: namespace.clone(),
            name: name.clone(),
            found: OnceCell::new(),
            has_said_that_it_waits: Cell::new(false),
        })
    }

    /// `namespace/name` of the one that was found, or else is looked for.
    pub(super) fn service(&self) -> String {
        self.named(self.found.get().map_or(&self.name, |found| &found.name))
    }

    fn named(&self, name: &str) -> String {
        format!("{}/{name}", self.namespace)
    }

    /// Asks the controller.
    ///
    /// # Errors
    /// When no answer of its own comes.
    pub(super) fn ask(&self, method: &Method, path: &str, body: &[u8]) -> Result<Answer, Refusal> {
        if let Some(found) = self.found.get() {
            let answer = self.send(found, method, path, body)?;
            return self.own(found, answer);
        }
        let mut is_closed = false;
        for name in self.names() {
            let (ports, is_hidden) = match self.look(name)? {
                Look::There { port } => (vec![port], false),
                Look::Hidden => (USUAL_PORTS.map(str::to_owned).to_vec(), true),
                Look::Absent => continue,
            };
            let Some((found, answer)) = self.first_answer(name, &ports, method, path, body)? else {
                continue;
            };
            let is_other = name != self.name;
            if is_other && is_hidden && is_forbidden(&answer) {
                is_closed = true;
                continue;
            }
            if is_other {
                say_that_it_is_another(&self.named(&self.name), &self.named(name));
            }
            let found = self.found.get_or_init(|| found);
            return self.own(found, answer);
        }
        Err(Refusal::ByServer(self.absent(is_closed)))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        names(&self.name)
    }

    /// The Service, as far as it may be read.
    fn look(&self, name: &str) -> Result<Look, Refusal> {
        let path = format!("/api/v1/namespaces/{}/services/{name}", self.namespace);
        let connection = &self.connection;
        let answer = self.patiently(&connection.route.server, || {
            connection.get(&path).map_err(|failure| {
                let error = failure.told(&connection.route, None);
                match failure.is_out_of_reach() {
                    true => Refusal::Unreachable(error),
                    false => Refusal::ByServer(error),
                }
            })
        });
        let answer = answer?;
        if answer.status == StatusCode::OK {
            let service: Option<Service> = serde_json::from_str(&answer.text).ok();
            let service = service.filter(|service| service.metadata.name.as_deref() == Some(name));
            let Some(service) = service else {
                return Err(Refusal::Nobody(refusal::not_kubernetes(&connection.route, &answer)));
            };
            let ports = service.spec.and_then(|spec| spec.ports).unwrap_or_default();
            let port = ports.into_iter().next().and_then(|port| port.name).unwrap_or_default();
            return Ok(Look::There { port });
        }
        match Word::of(&answer) {
            Word::NotFound => Ok(Look::Absent),
            Word::Forbidden(_) => Ok(Look::Hidden),
            Word::Unauthorized => Err(Refusal::Nobody(refusal::unauthorized(&connection.route))),
            Word::None => Err(Refusal::Nobody(refusal::not_kubernetes(&connection.route, &answer))),
            word @ Word::NotAs(_) => Err(Refusal::Nobody(word.told(&self.named(name)))),
            word => Err(Refusal::ByServer(word.told(&self.named(name)))),
        }
    }

    /// The answer at the first port that leads anywhere, else at the first; `None` when there is no
    /// such Service.
    fn first_answer(
        &self,
        name: &str,
        ports: &[String],
        method: &Method,
        path: &str,
        body: &[u8],
    ) -> Result<Option<(Found, Answer)>, Refusal> {
        let mut first = None;
        for port in ports {
            let found = Found { name: name.to_owned(), port: port.clone() };
            let answer = self.send(&found, method, path, body)?;
            match Word::of(&answer) {
                Word::NotFound => return Ok(None),
                // An unknown port is one without endpoints, too. Where that can be told, it may be asked.
                Word::Unavailable(_) => {
                    let is_better = first.as_ref().is_none_or(|(_, first)| is_forbidden(first));
                    if is_better {
                        first = Some((found, answer));
                    }
                }
                Word::Forbidden(_) => {
                    first.get_or_insert((found, answer));
                }
                _ => return Ok(Some((found, answer))),
            }
        }
        Ok(first)
    }

    fn send(
        &self,
        found: &Found,
        method: &Method,
        path: &str,
        body: &[u8],
    ) -> Result<Answer, Refusal> {
        let Found { name, port } = found;
        let uri = format!(
            "/api/v1/namespaces/{}/services/http:{name}:{port}/proxy/{path}",
            self.namespace
        );
        let connection = &self.connection;
        let service = self.named(name);
        self.patiently(&service, || {
            let sent = connection.send(method.clone(), &uri, body.to_vec());
            // The API server was reached before.
            sent.map_err(|failure| {
                Refusal::ByServer(failure.told(&connection.route, Some(&service)))
            })
        })
    }

    /// Asks again while it is said that this is asked too often: several documents in a row are
    /// over the controller's limit.
    fn patiently(
        &self,
        who: &str,
        ask: impl Fn() -> Result<Answer, Refusal>,
    ) -> Result<Answer, Refusal> {
        let start = Instant::now();
        loop {
            let answer = ask()?;
            if answer.status != StatusCode::TOO_MANY_REQUESTS {
                return Ok(answer);
            }
            let Some(pause) = pause(start.elapsed(), answer.retry_after) else {
                return Err(Refusal::ByServer(refusal::too_often(who, answer.retry_after)));
            };
            if !self.has_said_that_it_waits.replace(true) && std::io::stderr().is_terminal() {
                say_that_it_waits(who);
            }
            self.connection.wait(pause);
        }
    }

    /// The controller's own answer, or what the API server says instead of it.
    fn own(&self, found: &Found, answer: Answer) -> Result<Answer, Refusal> {
        let word = Word::of(&answer);
        if word == Word::None {
            return Ok(answer);
        }
        let error = word.told(&self.named(&found.name));
        let may_be_helms = matches!(word, Word::Forbidden(_)) && found.name == DEFAULT;
        let error = if may_be_helms { error.hint(FORBIDDEN_DEFAULT) } else { error };
        Err(Refusal::ByServer(error))
    }

    /// `is_closed`: of Helm's name nothing can be known.
    fn absent(&self, is_closed: bool) -> Error {
        let mut message = format!("there is no Service {}", self.named(&self.name));
        if let Some(other) = self.names().nth(1) {
            let beginning = if is_closed { ", and no permission to reach " } else { ", nor " };
            message = format!("{message}{beginning}{}", self.named(other));
        }
        Error::new(message).hint(
            "give --controller-name and --controller-namespace; \
             Helm's default install is named sealed-secrets",
        )
    }
}

/// The names to try where one was asked for, in order.
pub(crate) fn names(wanted: &str) -> impl Iterator<Item = &str> {
    std::iter::once(wanted).chain((wanted == DEFAULT).then_some(HELMS))
}

/// A name stays within its place in a path.
///
/// # Errors
/// When nothing can have it.
pub(crate) fn check_name(flag: &str, value: &str) -> Result<()> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    if value.is_empty() || value.starts_with('.') || !value.chars().all(is_allowed) {
        return Err(Error::new(format!("nothing can have the name {value:?}"))
            .hint(format!("check {flag}")));
    }
    Ok(())
}

fn is_forbidden(answer: &Answer) -> bool {
    matches!(Word::of(answer), Word::Forbidden(_))
}

fn say_that_it_is_another(wanted: &str, found: &str) {
    say(format_args!("note: there is no Service {wanted}; using {found}, Helm's name for it"));
}

fn say_that_it_waits(who: &str) {
    say(format_args!("note: {who} may be asked only so often; waiting for it"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Parsed, parse};

    fn flags(words: &[&str]) -> ClusterArgs {
        let words = ["kubeseal", "--server=http://127.0.0.1:1"].iter().chain(words);
        match parse(words.map(Into::into), |_| None) {
            Ok(Parsed::Args(args)) => args.cluster,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_under_the_default_name_helms_is_tried() {
        for (words, expected) in [
            (&["--kubeconfig=/dev/null"][..], &[DEFAULT, HELMS][..]),
            (&["--kubeconfig=/dev/null", "--controller-name=sealed-secrets"], &[HELMS]),
            (&["--kubeconfig=/dev/null", "--controller-name=mine"], &["mine"]),
        ] {
            let proxied = Proxied::prepare(&flags(words)).unwrap();
            assert_eq!(proxied.names().collect::<Vec<_>>(), expected);
            assert_eq!(proxied.service(), format!("kube-system/{}", expected[0]));
        }
    }

    #[test]
    fn a_name_stays_within_its_place_in_the_path() {
        for words in [
            ["--controller-name=", "--controller-namespace=n"],
            ["--controller-name=a/proxy/b", "--controller-namespace=n"],
            ["--controller-name=a", "--controller-namespace=.."],
            ["--controller-name=a?b", "--controller-namespace=n"],
            ["--controller-name=a", "--controller-namespace=n:m"],
        ] {
            let error = Proxied::prepare(&flags(&words)).err().unwrap().to_string();
            assert!(error.contains("nothing can have the name"), "{error}");
        }
    }
}
