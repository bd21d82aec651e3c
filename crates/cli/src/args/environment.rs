//! `SEALED_SECRETS_*` variables, laid before the command line so that a flag wins and a list goes on.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, FromArgMatches};

use super::usage::{CLUSTERS, command, in_one_line, meant, names_a_cluster, of_content, verbs};
use super::{Args, Given};
use crate::error::{Cause, Error};
use crate::manifest::{is_content, no_path};
use crate::program::Called;
use crate::typo;
use crate::verb::{Verb, create};

pub(super) const PROGRAM: &str = "kubeseal";
const PREFIX: &str = "SEALED_SECRETS_";
/// Flags without a variable: CI systems set SEALED_SECRETS_VERSION for their own ends.
const WITHOUT: [&str; 2] = ["version", "help"];
/// Flags of verbs that are called otherwise than the flat mode's, and have the variables of those.
const OTHER_NAMES: [(&str, &str); 3] =
    [("seal-with", "cert"), ("cluster-username", "username"), ("cluster-password", "password")];

/// What came of reading the command line.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// Something is to be done.
    Args(Box<Args>),
    /// A verb, with what stands behind it.
    Verb(Box<Verb>),
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
    let mut command_line = command_line.into_iter().peekable();
    // clap takes its own name from there; what is shown of it is changed where it is shown.
    let program = command_line.next().unwrap_or_else(|| OsString::from(PROGRAM));
    let program = match Called::by(Some(program.clone())) {
        Called::Kubeseal => program,
        Called::KubectlSeal => OsString::from(PROGRAM),
    };
    if command_line.peek().is_some_and(is_bare) {
        let words: Vec<_> = std::iter::once(program).chain(command_line).collect();
        return parse_verb(&words, variable);
    }
    let mut words = vec![program];
    for (flag, value) in given(&command(), variable) {
        let mut word = OsString::from(format!("--{flag}="));
        word.push(value);
        if let Err(error) = matches(&[words[0].clone(), word.clone()]) {
            return Err(flat_mistake(error).about(&variable_of(&flag)));
        }
        words.push(word);
    }
    words.extend(command_line);
    match matches(&words) {
        Ok(args) => Ok(Parsed::Args(Box::new(args))),
        Err(help) if !help.use_stderr() => Ok(Parsed::Help(help)),
        Err(error) => Err(flat_mistake(error)),
    }
}

/// A word that is no flag: a verb. The flat mode knows no such words.
pub(super) fn is_bare(word: &OsString) -> bool {
    !word.is_empty() && !word.as_encoded_bytes().starts_with(b"-")
}

/// Reads a verb and its flags, those of the environment first, so that the command line's win.
fn parse_verb(
    words: &[OsString],
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Parsed, Error> {
    let verbs = verbs();
    let read = |words: &[OsString]| {
        let matches = verbs.clone().try_get_matches_from(words)?;
        let verb = Verb::from_arg_matches(&matches)?;
        Ok::<_, clap::Error>((verb, one_too_many(&matches)))
    };
    let (path, leaf) = named(&verbs, words);
    let (named, behind) = words.split_at(path);
    let mut all = named.to_vec();
    let given = given(leaf, variable).into_iter();
    for (flag, value) in given.filter(|(flag, _)| !is_replaced(leaf, flag, behind)) {
        let mut word = OsString::from(format!("--{flag}="));
        word.push(value);
        let alone: Vec<_> = named.iter().cloned().chain([word.clone()]).collect();
        if let Err(error) = read(&alone)
            && error.kind() == ErrorKind::ValueValidation
        {
            return Err(mistake(error, leaf, PROGRAM).about(&variable_of(&flag)));
        }
        all.push(word);
    }
    all.extend_from_slice(&without_empty(leaf, behind));
    match read(&all) {
        Ok((_, Some(mistake))) => Err(mistake),
        Ok((verb, None)) => Ok(Parsed::Verb(Box::new(verb))),
        Err(help) if !help.use_stderr() => Ok(Parsed::Help(help)),
        Err(error) if lacks_a_verb(&error) => Err(no_such_verb(leaf, behind)),
        Err(error) => {
            let verb: Vec<_> = named[1..].iter().map(|word| word.to_string_lossy()).collect();
            let name = format!("kubeseal {}", verb.join(" "));
            Err(match too_many(&error) {
                Some(mistake) => mistake.hint(format!("see {name} --help")),
                None => mistake(error, leaf, &name),
            })
        }
    }
}

/// Whether a flag stands for its variable that would otherwise be one more.
pub(super) fn is_replaced(leaf: &Command, flag: &str, behind: &[OsString]) -> bool {
    let mut flags = leaf.get_arguments().filter(|arg| names_a_cluster(arg));
    let Some(arg) = flags.find(|arg| arg.get_long() == Some(flag)) else { return false };
    let names = arg.get_long_and_visible_aliases().unwrap_or_default();
    let words = behind.iter().map(|word| word.to_string_lossy());
    let mut flags = words.take_while(|word| word != "--").filter_map(|word| {
        let flag = word.strip_prefix("--")?;
        Some(flag.split('=').next().unwrap_or_default().to_owned())
    });
    flags.any(|flag| names.contains(&flag.as_str()))
}

/// A flag that is counted and left empty says nothing, and must not stand before one that does.
fn without_empty(leaf: &Command, behind: &[OsString]) -> Vec<OsString> {
    let flags = leaf.get_arguments().filter(|arg| names_a_cluster(arg));
    let names: Vec<_> =
        flags.filter_map(Arg::get_long_and_visible_aliases).flatten().map(str::to_owned).collect();
    let flag = |word: &OsString| Some(word.to_str()?.strip_prefix("--")?.to_owned());
    let is_name = |name: &str| names.iter().any(|known| known == name);
    let end = behind.iter().position(|word| word == "--").unwrap_or(behind.len());
    let (flags, rest) = behind.split_at(end);
    let (mut kept, mut words) = (Vec::new(), flags.iter().peekable());
    while let Some(word) = words.next() {
        let flag = flag(word).unwrap_or_default();
        let is_empty = flag.strip_suffix('=').is_some_and(is_name);
        if is_name(&flag) && words.next_if(|value| value.is_empty()).is_some() || is_empty {
            continue;
        }
        kept.push(word.clone());
    }
    kept.extend_from_slice(rest);
    kept
}

/// Only what makes new files makes several.
fn one_too_many(matches: &clap::ArgMatches) -> Option<Error> {
    let (verb, matches) = matches.subcommand()?;
    if verb == "create" {
        return None;
    }
    // `keys list` has flags of its own.
    let (mut verb, mut matches) = (verb.to_owned(), matches);
    while let Some((below, its)) = matches.subcommand() {
        (verb, matches) = (format!("{verb} {below}"), its);
    }
    let is_repeated = |id: &&&str| {
        let values = matches.try_get_many::<Given>(id).ok().flatten().into_iter().flatten();
        values.filter(|value| value.text().is_some()).count() > 1
    };
    let flag = CLUSTERS.iter().find(is_repeated)?;
    Some(
        Error::usage(format!("--{flag} is given more than once: {verb} is for one cluster"))
            .hint("only create seals for several; run it once for each"),
    )
}

/// A word too many may be a value that somebody typed behind a flag: it is not repeated.
fn too_many(error: &clap::Error) -> Option<Error> {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidArg) else { return None };
    let is_word = error.kind() == ErrorKind::UnknownArgument && !word.starts_with('-');
    is_word.then(|| Error::usage("there is a word too many"))
}

/// Whether a verb, or a verb's own, is missing or is none.
fn lacks_a_verb(error: &clap::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidSubcommand
            | ErrorKind::MissingSubcommand
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

fn no_such_verb(command: &Command, behind: &[OsString]) -> Error {
    let (kind, help) = match command.get_name() {
        "kubeseal" => ("verb", "kubeseal --help".to_owned()),
        name => (name, format!("kubeseal {name} --help")),
    };
    let verbs: Vec<_> = command.get_subcommands().map(Command::get_name).collect();
    let Some(word) = behind.first().map(|word| word.to_string_lossy()) else {
        let hint = format!("{} and help are there; see also {help}", verbs.join(", "));
        return Error::usage(format!("{kind} what?")).hint(hint);
    };
    if is_content(&word) {
        return no_path(&word);
    }
    let flags = super::usage::command();
    let flags = flags.get_arguments().filter(|flag| !flag.is_hide_set() && kind == "verb");
    let hint = match (
        typo::meant(&word, verbs.iter().copied()),
        typo::meant(&word, flags.filter_map(Arg::get_long)),
    ) {
        (Some(verb), _) => format!("did you mean {verb}?"),
        (_, Some(flag)) => format!("did you mean --{flag}?"),
        _ => format!("{} and help are there; see also {help}", verbs.join(", ")),
    };
    Error::usage(format!("there is no {kind} {word}")).hint(hint)
}

/// How many words name the program, its verb and that one's own, and what they name.
pub(super) fn named<'a>(verbs: &'a Command, words: &[OsString]) -> (usize, &'a Command) {
    let mut leaf = verbs;
    let mut count = 1;
    for word in &words[1..] {
        let found = word.to_str().and_then(|word| leaf.find_subcommand(word));
        let Some(found) = found else { break };
        (leaf, count) = (found, count + 1);
    }
    (count, leaf)
}

/// The flags of a command that the environment sets.
pub(super) fn given(
    command: &Command,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Vec<(String, OsString)> {
    let flags =
        command.get_arguments().filter(|flag| flag.get_help_heading() != Some(create::CONTENT));
    let flags = flags.filter_map(|flag| flag.get_long());
    let flags = flags.filter(|flag| !WITHOUT.contains(flag));
    let set = flags.filter_map(|flag| {
        let value = variable(&variable_of(flag)).filter(|value| !value.is_empty())?;
        Some((flag.to_owned(), value))
    });
    set.collect()
}

fn variable_of(flag: &str) -> String {
    let flag = OTHER_NAMES.iter().find(|(name, _)| *name == flag).map_or(flag, |(_, flats)| flats);
    format!("{PREFIX}{}", flag.to_uppercase().replace('-', "_"))
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

/// A mistake in the flags of the flat mode, where upstream tells one thing only: that it is one.
fn flat_mistake(error: clap::Error) -> Error {
    mistake(error, &command(), PROGRAM).of(Cause::Usage)
}

/// A mistake in the flags of a command, which is kubeseal itself or one of its verbs.
fn mistake(mut error: clap::Error, command: &Command, name: &str) -> Error {
    if let Some(error) = of_content(&error) {
        return error;
    }
    let hint = match meant(&error, command) {
        Some(flag) => format!("did you mean {flag}? {name} --help lists all flags"),
        None => format!("see {name} --help"),
    };
    // clap guesses too, and takes --nope for --scope.
    error.remove(ContextKind::SuggestedArg);
    let said = in_one_line(&error);
    Error::usage(said.strip_prefix("error: ").unwrap_or(&said)).hint(hint)
}
