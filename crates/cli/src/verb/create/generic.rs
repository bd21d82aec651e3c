//! `create generic`: files, folders, variables, answers and literal values, by whatever keys.

use std::path::Path;

use clap::Args;
use sealwright_crypto::Plaintext;

use super::file_source::FileSource;
use super::flags::Flags;
use super::values::Values;
use super::{CONTENT, content, env_file, list};
use crate::args::Given;
use crate::error::{Error, Result, say};
use crate::manifest;
use crate::verb::Ending;
use crate::verb::item::Item;

/// What to seal.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kubeseal create generic db password                        asks on the terminal
  kubeseal create generic db ca.pem=@ca.pem password=-       reads a file and standard input
  kubeseal create generic db --from-file=certs -w db.yaml    reads each file in a folder
  kubeseal create generic db --from-env-file=.env -n shop")]
pub(crate) struct Generic {
    #[command(flatten)]
    flags: Flags,

    /// What to seal: KEY asks on the terminal, KEY=@FILE reads a file, KEY=- standard input
    #[arg(value_name = "KEY[=@FILE|=-]", help_heading = None::<&'static str>)]
    items: Vec<String>,

    /// A file, or a folder in which each file counts whose name can be a key
    #[arg(
        long,
        value_name = "[KEY=]PATH|DIR",
        help_heading = CONTENT
    )]
    from_file: Vec<String>,

    /// A file with a KEY=VALUE on each line
    #[arg(long, value_name = "FILE", help_heading = CONTENT)]
    from_env_file: Vec<String>,

    /// A value as it stands; the shell's history keeps it, and every user of the machine may list it
    #[arg(long, value_name = "KEY=VALUE", help_heading = CONTENT)]
    from_literal: Vec<String>,

    /// Type of the Secret; Opaque, if it is not given
    #[arg(long = "type", value_name = "TYPE", help_heading = CONTENT)]
    type_: Given,
}

impl Generic {
    pub(super) fn run(&self) -> Result<Ending> {
        let sources = Sources {
            items: Item::parse_all(&self.items)?,
            files: FileSource::parse_all(&self.from_file)?,
            env_files: self.from_env_file.iter().flat_map(|list| list::words(list)).collect(),
            literals: parsed(&self.from_literal, literal)?,
        };
        sources.check()?;
        let type_ = self.type_.text();
        self.flags.create(type_, || sources.values(type_.unwrap_or_default()))
    }
}

/// Where values come from.
struct Sources<'a> {
    items: Vec<Item>,
    files: Vec<FileSource>,
    env_files: Vec<String>,
    literals: Vec<(&'a str, Plaintext)>,
}

impl Sources<'_> {
    fn check(&self) -> Result<()> {
        let mut env_files = self.env_files.iter();
        env_files.try_for_each(|file| manifest::check_path("--from-env-file", file))?;
        let env_files = self.env_files.iter();
        let from_standard_input = [
            self.items.iter().filter(|item| item.reads_standard_input()).count(),
            self.files.iter().filter(|file| file.reads_standard_input()).count(),
            env_files.filter(|file| manifest::is_standard_input(Path::new(file))).count(),
        ];
        if from_standard_input.iter().sum::<usize>() > 1 {
            return Err(Error::usage("standard input can be one value only")
                .hint("give the others as KEY=@FILE"));
        }
        let counts = [self.items.len(), self.files.len(), self.env_files.len()];
        if counts.iter().sum::<usize>() + self.literals.len() == 0 {
            return Err(Error::usage("there is nothing to seal")
                .hint("KEY asks on the terminal, KEY=@FILE reads a file, KEY=- standard input"));
        }
        Ok(())
    }

    /// The answers come last: whoever types them does not do so in vain.
    fn values(self, type_: &str) -> Result<Values> {
        let mut values = Values::default();
        if !self.literals.is_empty() {
            say(
                "warning: a value of --from-literal stays in the shell's history, and everybody on this \
                 machine can list it: KEY, KEY=@FILE and KEY=- are there instead",
            );
        }
        for (key, value) in self.literals {
            values.add(key, value)?;
        }
        for file in &self.files {
            file.add_to(&mut values)?;
        }
        for file in &self.env_files {
            env_file::add(Path::new(file), |name| std::env::var_os(name), &mut values)?;
        }
        self.items.iter().try_for_each(|item| values.check_new(&item.key))?;
        let is_item = |key: &str| self.items.iter().any(|item| item.key == key);
        content::check_keys(type_, |key| values.has(key) || is_item(key))?;
        for item in &self.items {
            values.add(&item.key, item.value()?)?;
        }
        Ok(values)
    }
}

/// Parses each, but for empty ones, which Go's lists leave out.
fn parsed<'a, T>(words: &'a [String], parse: impl Fn(&'a str) -> Result<T>) -> Result<Vec<T>> {
    words.iter().filter(|word| !word.is_empty()).map(|word| parse(word)).collect()
}

/// What is wrong is told without the word: it may be the value.
fn literal(word: &str) -> Result<(&str, Plaintext)> {
    let pair = word.split_once('=').filter(|(key, _)| !key.is_empty());
    let (key, value) = pair.ok_or_else(|| Error::usage("--from-literal takes KEY=VALUE"))?;
    Ok((key, Plaintext::new(value.as_bytes().to_vec())))
}
