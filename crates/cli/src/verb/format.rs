//! How a verb tells what it found: to people as a table, to programs as JSON or YAML.

use clap::ValueEnum;
use serde_json::Value;

use crate::yaml;

/// What `--output` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
    /// For programs, and for people who read YAML
    Yaml,
}

impl Format {
    /// The text to print: `value`, or what `table` makes of it for people.
    pub(super) fn text(self, value: &Value, table: impl FnOnce() -> String) -> String {
        match self {
            Self::Table => table(),
            Self::Json => format!("{value:#}\n"),
            Self::Yaml => yaml::write(value),
        }
    }
}
