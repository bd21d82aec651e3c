//! What the controller is asked: its certificate, whether it opens something, and to seal it anew.

use http::{Method, StatusCode};
use sealwright_api::KIND;
use sealwright_crypto::{Certificate, Fingerprint};
use sealwright_sealing::Anew;
use serde_json::Value;

use super::connection::Answer;
use super::place::Place;
use super::published;
use super::refusal::{Refusal, is_page};
use super::service::{self, Proxied};
use crate::args::ClusterArgs;
use crate::error::{Cause, Error, Result};
use crate::pins::Pins;

/// The controller, reached through the API server.
pub(crate) struct Controller<'a> {
    flags: &'a ClusterArgs,
    proxied: Box<Proxied>,
}

/// What the controller thinks of a SealedSecret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It opens it.
    Opens,
    /// It does not.
    Refuses,
    /// It is no SealedSecret.
    Malformed,
    /// It is too long, or has too many values.
    TooLarge,
    /// It did not come to that.
    Other(StatusCode),
}

impl<'a> Controller<'a> {
    /// Prepares the connection. Nothing is asked yet.
    ///
    /// # Errors
    /// When flags and kubeconfig do not lead to a cluster and a user.
    pub(crate) fn connect(flags: &'a ClusterArgs) -> Result<Self> {
        let proxied = Proxied::prepare(flags)?;
        Ok(Self { flags, proxied: Box::new(proxied) })
    }

    /// The PEM text of the newest certificate: from the controller, or, when it cannot be reached,
    /// from its ConfigMap, as far as that can be believed.
    ///
    /// # Errors
    /// When neither can be had.
    pub(crate) fn certificate(&self) -> Result<String> {
        let fetched = self.fetched().map_err(|refusal| Error::from(refusal).of(Cause::Remote));
        fetched.map(|(text, _)| text)
    }

    /// The same, with the key that was seen here before, if it is another and nobody was told.
    pub(super) fn fetched(&self) -> Result<(String, Option<Fingerprint>), Refusal> {
        match self.certificate_by_proxy() {
            Ok((text, certificate)) => {
                // What anybody may have answered says nothing of the next time.
                if !self.is_checked() {
                    return Ok((text, None));
                }
                let before = self.pins().pin(&self.place(), certificate.fingerprint());
                Ok((text, before))
            }
            Err(Refusal::ByServer(error)) => {
                let namespace = &self.flags.controller_namespace;
                let Some(found) = published::read(&self.proxied.connection, namespace) else {
                    return Err(Refusal::ByServer(error));
                };
                let believed = published::believed(
                    &found,
                    self.pins(),
                    &self.place(),
                    self.flags,
                    self.is_checked(),
                    error,
                );
                believed.map(|text| (text, None)).map_err(Refusal::ByServer)
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// Whether it is sure to be the cluster that answers.
    pub(super) fn is_checked(&self) -> bool {
        self.proxied.connection.is_checked
    }

    /// Whether the controller opens a SealedSecret.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub(crate) fn verify(&self, object: &Value) -> Result<Verdict> {
        let answer = self.post("v1/verify", object)?;
        Ok(match answer.status {
            StatusCode::OK => Verdict::Opens,
            StatusCode::CONFLICT => Verdict::Refuses,
            StatusCode::BAD_REQUEST => Verdict::Malformed,
            StatusCode::PAYLOAD_TOO_LARGE => Verdict::TooLarge,
            status => Verdict::Other(status),
        })
    }

    /// The SealedSecret with its values sealed anew with the newest key, as the controller answers it.
    /// Upstream's controller seals all of them anew, whatever it is asked.
    ///
    /// # Errors
    /// When it cannot be asked, or does not do it.
    pub(crate) fn rotate(&self, object: &Value, which: Anew) -> Result<Value> {
        let path = match which {
            Anew::All => "v1/rotate",
            Anew::Outdated => "v1/rotate?only=outdated",
        };
        let answer = self.post(path, object)?;
        rotated(&self.proxied.service(), object, &answer).map_err(|error| {
            error.of(if answer.status == StatusCode::CONFLICT {
                Cause::Sealed
            } else {
                Cause::Remote
            })
        })
    }

    fn post(&self, path: &str, object: &Value) -> Result<Answer> {
        let body = object.to_string().into_bytes();
        let answer = self.proxied.ask(&Method::POST, path, &body).map_err(Error::from);
        answer.map_err(|error| error.of(Cause::Remote))
    }

    fn certificate_by_proxy(&self) -> Result<(String, Certificate), Refusal> {
        let Answer { status, text, .. } = self.proxied.ask(&Method::GET, "v1/cert.pem", &[])?;
        let failed = |why: String| {
            let service = self.proxied.service();
            Refusal::ByServer(
                Error::new(format!("cannot fetch the certificate from {service}: {why}"))
                    .hint("is it the controller's Service? see --controller-name and -namespace"),
            )
        };
        if status != StatusCode::OK {
            return Err(failed(format!("it answers {status}")));
        }
        match Certificate::from_pem(&text) {
            Ok(certificate) => Ok((text, certificate)),
            Err(_) if is_page(&text) => Err(failed("it answers with a web page".to_owned())),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// Names the controller among those of all clusters.
    fn place(&self) -> String {
        self.proxied.connection.place.name(&known_as(self.flags))
    }

    fn pins(&self) -> Pins {
        pins(&self.proxied.connection.place, self.flags)
    }
}

/// A controller as its pin names it: by its namespace, if its Service has the name that is looked for
/// first, and else by both. There may be several in a namespace.
pub(super) fn known_as(flags: &ClusterArgs) -> String {
    let ClusterArgs { controller_namespace: namespace, controller_name: name, .. } = flags;
    if name == service::DEFAULT { namespace.clone() } else { format!("{namespace}/{name}") }
}

/// With the pin of before where the Service is Helm's: it had the namespace alone for a name.
pub(super) fn pins(place: &Place, flags: &ClusterArgs) -> Pins {
    let mut pins = Pins::load();
    if flags.controller_name == service::HELMS {
        pins.inherit(&place.name(&known_as(flags)), &place.name(&flags.controller_namespace));
    }
    pins
}

/// The answer to `/v1/rotate`. It is no success unless it is the same object.
fn rotated(service: &str, object: &Value, answer: &Answer) -> Result<Value> {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let words = answer.text.lines().next().unwrap_or_default().trim();
    let words = if words.is_empty() { String::new() } else { format!(": {words}") };
    match answer.status {
        StatusCode::OK => {
            let rotated: Option<Value> = serde_json::from_str(&answer.text).ok();
            let is_same = |rotated: &Value| {
                let is_equal = |field| rotated["metadata"][field] == object["metadata"][field];
                rotated["kind"] == KIND && is_equal("name") && is_equal("namespace")
            };
            rotated.filter(is_same).ok_or_else(|| {
                Error::new(format!("cannot re-encrypt {name}: {service} answers something else"))
                    .hint("is it the controller's Service? see --controller-name and -namespace")
            })
        }
        // Upstream's controller answers every failure so.
        StatusCode::CONFLICT | StatusCode::INTERNAL_SERVER_ERROR => {
            Err(Error::new(format!("unable to decrypt sealed secret: {name}{words}"))
                .hint(REFUSED_HINT))
        }
        StatusCode::BAD_REQUEST => {
            Err(Error::new(format!("cannot re-encrypt {name}: not a valid SealedSecret"))
                .hint(MALFORMED_HINT))
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Error::new(format!("cannot re-encrypt {name}: it is too large for {service}"))
                .hint(TOO_LARGE_HINT))
        }
        status => Err(Error::new(format!("cannot re-encrypt {name}: {service} answers {status}"))
            .hint("see the controller's log")),
    }
}

pub(crate) const REFUSED_HINT: &str = "it was sealed for another cluster, name, namespace or scope: once it is applied, status says what can be known";
pub(crate) const MALFORMED_HINT: &str =
    "a value is not base64 or cut short, or a field has the wrong type";
pub(crate) const TOO_LARGE_HINT: &str = "split it into several SealedSecrets";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(status: u16, text: &str) -> Result<Value, String> {
        let status = StatusCode::from_u16(status).unwrap();
        let answer = Answer { status, retry_after: None, date: None, text: text.to_owned() };
        let object = json!({ "metadata": { "name": "db", "namespace": "shop" } });
        rotated("n/s", &object, &answer).map_err(|error| error.to_string())
    }

    #[test]
    fn an_answer_is_the_same_object_sealed_anew() {
        let answered = json!({ "kind": KIND, "metadata": { "name": "db", "namespace": "shop" } });
        assert_eq!(told(200, &answered.to_string()), Ok(answered));
    }

    #[test]
    fn what_is_not_sealed_anew_is_named() {
        let other = json!({ "kind": KIND, "metadata": { "name": "db" } }).to_string();
        let secret = r#"{"kind":"Secret","metadata":{"name":"db","namespace":"shop"}}"#;
        for (status, text, expected) in [
            (409, "", "unable to decrypt sealed secret: db\nhint: it was sealed for another"),
            (
                500,
                "no key could decrypt secret (a)\n",
                "unable to decrypt sealed secret: db: no key could decrypt secret (a)\nhint: ",
            ),
            (400, "", "cannot re-encrypt db: not a valid SealedSecret\nhint: "),
            (413, "", "cannot re-encrypt db: it is too large for n/s\nhint: "),
            (404, "404 page not found", "cannot re-encrypt db: n/s answers 404 Not Found\nhint: "),
            (302, "", "cannot re-encrypt db: n/s answers 302 Found\nhint: "),
            (200, "", "cannot re-encrypt db: n/s answers something else\nhint: "),
            (200, "<html>", "cannot re-encrypt db: n/s answers something else\nhint: "),
            (200, &other, "cannot re-encrypt db: n/s answers something else\nhint: "),
            (200, secret, "cannot re-encrypt db: n/s answers something else\nhint: "),
        ] {
            let error = told(status, text).unwrap_err();
            assert!(error.starts_with(&format!("error: {expected}")), "{status} {text}: {error}");
        }
    }
}
