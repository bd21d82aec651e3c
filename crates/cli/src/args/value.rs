//! Values of flags, read as upstream's Go reads them.

use std::convert::Infallible;
use std::path::Path;
use std::str::FromStr;

use sealwright_api::{Scope, UnknownScope};

/// A text that may be left empty, which means the same as leaving the flag out: Go's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Given(String);

impl Given {
    pub(crate) fn text(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.is_empty())
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.text().map(Path::new)
    }
}

impl From<String> for Given {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for Given {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

/// A scope, or none where the flag is left empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct GivenScope(pub(crate) Option<Scope>);

impl FromStr for GivenScope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        if text.is_empty() { Ok(Self(None)) } else { text.parse().map(Some).map(Self) }
    }
}

/// A boolean as Go's `strconv.ParseBool` takes it.
pub(super) fn go_bool(text: &str) -> Result<bool, &'static str> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err("a boolean is true or false"),
    }
}
