//! What one run of kubeseal costs, as a user has it: the whole process, from its start to its end,
//! beside that of /bin/true. `make bench-cli`.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

#[cfg(target_os = "linux")]
#[expect(dead_code, reason = "the memory itself is of no interest here")]
#[path = "../tests/support/process.rs"]
mod process;

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use sealwright_crypto::{Certificate, KeySize, PrivateKey, Validity};

const KUBESEAL: &str = env!("CARGO_BIN_EXE_kubeseal");

/// What is run, and how much of it may be used up.
struct Case {
    name: &'static str,
    program: &'static str,
    args: &'static [&'static str],
    runs: usize,
    target: &'static str,
}

const CASES: [Case; 4] = [
    Case { name: "/bin/true", program: "/bin/true", args: &[], runs: 500, target: "" },
    Case {
        name: "kubeseal --version",
        program: KUBESEAL,
        args: &["--version"],
        runs: 500,
        target: "",
    },
    Case {
        name: "seal one Secret",
        program: KUBESEAL,
        args: &["--cert", "cert.pem", "-f", "one.yaml"],
        runs: 500,
        target: "4 ms, 8 MB",
    },
    Case {
        name: "seal 1,000 Secrets of 3 items",
        program: KUBESEAL,
        args: &["--cert", "cert.pem", "-f", "many.yaml", "-o", "yaml"],
        runs: 25,
        target: "350 ms on two cores",
    },
];

#[expect(clippy::print_stdout, reason = "the table is what it is for")]
fn main() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cert.pem"), certificate()).expect("a certificate");
    std::fs::write(folder.path().join("one.yaml"), manifest(1, 1)).expect("a manifest");
    std::fs::write(folder.path().join("many.yaml"), manifest(1000, 3)).expect("a manifest");

    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let bytes = std::fs::metadata(KUBESEAL).expect("the program").len();
    println!("certificate of 4096 bits, {cores} cores, binary of {:.1} MB\n", megabytes(bytes));
    println!("{:<30}   runs   median      min      max     peak   at most", "");
    for case in &CASES {
        let times = times(case, folder.path());
        let (median, min, max) = (times[times.len() / 2], times[0], times[times.len() - 1]);
        println!(
            "{:<30} {:>6} {} {} {} {}   {}",
            case.name,
            case.runs,
            milliseconds(median),
            milliseconds(min),
            milliseconds(max),
            peak(case, folder.path()),
            case.target
        );
    }
}

/// The times that the runs took, the shortest first.
fn times(case: &Case, folder: &Path) -> Vec<Duration> {
    let run = |_| {
        let mut command = Command::new(case.program);
        command.args(case.args).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null());
        let start = Instant::now();
        let status = command.status().expect("the program runs");
        let time = start.elapsed();
        assert!(status.success(), "{}", case.name);
        time
    };
    run(0);
    let mut times: Vec<_> = (0..case.runs).map(run).collect();
    times.sort();
    times
}

/// The most memory that a run had at once (VmHWM of proc_pid_status(5)).
#[cfg(target_os = "linux")]
fn peak(case: &Case, folder: &Path) -> String {
    let mut command = process::stopped_first(Path::new(case.program));
    command.args(case.args).current_dir(folder).stdout(Stdio::null());
    let ended = process::Ended::run(&mut command, Vec::new());
    let status = std::fs::read_to_string(ended.proc("status")).expect("it is held");
    assert_eq!(ended.exit_code(), 0);
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    format!("{:>5.1} MB", megabytes(kib.expect("a number of kB") * 1024))
}

#[cfg(not(target_os = "linux"))]
fn peak(_: &Case, _: &Path) -> String {
    " ".repeat(8)
}

fn milliseconds(time: Duration) -> String {
    format!("{:>5.1} ms", time.as_secs_f64() * 1e3)
}

fn megabytes(bytes: u64) -> f64 {
    Duration::from_micros(bytes).as_secs_f64()
}

/// As long as a controller's own.
fn certificate() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    let now = i64::try_from(now.as_secs()).expect("not that late");
    let validity = Validity { not_before: now, not_after: now + 3600 };
    let key = PrivateKey::generate(KeySize::Rsa4096);
    let certificate = Certificate::self_signed(&key, "", validity).expect("a certificate");
    certificate.to_pem().to_owned()
}

fn manifest(secrets: usize, items: usize) -> String {
    let mut text = String::new();
    for secret in 0..secrets {
        let head = "---\napiVersion: v1\nkind: Secret\ntype: Opaque\nmetadata:\n  namespace: shop";
        let _ = writeln!(text, "{head}\n  name: secret-{secret}\n  labels:\n    app: shop\ndata:");
        for item in 0..items {
            let _ = writeln!(text, "  item-{item}: Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ==");
        }
    }
    text
}
