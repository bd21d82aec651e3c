//! Looking at what may be missing, forbidden or broken: each of these is an answer, and no failure of
//! whoever looks.

use http::{Method, StatusCode};
use serde_json::Value;

use super::{Api, Paging};
use crate::cluster::connection::Answer;
use crate::cluster::refusal::{self, Word};
use crate::error::{Error, Result};

/// What comes of looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Look<T> {
    There(T),
    Absent,
    /// A right is missing; the API server says which.
    Forbidden(String),
    /// It does not work, for this reason.
    Failed(String),
}

/// What an API server says of itself to whoever asks first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Greeting {
    /// `None` where it keeps that to itself.
    pub(crate) version: Option<String>,
    /// Its clock, in HTTP's words.
    pub(crate) date: Option<String>,
}

impl<T> Look<T> {
    /// What is there.
    pub(crate) fn there(&self) -> Option<&T> {
        match self {
            Self::There(there) => Some(there),
            _ => None,
        }
    }

    /// Why it cannot be told whether something is there; `None` where it can.
    pub(crate) fn hindrance(&self) -> Option<&str> {
        match self {
            Self::There(_) | Self::Absent => None,
            Self::Forbidden(message) | Self::Failed(message) => Some(message),
        }
    }

    /// The same of something else.
    pub(crate) fn map<U>(self, map: impl FnOnce(T) -> U) -> Look<U> {
        self.read(|there| Some(map(there)))
    }

    /// The same, read further: what makes no sense is a failure.
    pub(crate) fn read<U>(self, read: impl FnOnce(T) -> Option<U>) -> Look<U> {
        match self {
            Self::There(there) => match read(there) {
                Some(there) => Look::There(there),
                None => Look::Failed("something else than was asked for is answered".to_owned()),
            },
            Self::Absent => Look::Absent,
            Self::Forbidden(message) => Look::Forbidden(message),
            Self::Failed(message) => Look::Failed(message),
        }
    }
}

impl Api {
    /// The name of the context that leads here.
    pub(crate) fn context(&self) -> Option<&str> {
        self.connection.place.context.as_deref()
    }

    /// Names the controller of a namespace among those of all clusters.
    pub(crate) fn place(&self, namespace: &str) -> String {
        self.connection.place.name(namespace)
    }

    /// The first question: whether an API server answers, and accepts the credentials.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) fn greet(&self) -> Result<Greeting> {
        let answer = self.patiently(&Method::GET, "/version", &[]);
        answer.and_then(|answer| self.greeting(answer)).map_err(super::unanswered)
    }

    fn greeting(&self, answer: Answer) -> Result<Greeting> {
        let route = &self.connection.route;
        let version = match Word::of(&answer) {
            Word::None if answer.status == StatusCode::OK => {
                let told: Value = serde_json::from_str(&answer.text).unwrap_or_default();
                let version = told["gitVersion"].as_str().map(str::to_owned);
                Some(version.ok_or_else(|| refusal::not_kubernetes(route, &answer))?)
            }
            Word::None => return Err(refusal::not_kubernetes(route, &answer)),
            Word::Unauthorized => return Err(refusal::unauthorized(route)),
            word @ Word::NotAs(_) => return Err(word.told("")),
            Word::NotFound | Word::Forbidden(_) => None,
            Word::Unavailable(message) | Word::Other(_, message) => {
                return Err(Error::new(format!("{} does not work: {message}", self.server()))
                    .hint("see the API server's log, or ask an administrator of the cluster"));
            }
        };
        Ok(Greeting { version, date: answer.date })
    }

    /// The object at a path.
    pub(crate) fn look(&self, path: &str) -> Look<Value> {
        self.look_at_text(path).read(|text| serde_json::from_str(&text).ok())
    }

    /// The text at a path.
    pub(crate) fn look_at_text(&self, path: &str) -> Look<String> {
        self.answered(&Method::GET, path, &[])
    }

    /// The text at a path that the API server fetches from a Service: `None` when that is the one who does
    /// not have it, and not the API server that has no such Service.
    pub(crate) fn look_behind(&self, path: &str) -> Look<Option<String>> {
        match self.soon(&Method::GET, path, &[]) {
            Ok(answer) => seen_behind(answer),
            Err(error) => Look::Failed(error.message().to_owned()),
        }
    }

    /// What the API server makes of an object that it keeps nothing of, such as a review.
    pub(crate) fn review(&self, path: &str, object: &Value) -> Look<Value> {
        let answered = self.answered(&Method::POST, path, object.to_string().as_bytes());
        answered.read(|text| serde_json::from_str(&text).ok())
    }

    /// Every object at a path, with `query` in front of what pages need. They are not kept.
    pub(crate) fn look_at_each(
        &self,
        path: &str,
        query: &str,
        mut each: impl FnMut(Value),
    ) -> Look<()> {
        let mut paging = Paging::default();
        loop {
            let page = self.look(&paging.uri(path, query));
            let (items, has_more) = match page.read(|page| paging.take(page)) {
                Look::There(page) => page,
                other => return other.read(|_| None),
            };
            items.into_iter().for_each(&mut each);
            if !has_more {
                return Look::There(());
            }
        }
    }

    /// The objects at a path, of which there are few.
    pub(crate) fn look_at_all(&self, path: &str, query: &str) -> Look<Vec<Value>> {
        let mut all = Vec::new();
        self.look_at_each(path, query, |object| all.push(object)).read(|()| Some(all))
    }

    fn answered(&self, method: &Method, path: &str, body: &[u8]) -> Look<String> {
        match self.soon(method, path, body) {
            Ok(answer) => seen(answer),
            Err(error) => Look::Failed(error.message().to_owned()),
        }
    }

    /// Where it is asked too often, all looks together wait no longer than one request does otherwise.
    fn soon(&self, method: &Method, path: &str, body: &[u8]) -> Result<Answer> {
        let mut waited = self.waited.get();
        let answer = self.patiently_after(&mut waited, method, path, body);
        self.waited.set(waited);
        answer
    }
}

fn seen_behind(answer: Answer) -> Look<Option<String>> {
    let is_its_own = Word::of(&answer) == Word::None;
    match seen(answer) {
        Look::Absent if is_its_own => Look::There(None),
        look => look.map(Some),
    }
}

fn seen(answer: Answer) -> Look<String> {
    let status = answer.status;
    match Word::of(&answer) {
        Word::None if status.is_success() => Look::There(answer.text),
        // Of groups that it does not have the API server says so in plain text.
        Word::None if status == StatusCode::NOT_FOUND => Look::Absent,
        Word::None => Look::Failed(format!("it answers {status}")),
        Word::NotFound => Look::Absent,
        Word::Forbidden(message) | Word::NotAs(message) => Look::Forbidden(message),
        Word::Unauthorized => Look::Failed("the credentials are not accepted".to_owned()),
        Word::Unavailable(message) | Word::Other(_, message) => Look::Failed(message),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;
    use crate::args::{Parsed, parse};

    const STATUS: &str = r#"{"kind":"Status","apiVersion":"v1","message":"why"}"#;

    fn answer(status: u16, text: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, retry_after: None, date: None, text: text.to_owned() }
    }

    fn told(status: u16, text: &str) -> Look<String> {
        seen(answer(status, text))
    }

    fn word(status: u16) -> Look<String> {
        told(status, STATUS)
    }

    #[test]
    fn a_service_that_has_it_not_is_not_one_that_is_not_there() {
        assert_eq!(seen_behind(answer(404, "404 page not found")), Look::There(None));
        assert_eq!(seen_behind(answer(404, STATUS)), Look::Absent);
        assert_eq!(seen_behind(answer(200, "a")), Look::There(Some("a".to_owned())));
        assert_eq!(seen_behind(answer(503, STATUS)), Look::Failed("why".to_owned()));
    }

    #[test]
    fn whatever_is_answered_is_an_answer() {
        let why = || "why".to_owned();
        assert_eq!(told(200, "text"), Look::There("text".to_owned()));
        assert_eq!(told(404, "404 page not found"), Look::Absent);
        assert_eq!(told(502, "<html>"), Look::Failed("it answers 502 Bad Gateway".to_owned()));
        assert_eq!(word(404), Look::Absent);
        assert_eq!(word(403), Look::Forbidden(why()));
        assert_eq!(word(503), Look::Failed(why()));
        assert_eq!(word(410), Look::Failed(why()));
        assert!(matches!(word(401), Look::Failed(_)));
    }

    #[test]
    fn what_makes_no_sense_has_failed() {
        let none = Look::There("[").read(|text| serde_json::from_str::<Value>(text).ok());
        assert!(matches!(none, Look::Failed(_)));
        assert_eq!(Look::<()>::Absent.read(Some), Look::Absent);
    }

    /// Answers one request after the other, each on a connection of its own.
    fn serve(answers: Vec<String>) -> Api {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = format!("--server=http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 4096];
                assert!(stream.read(&mut request).unwrap() > 0);
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        let words = ["kubeseal", "--kubeconfig=/dev/null", &server].map(Into::into);
        match parse(words, |_| None) {
            Ok(Parsed::Args(args)) => Api::connect(&args.cluster).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn looks_wait_together_no_longer_than_one_request() {
        let end = "Connection: close\r\nContent-Length: 2\r\n\r\n{}";
        let busy =
            |after: u32| format!("HTTP/1.1 429 Too Many Requests\r\nRetry-After: {after}\r\n{end}");
        let fine = format!("HTTP/1.1 200 OK\r\n{end}");
        let api = serve(vec![busy(1), fine.clone(), busy(120), fine]);
        assert_eq!(api.look_at_text("/a"), Look::There("{}".to_owned()));
        // A second is gone already, so that two minutes more are too many.
        assert!(matches!(api.look_at_text("/b"), Look::Failed(_)));
        assert_eq!(api.look_at_text("/c"), Look::There("{}".to_owned()));
    }
}
