//! Krew's manifest, as `scripts/krew` makes it of a release's archives, and kubeseal as kubectl runs it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use harness::program;
use serde_json::Value;
use sha2::{Digest, Sha256};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// What a release is made for: see .github/workflows/release.yml.
const PLATFORMS: [(&str, &str); 5] = [
    ("linux", "amd64"),
    ("linux", "arm64"),
    ("darwin", "amd64"),
    ("darwin", "arm64"),
    ("windows", "amd64"),
];

/// Archives as a release has them, of a program for each platform that is another one.
fn packed(folder: &Path) {
    for (os, arch) in PLATFORMS {
        let program = folder.join(format!("{os}-{arch}"));
        fs::write(&program, format!("{os} {arch}")).unwrap();
        let mut script = Command::new(format!("{ROOT}/scripts/archive"));
        let script = script.arg(&program).args([os, arch]).env("CARGO_TARGET_DIR", folder);
        assert!(script.output().unwrap().status.success());
    }
}

fn manifest_of(archives: &Path) -> Output {
    Command::new(format!("{ROOT}/scripts/krew")).arg(archives).output().unwrap()
}

/// Krew's rules for a manifest (its `validate-krew-manifest`), and those of its index for words.
fn complaints(manifest: &Value) -> Vec<String> {
    let spec = &manifest["spec"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (name, short) = (text(&manifest["metadata"]["name"]), text(&spec["shortDescription"]));
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let platforms: Vec<_> = spec["platforms"].as_array().into_iter().flatten().collect();
    let mut rules = vec![
        (manifest["apiVersion"] == "krew.googlecontainertools.github.com/v1alpha2", "apiVersion"),
        (manifest["kind"] == "Plugin", "kind"),
        (!name.is_empty() && name.chars().all(is_word), "name"),
        (!short.is_empty() && short.len() <= 50 && !short.contains('\n'), "shortDescription"),
        (!short.ends_with('.') && !short.to_lowercase().contains("kubectl"), "shortDescription"),
        (is_version(&text(&spec["version"])), "version"),
        (text(&spec["homepage"]).starts_with("https://"), "homepage"),
        (!text(&spec["description"]).is_empty(), "description"),
        (!platforms.is_empty(), "platforms"),
    ];
    for platform in platforms {
        let labels = platform["selector"]["matchLabels"].as_object();
        let mut labels = labels.into_iter().flatten().peekable();
        let (uri, bin) = (text(&platform["uri"]), text(&platform["bin"]));
        let sum = text(&platform["sha256"]);
        let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        rules.push((
            labels.peek().is_some() && labels.all(|(key, _)| key == "os" || key == "arch"),
            "selector",
        ));
        rules.push((uri.starts_with("https://") && uri.ends_with(".tar.gz"), "uri"));
        rules.push((sum.len() == 64 && sum.chars().all(is_hex), "sha256"));
        rules.push((!bin.is_empty() && !bin.contains(".."), "bin"));
        rules.push((platform["files"].is_null(), "files"));
    }
    rules.into_iter().filter(|(holds, _)| !holds).map(|(_, rule)| rule.to_owned()).collect()
}

/// `v` and a version as semver.org has them.
fn is_version(text: &str) -> bool {
    let numbers = text.strip_prefix('v').and_then(|text| text.split(['-', '+']).next());
    let numbers: Vec<_> = numbers.unwrap_or_default().split('.').collect();
    let is_number =
        |text: &&str| text.parse::<u32>().is_ok_and(|number| number.to_string() == **text);
    numbers.len() == 3 && numbers.iter().all(is_number)
}

fn read(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_saphyr::from_str(std::str::from_utf8(&output.stdout).unwrap()).unwrap()
}

#[test]
fn the_manifest_follows_krews_rules() {
    let folder = tempfile::tempdir().unwrap();
    packed(folder.path());
    let manifest = read(&manifest_of(&folder.path().join("archives")));
    assert_eq!(complaints(&manifest), Vec::<String>::new());
    // Its file in the index has this name, and kubectl runs it as `kubectl seal`.
    assert_eq!(manifest["metadata"]["name"], "seal");
    assert_eq!(manifest["spec"]["version"], format!("v{VERSION}"));
    // Before it is filled in it is none.
    let template = fs::read_to_string(format!("{ROOT}/packaging/krew/seal.yaml")).unwrap();
    let template: Value = serde_saphyr::from_str(&template).unwrap();
    let sums = vec!["sha256"; PLATFORMS.len()];
    assert_eq!(complaints(&template), [&["version"][..], &sums].concat());
}

#[test]
fn every_platform_has_its_own_archive_with_the_program_in_it() {
    let folder = tempfile::tempdir().unwrap();
    packed(folder.path());
    let archives = folder.path().join("archives");
    let manifest = read(&manifest_of(&archives));
    let mut platforms = BTreeSet::new();
    for platform in manifest["spec"]["platforms"].as_array().unwrap() {
        let label = |name: &str| platform["selector"]["matchLabels"][name].as_str().unwrap();
        let (os, arch) = (label("os"), label("arch"));
        platforms.insert((os, arch));
        let name = format!("kubeseal-{VERSION}-{os}-{arch}.tar.gz");
        let uri =
            format!("https://github.com/sealwright/sealwright/releases/download/v{VERSION}/{name}");
        assert_eq!(platform["uri"], uri);
        let archive = archives.join(name);
        let sum: String = Sha256::digest(fs::read(&archive).unwrap())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(platform["sha256"], sum, "{os} {arch}");
        // Krew takes the whole archive apart, and links to this.
        let bin = platform["bin"].as_str().unwrap();
        let packed = Command::new("tar").arg("-xOf").arg(&archive).arg(bin).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&packed.stdout), format!("{os} {arch}"));
    }
    assert_eq!(platforms, BTreeSet::from(PLATFORMS));
    let workflow = fs::read_to_string(format!("{ROOT}/.github/workflows/release.yml")).unwrap();
    let built =
        workflow.lines().filter(|line| line.contains("os: ") && line.contains("arch: ")).count();
    assert_eq!(built, PLATFORMS.len(), "a platform of the release is not in this list");
    for (os, arch) in PLATFORMS {
        assert!(workflow.contains(&format!("os: {os}, arch: {arch} ")), "{os} {arch}");
    }
}

#[test]
fn without_one_of_the_archives_there_is_no_manifest() {
    let folder = tempfile::tempdir().unwrap();
    packed(folder.path());
    let archives = folder.path().join("archives");
    let missing = archives.join(format!("kubeseal-{VERSION}-darwin-arm64.tar.gz"));
    fs::remove_file(&missing).unwrap();
    let output = manifest_of(&archives);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(said, format!("error: there is no archive {}\n", missing.display()));
}

/// Krew puts a link of that name into a folder of `PATH`.
#[test]
fn kubectl_runs_it_as_its_own() {
    let folder = tempfile::tempdir().unwrap();
    symlink(program::built("kubeseal").unwrap(), folder.path().join("kubectl-seal")).unwrap();
    let sealed = "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: db, \
                  namespace: shop}, spec: {encryptedData: {}}}";
    fs::write(folder.path().join("s.yaml"), sealed).unwrap();
    let kubectl = |words: &[&str]| {
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        let mut kubectl = Command::new("kubectl");
        kubectl.args(words).env("PATH", path).current_dir(folder.path());
        kubectl.output().expect("kubectl is here")
    };
    let looked = kubectl(&["seal", "inspect", "s.yaml"]);
    let told = String::from_utf8_lossy(&looked.stdout).into_owned();
    assert!(looked.status.success() && told.contains("shop/db"), "{looked:?}");
    let help = kubectl(&["seal", "inspect", "--help"]);
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(help.contains("Usage: kubectl seal inspect [OPTIONS] <FILE>..."), "{help}");
    let wrong = kubectl(&["seal", "inspect"]);
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(said.contains("hint: see kubectl seal inspect --help"), "{said}");
    assert_eq!(wrong.status.code(), Some(2), "kubectl passes the exit code on");
}

/// kubectl asks this program, wherever the shell asks kubectl.
#[test]
fn kubectl_completes_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let kubeseal = program::built("kubeseal").unwrap();
    symlink(&kubeseal, folder.path().join("kubectl-seal")).unwrap();
    let mut plugin = Command::new(folder.path().join("kubectl-seal"));
    let script = plugin.args(["completion", "kubectl"]).output().unwrap();
    let program = folder.path().join("kubectl_complete-seal");
    fs::write(&program, script.stdout).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let sealed = "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: db}, \
                  spec: {encryptedData: {password: a, passphrase: b, user: c}}}";
    fs::write(folder.path().join("s.yaml"), sealed).unwrap();
    let contexts = "{contexts: [{name: dev, context: {cluster: c, user: u}}]}";
    fs::write(folder.path().join("kubeconfig"), contexts).unwrap();
    for (words, expected) in [
        (&["ins"][..], &["inspect", ":4"][..]),
        (&["reencrypt", "--dry"], &["--dry-run", ":4"]),
        (&["create", "ba"], &["basic-auth", ":4"]),
        (&["set", "s.yaml", "pass"], &["passphrase", "password", ":4"]),
        (&["verify", "x", "--kubeconfig=kubeconfig", "--context", ""], &["dev", ":4"]),
        (&["verify", "s"], &[":0"]),
        (&["inspect", ""], &[":0"]),
    ] {
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        let mut kubectl = Command::new("kubectl");
        kubectl.args(["__complete", "seal"]).args(words).env("PATH", path);
        let told = kubectl.current_dir(folder.path()).output().expect("kubectl is here");
        let lines = String::from_utf8(told.stdout).unwrap();
        assert_eq!(lines.lines().collect::<Vec<_>>(), expected, "{words:?}");
    }
}
