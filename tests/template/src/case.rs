//! A template with its data, what comes of it, and how both travel: as a line of JSON.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::shrink::nodes;
use crate::{Context, Result};

/// A template and the values it sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// What the template is called.
    pub name: String,
    /// Its text.
    pub template: String,
    /// The values, which need not be UTF-8.
    pub data: BTreeMap<String, Vec<u8>>,
}

/// How far a renderer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It rendered.
    Ok,
    /// The template is none.
    Parse,
    /// Rendering failed.
    Exec,
    /// The renderer died, hung or took too much memory.
    Killed,
    /// It renders differently each time.
    Unstable,
}

impl Phase {
    /// The name that the lines of JSON use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Parse => "parse",
            Self::Exec => "exec",
            Self::Killed => "killed",
            Self::Unstable => "unstable",
        }
    }
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How far the renderer came.
    pub phase: Phase,
    /// What was rendered.
    pub out: Vec<u8>,
    /// Why it failed, in the renderer's words.
    pub error: String,
    /// Whether it failed over one of our limits.
    pub limit: bool,
}

impl Outcome {
    /// A failure.
    pub fn failed(phase: Phase, error: impl Into<String>) -> Self {
        Self { phase, out: Vec::new(), error: error.into(), limit: false }
    }

    /// Whether both say the same: the phase, and what was rendered if anything was.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.phase == other.phase && (self.phase != Phase::Ok || self.out == other.out)
    }
}

/// Which action of the template failed while it was rendered, counted from 1. Inside of an action
/// the two point at different words.
///
/// Go writes `template: name:1:23: executing …`, ours `template name, line 1, column 24: …`.
#[must_use]
pub fn failed_action(case: &Case, outcome: &Outcome) -> Option<usize> {
    let (line, byte): (usize, usize) = match outcome.error.strip_prefix("template: ") {
        Some(go) => {
            let (place, _) = go.split_once(": executing ")?;
            let mut numbers = place.rsplit(':');
            let byte = numbers.next()?.parse().ok()?;
            (numbers.next()?.parse().ok()?, byte)
        }
        None => {
            let (_, place) = outcome.error.split_once(", line ")?;
            let (line, place) = place.split_once(", column ")?;
            let column: usize = place.split(':').next()?.parse().ok()?;
            let line: usize = line.parse().ok()?;
            let text = case.template.split('\n').nth(line.checked_sub(1)?)?;
            (line, text.chars().take(column.checked_sub(1)?).map(char::len_utf8).sum())
        }
    };
    let before: usize = case.template.split('\n').take(line - 1).map(|line| line.len() + 1).sum();
    let place = before + byte;
    let mut end = 0;
    let started = nodes(&case.template).into_iter().take_while(|node| {
        let start = end;
        end += node.len();
        start <= place
    });
    Some(started.filter(|node| node.starts_with("{{")).count())
}

#[derive(Deserialize, Serialize)]
struct Request {
    name: String,
    template: String,
    data: BTreeMap<String, String>,
}

#[derive(Deserialize, Serialize)]
struct Answer {
    phase: Phase,
    out: Option<String>,
    #[serde(default)]
    error: String,
    #[serde(default)]
    limit: bool,
}

/// A case as a line, without its end.
#[must_use]
pub fn request(case: &Case) -> String {
    let encoded = |(key, value): (&String, &Vec<u8>)| (key.clone(), STANDARD.encode(value));
    let data = case.data.iter().map(encoded).collect();
    let request = Request { name: case.name.clone(), template: case.template.clone(), data };
    serde_json::to_string(&request).expect("strings become JSON")
}

/// The case that a line holds.
///
/// # Errors
/// When it is no request.
pub fn read_request(line: &str) -> Result<Case> {
    let request: Request = serde_json::from_str(line).context(|| "not a request".into())?;
    let decoded = |(key, value): (String, String)| Ok((key, decode(&value)?));
    let data = request.data.into_iter().map(decoded).collect::<Result<_>>()?;
    Ok(Case { name: request.name, template: request.template, data })
}

/// An outcome as a line, without its end.
#[must_use]
pub fn answer(outcome: &Outcome) -> String {
    let out = Some(STANDARD.encode(&outcome.out));
    let Outcome { phase, error, limit, .. } = outcome.clone();
    let answer = Answer { phase, out, error, limit };
    serde_json::to_string(&answer).expect("strings become JSON")
}

/// The outcome that a line holds.
///
/// # Errors
/// When it is no answer.
pub fn read_answer(line: &str) -> Result<Outcome> {
    let answer: Answer = serde_json::from_str(line).context(|| "not an answer".into())?;
    let out = decode(answer.out.as_deref().unwrap_or_default())?;
    let Answer { phase, error, limit, .. } = answer;
    Ok(Outcome { phase, out, error, limit })
}

pub(crate) fn decode(text: &str) -> Result<Vec<u8>> {
    STANDARD.decode(text).context(|| "not base64".into())
}
