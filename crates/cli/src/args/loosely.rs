//! A command line that is not finished: completion asks what it says so far.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Command, FromArgMatches};

use super::ClusterArgs;
use super::environment::{PROGRAM, given, is_bare, is_replaced, named};
use super::usage::{command, verbs};

/// What a command line says that is not finished.
pub(crate) struct Line {
    pub(crate) cluster: ClusterArgs,
    /// The file of its verb.
    pub(crate) file: Option<PathBuf>,
}

/// Reads as much as can be understood, and the environment.
pub(crate) fn read_loosely(line: &[OsString], variable: impl Fn(&str) -> Option<OsString>) -> Line {
    // A flag at the end waits for its value.
    let line = match line.split_last() {
        Some((last, before)) if last.as_encoded_bytes().starts_with(b"-") => before,
        _ => line,
    };
    let whole = if line.first().is_some_and(is_bare) { verbs() } else { command() };
    let words: Vec<_> =
        std::iter::once(OsString::from(PROGRAM)).chain(line.iter().cloned()).collect();
    let (path, leaf) = named(&whole, &words);
    let (named, behind) = words.split_at(path);
    let of_environment = given(leaf, variable).into_iter();
    let of_environment = of_environment.filter(|(flag, _)| !is_replaced(leaf, flag, behind));
    let of_environment = of_environment.map(|(flag, value)| {
        let mut word = OsString::from(format!("--{flag}="));
        word.push(value);
        word
    });
    let words: Vec<_> =
        named.iter().cloned().chain(of_environment).chain(behind.iter().cloned()).collect();
    let matches = loose(whole.clone()).try_get_matches_from(words).unwrap_or_default();
    let mut matches = &matches;
    while let Some((_, below)) = matches.subcommand() {
        matches = below;
    }
    // Not every verb has flags of a cluster.
    let has_cluster = matches.try_contains_id("context").is_ok();
    let cluster = has_cluster.then(|| ClusterArgs::from_arg_matches(matches).ok()).flatten();
    let cluster = cluster.unwrap_or_else(|| {
        let nothing = command().try_get_matches_from([PROGRAM]);
        let nothing = nothing.expect("no flag has to be given");
        ClusterArgs::from_arg_matches(&nothing).expect("every flag has a default")
    });
    let file = matches.try_get_one::<PathBuf>("file").ok().flatten().cloned();
    Line { cluster, file }
}

fn loose(command: Command) -> Command {
    command.ignore_errors(true).mut_subcommands(loose)
}
