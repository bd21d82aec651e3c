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

#[test]
fn every_recorded_run_goes_as_upstreams_or_as_ours_says() {
    let common = support::common();
    let opener = Opener::new(&common);
    let ours = ours();
    let mut failures = Vec::new();
    let mut compared = 0;
    for case in &recording().cases {
        compared += 1;
        let mut actual = support::run(&case.run, &common, &opener);
        let expected = if case.ours.is_some() {
            let Some(expected) = ours.get(&case.run.name) else {
                let actual = serde_json::to_string(&actual).unwrap();
                failures.push(format!("vectors/ours.json lacks {:?}: {actual}", case.run.name));
                continue;
            };
            expected
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
    assert_eq!(compared, 239);
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
