//! The pages that hold what kubeseal prints of itself say what it prints, of every verb. Where they do
//! not, `make reference` writes them anew.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

/// A command that a page shows, and what stands below it.
#[derive(Debug, PartialEq)]
struct Session {
    command: String,
    printed: String,
}

fn sessions(page: &str) -> Vec<Session> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
    let text = std::fs::read_to_string(path).unwrap();
    let blocks = text.split("\n```console\n$ ").skip(1);
    let blocks = blocks.map(|block| block.split_once("\n```\n").unwrap().0);
    let sessions = blocks.map(|block| {
        let (command, printed) = block.split_once('\n').unwrap();
        Session { command: command.to_owned(), printed: printed.to_owned() }
    });
    sessions.collect()
}

/// What it prints, without blanks at the ends of lines.
fn printed(command: &str) -> String {
    let arguments = command.strip_prefix("kubeseal ").unwrap().split(' ');
    let mut kubeseal = Command::new(env!("CARGO_BIN_EXE_kubeseal"));
    let output = kubeseal.args(arguments).env_remove("COLUMNS").output().unwrap();
    assert!(output.status.success(), "{command}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn check(page: &str) -> Vec<Session> {
    let sessions = sessions(page);
    for Session { command, printed: shown } in &sessions {
        assert_eq!(*shown, printed(command), "docs/{page}: {command}: see `make reference`");
    }
    sessions
}

#[test]
fn the_flat_flags_are_as_printed() {
    let commands: Vec<_> = check("kubeseal.md").into_iter().map(|shown| shown.command).collect();
    assert_eq!(commands, ["kubeseal --help"]);
}

/// The verbs that a help lists.
fn listed(command: &str) -> Vec<String> {
    let help = printed(command);
    let Some(listed) = help.split("Commands:\n").nth(1) else { return Vec::new() };
    let lines = listed.split("\n\n").next().unwrap().lines();
    let lines = lines.filter_map(|line| line.strip_prefix("  "));
    let lines = lines.filter(|line| !line.starts_with(' '));
    let verbs = lines.map(|line| line.split(' ').next().unwrap()).filter(|verb| *verb != "help");
    verbs.map(str::to_owned).collect()
}

#[test]
fn every_verb_is_there_and_as_printed() {
    let sessions = check("cli.md");
    let mut expected = vec!["kubeseal help".to_owned()];
    for verb in listed("kubeseal help") {
        let help = format!("kubeseal {verb} --help");
        let below = listed(&help).into_iter().map(|noun| format!("kubeseal {verb} {noun} --help"));
        let below: Vec<_> = below.collect();
        expected.push(help);
        expected.extend(below);
    }
    let commands: Vec<_> = sessions.into_iter().map(|shown| shown.command).collect();
    assert_eq!(commands, expected, "see `make reference`");
}
