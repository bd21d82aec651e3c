//! `SEALED_SECRETS_*` variables, laid before the command line so that a flag wins and a list goes on.

use std::ffi::OsString;

use clap::{CommandFactory, Parser};

use super::Args;

const PREFIX: &str = "SEALED_SECRETS_";
/// Flags without a variable: CI systems set SEALED_SECRETS_VERSION for their own ends.
const WITHOUT: [&str; 2] = ["version", "help"];
/// The flag whose variable must make sense: who asks for a new key, after a leak it may be, must not
/// go on with the old one. Upstream refuses to start here too.
const STRICT: &str = "key-cutoff-time";

/// Reads the command line and the environment; the warnings are for the log, once there is one.
///
/// # Errors
/// For a mistake on the command line or in the variable of the cutoff time, or a request for help.
pub(crate) fn parse(
    command_line: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<(Args, Vec<String>), clap::Error> {
    let mut command_line = command_line.into_iter();
    let program = command_line.next().unwrap_or_else(|| OsString::from("controller"));
    let mut words = vec![program.clone()];
    let mut warnings = Vec::new();
    for flag in flags() {
        let name = format!("{PREFIX}{}", flag.to_uppercase().replace('-', "_"));
        let Some(value) = variable(&name) else { continue };
        let word = OsString::from(format!("--{flag}={value}"));
        match Args::try_parse_from([program.clone(), word.clone()]) {
            Ok(_) => words.push(word),
            Err(error) if flag == STRICT => return Err(of_variable(&name, &error)),
            Err(_) => {
                warnings.push(format!("{name} is ignored: {value:?} is no value of --{flag}"));
            }
        }
    }
    words.extend(command_line);
    let mut args = Args::try_parse_from(words)?;
    args.additional_namespaces = named(&args.additional_namespaces);
    Ok((args, warnings))
}

/// The same mistake, said of the variable that it is in.
fn of_variable(name: &str, error: &clap::Error) -> clap::Error {
    let said = error.render().to_string();
    let said = said.strip_prefix("error: ").unwrap_or(&said);
    clap::Error::raw(error.kind(), format!("{name}: {said}"))
}

/// The flags, each behind the names that it had before: of two variables, the later one wins.
fn flags() -> Vec<String> {
    let command = Args::command();
    let flags = command.get_arguments().flat_map(|argument| {
        let before = argument.get_all_aliases().unwrap_or_default();
        before.into_iter().chain(argument.get_long())
    });
    flags.filter(|flag| !WITHOUT.contains(flag)).map(str::to_owned).collect()
}

/// The names of a list like `a, b,`, which a chart joined.
fn named(list: &[String]) -> Vec<String> {
    let names = list.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}
