//! Manual pages: one for kubeseal and one for each verb, and of the form that `man` reads.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output};

const KUBESEAL: &str = env!("CARGO_BIN_EXE_kubeseal");

/// What a line may begin with: clap's pages are made of these alone.
const MACROS: [&str; 9] = [".TH", ".SH", ".TP", ".PP", ".RS", ".RE", ".IP", ".br", ".sp"];

fn run(args: &[&str], folder: &Path) -> Output {
    Command::new(KUBESEAL).args(args).current_dir(folder).output().unwrap()
}

fn check(name: &str, page: &str) {
    let title = name.strip_suffix(".1").unwrap();
    let titled = format!(".TH {title} 1 ");
    assert_eq!(page.lines().filter(|line| line.starts_with(&titled)).count(), 1, "{name}");
    for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS"] {
        let heading = format!(".SH {section}");
        assert!(page.lines().any(|line| line == heading), "{name}: no {section}");
    }
    for line in page.lines().filter(|line| line.starts_with('.')) {
        let word = line.split(' ').next().unwrap();
        let is_known = MACROS.contains(&word) || [".ie", ".el"].contains(&word);
        assert!(is_known, "{name}: {line}");
    }
    let unreadable = page.lines().find(|line| line.starts_with('\''));
    assert_eq!(unreadable, None, "{name}: the quote would make a macro of it");
}

/// The verbs that a help lists.
fn verbs(args: &[&str], folder: &Path) -> Vec<String> {
    let help = String::from_utf8(run(args, folder).stdout).unwrap();
    let verbs = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let verbs = verbs.take_while(|line| !line.is_empty());
    let verbs = verbs.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let verbs = verbs.map(|line| line.split_whitespace().next().unwrap());
    verbs.filter(|verb| *verb != "help").map(str::to_owned).collect()
}

#[test]
fn each_verb_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["man", "share/man1"], folder.path());
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder.path().join("share/man1")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        check(&name, &std::fs::read_to_string(&path).unwrap());
        names.push(name);
    }
    let mut expected = vec!["kubeseal.1".to_owned()];
    for verb in verbs(&["help"], folder.path()) {
        let below = verbs(&[&verb, "--help"], folder.path());
        expected.extend(below.iter().map(|below| format!("kubeseal-{verb}-{below}.1")));
        expected.push(format!("kubeseal-{verb}.1"));
    }
    names.sort();
    expected.sort();
    assert!(expected.len() > 15, "{expected:?}");
    assert_eq!(names, expected);
}

#[test]
fn the_main_page_goes_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["man"], folder.path());
    let page = String::from_utf8(output.stdout).unwrap();
    check("kubeseal.1", &page);
    assert!(page.contains("kubeseal\\-inspect(1)"), "the verbs are named");
    assert!(!page.contains("kubeseal\\-help(1)"), "there is no page for help");
}
