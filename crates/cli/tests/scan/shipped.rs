//! What runs it: the hooks and the action of this repository.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::folder::{Folder, KUBESEAL, SECRET};

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
