//! No value outlives its use: with a marker in the place of every value, each run of `cmd/*.toml`
//! and of the recording is held at its end, and the marker is looked for in all that it wrote, in
//! its arguments and in its memory.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/process.rs"]
mod process;
#[expect(dead_code, reason = "runs are made otherwise here")]
mod support;

use std::fs::{self, File};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;
use process::Ended;
use sealwright_crypto::{Plaintext, seal};
use serde::Deserialize;
use support::{Common, KUBESEAL, Opener, Run, files};

/// In a base64 text it is the same at each third of its repetitions, wherever it is cut.
const MARKER: &str = "Zq7vKx4Wp";

/// Long enough that pieces of it hold the marker too.
fn value() -> String {
    MARKER.repeat(8)
}

/// Stands in the environment, where it stays: what does not find it finds nothing.
const THERE: &str = "FoundByWhoeverLooks";

#[derive(Deserialize)]
struct Runs {
    #[serde(alias = "cases")]
    run: Vec<Run>,
}

#[test]
fn no_value_outlives_its_use() {
    let common = support::common();
    let opener = Opener::new(&common);
    let (mut failing, mut succeeding, mut found) = (0, 0, Vec::new());
    for run in runs().into_iter().filter_map(|run| marked(run, &opener)) {
        let remains = Remains::of(&run, &common);
        *(if remains.exit == 0 { &mut succeeding } else { &mut failing }) += 1;
        found.extend(remains.found.iter().map(|place| format!("{}: {place}", run.name)));
    }
    assert!(found.is_empty(), "found in {} places:\n{}", found.len(), found.join("\n"));
    assert!(failing >= 60 && succeeding >= 60, "only {failing} runs failed, {succeeding} did not");
}

/// All runs there are.
fn runs() -> Vec<Run> {
    let recorded: Runs = serde_json::from_str(include_str!("vectors/kubeseal-cli.json")).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    let written = fs::read_dir(folder).unwrap().flat_map(|entry| {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        toml::from_str::<Runs>(&text).unwrap().run
    });
    recorded.run.into_iter().chain(written).collect()
}

/// The run with the marker in the place of its values, if it has any.
fn marked(mut run: Run, opener: &Opener) -> Option<Run> {
    let resealed = |text: &str| {
        let value = Plaintext::new(value().into_bytes());
        opener.rewritten(text, |label, key, _| {
            STANDARD.encode(seal(key.public(), label.as_bytes(), &value))
        })
    };
    let before = (run.input(), run.files.clone());
    let mut input = before.0.clone();
    for (from, to) in substitutes() {
        for encode in [utf8, utf16_le, utf16_be] {
            input = replaced(&input, &encode(from), &encode(&to));
        }
        run.files.values_mut().for_each(|text| *text = text.replace(from, &to));
    }
    if run.args.iter().any(|arg| arg == "--raw") {
        // Whatever is read is the value.
        let sources = run.files.iter_mut().filter(|(name, _)| !name.ends_with(".pem"));
        sources.for_each(|(_, text)| *text = value());
        input = if input.is_empty() { input } else { value().into_bytes() };
    }
    if let Ok(text) = String::from_utf8(input.clone()) {
        input = resealed(&text).into_bytes();
    }
    run.files.values_mut().for_each(|text| *text = resealed(text));
    let is_marked = (&input, &run.files) != (&before.0, &before.1);
    run.stdin = None;
    run.stdin_b64 = Some(STANDARD.encode(input));
    is_marked.then_some(run)
}

/// The values of the runs, and what stands for them.
fn substitutes() -> [(&'static str, String); 8] {
    let encoded = STANDARD.encode(value());
    [
        ("hunter2", value()),
        ("zwölf", value()),
        ("not base64!", value() + "!"),
        ("aHVudGVyMg==", encoded.clone()),
        ("YWRtaW4=", encoded.clone()),
        ("eA==", encoded.clone()),
        ("MQ==", encoded.clone()),
        ("Mg==", encoded),
    ]
}

/// What a run left behind.
struct Remains {
    exit: i32,
    /// Where the marker was found.
    found: Vec<String>,
}

impl Remains {
    fn of(run: &Run, common: &Common) -> Self {
        let folder = support::folder(run, common);
        let talk = tempfile::tempdir().unwrap();
        let talk_of = |name: &str| File::create(talk.path().join(name)).unwrap();
        let mut command = process::stopped_first(Path::new(KUBESEAL));
        support::told(&mut command, run, folder.path())
            .env("THERE", THERE)
            .stdout(talk_of("standard output"))
            .stderr(talk_of("standard error"));
        let ended = Ended::run(&mut command, run.input());

        assert_eq!(fs::read_link(ended.proc("exe")).unwrap(), Path::new(KUBESEAL));
        let memory = ended.memory();
        assert!(memory.iter().any(|(_, bytes)| memmem::find(bytes, THERE.as_bytes()).is_some()));
        let mut places: Vec<(String, Vec<u8>)> =
            memory.into_iter().map(|(name, bytes)| (format!("memory {name}"), bytes)).collect();
        places.push(("arguments".to_owned(), fs::read(ended.proc("cmdline")).unwrap()));
        let exit = ended.exit_code();

        // What a recovery writes is the value; what is besides its output is not.
        let shows = ["--recovery-unseal", "--reveal", "--values"];
        let recovers = run.args.iter().any(|arg| shows.contains(&arg.as_str())) && exit == 0;
        let is_output =
            |name: &str| name == "standard output" || run.args.iter().any(|a| a == name);
        let given: Vec<_> = common.files.iter().chain(&run.files).collect();
        let is_given = |name: &str, bytes: &[u8]| {
            given.iter().any(|(there, text)| *there == name && text.as_bytes() == bytes)
        };
        let written = [files(talk.path()), files(folder.path())].concat().into_iter();
        places.extend(
            written.filter(|(name, bytes)| !(is_given(name, bytes) || recovers && is_output(name))),
        );
        let found = places.into_iter().filter(|(_, bytes)| holds_marker(bytes));
        Self { exit, found: found.map(|(name, _)| name).collect() }
    }
}

/// Plain, in base64, or as UTF-16.
fn holds_marker(bytes: &[u8]) -> bool {
    let forms = [utf8(MARKER), utf8(&STANDARD.encode(MARKER)), utf16_le(MARKER), utf16_be(MARKER)];
    forms.iter().any(|form| memmem::find(bytes, form).is_some())
}

fn utf8(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

fn utf16_le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn utf16_be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::new();
    let mut rest = bytes;
    while let Some(at) = memmem::find(rest, from) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}
