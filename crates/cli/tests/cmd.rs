//! Runs of the command line, kept as data in `cmd/*.toml`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use support::{Behaviour, Opener, Run};

#[derive(Deserialize)]
struct File {
    /// Files that several runs have.
    #[serde(default)]
    shared: BTreeMap<String, String>,
    run: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    #[serde(flatten)]
    run: Run,
    /// Names of those that it has.
    #[serde(default)]
    shares: Vec<String>,
    #[serde(flatten)]
    behaviour: Behaviour,
}

#[test]
fn every_run_goes_as_written() {
    let common = support::common();
    let opener = Opener::new(&common);
    let mut failures = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file: File = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert!(!file.run.is_empty(), "{}", path.display());
        for mut expected in file.run {
            for name in &expected.shares {
                expected.run.files.insert(name.clone(), file.shared[name].clone());
            }
            let actual = support::run(&expected.run, &common, &opener);
            if actual != expected.behaviour {
                failures.push(format!(
                    "{}:\n  expected {:?}\n  actual   {actual:?}",
                    expected.run.name, expected.behaviour
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}
