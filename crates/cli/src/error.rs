//! Errors for people: what failed, and what to do about it.

use std::fmt;
use std::io::Write;

use crate::program::Called;
use crate::table::printable;

/// One sentence on what failed, and a hint where there is something to do.
#[derive(Debug)]
pub(crate) struct Error {
    message: String,
    hint: Option<String>,
    cause: Cause,
}

/// What kind of failure it was, which verbs tell by their exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A mistake on the command line.
    Usage,
    /// What was given cannot be read, written or understood.
    Local,
    /// The cluster, or whatever else is far away, did not do it.
    Remote,
    /// The cluster does not let whoever asks.
    Forbidden,
    /// No key at hand opens it.
    Sealed,
    /// It could be done, and is not, for a rule's sake.
    Policy,
}

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, cause: Cause::Local }
    }

    /// A mistake on the command line.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { cause: Cause::Usage, ..Self::new(message) }
    }

    /// What failed, without the hint.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub(crate) fn remedy(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The same error, of that kind.
    pub(crate) fn of(self, cause: Cause) -> Self {
        Self { cause, ..self }
    }

    /// What kind it is.
    pub(crate) fn cause(&self) -> Cause {
        self.cause
    }

    /// The same error, said of one document of several, or of a variable.
    pub(crate) fn about(mut self, place: &str) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// The same error, and what came of the other way.
    pub(crate) fn and(mut self, other: String) -> Self {
        self.message = format!("{}; {other}", self.message);
        self
    }

    /// The same error, with a hint for whoever called kubeseal so.
    pub(crate) fn called(mut self, called: Called) -> Self {
        self.hint = self.hint.map(|hint| called.in_text(&hint));
        self
    }

    /// The same error with other words in its hint, where what it says is not to be had.
    pub(crate) fn rehint(mut self, words: &str, others: &str) -> Self {
        self.hint = self.hint.map(|hint| hint.replace(words, others));
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Talks to the user. Where nobody can hear it, that is no reason to stop. Names come out of files that
/// anybody may have written: what would steer a terminal is shown instead.
pub(crate) fn say(text: impl fmt::Display) {
    let text = text.to_string();
    let lines = text.split('\n').map(|line| printable(line.to_owned()));
    let _ = writeln!(std::io::stderr(), "{}", lines.collect::<Vec<_>>().join("\n"));
}

/// An I/O error in the words of `strerror`, without Rust's "(os error 2)".
pub(crate) fn io_reason(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "no such file or directory".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::IsADirectory => "is a directory".to_owned(),
        ErrorKind::NotADirectory => "not a directory".to_owned(),
        ErrorKind::InvalidData => "not UTF-8 text".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_lowercase()
        }
    }
}
