//! `man`: manual pages, made of the same flags and verbs that are parsed.

use std::path::{Path, PathBuf};

use clap::{Args, Command};

use super::Ending;
use crate::args;
use crate::error::{Error, Result, io_reason};
use crate::output;

/// Where the pages go.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Folder for kubeseal.1 and a page of each verb, instead of standard output for the first
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(&self) -> Result<Ending> {
        let command = command();
        match &self.folder {
            None => output::print(page(&command).1.as_bytes())?,
            Some(folder) => write_all(&command, folder)?,
        }
        Ok(Ending::Clean)
    }
}

/// The command with a first line for the list of all pages, and the rest below that.
fn command() -> Command {
    let command = args::whole_as_parsed();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let first = about.lines().next().unwrap_or_default().to_owned();
    let mut command = command
        .about(first)
        .long_about(about)
        .override_usage("kubeseal [OPTIONS]\nkubeseal VERB [OPTIONS] ...")
        .subcommand_help_heading("VERBS")
        .version(VERSION)
        .disable_help_subcommand(true);
    command.build();
    command
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A page, and what its file is called.
fn page(command: &Command) -> (String, String) {
    let man = clap_mangen::Man::new(command.clone())
        .source(format!("kubeseal {VERSION}"))
        .manual("Sealwright");
    let mut page = Vec::new();
    man.render(&mut page).expect("a vector takes what is written to it");
    let page = String::from_utf8(page).expect("flags, verbs and their help are text");
    (man.get_filename(), page.replace("\n.SH EXTRA\n", "\n.SH NOTES\n"))
}

fn write_all(command: &Command, folder: &Path) -> Result<()> {
    let fail = |path: &Path, error: &std::io::Error| {
        Error::new(format!("cannot write {}: {}", path.display(), io_reason(error)))
            .hint("name a folder that is there and writable, or one that can be made")
    };
    std::fs::create_dir_all(folder).map_err(|error| fail(folder, &error))?;
    for command in with_all_below(command) {
        let (name, page) = page(command);
        let path = folder.join(name);
        std::fs::write(&path, page).map_err(|error| fail(&path, &error))?;
    }
    Ok(())
}

/// A command, its verbs, and theirs.
fn with_all_below(command: &Command) -> Vec<&Command> {
    let below = command.get_subcommands().flat_map(with_all_below);
    std::iter::once(command).chain(below).collect()
}
