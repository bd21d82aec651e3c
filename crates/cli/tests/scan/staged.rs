//! What is about to be committed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::folder::{Folder, SECRET, token};

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
    assert_eq!(folder.found(&["--staged", "other.txt"]), Vec::<String>::new());
    let scanned = folder.scan(&["--staged", "other.txt", "nosuch"]);
    let error = "error: nosuch is not in the repository, and never was\n";
    assert!(scanned.exit == 2 && scanned.stderr.starts_with(error), "{}", scanned.stderr);
    let scanned = folder.scan_in("d", &["--staged", "--output=table"]);
    assert_eq!(scanned.stdout.lines().next(), Some("d/new.txt"));
    assert_eq!(scanned.stderr, "2 staged files looked at: 1 finding\n");
    folder.git(&["checkout", "--quiet", "--detach"]);
    assert_eq!(folder.found(&["--staged"]), ["d/new.txt github-token"], "on no branch");
    folder.git(&["rm", "--cached", "--force", "--quiet", "old.yaml", "d/new.txt"]);
    assert_eq!(folder.found(&["--staged"]), Vec::<String>::new());
    fs::remove_file(folder.path("old.yaml")).unwrap();
    assert_eq!(folder.found(&["--staged", "old.yaml"]), Vec::<String>::new(), "it is removed");
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
