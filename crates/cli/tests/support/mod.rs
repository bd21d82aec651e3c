//! Running kubeseal in a folder of its own and telling what it did.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealwright_crypto::{Envelope, Plaintext, PrivateKey, open};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

/// The program.
pub(crate) const KUBESEAL: &str = env!("CARGO_BIN_EXE_kubeseal");

/// Files that are in every run's folder, and labels that are tried on ciphertexts.
#[derive(Deserialize)]
pub(crate) struct Common {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) labels: Vec<String>,
}

/// What is run.
#[derive(Deserialize)]
pub(crate) struct Run {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) args: Vec<String>,
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
    /// By their paths in the run's folder.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    /// The folder in it that kubeseal is started in; itself, where none is named.
    #[serde(default)]
    pub(crate) cwd: String,
    pub(crate) stdin: Option<String>,
    pub stdin_b64: Option<String>,
}

/// What a run did.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Behaviour {
    pub(crate) exit: i32,
    #[serde(default)]
    pub(crate) stdout: String,
    #[serde(default)]
    pub(crate) files_after: BTreeMap<String, String>,
    /// The whole of it; empty where only its presence counts.
    #[serde(default)]
    pub(crate) stderr: String,
}

/// The recording's own files and labels.
pub(crate) fn common() -> Common {
    serde_json::from_str(include_str!("../vectors/kubeseal-cli.json")).unwrap()
}

impl Run {
    /// What is on standard input.
    pub(crate) fn input(&self) -> Vec<u8> {
        match (&self.stdin, &self.stdin_b64) {
            (Some(text), _) => text.clone().into_bytes(),
            (_, Some(encoded)) => STANDARD.decode(encoded).unwrap(),
            _ => Vec::new(),
        }
    }
}

/// A folder with the files of a run.
pub(crate) fn folder(case: &Run, common: &Common) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in common.files.iter().chain(&case.files) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::fs::create_dir_all(folder.path().join(&case.cwd)).unwrap();
    folder
}

/// Gives a command what a run says: arguments, environment and its folder.
pub(crate) fn told<'a>(command: &'a mut Command, case: &Run, folder: &Path) -> &'a mut Command {
    let up = "../".repeat(Path::new(&case.cwd).components().count());
    command
        .args(&case.args)
        .current_dir(folder.join(&case.cwd))
        .env_clear()
        .env("HOME", folder)
        .env("KUBECONFIG", up + "kubeconfig")
        .envs(&case.env)
}

/// Runs it. `KUBECONFIG` names the file `kubeconfig`, and nothing of the environment is passed on.
pub(crate) fn run(case: &Run, common: &Common, opener: &Opener) -> Behaviour {
    let folder = folder(case, common);
    let mut command = Command::new(KUBESEAL);
    let mut child = told(&mut command, case, folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A run that fails early does not read its input; that is no failure of the test.
    let _ = child.stdin.take().unwrap().write_all(&case.input());
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
    common: &Common,
    case: &Run,
    opener: &Opener,
) -> BTreeMap<String, String> {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let files = files(folder).into_iter().map(|(name, bytes)| (name, text(bytes)));
    let before = |name: &String| case.files.get(name).or_else(|| common.files.get(name)).cloned();
    let names_before = common.files.keys().chain(case.files.keys());
    let vanished = names_before.filter(|name| !folder.join(name).exists());
    let vanished = vanished.map(|name| (name.clone(), "<gone>".to_owned())).collect::<Vec<_>>();
    let changed = files.filter(|(name, text)| before(name).as_ref() != Some(text));
    changed.map(|(name, text)| (name, opener.readable(&text))).chain(vanished).collect()
}

/// The files of a folder and of those in it, by their paths.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files = entries.flat_map(|entry| {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if path.is_dir() {
            let below = files(&path).into_iter();
            return below.map(|(below, bytes)| (format!("{name}/{below}"), bytes)).collect();
        }
        vec![(name, std::fs::read(path).unwrap())]
    });
    files.collect()
}

/// Opens the ciphertexts in a text.
pub(crate) struct Opener {
    keys: Vec<PrivateKey>,
    labels: Vec<String>,
}

impl Opener {
    pub(crate) fn new(recording: &Common) -> Self {
        let keys = recording.files.iter().filter(|(name, _)| name.ends_with(".key"));
        let keys = keys.map(|(_, pem)| PrivateKey::from_pem(pem).unwrap());
        Self { keys: keys.collect(), labels: recording.labels.clone() }
    }

    /// `text` with `<sealed 'label' base64-of-the-plaintext>` for each ciphertext.
    pub(crate) fn readable(&self, text: &str) -> String {
        self.rewritten(text, |label, _, value| {
            format!("<sealed '{label}' {}>", STANDARD.encode(value.expose()))
        })
    }

    /// `text` with what `anew` makes of label, key and value of each ciphertext in its place.
    pub(crate) fn rewritten(
        &self,
        text: &str,
        anew: impl Fn(&str, &PrivateKey, Plaintext) -> String,
    ) -> String {
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
        let mut rewritten = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(is_base64) {
            let length = rest[start..].find(|c| !is_base64(c)).unwrap_or(rest.len() - start);
            let word = &rest[start..start + length];
            let opened = self.opened(word).map(|(label, key, value)| anew(label, key, value));
            rewritten.push_str(&rest[..start]);
            rewritten.push_str(opened.as_deref().unwrap_or(word));
            rest = &rest[start + length..];
        }
        rewritten + rest
    }

    fn opened(&self, word: &str) -> Option<(&str, &PrivateKey, Plaintext)> {
        let sealed = STANDARD.decode(word).ok()?;
        let envelope = Envelope::parse(&sealed).ok()?;
        let pairs = self.keys.iter().flat_map(|key| self.labels.iter().map(move |l| (key, l)));
        let mut fitting = pairs.filter(|(key, _)| key.public().modulus_len() == envelope.rsa.len());
        fitting.find_map(|(key, label)| {
            Some((label.as_str(), key, open(key, label.as_bytes(), &envelope).ok()?))
        })
    }
}
