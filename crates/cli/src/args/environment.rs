//! `SEALED_SECRETS_*` variables, laid before the command line so that a flag wins and a list goes on.

use std::ffi::OsString;

use clap::FromArgMatches;
use clap::error::ContextKind;

use super::Args;
use super::usage::{command, in_one_line, meant};
use crate::error::Error;

const PREFIX: &str = "SEALED_SECRETS_";
/// Flags without a variable: CI systems set SEALED_SECRETS_VERSION for their own ends.
const WITHOUT: [&str; 2] = ["version", "help"];

/// What came of reading the command line.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// Something is to be done.
    Args(Box<Args>),
    /// Help was asked for; this is it.
    Help(clap::Error),
}

/// Reads the command line and the environment. An empty variable is none.
///
/// # Errors
/// For a flag or variable that makes no sense.
pub(crate) fn parse(
    command_line: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Parsed, Error> {
    let mut command_line = command_line.into_iter();
    let program = command_line.next().unwrap_or_else(|| OsString::from("kubeseal"));
    let mut words = vec![program];
    for flag in flags() {
        let name = format!("{PREFIX}{}", flag.to_uppercase().replace('-', "_"));
        let Some(value) = variable(&name).filter(|value| !value.is_empty()) else { continue };
        let mut word = OsString::from(format!("--{flag}="));
        word.push(value);
        if let Err(error) = matches(&[words[0].clone(), word.clone()]) {
            return Err(mistake(error).about(&name));
        }
        words.push(word);
    }
    words.extend(command_line);
    match matches(&words) {
        Ok(args) => Ok(Parsed::Args(Box::new(args))),
        Err(help) if !help.use_stderr() => Ok(Parsed::Help(help)),
        Err(error) => Err(mistake(error)),
    }
}

fn matches(words: &[OsString]) -> Result<Args, clap::Error> {
    let mut args = Args::from_arg_matches(&command().try_get_matches_from(words)?)?;
    // Go's lists are empty where nothing stands behind the flag.
    for list in
        [&mut args.from_file, &mut args.recovery_private_key, &mut args.cluster.impersonate_groups]
    {
        list.retain(|item| !item.is_empty());
    }
    Ok(args)
}

fn mistake(mut error: clap::Error) -> Error {
    let hint = match meant(&error) {
        Some(flag) => format!("did you mean {flag}? kubeseal --help lists all flags"),
        None => "see kubeseal --help".to_owned(),
    };
    // clap guesses too, and takes --nope for --scope.
    error.remove(ContextKind::SuggestedArg);
    let said = in_one_line(&error);
    Error::usage(said.strip_prefix("error: ").unwrap_or(&said)).hint(hint)
}

fn flags() -> Vec<String> {
    let command = command();
    let flags = command.get_arguments().filter_map(|flag| flag.get_long());
    flags.filter(|flag| !WITHOUT.contains(flag)).map(str::to_owned).collect()
}
