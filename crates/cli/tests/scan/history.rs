//! Every version that has a name.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::folder::{Folder, SECRET, token};

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
fn a_clone_without_its_files_has_not_been_looked_through() {
    let folder = Folder::repository();
    for number in 0..9 {
        folder.write(&format!("{number}.txt"), token(number));
    }
    folder.commit("2024-01-01T00:00:00Z");
    folder.git(&["config", "uploadpack.allowFilter", "true"]);
    let source = format!("file://{}", folder.dir.path().display());
    folder.git(&["clone", "--quiet", "--bare", "--filter=blob:none", &source, "partial"]);
    for more in [&[][..], &["--write-baseline", "--baseline=b.json"]] {
        let scanned = folder.scan(&[&["--history", "partial"], more].concat());
        assert_eq!((scanned.exit, scanned.stdout.as_str()), (2, ""), "{}", scanned.stderr);
        let notes = scanned.stderr.matches(") is not in this clone: it is left out\n").count();
        assert_eq!(notes, 5, "{}", scanned.stderr);
        assert!(scanned.stderr.contains("note: 9 versions in all are not in this clone\n"));
        let error = "error: 9 versions that should be looked at could not be\n";
        assert!(scanned.stderr.contains(error), "{}", scanned.stderr);
    }
}

#[test]
fn a_path_that_never_was_is_an_error() {
    let folder = Folder::repository();
    folder.write("d/gone.txt", token(1));
    folder.write("a.txt", "nothing\n");
    folder.commit("2024-01-01T00:00:00Z");
    fs::remove_dir_all(folder.path("d")).unwrap();
    folder.commit("2024-01-02T00:00:00Z");
    folder.write("new.txt", "nothing\n");
    assert_eq!(folder.found(&["--history", "d", "d/gone.txt", "a.txt"]).len(), 1);
    assert_eq!(folder.found(&["--history", "new.txt"]), Vec::<String>::new());
    for path in ["nosuch", "d/nosuch", "nosuch\nfile"] {
        let scanned = folder.scan(&["--history", "a.txt", path]);
        assert_eq!(scanned.exit, 2, "{}", scanned.stderr);
        let name = path.replace('\n', "\\n");
        let error = format!("error: {name} is not in the repository, and never was\nhint: ");
        assert!(scanned.stderr.starts_with(&error), "{}", scanned.stderr);
    }
}

#[test]
fn older_stashes_and_commits_that_others_stand_for_are_looked_through() {
    let folder = Folder::repository();
    folder.write("a.txt", "nothing\n");
    folder.commit("2024-01-01T00:00:00Z");
    for number in 0..3 {
        folder.write("a.txt", token(number));
        folder.git(&["stash", "--quiet"]);
    }
    assert_eq!(folder.found(&["--history"]).len(), 3);
    folder.git(&["stash", "clear"]);
    assert_eq!(folder.found(&["--history"]), Vec::<String>::new());

    folder.write("a.txt", token(4));
    let real = folder.commit("2024-01-02T00:00:00Z");
    folder.write("a.txt", "nothing any more\n");
    folder.commit("2024-01-03T00:00:00Z");
    folder.git(&["replace", &real, "HEAD~2"]);
    let expected = [format!("a.txt github-token {real} 2024-01-02")];
    assert_eq!(folder.found(&["--history"]), expected);
}
