//! Folders and repositories to look through, and what is put into them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const KUBESEAL: &str = env!("CARGO_BIN_EXE_kubeseal");
pub(crate) const SECRET: &str =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  a: hunter2\n";

/// What looks random, and is no word.
pub(crate) fn token(number: usize) -> String {
    let letters = "q7Rz2Lk9Xw4Tn8Vb3Hd6Yf5Jc1Gm0PsAeQi".as_bytes();
    let body = (0..36).map(|at| char::from(letters[(at * 11 + number * 3) % letters.len()]));
    format!("ghp_{}", body.collect::<String>())
}

/// A folder, which may be a repository.
pub(crate) struct Folder {
    pub(crate) dir: TempDir,
}

pub(crate) struct Scanned {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn repository() -> Self {
        let folder = Self::new();
        folder.git(&["init", "--quiet", "--initial-branch=main", "."]);
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs the real Git, which has to be there, and gives what it prints.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let output = self.try_git(args, "2024-05-06T07:08:09Z");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {args:?}: {error}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn try_git(&self, args: &[&str], date: &str) -> Output {
        let mut git = Command::new("git");
        git.args(args).current_dir(self.dir.path());
        git.envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
            ("GIT_AUTHOR_NAME", "A"),
            ("GIT_AUTHOR_EMAIL", "a@example.com"),
            ("GIT_COMMITTER_NAME", "A"),
            ("GIT_COMMITTER_EMAIL", "a@example.com"),
            ("GIT_AUTHOR_DATE", date),
            ("GIT_COMMITTER_DATE", date),
        ]);
        let kubeseal = Path::new(KUBESEAL).parent().unwrap().display();
        git.env("PATH", format!("{kubeseal}:{}", std::env::var("PATH").unwrap()));
        git.output().expect("these tests need git")
    }

    /// A commit of everything there is, by its abbreviated name.
    pub(crate) fn commit(&self, date: &str) -> String {
        self.git(&["add", "--all"]);
        let output = self.try_git(&["commit", "--quiet", "--allow-empty", "--message=x"], date);
        assert!(output.status.success());
        self.git(&["rev-parse", "--short=8", "HEAD"])
    }

    pub(crate) fn scan(&self, args: &[&str]) -> Scanned {
        self.scan_in(".", args)
    }

    pub(crate) fn scan_in(&self, folder: &str, args: &[&str]) -> Scanned {
        let mut kubeseal = Command::new(KUBESEAL);
        kubeseal.arg("scan").args(args).current_dir(self.path(folder));
        kubeseal.env_clear().env("HOME", "/nonexistent");
        let output = kubeseal.output().unwrap();
        Scanned {
            exit: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Paths, rules and commits of what is found, in their order.
    pub(crate) fn found(&self, args: &[&str]) -> Vec<String> {
        let scanned = self.scan(&[args, &["--output=json"]].concat());
        let told: Value = serde_json::from_str(&scanned.stdout).expect(&scanned.stderr);
        let findings = told["findings"].as_array().unwrap();
        assert_eq!(scanned.exit, i32::from(!findings.is_empty()), "{}", scanned.stderr);
        let field = |finding: &Value, name: &str| finding[name].as_str().unwrap_or("").to_owned();
        let line = |finding: &Value| {
            let commit = field(finding, "commit") + " " + &field(finding, "date");
            format!("{} {} {commit}", field(finding, "path"), field(finding, "rule"))
                .trim()
                .to_owned()
        };
        let mut lines: Vec<_> = findings.iter().map(line).collect();
        lines.sort();
        lines
    }
}
