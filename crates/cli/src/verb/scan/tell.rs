//! How findings are told: to people by file, the gravest first, and what to do about each kind at the
//! end; to programs as JSON, YAML or SARIF.

use std::collections::BTreeMap;

use clap::ValueEnum;
use serde_json::{Value, json};

use super::finding::Finding;
use super::rules::RULES;
use super::sarif;
use crate::table::{Table, printable};
use crate::yaml;

/// What `--output` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
    /// For programs, and for people who read YAML
    Yaml,
    /// SARIF 2.1.0, for GitHub and others that show it beside the code
    Sarif,
}

impl Format {
    /// The text to print.
    pub(super) fn text(self, findings: &[Finding]) -> String {
        let told = || -> Value {
            json!({ "findings": findings.iter().map(Finding::json).collect::<Vec<_>>() })
        };
        match self {
            Self::Table => table(findings),
            Self::Json => format!("{:#}\n", told()),
            Self::Yaml => yaml::write(&told()),
            Self::Sarif => format!("{:#}\n", sarif::log(findings)),
        }
    }
}

/// The gravest files first, and in each the gravest finding.
pub(super) fn sort(findings: &mut [Finding]) {
    let mut worst = BTreeMap::new();
    for finding in findings.iter() {
        let weight = worst.entry(finding.path.clone()).or_insert(finding.rule.weight);
        *weight = finding.rule.weight.max(*weight);
    }
    findings.sort_by(|one, other| {
        let of_file = worst[&other.path].cmp(&worst[&one.path]);
        let of_finding = other.rule.weight.cmp(&one.rule.weight);
        of_file.then(one.path.cmp(&other.path)).then(of_finding).then(one.place.cmp(&other.place))
    });
}

fn table(findings: &[Finding]) -> String {
    let mut text = String::new();
    for of_file in findings.chunk_by(|one, other| one.path == other.path) {
        text += &printable(of_file[0].path.to_string());
        text.push('\n');
        let mut table = Table::bare(2);
        for finding in of_file {
            let place = format!("{}:{}", finding.place.line, finding.place.column);
            let since = finding.commit.as_ref();
            let since = since.map(|commit| format!("since {} of {}", commit.id, commit.date));
            let rule = finding.rule.id.to_owned();
            table.row([place, rule, finding.description(), since.unwrap_or_default()]);
        }
        text += &table.text();
        text.push('\n');
    }
    if !findings.is_empty() {
        text += "What to do:\n";
        for rule in RULES.iter().filter(|rule| findings.iter().any(|found| found.rule == **rule)) {
            text += &wrapped(&format!("{}: {}", rule.id, rule.remedy));
        }
    }
    text
}

/// Lines that a terminal has room for, the first two blanks in and the others four.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 98;
    let (mut wrapped, mut line) = (String::new(), "  ".to_owned());
    for word in text.split(' ') {
        if line.len() + word.len() > WIDTH {
            wrapped += line.trim_end();
            wrapped.push('\n');
            line = "    ".to_owned();
        }
        line += word;
        line.push(' ');
    }
    wrapped + line.trim_end() + "\n"
}
