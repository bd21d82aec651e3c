//! `verify`: what keeps SealedSecrets from being opened, before they reach a cluster. Without keys that
//! is what can be seen from outside; with keys, or the controller, every value is tried.

mod form;
mod seen;

use std::path::PathBuf;

use clap::Args;
use sealwright_crypto::Keyring;
use serde_json::{Value, json};

use super::Ending;
use super::format::Format;
use super::look::{Look, look};
use super::walk::{self, Found};
use super::ways::Ways;
use crate::args::{ClusterArgs, Given};
use crate::cluster::{Controller, MALFORMED_HINT, REFUSED_HINT, TOO_LARGE_HINT, Verdict};
use crate::error::{Cause, Error, Result, say};
use crate::keys;
use crate::manifest::Document;
use crate::object::place_in;
use crate::output;
use crate::table::printable;
use seen::Seen;

/// What to look at.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing found, 1 found something, 4 found something that does not open."
)]
pub(crate) struct Verify {
    /// Files, or folders in which every .yaml, .yml and .json is looked at; - is standard input
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,

    /// Try every value with these private keys: PEM, or the key Secrets of a backup
    #[arg(long, value_name = "FILE,…", value_delimiter = ',')]
    recovery_private_key: Vec<String>,

    /// Have the controller try every value
    #[arg(long)]
    online: bool,

    /// Namespace of SealedSecrets that name none
    #[arg(short, long)]
    namespace: Given,

    /// How to tell it
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,

    #[command(flatten)]
    cluster: ClusterArgs,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    place: String,
    weight: Weight,
    what: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// It may be meant so.
    Warning,
    /// It cannot work.
    Error,
    /// It does not open.
    Sealed,
}

impl Weight {
    fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Sealed => "does not open",
        }
    }
}

/// Who tries the values.
enum Judge<'a> {
    Nobody,
    Keys(Keyring),
    Controller(Box<Controller<'a>>),
}

impl Verify {
    pub(super) fn run(&self) -> Result<Ending> {
        let files = walk::files(&self.paths)?;
        let ways = match self.online {
            true => Ways::of(&files, &Given::default(), &self.cluster)?,
            false => Ways::default(),
        };
        let (mut findings, mut count, mut failed) = (Vec::new(), 0, None);
        let mut judges = self.judges(&ways, &mut failed)?;
        let mut is_tried = failed.is_none();
        let mut seen = Seen::default();
        for found in files {
            let judge = &mut judges[ways.number(&found)];
            let documents = documents(&found, &mut findings).unwrap_or_else(|error| {
                // The others are looked at all the same.
                fails(error, &mut failed);
                Vec::new()
            });
            for mut document in documents {
                place_in(&mut document.value, self.namespace.text());
                count += 1;
                findings.extend(form::findings(&document));
                findings.extend(seen.finding(&found.path, &document));
                match judge.finding(&document) {
                    // A template that is none was seen already.
                    Ok(found) => findings.extend(found.filter(|found| !findings.contains(found))),
                    Err(error) => {
                        // It would be waited for once for each; other clusters may be there.
                        *judge = Judge::Nobody;
                        is_tried = false;
                        fails(error, &mut failed);
                    }
                }
            }
        }
        if count == 0 && findings.is_empty() {
            if let Some(error) = failed {
                return Err(error);
            }
            return Err(Error::new("there is no SealedSecret in what was named"));
        }
        let told = json!({
            "sealedSecrets": count,
            "findings": findings.iter().map(Finding::json).collect::<Vec<_>>(),
        });
        let text = self.output.text(&told, || findings.iter().map(Finding::line).collect());
        output::print(text.as_bytes())?;
        self.say_result(count, &findings, is_tried);
        match (failed, ending(&findings)) {
            // What does not open weighs more than what cannot be read.
            (Some(error), Ending::Sealed) => {
                say(error);
                Ok(Ending::Sealed)
            }
            (Some(error), _) => Err(error),
            (None, ending) => Ok(ending),
        }
    }

    /// One for each cluster, or one for all.
    fn judges<'a>(&self, ways: &'a Ways, failed: &mut Option<Error>) -> Result<Vec<Judge<'a>>> {
        let files = self.recovery_private_key.iter().filter(|file| !file.is_empty());
        let files: Vec<_> = files.cloned().collect();
        if self.online && !files.is_empty() {
            return Err(Error::usage(
                "--online and --recovery-private-key: who is to try the values?",
            )
            .hint("give one of the two"));
        }
        if self.online {
            let connected = ways.destinations.iter().map(|way| {
                way.say_whose_controller();
                match Controller::connect(&way.cluster) {
                    Ok(controller) => Judge::Controller(Box::new(controller)),
                    Err(error) => {
                        fails(error, failed);
                        Judge::Nobody
                    }
                }
            });
            return Ok(connected.collect());
        }
        let judge = match files.is_empty() {
            true => Judge::Nobody,
            false => Judge::Keys(keys::read(&files)?),
        };
        Ok(vec![judge])
    }

    fn say_result(&self, count: usize, findings: &[Finding], is_tried: bool) {
        let objects = if count == 1 { "SealedSecret" } else { "SealedSecrets" };
        let tried = match (self.online, self.recovery_private_key.is_empty()) {
            (true, _) if !is_tried => "not every value tried: see the error",
            (true, _) => "every value tried by the controller",
            (_, false) => "every value tried with the keys",
            _ => "no value tried: give --recovery-private-key or --online for that",
        };
        let result = match findings.len() {
            0 => "nothing found".to_owned(),
            1 => "1 finding".to_owned(),
            count => format!("{count} findings"),
        };
        say(format_args!("{count} {objects}, {tried}: {result}"));
    }
}

/// The last one ends the program, the others are told before.
fn fails(error: Error, failed: &mut Option<Error>) {
    failed.replace(error).iter().for_each(say);
}

fn ending(findings: &[Finding]) -> Ending {
    let has = |weight| findings.iter().any(|finding| finding.weight == weight);
    match (has(Weight::Sealed), has(Weight::Error) || has(Weight::Warning)) {
        (true, _) => Ending::Sealed,
        (_, true) => Ending::Findings,
        _ => Ending::Clean,
    }
}

/// The SealedSecrets of a file. In a folder stand other files too.
fn documents(found: &Found, findings: &mut Vec<Finding>) -> Result<Vec<Document>> {
    match look(found)? {
        Look::Sealed(file, objects) => {
            let not_strings = file.not_strings(objects.iter().map(|(place, _)| *place));
            for ((_, document), fields) in objects.iter().zip(not_strings) {
                findings.extend(fields.into_iter().map(|field| Finding {
                    place: document.place.clone(),
                    weight: Weight::Error,
                    what: format!("{field} is no string: the API server refuses it; quote it"),
                }));
            }
            Ok(objects.into_iter().map(|(_, document)| document).collect())
        }
        Look::Other => Ok(Vec::new()),
        Look::Template(path) => {
            say(format_args!("note: {} is a template: it is left out", path.display()));
            Ok(Vec::new())
        }
        Look::Unreadable(error) => {
            let place = found.path.display().to_string();
            let what = error.message();
            let what = what.strip_prefix(&format!("{place}: ")).unwrap_or(what).to_owned();
            findings.push(Finding { place, weight: Weight::Error, what });
            Ok(Vec::new())
        }
    }
}

impl Judge<'_> {
    fn finding(&self, document: &Document) -> Result<Option<Finding>> {
        let (weight, what) = match self {
            Self::Nobody => return Ok(None),
            Self::Keys(keyring) => match keys::refusal(&document.value, keyring) {
                // What is broken is a finding already, but others may not open.
                Some(refusal) if refusal.is_sealed => (Weight::Sealed, refusal.reason),
                Some(refusal) if form::is_readable(document) => (Weight::Error, refusal.reason),
                _ => return Ok(None),
            },
            // It would refuse the whole for what is a finding already.
            Self::Controller(_) if !form::is_readable(document) => return Ok(None),
            Self::Controller(controller) => match controller.verify(&document.value)? {
                Verdict::Opens => return Ok(None),
                Verdict::Refuses => (Weight::Sealed, REFUSED_HINT.to_owned()),
                Verdict::Malformed => (Weight::Error, MALFORMED_HINT.to_owned()),
                Verdict::TooLarge => {
                    (Weight::Error, format!("too large for the controller: {TOO_LARGE_HINT}"))
                }
                Verdict::Other(status) => {
                    let name = &document.place;
                    return Err(Error::new(format!("{name}: the controller answered {status}"))
                        .hint("see the controller's log")
                        .of(Cause::Remote));
                }
            },
        };
        Ok(Some(Finding { place: document.place.clone(), weight, what }))
    }
}

impl Finding {
    fn json(&self) -> Value {
        let weight = match self.weight {
            Weight::Warning => "warning",
            Weight::Error => "error",
            Weight::Sealed => "sealed",
        };
        json!({ "place": self.place, "weight": weight, "what": self.what })
    }

    fn line(&self) -> String {
        printable(format!("{}: {}: {}", self.place, self.weight.word(), self.what)) + "\n"
    }
}
