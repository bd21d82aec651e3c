//! What may be left out on the command line: `.sealed-secrets.yaml` of a repository and the user's own
//! `config.yaml` say, by the path of a file, for which cluster it is sealed, and how.
//!
//! ```text
//! file ─▶ find (upward, to the root) ─▶ owner (whose is it?) ─▶ form (rules) ─▶ the first that matches
//! ```
//!
//! A repository may be anybody's work. Its file can name contexts that the user has, certificates that
//! lie in it or on the web, and nothing that is run, read or sent elsewhere.

mod find;
mod form;
mod glob;
mod owner;
mod target;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use sealwright_api::Scope;

use crate::error::{Error, Result, say};
use crate::manifest::{self, decode};
use crate::pins;
use find::{Place, Worked, shown};
use form::Rule;
pub(crate) use target::{Found, Target};

/// The files that were looked at. Each is read, and complained about, once.
#[derive(Default)]
pub(crate) struct Configuration {
    read: HashMap<PathBuf, Option<Rc<File>>>,
}

/// What the files say of one file that is worked on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Advice {
    /// Where its values are to be opened.
    pub(crate) target: Option<Target>,
    /// With the rule that says so.
    pub(crate) scope: Option<(Scope, String)>,
    /// Whether it is to be written as JSON, if not as YAML.
    pub(crate) is_json: Option<bool>,
}

/// One of the files.
#[derive(Debug)]
struct File {
    place: Place,
    rules: Vec<Rule>,
}

impl Configuration {
    /// What is said of a file, or of the current folder where there is none.
    ///
    /// # Errors
    /// When a file that counts cannot be read, or says what cannot be meant.
    pub(crate) fn advice(&mut self, file: Option<&Path>) -> Result<Advice> {
        let file = find::resolved(file.filter(|path| !manifest::is_standard_input(path)))?;
        let repositorys = self.nearest(&file)?;
        let users = users_own().map(|place| self.read(place)).transpose()?.flatten();
        let mut advice = Advice::default();
        for read in repositorys.into_iter().chain(users) {
            let Some((number, rule)) = read.rule_for(&file) else { continue };
            // A cluster is one thing: its parts are not gathered from several files.
            let name = format!("rule {number} of {}", shown(&read.place.path));
            advice.target = advice.target.or_else(|| Target::of(rule, &name, &read.place));
            advice.scope = advice.scope.or_else(|| rule.scope.map(|scope| (scope, name)));
            advice.is_json = advice.is_json.or(rule.is_json);
        }
        Ok(advice)
    }

    /// What is left out does not hide what stands above it.
    fn nearest(&mut self, file: &Worked) -> Result<Option<Rc<File>>> {
        for place in find::in_repository(file) {
            if let Some(read) = self.read(place)? {
                return Ok(Some(read));
            }
        }
        Ok(None)
    }

    /// A path as messages name it.
    pub(crate) fn shown(path: &Path) -> String {
        shown(path)
    }

    fn read(&mut self, place: Place) -> Result<Option<Rc<File>>> {
        if let Some(read) = self.read.get(&place.path) {
            return Ok(read.clone());
        }
        let path = place.path.clone();
        let file = File::read(place)?.map(Rc::new);
        self.read.insert(path, file.clone());
        Ok(file)
    }
}

impl File {
    /// `None` for one that is not the user's, or is not there.
    fn read(place: Place) -> Result<Option<Self>> {
        let name = shown(&place.path);
        let bytes = if place.root.is_some() {
            match owner::read(&place.path).map_err(|error| cannot_read(&name, &error))? {
                Ok(bytes) => bytes,
                Err(objection) => {
                    say(format_args!("note: {name} is left out: {objection}"));
                    return Ok(None);
                }
            }
        } else if place.path.is_file() {
            manifest::read_bytes(Some(&place.path))?
        } else {
            return Ok(None);
        };
        let (text, _) = decode(bytes).ok_or_else(|| {
            Error::new(format!("cannot read {name}: neither UTF-8 nor UTF-16 text"))
        })?;
        Ok(Some(Self { rules: form::parse(&text, &name, place.root.is_some())?, place }))
    }

    /// The first rule that the file matches, and its number, counted as people do.
    fn rule_for(&self, file: &Worked) -> Option<(usize, &Rule)> {
        let path = self.place.seen_from(file);
        let mut rules = self.rules.iter().enumerate();
        let found =
            rules.find(|(_, rule)| rule.path.as_ref().is_none_or(|glob| glob.matches(&path)));
        found.map(|(at, rule)| (at + 1, rule))
    }
}

/// The bytes of a file that nobody else wrote.
pub(crate) fn read_own(path: &Path) -> Option<Vec<u8>> {
    owner::read(path).ok()?.ok()
}

fn users_own() -> Option<Place> {
    let path = pins::folder()?.join("config.yaml");
    Some(Place { path, root: None })
}

fn cannot_read(name: &str, error: &std::io::Error) -> Error {
    Error::new(format!("cannot read {name}: {}", crate::error::io_reason(error)))
        .hint("check its permissions")
}
