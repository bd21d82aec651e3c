//! One error for the whole harness: nobody recovers from it, a person reads it.

use std::error::Error as StdError;
use std::fmt::{self, Debug, Display};

/// What the harness returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The step that failed, why, and what to do about it.
pub struct Error {
    step: String,
    hint: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error that has no other error behind it.
    pub fn new(step: impl Into<String>) -> Self {
        Self { step: step.into(), hint: None, source: None }
    }

    /// An error with the one that caused it.
    pub fn because(step: impl Into<String>, source: impl StdError + Send + Sync + 'static) -> Self {
        Self { step: step.into(), hint: None, source: Some(Box::new(source)) }
    }

    /// Adds what the reader can do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The step; with `{:#}`, the whole chain and the hint.
impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.step)?;
        if !f.alternate() {
            return Ok(());
        }
        let mut said = self.step.clone();
        let mut source = self.source();
        while let Some(error) = source {
            let text = error.to_string();
            // kube's errors repeat their source in their own text.
            if !said.contains(&text) {
                write!(f, ": {text}")?;
                said = text;
            }
            source = error.source();
        }
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "\nhint: {hint}"))
    }
}

/// What a failing test prints: everything.
impl Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:#}")
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// Names the step on the way up.
pub trait Context<T> {
    /// Wraps the error of a failed step.
    ///
    /// # Errors
    /// Exactly when `self` is one.
    fn context<S: Into<String>>(self, step: impl FnOnce() -> S) -> Result<T>;
}

impl<T, E: StdError + Send + Sync + 'static> Context<T> for std::result::Result<T, E> {
    fn context<S: Into<String>>(self, step: impl FnOnce() -> S) -> Result<T> {
        self.map_err(|source| Error::because(step(), source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_tells_the_chain_once_and_the_hint_last() {
        let failed: Result<()> = Err(std::io::Error::other("disk full")).context(|| "cannot write");
        let error = failed.context(|| "cannot start").unwrap_err().hint("make room");
        assert_eq!(format!("{error:?}"), "cannot start: cannot write: disk full\nhint: make room");
    }
}
