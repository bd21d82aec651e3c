//! Upstream's own runs of the command line, repeated: exit code, standard output and files must
//! match to the byte. Ciphertexts, which never repeat, are opened and compared by content.
//!
//! Where ours differs on purpose, `vectors/ours.json` holds what ours does, beside upstream's
//! reason to be left.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;

use serde::Deserialize;
use support::{Behaviour, Opener, Run};

/// Flags and variables of later modes; cases that use them are not run yet.
const NOT_YET: [&str; 3] = ["--raw", "--merge-into", "--re-encrypt"];
const NOT_YET_ENVIRONMENT: &str = "SEALED_SECRETS_RAW";

#[derive(Deserialize)]
struct Recording {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(flatten)]
    run: Run,
    #[serde(flatten)]
    theirs: Behaviour,
    ours: Option<String>,
}

fn recording() -> Recording {
    serde_json::from_str(include_str!("vectors/kubeseal-cli.json")).unwrap()
}

fn ours() -> BTreeMap<String, Behaviour> {
    serde_json::from_str(include_str!("vectors/ours.json")).unwrap()
}

fn is_for_later(case: &Case) -> bool {
    case.run.args.iter().any(|arg| NOT_YET.contains(&arg.as_str()))
        || case.run.env.contains_key(NOT_YET_ENVIRONMENT)
}

#[test]
fn every_recorded_run_goes_as_upstreams_or_as_ours_says() {
    let common = support::common();
    let opener = Opener::new(&common);
    let ours = ours();
    let mut failures = Vec::new();
    let mut compared = 0;
    for case in recording().cases.iter().filter(|case| !is_for_later(case)) {
        compared += 1;
        let mut actual = support::run(&case.run, &common, &opener);
        let expected = if case.ours.is_some() {
            match ours.get(&case.run.name) {
                Some(expected) => expected,
                None => panic!("vectors/ours.json lacks {:?}: {actual:?}", case.run.name),
            }
        } else {
            if case.theirs.exit != 0 && actual.stderr.is_empty() {
                failures.push(format!("{}: says nothing on stderr", case.run.name));
            }
            actual.stderr.clear();
            &Behaviour { stderr: String::new(), ..case.theirs.clone() }
        };
        if actual != *expected {
            failures.push(format!(
                "{}:\n  expected {expected:?}\n  actual   {actual:?}",
                case.run.name
            ));
        }
    }
    assert!(failures.is_empty(), "{} of {compared}:\n{}", failures.len(), failures.join("\n"));
    assert!(compared >= 180, "only {compared} cases were compared");
}

#[test]
fn ours_holds_no_case_that_is_not_there() {
    let recording = recording();
    let differing = |name: &String| {
        recording.cases.iter().any(|case| case.run.name == *name && case.ours.is_some())
    };
    let unknown: Vec<_> = ours().into_keys().filter(|name| !differing(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
