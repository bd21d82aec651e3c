//! `completion`: the script that completes kubeseal's command line in a shell, made of the same flags
//! and verbs that are parsed.

use clap::builder::PossibleValuesParser;
use clap::{Arg, Args, Command, ValueEnum, ValueHint};
use clap_complete::aot::{Generator, Shell as Generated};
use clap_complete_nushell::Nushell;

use super::Ending;
use crate::args;
use crate::cluster::context_names;
use crate::error::Result;
use crate::output;

/// For which shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  source <(kubeseal completion bash)               in ~/.bashrc
  source <(kubeseal completion zsh)                in ~/.zshrc, behind compinit
  kubeseal completion fish | source                in ~/.config/fish/config.fish

In bash, zsh and fish --context is completed from the kubeconfig.")]
pub(crate) struct Completion {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
    Nushell,
    /// No shell, but what the scripts ask for: the names of the kubeconfig's contexts
    #[value(hide = true)]
    Contexts,
}

impl Completion {
    pub(super) fn run(&self) -> Result<Ending> {
        let text = match self.shell {
            Shell::Bash => with_contexts(Generated::Bash, &[BASH]),
            Shell::Zsh => with_contexts(Generated::Zsh, &[ZSH]),
            Shell::Fish => with_contexts(Generated::Fish, &[FISH, FISH_UNFINISHED]),
            Shell::Powershell => script(&Generated::PowerShell, command()),
            Shell::Elvish => script(&Generated::Elvish, command()),
            Shell::Nushell => script(&Nushell, command()),
            Shell::Contexts => contexts()?,
        };
        output::print(text.as_bytes())?;
        Ok(Ending::Clean)
    }
}

/// What a generator writes for the one value that `--context` is said to have, and what is to stand
/// there: clap knows only values that are known when the script is made.
type Replacement = (&'static str, &'static str);

const PLACEHOLDER: &str = "KUBECONFIG_CONTEXTS";
const BASH: Replacement = ("KUBECONFIG_CONTEXTS", "$(kubeseal completion contexts 2>/dev/null)");
const ZSH: Replacement = (
    "(KUBECONFIG_CONTEXTS)",
    r#"{compadd -- ${(f)"$(kubeseal completion contexts 2>/dev/null)"}}"#,
);
const FISH: Replacement =
    (r"KUBECONFIG_CONTEXTS\t''", "(kubeseal completion contexts 2>/dev/null)");

/// What fish is to make of a flag whose value is still missing: that no verb was typed before it. As it
/// is generated, it then completes nothing.
const FISH_UNFINISHED: Replacement = ("    or return\n", "    or return 0\n");

fn with_contexts(generator: impl Generator, replacements: &[Replacement]) -> String {
    let of_context = |arg: Arg| match arg.get_long() {
        Some("context") => arg.value_parser(PossibleValuesParser::new([PLACEHOLDER])),
        _ => arg,
    };
    let script = script(&generator, everywhere(command(), of_context));
    replacements.iter().fold(script, |script, (from, to)| script.replace(from, to))
}

fn script(generator: &impl Generator, mut command: Command) -> String {
    command.set_bin_name("kubeseal");
    command.build();
    let mut script = Vec::new();
    generator.generate(&command, &mut script);
    String::from_utf8(script).expect("flags, verbs and their help are text")
}

/// The command without what it hides, and with which of its values are files.
fn command() -> Command {
    let whole = args::whole();
    let shown = whole.get_arguments().filter(|arg| !arg.is_hide_set()).cloned();
    let verbs = whole.get_subcommands().cloned();
    let command = Command::new("kubeseal").args(shown).subcommands(verbs);
    everywhere(command, |arg| {
        let names = arg.get_value_names().unwrap_or_default();
        let is_file = names.iter().any(|name| name.contains("FILE"));
        let is_unknown = arg.get_value_parser().possible_values().is_none();
        match (arg.get_value_hint(), is_file) {
            (ValueHint::Unknown, true) => arg.value_hint(ValueHint::FilePath),
            (ValueHint::Unknown, false) if is_unknown => arg.value_hint(ValueHint::Other),
            _ => arg,
        }
    })
}

fn everywhere(command: Command, change: impl Fn(Arg) -> Arg + Copy) -> Command {
    command.mut_args(change).mut_subcommands(|verb| everywhere(verb, change))
}

/// One a line. A shell might take others than these apart, or run what it finds in them.
fn contexts() -> Result<String> {
    let is_harmless = |name: &String| {
        let is_harmless = |c: char| c.is_ascii_alphanumeric() || "-_.:/@+=".contains(c);
        !name.is_empty() && !name.starts_with('-') && name.chars().all(is_harmless)
    };
    let names = context_names()?.into_iter().filter(is_harmless);
    Ok(names.map(|name| name + "\n").collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_asked_for_wherever_there_is_the_flag() {
        fn flags(command: &Command) -> usize {
            let own = command.get_arguments().filter(|arg| arg.get_long() == Some("context"));
            own.count() + command.get_subcommands().map(flags).sum::<usize>()
        }
        let count = flags(&args::whole());
        for (shell, replacement) in
            [(Generated::Bash, BASH), (Generated::Zsh, ZSH), (Generated::Fish, FISH)]
        {
            let script = with_contexts(shell, &[replacement]);
            assert!(!script.contains(PLACEHOLDER), "{shell}");
            let asked = script.matches("kubeseal completion contexts").count();
            assert_eq!(asked, count, "{shell}");
        }
    }

    #[test]
    fn fish_is_told_what_an_unfinished_flag_means() {
        let script = with_contexts(Generated::Fish, &[]);
        assert_eq!(script.matches(FISH_UNFINISHED.0).count(), 1);
    }
}
