//! What is known, and left out.

use std::fs;

use serde_json::Value;

use crate::folder::{Folder, SECRET, token};

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
