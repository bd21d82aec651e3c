//! Upstream's own runs of the command line, repeated: exit code, standard output and files must
//! match to the byte. Ciphertexts, which never repeat, are opened and compared by content.
//!
//! Where ours differs on purpose, `vectors/ours.json` holds what ours does, beside upstream's
//! reason to be left.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealwright_crypto::{Envelope, PrivateKey, open};
use serde::{Deserialize, Serialize};

/// Flags and variables of later modes; cases that use them are not run yet.
const NOT_YET: [&str; 3] = ["--raw", "--merge-into", "--re-encrypt"];
const NOT_YET_ENVIRONMENT: &str = "SEALED_SECRETS_RAW";

#[derive(Deserialize)]
struct Recording {
    files: BTreeMap<String, String>,
    labels: Vec<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    args: Vec<String>,
    env: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    stdin: Option<String>,
    stdin_b64: Option<String>,
    exit: i32,
    stdout: String,
    files_after: BTreeMap<String, String>,
    ours: Option<String>,
}

/// What a run did.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Behaviour {
    exit: i32,
    #[serde(default)]
    stdout: String,
    #[serde(default)]
    files_after: BTreeMap<String, String>,
    /// The whole of it; empty where only its presence counts.
    #[serde(default)]
    stderr: String,
}

fn recording() -> Recording {
    serde_json::from_str(include_str!("vectors/kubeseal-cli.json")).unwrap()
}

fn ours() -> BTreeMap<String, Behaviour> {
    serde_json::from_str(include_str!("vectors/ours.json")).unwrap()
}

fn is_for_later(case: &Case) -> bool {
    case.args.iter().any(|arg| NOT_YET.contains(&arg.as_str()))
        || case.env.contains_key(NOT_YET_ENVIRONMENT)
}

fn run(case: &Case, common: &BTreeMap<String, String>, opener: &Opener) -> Behaviour {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in common.iter().chain(&case.files) {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_kubeseal"))
        .args(&case.args)
        .current_dir(folder.path())
        .env_clear()
        .env("HOME", folder.path())
        .env("KUBECONFIG", "kubeconfig")
        .envs(&case.env)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdin = match (&case.stdin, &case.stdin_b64) {
        (Some(text), _) => text.clone().into_bytes(),
        (_, Some(encoded)) => STANDARD.decode(encoded).unwrap(),
        _ => Vec::new(),
    };
    // A run that fails early does not read its input; that is no failure of the test.
    let _ = child.stdin.take().unwrap().write_all(&stdin);
    let output = child.wait_with_output().unwrap();
    Behaviour {
        exit: output.status.code().unwrap(),
        stdout: opener.readable(&String::from_utf8(output.stdout).unwrap()),
        files_after: changed_files(folder.path(), common, case, opener),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn changed_files(
    folder: &Path,
    common: &BTreeMap<String, String>,
    case: &Case,
    opener: &Opener,
) -> BTreeMap<String, String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let files = names.map(|name| {
        let text = std::fs::read_to_string(folder.join(&name)).unwrap();
        (name.into_string().unwrap(), text)
    });
    let before = |name: &String| case.files.get(name).or_else(|| common.get(name)).cloned();
    let changed = files.filter(|(name, text)| before(name).as_ref() != Some(text));
    changed.map(|(name, text)| (name, opener.readable(&text))).collect()
}

/// Opens the ciphertexts in a text.
struct Opener {
    keys: Vec<PrivateKey>,
    labels: Vec<String>,
}

impl Opener {
    fn new(recording: &Recording) -> Self {
        let keys = recording.files.iter().filter(|(name, _)| name.ends_with(".key"));
        let keys = keys.map(|(_, pem)| PrivateKey::from_pem(pem).unwrap());
        Self { keys: keys.collect(), labels: recording.labels.clone() }
    }

    /// `text` with `<sealed 'label' base64-of-the-plaintext>` for each ciphertext.
    fn readable(&self, text: &str) -> String {
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
        let mut readable = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(is_base64) {
            let length = rest[start..].find(|c| !is_base64(c)).unwrap_or(rest.len() - start);
            let word = &rest[start..start + length];
            readable.push_str(&rest[..start]);
            readable.push_str(&self.opened(word).unwrap_or_else(|| word.to_owned()));
            rest = &rest[start + length..];
        }
        readable + rest
    }

    fn opened(&self, word: &str) -> Option<String> {
        let sealed = STANDARD.decode(word).ok()?;
        let envelope = Envelope::parse(&sealed).ok()?;
        let pairs = self.keys.iter().flat_map(|key| self.labels.iter().map(move |l| (key, l)));
        let mut fitting = pairs.filter(|(key, _)| key.public().modulus_len() == envelope.rsa.len());
        fitting.find_map(|(key, label)| {
            let value = open(key, label.as_bytes(), &envelope).ok()?;
            Some(format!("<sealed '{label}' {}>", STANDARD.encode(value.expose())))
        })
    }
}

#[test]
fn every_recorded_run_goes_as_upstreams_or_as_ours_says() {
    let recording = recording();
    let opener = Opener::new(&recording);
    let ours = ours();
    let mut failures = Vec::new();
    let mut compared = 0;
    for case in recording.cases.iter().filter(|case| !is_for_later(case)) {
        compared += 1;
        let mut actual = run(case, &recording.files, &opener);
        let expected = if case.ours.is_some() {
            match ours.get(&case.name) {
                Some(expected) => expected,
                None => panic!("vectors/ours.json lacks {:?}: {actual:?}", case.name),
            }
        } else {
            if case.exit != 0 && actual.stderr.is_empty() {
                failures.push(format!("{}: says nothing on stderr", case.name));
            }
            actual.stderr.clear();
            &Behaviour {
                exit: case.exit,
                stdout: case.stdout.clone(),
                files_after: case.files_after.clone(),
                stderr: String::new(),
            }
        };
        if actual != *expected {
            failures
                .push(format!("{}:\n  expected {expected:?}\n  actual   {actual:?}", case.name));
        }
    }
    assert!(failures.is_empty(), "{} of {compared}:\n{}", failures.len(), failures.join("\n"));
    assert!(compared >= 180, "only {compared} cases were compared");
}

#[test]
fn ours_holds_no_case_that_is_not_there() {
    let recording = recording();
    let differing = |name: &String| {
        recording.cases.iter().any(|case| case.name == *name && case.ours.is_some())
    };
    let unknown: Vec<_> = ours().into_keys().filter(|name| !differing(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
