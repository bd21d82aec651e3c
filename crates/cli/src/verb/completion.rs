//! `completion`: the script that completes kubeseal's command line in a shell, made of the same flags
//! and verbs that are parsed.

mod answer;
mod kubectl;

use std::ffi::OsString;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Args, Command, ValueEnum, ValueHint};
use clap_complete::aot::{Generator, Shell as Generated};
use clap_complete_nushell::Nushell;

use super::Ending;
use crate::args;
use crate::error::Result;
use crate::output;
use crate::program::Called;

/// For which shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  source <(kubeseal completion bash)               in ~/.bashrc
  source <(kubeseal completion zsh)                in ~/.zshrc, behind compinit
  kubeseal completion fish | source                in ~/.config/fish/config.fish
  kubeseal completion kubectl > ~/.local/bin/kubectl_complete-seal     and chmod +x it

The last is for `kubectl seal`, in every shell that completes kubectl. It needs bash.

In bash, zsh and fish --context is completed from the kubeconfig, --namespace from the cluster,
and the keys of set and unset from the file.")]
pub(crate) struct Completion {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,

    /// The command line so far, of which the scripts tell
    #[arg(hide = true, last = true)]
    line: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
    Nushell,
    // No shell either, but what asks a program.
    Kubectl,
    /// No shell, but what the scripts ask for: the names of the kubeconfig's contexts
    #[value(hide = true)]
    Contexts,
    /// The same: the cluster's namespaces
    #[value(hide = true)]
    Namespaces,
    /// The same: the items of a file
    #[value(hide = true)]
    Items,
}

impl Completion {
    pub(super) fn run(&self) -> Result<Ending> {
        let named = |script: String| Called::now().in_script(&script);
        let text = match self.shell {
            Shell::Bash => named(asking(Generated::Bash, &BASH)),
            Shell::Kubectl => named(kubectl::program(&asking(Generated::Bash, &BASH))),
            Shell::Zsh => named(asking(Generated::Zsh, &ZSH)),
            Shell::Fish => named(asking(Generated::Fish, &FISH)),
            Shell::Powershell => named(script(&Generated::PowerShell, command())),
            Shell::Elvish => named(script(&Generated::Elvish, command())),
            Shell::Nushell => named(script(&Nushell, command())),
            Shell::Contexts => answer::contexts(&self.line)?,
            Shell::Namespaces => answer::namespaces(&self.line)?,
            Shell::Items => answer::items(&self.line)?,
        };
        output::print(text.as_bytes())?;
        Ok(Ending::Clean)
    }
}

/// How a script asks kubeseal for what is known only when it runs. clap knows only values that are known
/// when it is made: for these it is told a placeholder each.
struct Asks {
    /// Stands before `…` or at the front: a function that tells kubeseal the line so far.
    function: &'static str,
    /// Before which line, the first of the script where there is none.
    before: &'static str,
    /// What is generated for a placeholder, with its name in the place of `…`.
    generated: &'static str,
    /// What is to stand there, with the word for kubeseal in the place of `…`.
    asking: &'static str,
    other: &'static [(&'static str, &'static str)],
}

/// What `--scope` takes.
const SCOPES: [&str; 3] = ["strict", "namespace-wide", "cluster-wide"];

/// The placeholders, and the words for kubeseal.
const QUESTIONS: [(&str, &str); 3] = [
    ("KUBECONFIG_CONTEXTS", "contexts"),
    ("CLUSTER_NAMESPACES", "namespaces"),
    ("FILE_ITEMS", "items"),
];

const BASH: Asks = Asks {
    function: r#"_kubeseal_ask() {
    kubeseal completion "$1" -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null </dev/null
}

# bash takes words apart at = and :, where a value begins or goes on. Flags are not offered before a dash
# is typed: words are, or else files.
_kubeseal_words() {
    local at=$COMP_CWORD word=${COMP_WORDS[COMP_CWORD]} flag
    while ((at > 1)) && [[ ${COMP_WORDS[at]} == : || ${COMP_WORDS[at - 1]} == : ]]; do
        ((at -= 1))
        word=${COMP_WORDS[at]}$word
    done
    flag=${COMP_WORDS[at - 1]}
    [[ $word == = ]] && word=
    ((at > 1)) && [[ $flag == = ]] && flag=${COMP_WORDS[at - 2]}
    _kubeseal "$1" "$word" "$flag"
    if [[ -z $word ]]; then
        local reply replies=()
        for reply in "${COMPREPLY[@]}"; do
            [[ $reply == -* ]] || replies+=("$reply")
        done
        COMPREPLY=("${replies[@]}")
    elif [[ $word == *:* ]]; then
        COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*:}"}"}")
    fi
}

"#,
    before: "_kubeseal() {\n",
    generated: "…",
    asking: "$(_kubeseal_ask …)",
    other: &[("complete -F _kubeseal ", "complete -F _kubeseal_words ")],
};

const ZSH: Asks = Asks {
    function: r#"_kubeseal_ask() {
    compadd -- ${(f)"$(kubeseal completion $1 -- ${(Q)_kubeseal_line[2,_kubeseal_current-1]} 2>/dev/null </dev/null)"}
}

"#,
    before: "(( $+functions[_kubeseal_commands] ))",
    generated: "(…)",
    // Without the blank zsh would put words of its own before these.
    asking: " _kubeseal_ask …",
    // Behind a verb, $words begins with it.
    other: &[(
        "    typeset -A opt_args\n",
        "    local -a _kubeseal_line=(\"${words[@]}\")\n    local _kubeseal_current=$CURRENT\n    typeset -A opt_args\n",
    )],
};

const FISH: Asks = Asks {
    function: r#"function __kubeseal_ask
    set -l line (commandline -opc)
    set -e line[1]
    kubeseal completion $argv[1] -- $line 2>/dev/null </dev/null
end
complete -c kubeseal -n "__fish_kubeseal_using_subcommand set unset" -a "(__kubeseal_ask items)"

"#,
    before: "",
    generated: r"…\t''",
    asking: "(__kubeseal_ask …)",
    // What fish is to make of a flag whose value is still missing: that no verb was typed before it. As
    // it is generated, it then completes nothing.
    other: &[("    or return\n", "    or return 0\n")],
};

fn asking(generator: impl Generator, asks: &Asks) -> String {
    let asked = |arg: Arg, question: usize| {
        arg.value_parser(PossibleValuesParser::new([QUESTIONS[question].0]))
    };
    let by_flag = |arg: Arg| match arg.get_long() {
        Some("context") => asked(arg, 0),
        Some("namespace" | "controller-namespace") => asked(arg, 1),
        _ => arg,
    };
    let command = everywhere(command(), by_flag)
        .mut_subcommand("set", |set| set.mut_arg("items", |arg| asked(arg, 2)))
        .mut_subcommand("unset", |unset| unset.mut_arg("keys", |arg| asked(arg, 2)));
    let script = script(&generator, command);
    let script = QUESTIONS.iter().fold(script, |script, (placeholder, word)| {
        let generated = asks.generated.replace('…', placeholder);
        script.replace(&generated, &asks.asking.replace('…', word))
    });
    let script = asks.other.iter().fold(script, |script, (from, to)| script.replace(from, to));
    let at = script.find(asks.before).unwrap_or_default();
    format!("{}{}{}", &script[..at], asks.function, &script[at..])
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
        let values = arg.get_possible_values();
        if arg.get_long() == Some("scope") {
            return arg.value_parser(PossibleValuesParser::new(SCOPES));
        }
        match (arg.get_value_hint(), is_file) {
            _ if values.iter().any(PossibleValue::is_hide_set) => {
                let shown = values.into_iter().filter(|value| !value.is_hide_set());
                arg.value_parser(PossibleValuesParser::new(shown))
            }
            (ValueHint::Unknown, true) => arg.value_hint(ValueHint::FilePath),
            (ValueHint::Unknown, false) if values.is_empty() => arg.value_hint(ValueHint::Other),
            _ => arg,
        }
    })
}

fn everywhere(command: Command, change: impl Fn(Arg) -> Arg + Copy) -> Command {
    command.mut_args(change).mut_subcommands(|verb| everywhere(verb, change))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_is_asked_wherever_there_is_the_flag() {
        fn flags(command: &Command, names: &[&str]) -> usize {
            let own = command.get_arguments().filter(|arg| !arg.is_hide_set());
            let names_of = |arg: &&Arg| {
                let shorts = usize::from(arg.get_short().is_some());
                names.contains(&arg.get_long().unwrap_or_default()).then_some(1 + shorts)
            };
            let own: usize = own.filter_map(|arg| names_of(&arg)).sum();
            own + command.get_subcommands().map(|verb| flags(verb, names)).sum::<usize>()
        }
        let contexts = flags(&args::whole(), &["context"]);
        let namespaces = flags(&args::whole(), &["namespace", "controller-namespace"]);
        for (shell, asks) in
            [(Generated::Bash, &BASH), (Generated::Zsh, &ZSH), (Generated::Fish, &FISH)]
        {
            let script = asking(shell, asks);
            for (placeholder, _) in QUESTIONS {
                assert!(!script.contains(placeholder), "{shell} {placeholder}");
            }
            let asked = |word: &str| script.matches(&format!("_kubeseal_ask {word}")).count();
            assert_eq!(asked("contexts"), contexts, "{shell}");
            // fish writes a short flag beside its long one.
            assert!(asked("namespaces") <= namespaces && asked("namespaces") > contexts, "{shell}");
            assert!(asked("items") >= 1, "{shell}");
            assert!(script.matches(asks.function).count() == 1, "{shell}");
            assert!(!script.contains(":_kubeseal_ask"), "{shell}: zsh puts words between");
        }
    }

    #[test]
    fn scripts_are_changed_where_they_have_to_be() {
        // bash's script has one line for old ones and one for new.
        for (shell, asks, times) in
            [(Generated::Bash, &BASH, 2), (Generated::Zsh, &ZSH, 1), (Generated::Fish, &FISH, 1)]
        {
            let script = script(&shell, command());
            for (from, _) in asks.other {
                assert_eq!(script.matches(from).count(), times, "{shell}: {from}");
            }
            assert!(script.contains(asks.before), "{shell}");
        }
    }
}
