//! Our renderer, as a program of its own: a template that kills it must not take the test along.

use std::io::{BufRead, Write};
use std::panic::catch_unwind;
use std::time::SystemTime;

use sealwright_template::{ErrorKind, NoRandomness, Template, TemplateError, Timestamp, World};

use crate::case::{self, Case, Outcome, Phase};
use crate::dice::Dice;
use crate::{Context, Result};

/// Answers requests line by line, as the Go program does.
///
/// # Errors
/// When a line is no request, or the other side is gone.
pub fn serve(requests: impl BufRead, mut answers: impl Write) -> Result<()> {
    for line in requests.lines() {
        let case = case::read_request(&line.context(|| "cannot read a request".into())?)?;
        let answer = case::answer(&render(&case));
        writeln!(answers, "{answer}")
            .and_then(|()| answers.flush())
            .context(|| "cannot answer".into())?;
    }
    Ok(())
}

/// What our renderer makes of the case; a panic counts as its death.
#[must_use]
pub fn render(case: &Case) -> Outcome {
    catch_unwind(|| attempt(case)).unwrap_or_else(|_| Outcome::failed(Phase::Killed, "panicked"))
}

pub(crate) fn attempt(case: &Case) -> Outcome {
    let template = match Template::parse(&case.name, &case.template) {
        Ok(template) => template,
        Err(error) => return failed(Phase::Parse, &error),
    };
    match template.render(&case.data, &mut Surroundings(Dice::new(1, 1))) {
        Ok(out) => Outcome { phase: Phase::Ok, out, error: String::new(), limit: false },
        Err(error) => failed(Phase::Exec, &error),
    }
}

fn failed(phase: Phase, error: &TemplateError) -> Outcome {
    let limit = error.kind() == ErrorKind::Limit;
    Outcome { limit, ..Outcome::failed(phase, error.to_string()) }
}

/// The clock, and numbers that are random enough for templates that only count them.
struct Surroundings(Dice);

impl World for Surroundings {
    fn now(&mut self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp { seconds: since.as_secs().cast_signed(), nanoseconds: since.subsec_nanos() }
    }

    fn random(&mut self, bytes: &mut [u8]) -> std::result::Result<(), NoRandomness> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.0.roll().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
