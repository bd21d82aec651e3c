//! The cluster of a rule, and where its certificate is.

use std::path::{Component, Path, PathBuf};

use super::find::Place;
use super::form::{Certificate, Rule};
use super::owner;
use crate::error::{Cause, Error, Result};
use crate::manifest::decode;
use crate::table::quoted;

/// Where values are to be opened, as a rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) context: Option<String>,
    pub(crate) controller_name: Option<String>,
    pub(crate) controller_namespace: Option<String>,
    certificate: Option<Certificate>,
    /// `rule 1 of .sealed-secrets.yaml`, for people.
    pub(crate) rule: String,
    place: Place,
}

/// Where the certificate of a rule is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// With its text: what is looked at is what is read.
    File(PathBuf, String),
    Url(String),
}

impl Target {
    /// The rule's, if it says anything of a cluster.
    pub(super) fn of(rule: &Rule, name: &str, place: &Place) -> Option<Self> {
        let target = Self {
            context: rule.context.clone(),
            controller_name: rule.controller_name.clone(),
            controller_namespace: rule.controller_namespace.clone(),
            certificate: rule.certificate.clone(),
            rule: name.to_owned(),
            place: place.clone(),
        };
        target.if_it_says_something()
    }

    /// The same, for whoever means to ask a controller.
    pub(crate) fn without_certificate(self) -> Option<Self> {
        Self { certificate: None, ..self }.if_it_says_something()
    }

    fn if_it_says_something(self) -> Option<Self> {
        let says_something = self.context.is_some()
            || self.certificate.is_some()
            || self.controller_name.is_some()
            || self.controller_namespace.is_some();
        says_something.then_some(self)
    }

    /// Whether a repository says so, which may be anybody's work, and not the user.
    pub(crate) fn is_repositorys(&self) -> bool {
        self.place.root.is_some()
    }

    /// The certificate as it is named, if it is.
    pub(crate) fn names_certificate(&self) -> Option<&str> {
        match self.certificate.as_ref()? {
            Certificate::File(place) | Certificate::Url(place) => Some(place),
        }
    }

    /// Where the certificate is.
    ///
    /// # Errors
    /// When it is not there, or not in the repository, or none is named.
    pub(crate) fn certificate(&self) -> Result<Found> {
        match &self.certificate {
            None => Err(Error::new(format!("{}: no certificate is named", self.rule))),
            Some(Certificate::Url(url)) => Ok(Found::Url(url.clone())),
            Some(Certificate::File(path)) => self.file(path),
        }
    }

    fn file(&self, given: &str) -> Result<Found> {
        let whole = match given.strip_prefix("~/").zip(std::env::home_dir()) {
            Some((below, home)) if self.place.root.is_none() => home.join(below),
            _ => self.place.folder().join(given),
        };
        let outside = || {
            Error::new(format!(
                "{}: the certificate {} is outside of the repository",
                self.rule,
                quoted(given)
            ))
            .hint("give the path of a file in it, or an https:// URL")
            .of(Cause::Policy)
        };
        let root = self.place.root.as_deref();
        // Said of what is not there, too: a repository learns nothing about other folders.
        if root.is_some_and(|root| !lexically(&whole).starts_with(root)) {
            return Err(outside());
        }
        let missing = |why: &str| {
            let given = quoted(given);
            Error::new(format!("{}: cannot read the certificate {given}: {why}", self.rule))
                .hint("its path is seen from the folder of that file")
        };
        let real = whole.canonicalize().map_err(|e| missing(&crate::error::io_reason(&e)))?;
        if root.is_some_and(|root| !real.starts_with(root)) {
            return Err(outside());
        }
        // Windows does not open folders.
        if real.is_dir() {
            return Err(missing("it is no file"));
        }
        let read = owner::read_anyones(&real).map_err(|e| missing(&crate::error::io_reason(&e)))?;
        let bytes = read.map_err(|objection| missing(&objection.to_string()))?;
        let (text, _) = decode(bytes).ok_or_else(|| missing("neither UTF-8 nor UTF-16 text"))?;
        Ok(Found::File(real, text))
    }
}

/// A path without `..`, whatever is there.
fn lexically(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}
