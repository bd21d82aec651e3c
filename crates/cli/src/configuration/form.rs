//! Text → rules. Read strictly: what is not understood would be sealed for somebody else.

use sealwright_api::{Scope, UnknownScope};
use serde_json::{Map, Value};

use super::glob::Glob;
use crate::error::{Error, Result};
use crate::table::{is_printable, printable};
use crate::typo;
use crate::yaml::{self, Step};

const VERSION: u64 = 1;
const TOP: [&str; 2] = ["version", "rules"];
const RULE: [&str; 7] =
    ["path", "context", "certificate", "controllerName", "controllerNamespace", "scope", "format"];

/// What is said of the files of a path.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Rule {
    /// Every file, where there is none.
    pub(super) path: Option<Glob>,
    pub(super) context: Option<String>,
    pub(super) certificate: Option<Certificate>,
    pub(super) controller_name: Option<String>,
    pub(super) controller_namespace: Option<String>,
    pub(super) scope: Option<Scope>,
    pub(super) is_json: Option<bool>,
}

/// Where a certificate is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Certificate {
    File(String),
    Url(String),
}

/// The rules of a file. `is_repositorys`: its paths are seen from its folder, and stay in it.
///
/// # Errors
/// For whatever is not as in docs/configuration.md.
pub(super) fn parse(text: &str, name: &str, is_repositorys: bool) -> Result<Vec<Rule>> {
    let reader = Reader { text, name, is_repositorys };
    let stream =
        yaml::read(text).map_err(|error| Error::new(format!("{name}: {error}")).hint(HINT))?;
    let mut documents = stream.documents.into_iter();
    let (Some(document), None) = (documents.next(), documents.next()) else {
        return Err(
            Error::new(format!("{name}: it is one document with version and rules")).hint(HINT)
        );
    };
    if let Some((line, key)) = yaml::repeated_key(text) {
        return Err(Error::new(format!("{name}: line {line}: {} is there twice", printable(key)))
            .hint("keep one of them"));
    }
    reader.rules(&document)
}

const HINT: &str = "write version: 1, and rules: with a - for each; see docs/configuration.md";

struct Reader<'a> {
    text: &'a str,
    name: &'a str,
    is_repositorys: bool,
}

impl Reader<'_> {
    fn rules(&self, document: &Value) -> Result<Vec<Rule>> {
        let top = self.map(document, &[], "the file")?;
        self.known(top, &[], &TOP)?;
        let at = [key("version")];
        match top.get("version") {
            Some(version) if version.as_u64() == Some(VERSION) => {}
            Some(_) => {
                return Err(self
                    .wrong(&at, "version is 1 in all files that this kubeseal knows")
                    .hint("a newer kubeseal may know this one"));
            }
            None => return Err(self.wrong(&[], "version is missing").hint("write version: 1")),
        }
        let rules = match top.get("rules") {
            Some(Value::Array(rules)) => rules,
            Some(_) => {
                let error = self.wrong(&[key("rules")], "rules is a list");
                return Err(error.hint("write each rule behind a dash"));
            }
            None => return Err(self.wrong(&[], "rules is missing").hint(HINT)),
        };
        rules.iter().enumerate().map(|(at, rule)| self.rule(rule, at)).collect()
    }

    fn rule(&self, rule: &Value, number: usize) -> Result<Rule> {
        let at = [key("rules"), Step::Index(number)];
        let fields = self.map(rule, &at, &format!("rule {}", number + 1))?;
        self.known(fields, &at, &RULE)?;
        let text = |field: &str| self.text(fields, &at, field);
        let wrong =
            |field: &str, why: String| self.wrong(&below(&at, field), &format!("{field}: {why}"));
        let scope = |scope: &str| scope.parse().map_err(|why: UnknownScope| why.to_string());
        let rule = Rule {
            path: text("path")?
                .map(|path| self.glob(path))
                .transpose()
                .map_err(|why| wrong("path", why).hint(GLOBS))?,
            context: text("context")?.map(str::to_owned),
            certificate: text("certificate")?
                .map(|place| self.certificate(place))
                .transpose()
                .map_err(|why| wrong("certificate", why).hint(PLACES))?,
            controller_name: text("controllerName")?.map(str::to_owned),
            controller_namespace: text("controllerNamespace")?.map(str::to_owned),
            scope: text("scope")?
                .map(scope)
                .transpose()
                .map_err(|why| wrong("scope", why).hint(FIELDS))?,
            is_json: text("format")?
                .map(is_json)
                .transpose()
                .map_err(|why| wrong("format", why).hint(FIELDS))?,
        };
        if rule == (Rule { path: rule.path.clone(), ..Rule::default() }) {
            let what = format!("rule {} says nothing", number + 1);
            return Err(self.wrong(&at, &what).hint(FIELDS));
        }
        Ok(rule)
    }

    fn glob(&self, text: &str) -> Result<Glob, String> {
        let home = std::env::home_dir();
        let home = home.as_deref().and_then(|home| home.canonicalize().ok());
        let home = home.as_deref().and_then(|home| home.to_str());
        let glob = if self.is_repositorys { Glob::relative(text) } else { Glob::whole(text, home) };
        glob.map_err(|why| why.to_string())
    }

    /// A file of the repository, or an address on the web. Elsewhere there is nothing to read for a
    /// repository.
    fn certificate(&self, place: &str) -> Result<Certificate, String> {
        if let Some((scheme, _)) = place.split_once("://") {
            return match scheme {
                "https" => Ok(Certificate::Url(place.to_owned())),
                _ => Err(format!("{scheme}:// is not read")),
            };
        }
        let is_absolute = place.starts_with(['/', '\\', '~']) || place.chars().nth(1) == Some(':');
        if is_absolute && self.is_repositorys {
            return Err("it leads out of the repository".to_owned());
        }
        Ok(Certificate::File(place.to_owned()))
    }

    fn map<'v>(&self, value: &'v Value, at: &[Step], what: &str) -> Result<&'v Map<String, Value>> {
        value.as_object().ok_or_else(|| {
            self.wrong(at, &format!("{what} is no map")).hint("write it as key: value")
        })
    }

    fn known(&self, fields: &Map<String, Value>, at: &[Step], known: &[&str]) -> Result<()> {
        let Some(field) = fields.keys().find(|field| !known.contains(&field.as_str())) else {
            return Ok(());
        };
        let error = self.wrong(&below(at, field), &format!("there is no field {field}"));
        Err(match typo::meant(field, known.iter().copied()) {
            Some(meant) => error.hint(format!("did you mean {meant}?")),
            None => error.hint(format!("there are {}", known.join(", "))),
        })
    }

    /// A text that says something.
    fn text<'v>(
        &self,
        fields: &'v Map<String, Value>,
        at: &[Step],
        field: &str,
    ) -> Result<Option<&'v str>> {
        match fields.get(field) {
            None => Ok(None),
            // It would be another line, or steer the terminal, when it is told for whom is sealed.
            Some(Value::String(text)) if !is_printable(text) => {
                let what = format!("{field} has a character that cannot be seen");
                Err(self.wrong(&below(at, field), &what).hint("write it in one line"))
            }
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
            Some(Value::String(_) | Value::Null) => {
                let error = self.wrong(&below(at, field), &format!("{field} is empty"));
                Err(error.hint("fill it in, or leave the field out"))
            }
            Some(Value::Array(_) | Value::Object(_)) => {
                let error = self.wrong(&below(at, field), &format!("{field} is one text"));
                Err(error.hint("write one rule for each"))
            }
            Some(_) => {
                let error = self.wrong(&below(at, field), &format!("{field} is no text"));
                Err(error.hint("quote it"))
            }
        }
    }

    /// An error that names file and line.
    fn wrong(&self, at: &[Step], what: &str) -> Error {
        let what = printable(what.to_owned());
        match yaml::line_of(self.text, at) {
            Some(line) => Error::new(format!("{}: line {line}: {what}", self.name)),
            None => Error::new(format!("{}: {what}", self.name)),
        }
    }
}

fn is_json(format: &str) -> Result<bool, String> {
    match format {
        "json" => Ok(true),
        "yaml" => Ok(false),
        _ => Err("it is yaml or json".to_owned()),
    }
}

const GLOBS: &str = "as in clusters/prod/** or **/dev-*.yaml";
const PLACES: &str = "give the path of a file in the repository, or an https:// URL";
const FIELDS: &str = "see docs/configuration.md";

fn key(name: &str) -> Step {
    Step::Key(name.to_owned())
}

fn below(at: &[Step], field: &str) -> Vec<Step> {
    at.iter().cloned().chain([key(field)]).collect()
}
