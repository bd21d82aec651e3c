//! Files as they are on the disk.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use serde_json::Value;

use crate::folder::{Folder, KUBESEAL, SECRET, token};

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

    // Nor do they make lines of their own on standard error.
    folder.write("x\nerror: y", "a # sealwright:ignore nosuch\n");
    let scanned = folder.scan(&["x\nerror: y"]);
    assert!(scanned.stderr.starts_with("note: x\\nerror: y:1: "), "{}", scanned.stderr);
    let scanned = folder.scan(&["nosuch\nerror: y"]);
    assert!(scanned.stderr.starts_with("error: cannot read nosuch\\nerror: y: "));
}

#[test]
fn files_of_one_name_in_several_repositories_are_all_looked_at() {
    let folder = Folder::new();
    for name in ["one", "two"] {
        folder.git(&["init", "--quiet", name]);
        folder.write(&format!("{name}/s.yaml"), SECRET);
    }
    folder.write("plain/s.yaml", SECRET);
    let (one, two) = ("one/s.yaml plain-secret", "two/s.yaml plain-secret");
    assert_eq!(folder.found(&["one", "two"]), [one, two]);
    assert_eq!(folder.found(&["one", "plain", "one/s.yaml"]), [one, "plain/s.yaml plain-secret"]);
    // One alone is told from its own root, as ever.
    assert_eq!(folder.found(&["one"]), ["s.yaml plain-secret"]);
    folder.write("d/x", "");
    let scanned = folder.scan_in("d", &["../one", "../two"]);
    assert!(scanned.stdout.starts_with("../one/s.yaml\n"), "{}", scanned.stdout);
    assert!(scanned.stdout.contains("\n../two/s.yaml\n"), "{}", scanned.stdout);

    // Each has its own baseline.
    assert_eq!(folder.scan(&["two", "--write-baseline"]).exit, 0);
    assert_eq!(folder.found(&["one", "two"]), [one]);
    let scanned = folder.scan(&["one", "two", "plain", "--write-baseline"]);
    assert_eq!(scanned.stderr.matches("1 finding in ").count(), 3, "{}", scanned.stderr);
    assert_eq!(folder.found(&["one"]), Vec::<String>::new());
    assert_eq!(folder.found(&["one", "two", "plain"]), Vec::<String>::new());
}

#[test]
fn a_file_of_a_submodule_does_not_hide_one_of_the_repository_around_it() {
    let folder = Folder::repository();
    folder.git(&["init", "--quiet", "m"]);
    folder.write("values.yaml", SECRET);
    folder.write("m/values.yaml", SECRET);
    let both = ["m/values.yaml plain-secret", "values.yaml plain-secret"];
    assert_eq!(folder.found(&["values.yaml", "m/values.yaml"]), both);
    assert_eq!(folder.found(&["."]), both);
}
