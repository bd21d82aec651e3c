//! Completion scripts, read by the shells that are installed, and asked where that is possible.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output};

const KUBESEAL: &str = env!("CARGO_BIN_EXE_kubeseal");

/// One context that is harmless, and one whose name a shell would run.
const KUBECONFIG: &str = r#"
apiVersion: v1
kind: Config
contexts:
- {name: "arn:aws:eks:eu:1:cluster/dev", context: {cluster: c, user: u}}
- {name: "$(touch run)", context: {cluster: c, user: u}}
- {name: "two words", context: {cluster: c, user: u}}
- {name: "-v", context: {cluster: c, user: u}}
"#;

const OTHER: &str = "{contexts: [{name: elsewhere, context: {cluster: c, user: u}}]}";

/// Items of which one is none, and would be run.
const SEALED: &str = r#"
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: db}
spec: {encryptedData: {password: a, passphrase: b, user.name: c, "$(touch run)": d, "two words": e}}
"#;

fn script(shell: &str) -> String {
    let output = Command::new(KUBESEAL).args(["completion", shell]).output().unwrap();
    assert!(output.status.success(), "{shell}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Beside kubeseal, in a folder with its script and a kubeconfig. None where the shell is not installed.
fn ask(shell: &str, words: &[&str]) -> Option<(Output, tempfile::TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("script"), script(shell)).unwrap();
    std::fs::write(folder.path().join("kubeconfig"), KUBECONFIG).unwrap();
    std::fs::write(folder.path().join("other"), OTHER).unwrap();
    std::fs::write(folder.path().join("s.yaml"), SEALED).unwrap();
    let mut path = OsString::from(Path::new(KUBESEAL).parent().unwrap());
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut command = Command::new(shell);
    command.args(words).current_dir(folder.path());
    command.env("PATH", path).env("KUBECONFIG", "kubeconfig").env("HOME", folder.path());
    match command.output() {
        Ok(output) => Some((output, folder)),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("{shell}: {error}"),
    }
}

#[test]
fn every_script_names_flags_and_verbs() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish", "nushell", "kubectl"] {
        let script = script(shell);
        for word in ["controller-namespace", "inspect", "recovery-private-key", "textconv"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        for hidden in ["vmodule", " contexts "] {
            assert!(!script.contains(hidden), "{shell}: {hidden} is hidden");
        }
    }
}

#[test]
fn shells_understand_their_scripts() {
    for (shell, flag) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let Some((output, _folder)) = ask(shell, &[flag, "script"]) else { continue };
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{shell}: {said}");
    }
}

const BASH: &str = r#"
    source ./script
    compopt() { :; }
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _kubeseal_words kubeseal "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\n' "${COMPREPLY[@]}"
"#;

#[test]
fn bash_completes_flags_verbs_values_and_what_is_asked_for() {
    for (words, expected) in [
        (&["ins"][..], &["inspect"][..]),
        (&["--recovery-p"], &["--recovery-private-key"]),
        (&["verify", "--onl"], &["--online"]),
        (&["inspect", "f.yaml", "-o", ""], &["table", "json", "yaml"]),
        (&["--context", ""], &["arn:aws:eks:eu:1:cluster/dev"]),
        (&["set", "f.yaml", "--context", "arn"], &["arn:aws:eks:eu:1:cluster/dev"]),
        (&["--context", "other"], &[""]),
        (&["nope", "--onl"], &[""]),
        // As far as bash takes words apart, it is only what follows that is offered.
        (&["--context", "=", "arn"], &["arn:aws:eks:eu:1:cluster/dev"]),
        (&["verify", "--context", "="], &["arn:aws:eks:eu:1:cluster/dev"]),
        (&["--context", "arn", ":"], &["aws:eks:eu:1:cluster/dev"]),
        (&["--context", "=", "arn", ":", "aws", ":", "e"], &["eks:eu:1:cluster/dev"]),
        (&["--scope", "clu"], &["cluster-wide"]),
        (&["create", "generic", "db", "--scope", "=", "n"], &["namespace-wide"]),
        (&["--cert", "=", "sc"], &["script"]),
        (&["set", "\"s.yaml\"", "user"], &["user.name"]),
        // Flags are offered behind a dash.
        (
            &["keys", ""],
            &["list", "backup", "restore", "verify-backup", "generate", "retire", "help"],
        ),
        (&["inspect", ""], &[""]),
        (&["inspect", "--o"], &["--output"]),
        // What stands on the line counts, and bash takes some words apart.
        (&["--kubeconfig", "other", "--context", ""], &["elsewhere"]),
        (&["set", "f.yaml", "--kubeconfig", "=", "other", "--context", ""], &["elsewhere"]),
        (&["verify", "--kubeconfig", "none", "--context", ""], &[""]),
        (&["set", "s.yaml", "pass"], &["passphrase", "password"]),
        (&["set", "--cert", "c.pem", "./s.yaml", "user.name", "passw"], &["password"]),
        (&["unset", "s.yaml", "--name", "db", "us"], &["user.name"]),
        (&["set", "s.yaml", "$("], &[""]),
        (&["set", "none.yaml", "pass"], &[""]),
        (&["set", "script", "pass"], &[""]),
        // No cluster answers.
        (&["set", "s.yaml", "-n", ""], &[""]),
    ] {
        let all = [&["-c", BASH, "bash", "kubeseal"], words].concat();
        let Some((output, folder)) = ask("bash", &all) else { return };
        let told = String::from_utf8(output.stdout).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(told.lines().collect::<Vec<_>>(), expected, "{words:?}: {said}");
        assert!(!folder.path().join("run").exists(), "a name of a context was run");
    }
}

#[test]
fn fish_completes_a_value_before_any_verb() {
    for line in ["kubeseal --context ", "kubeseal set f.yaml --context arn"] {
        let command = format!("source ./script; complete -C '{line}'");
        let Some((output, _folder)) = ask("fish", &["-c", &command]) else { return };
        let told = String::from_utf8(output.stdout).unwrap();
        let names: Vec<_> = told.lines().filter_map(|line| line.split('\t').next()).collect();
        assert_eq!(names, ["arn:aws:eks:eu:1:cluster/dev"], "{line}");
    }
}
