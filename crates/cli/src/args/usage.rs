//! What all flags have in common, so that each is written in two lines.

use std::any::TypeId;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory, Subcommand};

use super::value::go_bool;
use super::{ABOUT, Args, Given};
use crate::error::Error;
use crate::manifest::{is_content, no_path};
use crate::typo;
use crate::verb::{Verb, create};

const VERBS_ABOUT: &str = "Works on SealedSecrets by a verb.";
const VERBS_AFTER: &str = "Without a verb kubeseal seals: see kubeseal --help.

For which cluster the files of a folder are sealed may stand in .sealed-secrets.yaml beside or
above them: see docs/configuration.md.";

/// The command as it is parsed.
pub(super) fn command() -> Command {
    Args::command().mut_args(with_defaults)
}

/// The verbs as they are parsed.
pub(super) fn verbs() -> Command {
    let verbs = Verb::augment_subcommands(Command::new("kubeseal").max_term_width(100));
    below(verbs.about(VERBS_ABOUT).after_help(VERBS_AFTER).subcommand_required(true))
}

/// Flags and verbs together, as they are declared: a boolean is a flag without a value.
pub(crate) fn whole() -> Command {
    Verb::augment_subcommands(Args::command()).about(ABOUT)
}

/// The same as they are parsed: a boolean may have a value.
pub(crate) fn whole_as_parsed() -> Command {
    below(whole())
}

fn below(command: Command) -> Command {
    // Those of the environment come first: the command line's win.
    let command = command.args_override_self(true).mut_args(with_defaults);
    command.mut_subcommands(|verb| below(verb.mut_args(repeatable)))
}

/// Flags of verbs that may name several clusters. The flat mode takes the last, as upstream does.
pub(super) const CLUSTERS: [&str; 3] = ["context", "cert", "seal-with"];

/// Counts each of them, so that none is passed over.
fn repeatable(flag: Arg) -> Arg {
    match names_a_cluster(&flag) {
        true => flag.action(ArgAction::Append),
        false => flag,
    }
}

pub(super) fn names_a_cluster(flag: &Arg) -> bool {
    let is_content = flag.get_help_heading() == Some(create::CONTENT);
    !is_content && flag.get_long().is_some_and(|name| CLUSTERS.contains(&name))
}

fn with_defaults(flag: Arg) -> Arg {
    if matches!(flag.get_action(), ArgAction::SetTrue) {
        boolean(flag)
    } else if flag.get_value_parser().type_id() == TypeId::of::<Given>() {
        flag.required(false).default_value("").hide_default_value(true)
    } else {
        flag
    }
}

/// Go's booleans: `--flag`, or `--flag=` with one of its spellings; the next word is no value.
fn boolean(flag: Arg) -> Arg {
    flag.action(ArgAction::Set)
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value("true")
        .default_value("false")
        .hide_default_value(true)
        .hide_possible_values(true)
        .value_name("BOOL")
        .value_parser(go_bool)
        .required(false)
}

/// The flag that may have been meant by one that does not exist.
pub(super) fn meant(error: &clap::Error, command: &Command) -> Option<String> {
    let written = error.get(ContextKind::InvalidArg);
    let (ErrorKind::UnknownArgument, Some(ContextValue::String(written))) = (error.kind(), written)
    else {
        return None;
    };
    let flags = command.get_arguments().filter(|flag| !flag.is_hide_set());
    let meant = typo::meant(written, flags.filter_map(Arg::get_long))?;
    Some(format!("--{meant}"))
}

/// What is said where the mistake is content in the place of a path, which may be a private key: clap
/// would repeat it.
pub(super) fn of_content(error: &clap::Error) -> Option<Error> {
    let texts = error.context().filter_map(|(_, value)| match value {
        ContextValue::String(text) => Some(text),
        _ => None,
    });
    texts.into_iter().find(|text| is_content(text)).map(|text| no_path(text))
}

/// A mistake on the command line, without the usage that a script's log would drown in.
pub(super) fn in_one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let said = lines.filter(|line| !line.is_empty() && !line.starts_with("For more information"));
    said.collect::<Vec<_>>().join("; ").replace(":; ", ": ")
}
