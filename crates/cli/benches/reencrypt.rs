//! What sealing anew costs in bulk, beside the RSA operations that it cannot do without.
//! `make bench-cli`.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::fmt::Write;
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::available_parallelism;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealwright_crypto::{
    Certificate, Envelope, KeySize, Plaintext, PrivateKey, PublicKey, Validity, open, seal,
};

const KUBESEAL: &str = env!("CARGO_BIN_EXE_kubeseal");
const FILES: usize = 1000;
const ITEMS: usize = 3;
/// What it may take, in RSA operations divided by cores.
const AT_MOST: f64 = 1.3;
/// Of which the median is told.
const RUNS: usize = 5;

#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
fn main() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) =
        (PrivateKey::generate(KeySize::Rsa4096), PrivateKey::generate(KeySize::Rsa4096));
    std::fs::write(folder.path().join("old.pem"), old.to_pkcs1_pem().as_bytes()).unwrap();
    std::fs::write(folder.path().join("new.pem"), certificate(&new)).unwrap();
    let sealed = manifests(old.public());

    let cores = available_parallelism().map_or(1, NonZero::get);
    // Beside each run an operation is measured, while all cores do them: they may share what they
    // compute with, and be slower now than a moment ago.
    let measured = || {
        let (before, time) = (operation(&old, cores), run(folder.path(), &sealed));
        let operation = (before + operation(&old, cores)) / 2;
        let least = operation.as_secs_f64() * (FILES * ITEMS) as f64 / cores as f64;
        (time.as_secs_f64() / least, time, operation)
    };
    let mut runs: Vec<_> = (0..RUNS).map(|_| measured()).collect();
    runs.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ratio, time, operation) = runs[RUNS / 2];
    println!(
        "{cores} cores; an RSA operation of 4096 bits takes {:.2} ms while all cores do them",
        milliseconds(operation)
    );
    println!(
        "reencrypt {FILES} files of {ITEMS} values: {:.2} s, {ratio:.2} times {} RSA operations on {cores} cores (at most {AT_MOST})",
        time.as_secs_f64(),
        FILES * ITEMS,
    );
}

/// One run over files that are as they were.
fn run(folder: &Path, sealed: &[String]) -> Duration {
    let deploy = folder.join("deploy");
    std::fs::create_dir_all(&deploy).unwrap();
    for (number, text) in sealed.iter().enumerate() {
        std::fs::write(deploy.join(format!("{number}.yaml")), text).unwrap();
    }
    // What was just written is not to be waited for by what is measured.
    assert!(Command::new("sync").status().unwrap().success());
    let mut command = Command::new(KUBESEAL);
    command
        .args(["reencrypt", "deploy", "--recovery-private-key", "old.pem", "--cert", "new.pem"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let start = Instant::now();
    assert!(command.status().unwrap().success());
    start.elapsed()
}

/// A private RSA operation, as it is done for each value, while so many threads do them.
fn operation(key: &PrivateKey, threads: usize) -> Duration {
    const TIMES: u32 = 500;
    let sealed = seal(key.public(), b"", &Plaintext::new(Vec::new()));
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let envelope = Envelope::parse(&sealed).unwrap();
                for _ in 0..TIMES {
                    open(key, b"", &envelope).unwrap();
                }
            });
        }
    });
    start.elapsed() / TIMES
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn manifests(key: &PublicKey) -> Vec<String> {
    let manifest = |number: usize| {
        let mut text = format!(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: s{number}\n  namespace: shop\nspec:\n  encryptedData:\n"
        );
        let label = format!("shop/s{number}");
        for item in 0..ITEMS {
            let value = Plaintext::new(b"correct horse battery staple".to_vec());
            let sealed = STANDARD.encode(seal(key, label.as_bytes(), &value));
            let _ = writeln!(text, "    item-{item}: {sealed}");
        }
        text
    };
    (0..FILES).map(manifest).collect()
}

fn certificate(key: &PrivateKey) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    let validity = Validity { not_before: now, not_after: now + 3600 };
    Certificate::self_signed(key, "", validity).unwrap().to_pem().to_owned()
}
