//! `kubeseal scan` in repositories that the real Git has made, and with tokens. These are put together
//! here, so that no scanner takes this file for a leak.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const KUBESEAL: &str = env!("CARGO_BIN_EXE_kubeseal");
const SECRET: &str =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  a: hunter2\n";

/// What looks random, and is no word.
fn token(number: usize) -> String {
    let letters = "q7Rz2Lk9Xw4Tn8Vb3Hd6Yf5Jc1Gm0PsAeQi".as_bytes();
    let body = (0..36).map(|at| char::from(letters[(at * 11 + number * 3) % letters.len()]));
    format!("ghp_{}", body.collect::<String>())
}

/// A folder, which may be a repository.
struct Folder {
    dir: TempDir,
}

struct Scanned {
    exit: i32,
    stdout: String,
    stderr: String,
}

impl Folder {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn repository() -> Self {
        let folder = Self::new();
        folder.git(&["init", "--quiet", "--initial-branch=main", "."]);
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs the real Git, which has to be there, and gives what it prints.
    fn git(&self, args: &[&str]) -> String {
        let output = self.try_git(args, "2024-05-06T07:08:09Z");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {args:?}: {error}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn try_git(&self, args: &[&str], date: &str) -> Output {
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
    fn commit(&self, date: &str) -> String {
        self.git(&["add", "--all"]);
        let output = self.try_git(&["commit", "--quiet", "--allow-empty", "--message=x"], date);
        assert!(output.status.success());
        self.git(&["rev-parse", "--short=8", "HEAD"])
    }

    fn scan(&self, args: &[&str]) -> Scanned {
        self.scan_in(".", args)
    }

    fn scan_in(&self, folder: &str, args: &[&str]) -> Scanned {
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
    fn found(&self, args: &[&str]) -> Vec<String> {
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

#[test]
fn what_git_ignores_is_left_out_unless_it_is_tracked_or_named() {
    let folder = Folder::repository();
    folder.write(".gitignore", "build/\n*.bak\n!keep.bak\n");
    for name in
        ["a.yaml", "build/b.yaml", "build/t.yaml", "c.bak", "keep.bak", "d/e.bak", "d/.gitignore"]
    {
        folder.write(name, if name.ends_with("ignore") { "f.yaml\n" } else { SECRET });
    }
    folder.write("d/f.yaml", SECRET);
    folder.write(".git/info/exclude", "g.yaml\n");
    folder.write("g.yaml", SECRET);
    folder.git(&["add", "--force", "build/t.yaml"]);
    let tracked = ["a.yaml plain-secret", "build/t.yaml plain-secret", "keep.bak plain-secret"];
    assert_eq!(folder.found(&[]), tracked);
    assert_eq!(folder.found(&["c.bak"]), ["c.bak plain-secret"]);
    let named = ["build/b.yaml plain-secret", "build/t.yaml plain-secret"];
    assert_eq!(folder.found(&["build"]), named);
    // Paths begin at the root, wherever one stands.
    assert_eq!(folder.scan_in("build", &["t.yaml"]).stdout.lines().next(), Some("build/t.yaml"));
    assert_eq!(folder.found(&["a.yaml", ".", "./a.yaml"]), tracked, "each file once");
}

#[test]
fn outside_of_a_repository_everything_is_looked_at() {
    let folder = Folder::new();
    folder.write(".gitignore", "a.yaml\n");
    folder.write("a.yaml", SECRET);
    folder.write("d/.hidden/b.yml", SECRET);
    assert_eq!(folder.found(&[]), ["a.yaml plain-secret", "d/.hidden/b.yml plain-secret"]);
    assert_eq!(folder.found(&["d"]), ["d/.hidden/b.yml plain-secret"]);
}

#[test]
fn submodules_and_clones_in_a_clone_are_looked_at_by_their_own_rules() {
    let inner = Folder::repository();
    inner.write("a.yaml", SECRET);
    inner.commit("2024-01-01T00:00:00Z");
    let folder = Folder::repository();
    let source = inner.dir.path().to_str().unwrap();
    folder.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", source, "sub"]);
    folder.write("sub/.gitignore", "b.yaml\n");
    folder.write("sub/b.yaml", SECRET);
    assert_eq!(folder.found(&[]), ["sub/a.yaml plain-secret"]);
    // What is staged of a submodule is a commit, and no file.
    assert_eq!(folder.found(&["--staged"]), Vec::<String>::new());
    assert_eq!(folder.scan_in("sub", &["--history"]).exit, 1);
}

#[test]
fn links_pipes_and_what_is_no_text_are_passed_over() {
    let folder = Folder::new();
    folder.write("real/a.yaml", SECRET);
    symlink("real", folder.path("to-folder")).unwrap();
    symlink("real/a.yaml", folder.path("to-file")).unwrap();
    symlink("nowhere", folder.path("dead")).unwrap();
    symlink(".", folder.path("circle")).unwrap();
    let pipe = Command::new("mkfifo").arg(folder.path("pipe")).status().unwrap();
    assert!(pipe.success());
    folder.write("binary", [&b"\0"[..], token(1).as_bytes()].concat());
    folder.write("late-zero", [token(1).as_bytes(), &[b' '; 9000], b"\0"].concat());
    folder.write("latin-1", [b"\xfc ", token(2).as_bytes()].concat());
    let utf16: Vec<u8> =
        format!("\u{feff}{SECRET}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder.write("powershell.yaml", utf16);
    folder.write("marked.yaml", format!("\u{feff}{SECRET}"));
    let expected = [
        "late-zero github-token",
        "latin-1 github-token",
        "marked.yaml plain-secret",
        "powershell.yaml plain-secret",
        "real/a.yaml plain-secret",
    ];
    assert_eq!(folder.found(&[]), expected);
    assert_eq!(folder.found(&["to-file"]), ["to-file plain-secret"], "a link that is named");
}

#[test]
fn a_pipe_that_is_named_is_read_once() {
    let folder = Folder::new();
    folder.write("s.yaml", SECRET);
    let mut shell = Command::new("bash");
    shell.args(["-c", "timeout 20 \"$0\" scan <(cat s.yaml)", KUBESEAL]);
    let output = shell.current_dir(folder.dir.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let pipe = folder.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn(move || fs::write(pipe, SECRET).unwrap());
    assert_eq!(folder.found(&["pipe"]), ["pipe plain-secret"]);
    writer.join().unwrap();
}

#[test]
fn what_is_too_large_or_cannot_be_read_is_told() {
    let folder = Folder::repository();
    let large = token(1) + &" ".repeat(64 * 1024 * 1024);
    folder.write("large.txt", &large);
    folder.write("just.txt", &large[..64 * 1024 * 1024]);
    let scanned = folder.scan(&[]);
    assert_eq!(scanned.exit, 1, "{}", scanned.stderr);
    let note = "note: large.txt is larger than 64 MiB: it is left out\n";
    assert_eq!(scanned.stderr, format!("{note}1 file looked at: 1 finding\n"));
    folder.commit("2024-01-01T00:00:00Z");
    assert!(folder.scan(&["--history"]).stderr.starts_with(note));
    let scanned = folder.scan(&["large.txt"]);
    assert_eq!(scanned.exit, 2, "{}", scanned.stderr);
    assert!(scanned.stderr.contains("error: 1 file that should be looked at could not be\n"));
    fs::write(folder.path("large.txt"), large + "more").unwrap();
    folder.git(&["add", "large.txt"]);
    let scanned = folder.scan(&["--staged"]);
    assert!(scanned.stderr.starts_with(note), "{}", scanned.stderr);
    assert_eq!(scanned.exit, 2, "{}", scanned.stderr);
    assert!(folder.scan(&["/dev/zero"]).stderr.contains("larger than 64 MiB"));

    folder.write("secret.txt", token(2));
    fs::set_permissions(folder.path("secret.txt"), fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads it all the same.
    if fs::read(folder.path("secret.txt")).is_err() {
        let scanned = folder.scan(&[]);
        assert!(scanned.stderr.contains("secret.txt: permission denied: it is left out"));
        assert_eq!(folder.scan(&["secret.txt"]).exit, 2);
    }
}

#[test]
fn names_that_are_no_text_or_steer_a_terminal() {
    let folder = Folder::new();
    let name = std::ffi::OsStr::from_bytes(b"a\xff\x1b[2J %#.yaml");
    fs::write(folder.dir.path().join(name), SECRET).unwrap();
    let scanned = folder.scan(&[]);
    assert!(scanned.stdout.starts_with("a\u{fffd}\\u{1b}[2J %#.yaml\n"), "{}", scanned.stdout);
    let sarif: Value = serde_json::from_str(&folder.scan(&["--output=sarif"]).stdout).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%FF%1B%5B2J%20%25%23.yaml");
}

#[test]
fn staged_is_the_index_where_it_differs_from_head() {
    let folder = Folder::repository();
    assert_eq!(folder.found(&["--staged"]), Vec::<String>::new(), "an empty repository");
    folder.write("old.yaml", SECRET);
    folder.git(&["add", "."]);
    assert_eq!(folder.found(&["--staged"]), ["old.yaml plain-secret"], "before the first commit");
    folder.commit("2024-01-01T00:00:00Z");
    assert_eq!(folder.found(&["--staged"]), Vec::<String>::new());

    folder.write("d/new.txt", token(1));
    folder.write("other.txt", "nothing\n");
    symlink(token(3), folder.path("link")).unwrap();
    folder.git(&["add", "."]);
    // The disk says otherwise by now.
    folder.write("d/new.txt", "nothing\n");
    folder.write("other.txt", token(2));
    assert_eq!(folder.found(&["--staged"]), ["d/new.txt github-token"]);
    assert_eq!(folder.found(&["--staged", "d"]), ["d/new.txt github-token"]);
    assert_eq!(folder.found(&["--staged", "other.txt", "gone/x"]), Vec::<String>::new());
    let scanned = folder.scan_in("d", &["--staged", "--output=table"]);
    assert_eq!(scanned.stdout.lines().next(), Some("d/new.txt"));
    assert_eq!(scanned.stderr, "2 staged files looked at: 1 finding\n");
    folder.git(&["checkout", "--quiet", "--detach"]);
    assert_eq!(folder.found(&["--staged"]), ["d/new.txt github-token"], "on no branch");
    folder.git(&["rm", "--cached", "--force", "--quiet", "old.yaml", "d/new.txt"]);
    assert_eq!(folder.found(&["--staged"]), Vec::<String>::new());
}

#[test]
fn as_a_hook_it_sees_the_index_that_git_is_about_to_commit() {
    let folder = Folder::repository();
    folder.write("a.txt", "nothing\n");
    folder.write("b.txt", "nothing\n");
    folder.commit("2024-01-01T00:00:00Z");
    folder.write(".git/hooks/pre-commit", "#!/bin/sh\nexec kubeseal scan --staged\n");
    let hook = folder.path(".git/hooks/pre-commit");
    fs::set_permissions(hook, fs::Permissions::from_mode(0o755)).unwrap();
    let commits = |args: &[&str]| {
        let args = [&["commit", "--quiet", "--message=x"], args].concat();
        folder.try_git(&args, "2024-01-02T00:00:00Z").status.success()
    };
    folder.write("a.txt", token(1));
    folder.write("b.txt", "more\n");
    // Neither is in the index that lies in .git: Git makes one for each of these.
    assert!(!commits(&["--all"]));
    assert!(!commits(&["a.txt"]));
    assert!(commits(&["b.txt"]));
    folder.git(&["worktree", "add", "--quiet", "--detach", "../linked-worktree-of-a-test"]);
    let linked = folder.path("../linked-worktree-of-a-test");
    fs::write(linked.join("c.txt"), token(2)).unwrap();
    let linked_path = linked.to_str().unwrap();
    folder.git(&["-C", linked_path, "add", "."]);
    let output =
        folder.try_git(&["-C", linked_path, "commit", "--message=x"], "2024-01-03T00:00:00Z");
    fs::remove_dir_all(&linked).unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("1 staged file looked at: 1 finding"), "{said}");
}

#[test]
fn history_has_each_value_once_under_its_first_commit() {
    let folder = Folder::repository();
    assert_eq!(folder.found(&["--history"]), Vec::<String>::new(), "an empty repository");
    folder.write("a/t.txt", token(1) + "\n");
    let first = folder.commit("2024-01-02T00:00:00Z");
    folder.write("a/t.txt", token(1) + "\nmore\n");
    folder.commit("2024-01-03T00:00:00Z");
    folder.write("copy.txt", token(1) + "\n");
    // A clock that went wrong does not make a child older than its parent.
    let skewed = folder.commit("2023-01-01T00:00:00Z");
    fs::remove_file(folder.path("a/t.txt")).unwrap();
    folder.write("copy.txt", token(1) + "\nno copy any more\n");
    let third = folder.commit("2024-01-05T00:00:00Z");
    let expected = [
        format!("a/t.txt github-token {first} 2024-01-02"),
        format!("copy.txt github-token {third} 2024-01-05"),
    ];
    assert_ne!(skewed, third);
    assert_eq!(folder.found(&["--history"]), expected);
    assert_eq!(folder.found(&["--history", "a"]), expected[..1]);
    assert_eq!(folder.found(&["--history", "a/t.txt"]), expected[..1], "a file that is gone");
    assert_eq!(
        folder.found(&["--history", "copy.txt"]),
        [format!("copy.txt github-token {skewed} 2023-01-01")]
    );
    folder.git(&["gc", "--quiet"]);
    assert_eq!(folder.found(&["--history"]), expected, "in a pack");
    let scanned = folder.scan(&["--history"]);
    assert!(
        scanned.stdout.contains(&format!("since {first} of 2024-01-02\n")),
        "{}",
        scanned.stdout
    );
    assert_eq!(scanned.stderr, "3 versions looked at: 2 findings\n");
}

#[test]
fn a_folder_that_stands_elsewhere_too_is_looked_at_all_the_same() {
    let folder = Folder::repository();
    for name in ["a", "b", "c"] {
        folder.write(&format!("{name}/t.txt"), token(1));
    }
    let id = folder.commit("2024-01-01T00:00:00Z");
    for name in ["a", "b", "c"] {
        let expected = [format!("{name}/t.txt github-token {id} 2024-01-01")];
        assert_eq!(folder.found(&["--history", name]), expected);
    }
}

#[test]
fn history_is_whatever_has_a_name() {
    let folder = Folder::repository();
    folder.write("main.txt", token(0));
    let on_main = folder.commit("2024-01-01T00:00:00Z");
    let mut expected = vec![format!("main.txt github-token {on_main} 2024-01-01")];
    folder.git(&["checkout", "--quiet", "-b", "side"]);
    folder.write("side.txt", token(1));
    let on_side = folder.commit("2024-01-02T00:00:00Z");
    expected.push(format!("side.txt github-token {on_side} 2024-01-02"));
    folder.git(&["checkout", "--quiet", "--detach", "main"]);
    folder.write("tag.txt", token(2));
    let on_tag = folder.commit("2024-01-03T00:00:00Z");
    expected.push(format!("tag.txt github-token {on_tag} 2024-01-03"));
    folder.git(&["tag", "--annotate", "--message=x", "v1"]);
    folder.git(&["checkout", "--quiet", "main"]);
    folder.git(&["merge", "--quiet", "--no-edit", "side"]);
    folder.git(&["branch", "--delete", "--quiet", "side"]);
    folder.write("main.txt", token(3));
    folder.git(&["stash", "--quiet"]);
    let stash = folder.git(&["rev-parse", "--short=8", "refs/stash"]);
    folder.git(&["checkout", "--quiet", "--detach"]);
    folder.write("head.txt", token(4));
    let on_head = folder.commit("2024-01-04T00:00:00Z");
    expected.push(format!("head.txt github-token {on_head} 2024-01-04"));
    // A tag of a file, and one of a folder.
    folder.write("tagged", token(5));
    let file = folder.git(&["hash-object", "-w", "tagged"]);
    folder.git(&["tag", "file", &file]);
    expected.push("refs/tags/file github-token".to_owned());
    folder.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/nowhere"]);
    let found = folder.found(&["--history"]);
    let of_stash = found.iter().find(|line| line.contains(&stash)).expect("the stash's");
    assert!(of_stash.starts_with("main.txt github-token"));
    expected.push(of_stash.clone());
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_bare_repository_has_history_and_no_files() {
    let folder = Folder::repository();
    folder.write("a.txt", token(1));
    let id = folder.commit("2024-01-01T00:00:00Z");
    folder.git(&["clone", "--quiet", "--bare", ".", "bare.git"]);
    let expected = [format!("a.txt github-token {id} 2024-01-01")];
    assert_eq!(folder.found(&["--history", "bare.git"]), expected);
    let scanned = folder.scan(&["bare.git"]);
    assert_eq!(scanned.exit, 2);
    let error = "error: bare.git is a bare repository: it has no files\nhint: its history has some: give --history\n";
    assert_eq!(scanned.stderr, error);
}

#[test]
fn a_shallow_clone_says_that_it_is_one() {
    let folder = Folder::repository();
    folder.write("a.txt", token(1));
    folder.commit("2024-01-01T00:00:00Z");
    folder.write("a.txt", token(2));
    let id = folder.commit("2024-01-02T00:00:00Z");
    let source = format!("file://{}", folder.dir.path().display());
    folder.git(&["clone", "--quiet", "--depth=1", &source, "shallow"]);
    assert_eq!(
        folder.found(&["--history", "shallow"]),
        [format!("a.txt github-token {id} 2024-01-02")]
    );
    let scanned = folder.scan(&["--history", "shallow"]);
    assert!(scanned.stderr.starts_with("note: the clone is shallow"), "{}", scanned.stderr);
}

#[test]
fn what_is_missing_from_a_clone_is_told() {
    let folder = Folder::repository();
    folder.write("a.txt", token(1));
    folder.write("b.txt", token(2));
    folder.commit("2024-01-01T00:00:00Z");
    let id = folder.git(&["rev-parse", "HEAD:a.txt"]);
    fs::remove_file(folder.path(&format!(".git/objects/{}/{}", &id[..2], &id[2..]))).unwrap();
    let scanned = folder.scan(&["--history"]);
    let note = format!("note: a.txt ({}) is not in this clone: it is left out\n", &id[..8]);
    assert_eq!((scanned.exit, scanned.stderr), (1, note + "1 version looked at: 1 finding\n"));

    let commit = folder.git(&["rev-parse", "HEAD"]);
    let object = folder.path(&format!(".git/objects/{}/{}", &commit[..2], &commit[2..]));
    fs::set_permissions(&object, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(object, "broken").unwrap();
    let scanned = folder.scan(&["--history"]);
    assert_eq!(scanned.exit, 2);
    assert!(scanned.stderr.starts_with("error: cannot read the history"), "{}", scanned.stderr);
    assert!(scanned.stderr.ends_with("hint: git fsck tells what is missing or broken\n"));
}

#[test]
fn repositories_that_cannot_be_read() {
    let folder = Folder::new();
    folder.git(&["init", "--quiet", "--object-format=sha256", "sha256"]);
    folder.write("sha256/a.yaml", SECRET);
    for mode in ["--staged", "--history"] {
        let scanned = folder.scan(&[mode, "sha256"]);
        assert_eq!(scanned.exit, 2, "{}", scanned.stderr);
        let hint = "hint: repositories whose names are SHA-256 are not read\n";
        assert!(scanned.stderr.ends_with(hint), "{}", scanned.stderr);
        assert_eq!(scanned.stderr.lines().count(), 2, "{}", scanned.stderr);
    }
    // Files are looked at all the same.
    let scanned = folder.scan(&["sha256/a.yaml"]);
    assert_eq!(scanned.exit, 1);
    assert!(
        scanned.stderr.starts_with("note: cannot read the Git repository of "),
        "{}",
        scanned.stderr
    );

    folder.git(&["init", "--quiet", "broken"]);
    folder.write("broken/.git/index", "no index");
    let scanned = folder.scan(&["--staged", "broken"]);
    assert_eq!(scanned.exit, 2);
    assert!(scanned.stderr.starts_with("error: cannot read the index"), "{}", scanned.stderr);

    folder.git(&["init", "--quiet", "good"]);
    let scanned = folder.scan(&["--staged", "good", "sha256"]);
    assert_eq!(scanned.exit, 2);
    assert!(scanned.stderr.contains("sha256 is outside of "), "{}", scanned.stderr);
}

#[test]
fn a_baseline_leaves_out_what_it_lists_and_nothing_else() {
    let folder = Folder::repository();
    folder.write("a.yaml", SECRET);
    folder.write("t.txt", token(1));
    let scanned = folder.scan(&["--write-baseline"]);
    assert_eq!((scanned.exit, scanned.stdout.as_str()), (0, ""), "{}", scanned.stderr);
    let file = folder.path(".sealed-secrets-baseline.json");
    let text = fs::read_to_string(&file).unwrap();
    for value in ["hunter2", "aHVudGVyMg", &token(1)] {
        assert!(!text.contains(value), "{text}");
    }
    let scanned = folder.scan(&[]);
    assert_eq!((scanned.exit, scanned.stdout.as_str()), (0, ""));
    assert!(
        scanned.stderr.ends_with("nothing found, 2 more in the baseline\n"),
        "{}",
        scanned.stderr
    );
    // Written again it is the same, also from elsewhere.
    folder.write("d/x", "");
    assert_eq!(folder.scan_in("d", &["--write-baseline", ".."]).exit, 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);

    folder.write("a.yaml", SECRET.replace("hunter2", "hunter3"));
    folder.write("b.yaml", SECRET);
    fs::rename(folder.path("t.txt"), folder.path("u.txt")).unwrap();
    let expected = ["a.yaml plain-secret", "b.yaml plain-secret", "u.txt github-token"];
    assert_eq!(folder.found(&[]), expected, "another value, another path");
    folder.write("a.yaml", format!("# moved\n\n{SECRET}"));
    assert_eq!(folder.found(&["a.yaml"]), Vec::<String>::new(), "another line");
    folder.git(&["add", "."]);
    assert_eq!(folder.found(&["--staged", "a.yaml"]), Vec::<String>::new());

    // The mark of the same value is another under another salt.
    fs::remove_file(&file).unwrap();
    folder.write("t.txt", token(1));
    fs::remove_file(folder.path("b.yaml")).unwrap();
    fs::remove_file(folder.path("u.txt")).unwrap();
    folder.write("a.yaml", SECRET);
    folder.scan(&["--write-baseline"]);
    let marks = |text: &str| -> Vec<String> {
        let baseline: Value = serde_json::from_str(text).unwrap();
        let findings = baseline["findings"].as_array().unwrap();
        findings.iter().map(|finding| finding["mark"].to_string()).collect()
    };
    let again = fs::read_to_string(&file).unwrap();
    assert_eq!(marks(&text).len(), 2);
    assert_ne!(marks(&text), marks(&again));
}

#[test]
fn a_baseline_of_history_and_one_of_files_are_one() {
    let folder = Folder::repository();
    folder.write("old.txt", token(1));
    folder.commit("2024-01-01T00:00:00Z");
    fs::remove_file(folder.path("old.txt")).unwrap();
    folder.write("new.txt", token(2));
    folder.commit("2024-01-02T00:00:00Z");
    folder.scan(&["--history", "--write-baseline"]);
    folder.scan(&["--write-baseline"]);
    assert_eq!(folder.found(&["--history"]), Vec::<String>::new());
    assert_eq!(folder.found(&[]), Vec::<String>::new());
}

#[test]
fn tokens_are_found_wherever_they_stand_and_never_shown() {
    let folder = Folder::new();
    let encoded = |text: &str| {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(text)
    };
    folder.write("plain.env", format!("A=1\nTOKEN=\"{}\"\n", token(1)));
    folder.write("encoded.json", format!("{{\"x\": \"{}\"}}", encoded(&format!("a={}", token(2)))));
    let data = format!("kind: Secret\nmetadata: {{name: x}}\ndata:\n  t: {}\n", encoded(&token(3)));
    folder.write("data.yaml", data);
    folder.write("meant.py", format!("T = '{}'  # sealwright:ignore github-token\n", token(4)));
    folder.write("copy.go", format!("// sealwright:ignore\nconst t = `{}`\n", token(5)));
    let expected =
        ["data.yaml github-token", "encoded.json github-token", "plain.env github-token"];
    assert_eq!(folder.found(&[]), expected);
    for format in ["table", "json", "yaml", "sarif"] {
        let scanned = folder.scan(&["--output", format]);
        for number in 1..=5 {
            let token = token(number);
            for shown in [&token, &encoded(&token), &token[4..12]] {
                let talk = [&scanned.stdout, &scanned.stderr];
                assert!(!talk.iter().any(|text| text.contains(shown)), "{format}");
            }
        }
    }
    let scanned = folder.scan(&["data.yaml"]);
    let line = "  4:6  github-token  t of Secret x, 40 bytes in base64\n";
    assert!(scanned.stdout.contains(line), "{}", scanned.stdout);
}

#[test]
fn sarif_has_what_the_standard_asks_for() {
    let folder = Folder::repository();
    folder.write("d/a b.yaml", format!("{SECRET}---\n{SECRET}"));
    folder.write("t.txt", format!("ü {}", token(1)));
    let scanned = folder.scan(&["--output=sarif"]);
    assert_eq!(scanned.exit, 1);
    let log: Value = serde_json::from_str(&scanned.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        let level = rule["defaultConfiguration"]["level"].as_str().unwrap();
        assert!(["error", "warning"].contains(&level));
        assert!(rule["properties"]["security-severity"].as_str().unwrap().parse::<f32>().is_ok());
        for text in ["shortDescription", "help"] {
            assert!(rule[text]["text"].as_str().unwrap().ends_with('.'));
        }
    }
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let results = run["results"].as_array().unwrap();
    let mut fingerprints = std::collections::BTreeSet::new();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let fingerprint = result["partialFingerprints"]["sealwright/v1"].as_str().unwrap();
        assert!(fingerprints.insert(fingerprint.to_owned()), "{fingerprint}");
        assert!(result["message"]["text"].as_str().unwrap().ends_with('.'));
    }
    let region = |at: usize| results[at]["locations"][0]["physicalLocation"]["region"].to_string();
    assert_eq!(region(0), r#"{"endColumn":43,"endLine":1,"startColumn":3,"startLine":1}"#);
    assert_eq!(region(1), r#"{"endColumn":13,"endLine":5,"startColumn":3,"startLine":5}"#);
    let uri = &results[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "d/a%20b.yaml");

    // Another value is the same finding, and another line too: nothing of the value is in it.
    folder.write("d/a b.yaml", format!("\n{}---\n{SECRET}", SECRET.replace("hunter2", "other")));
    let again: Value = serde_json::from_str(&folder.scan(&["--output=sarif"]).stdout).unwrap();
    let of = |log: &Value| log["runs"][0]["results"][1]["partialFingerprints"].clone();
    assert_eq!(of(&log), of(&again));

    let nothing: Value = serde_json::from_str(&folder.scan(&["--output=sarif", "d/none"]).stdout)
        .unwrap_or_default();
    assert_eq!(nothing, Value::Null, "a file that is not there is an error, and no log");
    folder.write("none", "");
    let nothing: Value =
        serde_json::from_str(&folder.scan(&["--output=sarif", "none"]).stdout).unwrap();
    assert_eq!(nothing["runs"][0]["results"], Value::Array(Vec::new()));
}

/// The hook that we ship says what there is.
#[test]
fn the_hook_is_a_command_that_works() {
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.pre-commit-hooks.yaml");
    let text = fs::read_to_string(hooks).unwrap();
    let entry = text.lines().find_map(|line| line.trim().strip_prefix("entry: ")).unwrap();
    let words: Vec<_> = entry.split(' ').collect();
    assert_eq!(words[..2], ["kubeseal", "scan"]);
    let folder = Folder::repository();
    folder.write("a.yaml", SECRET);
    assert_eq!(folder.scan(&words[2..]).exit, 0);
    folder.git(&["add", "."]);
    assert_eq!(folder.scan(&words[2..]).exit, 1);
    // With all files pre-commit gives their names, and nothing is staged.
    folder.commit("2024-01-01T00:00:00Z");
    let of_files = text.split("- id: ").find(|hook| hook.starts_with("kubeseal-scan-files"));
    let of_files = of_files.unwrap();
    assert!(of_files.contains("pass_filenames: true"));
    let entry = of_files.lines().find_map(|line| line.trim().strip_prefix("entry: ")).unwrap();
    let words: Vec<_> = entry.split(' ').skip(2).chain(["a.yaml"]).collect();
    assert_eq!(folder.scan(&words).exit, 1);
}

/// A release as it would be, of the program under test, and what the action's script makes of it.
#[test]
fn the_action_runs_what_was_released_and_nothing_else() {
    let folder = Folder::repository();
    folder.write("a.yaml", SECRET);
    let os = if cfg!(target_os = "macos") { "macOS darwin" } else { "Linux linux" };
    let (runner, os) = os.split_once(' ').unwrap();
    let archive = format!("release/v1.2.3/kubeseal-1.2.3-{os}-amd64.tar.gz");
    folder.write("release/v1.2.3/SHA256SUMS", "");
    let bin = Path::new(KUBESEAL).parent().unwrap().to_str().unwrap();
    let mut tar = Command::new("tar");
    tar.args(["-czf", &archive, "-C", bin, "kubeseal"]).current_dir(folder.dir.path());
    assert!(tar.status().unwrap().success());
    let digest = {
        use sha2::{Digest, Sha256};
        let digest = Sha256::digest(fs::read(folder.path(&archive)).unwrap());
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let name = archive.rsplit('/').next().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/scan-action");
    let run = |version: &str, paths: &str| {
        let mut action = Command::new("bash");
        action.arg(&script).current_dir(folder.dir.path()).envs([
            ("VERSION", version),
            ("PATHS", paths),
            ("RUNNER_OS", runner),
            ("RUNNER_ARCH", "X64"),
            ("RUNNER_TEMP", folder.dir.path().join(r"back\slash").to_str().unwrap()),
            ("GITHUB_OUTPUT", folder.path("output").to_str().unwrap()),
            ("RELEASES", &format!("file://{}/release", folder.dir.path().display())),
        ]);
        let output = action.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    fs::create_dir(folder.path(r"back\slash")).unwrap();
    folder.write("release/v1.2.3/SHA256SUMS", format!("{digest}  {name}\n"));
    let (code, said) = run("1.2.3", "a.yaml");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("plain-secret"), "{said}");
    let told = fs::read_to_string(folder.path("output")).unwrap();
    let sarif = told.trim().strip_prefix("sarif=").unwrap();
    assert!(fs::read_to_string(sarif).unwrap().contains("\"plain-secret\""));
    folder.write("clean", "nothing\n");
    assert_eq!(run("v1.2.3", "clean").0, Some(0));
    assert_eq!(run("1.2.3", "none").0, Some(2));

    for (version, error) in [
        ("1.2.4", "cannot download SHA256SUMS of release 1.2.4"),
        ("", "which version of kubeseal?"),
        ("main", "which version of kubeseal?"),
        ("1.2.3/../1.2.3", "which version of kubeseal?"),
    ] {
        let (code, said) = run(version, "a.yaml");
        assert_eq!(code, Some(2), "{said}");
        assert!(said.starts_with("::error::") && said.contains(error), "{said}");
    }
    folder.write("release/v1.2.3/SHA256SUMS", format!("{}  {name}\n", "0".repeat(64)));
    let (code, said) = run("1.2.3", "a.yaml");
    assert!(code == Some(2) && said.contains("its checksum differs"), "{said}");
    folder.write("release/v1.2.3/SHA256SUMS", format!("{digest}  other\n"));
    let (code, said) = run("1.2.3", "a.yaml");
    assert!(code == Some(2) && said.contains("has no checksum of"), "{said}");
}
