//! One error for a program of tests: what was being done, and why it failed.

use std::fmt::{self, Display};

/// What was being done, and why it failed.
#[derive(Debug)]
pub struct Error(String);

/// The result of a step.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error that says `message`.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// Says which step failed.
pub trait Context<T> {
    /// Puts `step` before the reason.
    ///
    /// # Errors
    /// When `self` is one.
    fn context(self, step: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Display> Context<T> for std::result::Result<T, E> {
    fn context(self, step: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Error(format!("{}: {error}", step())))
    }
}
