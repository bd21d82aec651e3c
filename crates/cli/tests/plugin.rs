//! kubeseal as a plugin of kubectl: a program kubectl-seal in `PATH`, which kubectl runs for `kubectl seal`.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::os::unix::fs::symlink;
use std::process::{Command, Output};

const KUBESEAL: &str = env!("CARGO_BIN_EXE_kubeseal");

/// Runs it by the name that Krew gives it.
fn plugin(args: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("kubectl-seal");
    symlink(KUBESEAL, &program).unwrap();
    let mut plugin = Command::new(program);
    plugin.args(args).env_clear().env("HOME", folder.path()).current_dir(folder.path());
    plugin.output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Whether a text names kubeseal where it means what is typed.
fn says_kubeseal(text: &str) -> bool {
    let mut words = text.split_whitespace();
    // Functions of the scripts keep their names, which begin with a line.
    words.any(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_') == "kubeseal")
}

#[test]
fn help_and_usage_say_what_is_typed() {
    for (args, usage) in [
        (&["--help"][..], "Usage: kubectl seal [OPTIONS]"),
        (&["help"], "Usage: kubectl seal <COMMAND>"),
        (&["inspect", "--help"], "Usage: kubectl seal inspect [OPTIONS] <FILE>..."),
        (&["create", "tls", "-h"], "Usage: kubectl seal create tls [OPTIONS]"),
    ] {
        let output = plugin(args);
        let help = text(&output.stdout);
        assert!(output.status.success() && help.contains(usage), "{args:?}: {help}");
        assert!(!says_kubeseal(help), "{args:?}: {help}");
    }
    let help = plugin(&["--help"]);
    assert!(text(&help.stdout).contains("  kubectl seal --fetch-cert > cert.pem\n"));
}

#[test]
fn hints_say_what_is_typed() {
    for (args, hint) in [
        (&["inspect"][..], "hint: see kubectl seal inspect --help\n"),
        (&["--no-such-flag"], "hint: see kubectl seal --help\n"),
        (&["nope"], "see also kubectl seal --help\n"),
    ] {
        let output = plugin(args);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.ends_with(hint) && !says_kubeseal(said), "{args:?}: {said}");
    }
}

#[test]
fn scripts_complete_the_program_that_is_there() {
    for (shell, line) in [
        ("bash", "complete -F _kubeseal_words -o nosort -o bashdefault -o default kubectl-seal\n"),
        ("zsh", "#compdef kubectl-seal\n"),
        ("fish", "complete -c kubectl-seal "),
        ("powershell", "-CommandName 'kubectl-seal'"),
        ("elvish", "arg-completer[kubectl-seal]"),
        ("nushell", "export extern kubectl-seal "),
    ] {
        let output = plugin(&["completion", shell]);
        let script = text(&output.stdout);
        assert!(script.contains(line), "{shell}: {script}");
        assert!(!says_kubeseal(script), "{shell}");
        let is_asking = ["bash", "zsh", "fish"].contains(&shell);
        assert_eq!(
            script.contains("kubectl-seal completion $")
                || script.contains("kubectl-seal completion \"$"),
            is_asking,
            "{shell}"
        );
        assert!(!script.contains("kubeseal completion"), "{shell}");
    }
}

#[test]
fn it_works_as_it_does_otherwise() {
    let output = plugin(&["--version"]);
    let version = concat!("kubeseal version: v", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(text(&output.stdout), version, "a script may read it");
    let output = plugin(&["inspect", "there-is-none.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("error: "));
}
