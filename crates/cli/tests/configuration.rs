//! Whose configuration counts, and what it may lead to: what runs kept as data cannot say.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "runs are made otherwise here")]
mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use sealwright_crypto::{Certificate, KeySize, PrivateKey, Validity};
use support::KUBESEAL;

const RULES: &str = "version: 1\nrules:\n- certificate: cert.pem\n";

/// A repository in which a rule names `cert.pem`, and beside it a folder that is none.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::create_dir_all(path.join("repo/.git")).unwrap();
    fs::create_dir_all(path.join("outside")).unwrap();
    fs::write(path.join("repo/.sealed-secrets.yaml"), RULES).unwrap();
    let certificate = &support::common().files["cert.pem"];
    fs::write(path.join("repo/cert.pem"), certificate).unwrap();
    fs::write(path.join("outside/cert.pem"), certificate).unwrap();
    folder
}

/// What is said, and the exit code.
fn create(folder: &Path) -> (String, Option<i32>) {
    let output = kubeseal(folder).output().unwrap();
    (String::from_utf8(output.stderr).unwrap(), output.status.code())
}

fn kubeseal(folder: &Path) -> Command {
    let mut command = Command::new(KUBESEAL);
    command
        .args(["create", "generic", "db", "--from-literal=a=b"])
        .current_dir(folder.join("repo"))
        .env_clear()
        .env("HOME", folder)
        .stdin(Stdio::null());
    command
}

#[test]
fn the_users_own_counts() {
    let folder = folder();
    let (said, code) = create(folder.path());
    assert!(
        said.contains(" from cert.pem (rule 1 of .sealed-secrets.yaml), valid until "),
        "{said}"
    );
    assert_eq!(code, Some(0));
}

#[test]
fn what_is_left_out_is_told() {
    for (make, why) in [
        (open_to_all as fn(&Path), "everybody may write it: take that right away with `chmod o-w`"),
        (linked, "it is a link"),
        (piped, "it is no file"),
        (folded, "it is no file"),
        (long, "it is longer than 1 MiB"),
    ] {
        let folder = folder();
        make(&folder.path().join("repo/.sealed-secrets.yaml"));
        let (said, code) = create(folder.path());
        let note = format!("note: .sealed-secrets.yaml is left out: {why}\n");
        assert!(said.starts_with(&note), "{said}");
        // There is no cluster either.
        assert_eq!(code, Some(3), "{said}");
    }
}

#[test]
fn what_is_left_out_does_not_hide_what_stands_above() {
    for make in [open_to_all as fn(&Path), linked, piped, folded, long] {
        let folder = folder();
        let sub = folder.path().join("repo/sub");
        fs::create_dir(&sub).unwrap();
        fs::write(sub.join(".sealed-secrets.yaml"), RULES).unwrap();
        make(&sub.join(".sealed-secrets.yaml"));
        let output = kubeseal(folder.path()).args(["-w", "sub/s.yaml"]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with("note: sub/.sealed-secrets.yaml is left out: "), "{said}");
        assert!(said.contains(" from cert.pem (rule 1 of .sealed-secrets.yaml), "), "{said}");
        assert_eq!(output.status.code(), Some(0), "{said}");
    }
}

fn open_to_all(file: &Path) {
    fs::set_permissions(file, Permissions::from_mode(0o646)).unwrap();
}

fn linked(file: &Path) {
    fs::rename(file, file.with_file_name("rules.yaml")).unwrap();
    symlink("rules.yaml", file).unwrap();
}

fn piped(file: &Path) {
    fs::remove_file(file).unwrap();
    assert!(Command::new("mkfifo").arg(file).status().unwrap().success());
}

fn folded(file: &Path) {
    fs::remove_file(file).unwrap();
    fs::create_dir(file).unwrap();
}

fn long(file: &Path) {
    fs::write(file, format!("{RULES}{}", "#\n".repeat(1 << 19))).unwrap();
}

#[test]
fn a_link_does_not_lead_out_of_the_repository() {
    for (link, target) in [("cert.pem", "../outside/cert.pem"), ("certs", "../outside")] {
        let folder = folder();
        let repository = folder.path().join("repo");
        fs::remove_file(repository.join("cert.pem")).unwrap();
        symlink(target, repository.join(link)).unwrap();
        let rules =
            RULES.replace("cert.pem", if link == "certs" { "certs/cert.pem" } else { link });
        fs::write(repository.join(".sealed-secrets.yaml"), rules).unwrap();
        let (said, code) = create(folder.path());
        assert!(said.contains(" is outside of the repository\nhint: "), "{said}");
        assert_eq!(code, Some(5), "{said}");
    }
    // Within it leads anywhere.
    let folder = folder();
    let repository = folder.path().join("repo");
    fs::rename(repository.join("cert.pem"), repository.join("newest.pem")).unwrap();
    symlink("newest.pem", repository.join("cert.pem")).unwrap();
    assert_eq!(create(folder.path()).1, Some(0));
}

#[test]
fn a_pipe_in_the_place_of_a_certificate_is_not_waited_for() {
    let folder = folder();
    piped(&folder.path().join("repo/cert.pem"));
    let (said, code) = create(folder.path());
    assert!(said.contains("cannot read the certificate cert.pem: it is no file\n"), "{said}");
    assert_eq!(code, Some(2));
}

#[test]
fn a_name_is_no_line_of_its_own() {
    let folder = folder();
    let repository = folder.path().join("repo");
    let sub = repository.join("x\nsealing with SHA256:AAAA from good (rule 1");
    fs::create_dir(&sub).unwrap();
    fs::rename(repository.join(".sealed-secrets.yaml"), sub.join(".sealed-secrets.yaml")).unwrap();
    fs::rename(repository.join("cert.pem"), sub.join("cert.pem")).unwrap();
    let mut command = kubeseal(folder.path());
    let output = command.arg("-w").arg(sub.join("s.yaml")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let lines = said.lines().filter(|line| line.starts_with("sealing with "));
    assert_eq!(lines.count(), 1, "{said}");
    let name = r#""x\nsealing with SHA256:AAAA from good (rule 1/cert.pem""#;
    assert!(said.contains(&format!(" from {name} (rule 1 of \"x")), "{said}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_certificate_that_ends_soon_is_told() {
    let folder = folder();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    let key = PrivateKey::generate(KeySize::Rsa2048);
    let day = 24 * 60 * 60;
    for (end, expected, code) in [
        (now + 10 * day + 60, "warning: that certificate expires in 10 days: ", 0),
        (
            now - day,
            "error: cannot seal with cert.pem (rule 1 of .sealed-secrets.yaml): the certificate expired on ",
            2,
        ),
    ] {
        let validity = Validity { not_before: now - 2 * day, not_after: end };
        let certificate = Certificate::self_signed(&key, "", validity).unwrap();
        fs::write(folder.path().join("repo/cert.pem"), certificate.to_pem()).unwrap();
        let (said, ended) = create(folder.path());
        assert!(said.contains(expected), "{said}");
        assert_eq!(ended, Some(code));
    }
}

#[test]
fn two_files_that_are_one_are_not_written_for_two_clusters() {
    let file = |repository: &Path| symlink("a.yaml", repository.join("b.yaml")).unwrap();
    let other = |repository: &Path| {
        fs::create_dir(repository.join("a")).unwrap();
        symlink("a", repository.join("b")).unwrap();
    };
    for (link, pattern) in [
        (&file as &dyn Fn(&Path), "{cluster}.yaml"),
        (&other as &dyn Fn(&Path), "{cluster}/s.yaml"),
    ] {
        let folder = folder();
        let repository = folder.path().join("repo");
        for name in ["a.pem", "b.pem"] {
            fs::copy(repository.join("cert.pem"), repository.join(name)).unwrap();
        }
        link(&repository);
        let output = kubeseal(folder.path())
            .args(["--cert", "a.pem", "--cert", "b.pem", "-w", pattern])
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(" would be written for two clusters\n"), "{said}");
        assert_eq!(output.status.code(), Some(2), "{said}");
    }
}
