//! What `scripts/image` and `scripts/archive` pack. What is packed here is some program: the real
//! ones take minutes to build, and how they are packed does not depend on what they do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha2::{Digest, Sha256};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn pack(folder: &Path, program: &Path) -> Result<PathBuf, String> {
    let mut script = Command::new(format!("{ROOT}/scripts/image"));
    let packed =
        script.arg(program).env("CARGO_TARGET_DIR", folder).output().expect("it can be run");
    if !packed.status.success() {
        return Err(String::from_utf8_lossy(&packed.stderr).into_owned());
    }
    let told = String::from_utf8_lossy(&packed.stdout).into_owned();
    Ok(PathBuf::from(told.lines().next().unwrap_or_default()))
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Unpacks an archive and reads what is in it.
fn files(archive: &Path, into: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::create_dir_all(into).expect("a folder can be made");
    let tar = Command::new("tar").arg("-xf").arg(archive).arg("-C").arg(into).status();
    assert!(tar.is_ok_and(|tar| tar.success()));
    let mut files = BTreeMap::new();
    let mut folders = vec![into.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("it is a folder") {
            let path = entry.expect("it is there").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(into).expect("it is inside").display().to_string();
                files.insert(name, fs::read(path).expect("it can be read"));
            }
        }
    }
    files
}

#[test]
fn the_same_program_gives_the_same_image_and_every_blob_is_what_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new("/bin/true");
    let first = fs::read(pack(&folder.path().join("a"), program).unwrap()).unwrap();
    let archive = pack(&folder.path().join("b"), program).unwrap();
    assert!(first == fs::read(&archive).unwrap(), "two runs differ");

    let files = files(&archive, &folder.path().join("image"));
    let json = |name: &str| -> Value { serde_json::from_slice(&files[name]).unwrap() };
    let blob = |of: &Value| {
        let digest = of["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap().to_owned();
        let bytes = &files[&format!("blobs/sha256/{digest}")];
        assert_eq!(hex(bytes), digest);
        assert_eq!(of["size"], bytes.len());
        bytes
    };
    let manifest: Value =
        serde_json::from_slice(blob(&json("index.json")["manifests"][0])).unwrap();
    let config: Value = serde_json::from_slice(blob(&manifest["config"])).unwrap();
    let layer = blob(&manifest["layers"][0]);
    assert_eq!(config["rootfs"]["diff_ids"][0], format!("sha256:{}", hex(layer)));
    assert_eq!(config["config"]["Entrypoint"][0], "controller");
    assert_eq!(config["config"]["User"], "1001:65534", "nobody's, and not root");

    let packed = folder.path().join("layer.tar");
    fs::write(&packed, layer).unwrap();
    let inside = self::files(&packed, &folder.path().join("root"));
    let names: Vec<_> = inside.keys().collect();
    assert_eq!(names, ["usr/bin/controller"], "nothing else is in it");
    assert!(inside["usr/bin/controller"] == fs::read(program).unwrap());
}

#[test]
fn without_a_program_nothing_is_packed() {
    let folder = tempfile::tempdir().unwrap();
    let told = pack(folder.path(), &folder.path().join("none")).unwrap_err();
    assert!(told.contains("hint: make release builds it"), "{told}");
    assert!(!folder.path().join("image").exists());
}

#[test]
fn kubeseal_is_packed_under_the_name_that_scripts_download() {
    let folder = tempfile::tempdir().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    for (os, architecture, program) in [
        ("linux", "amd64", "kubeseal"),
        ("darwin", "arm64", "kubeseal"),
        ("windows", "amd64", "kubeseal.exe"),
    ] {
        let pack = |target: &str| {
            let mut script = Command::new(format!("{ROOT}/scripts/archive"));
            let script = script.args(["/bin/true", os, architecture]);
            let target = folder.path().join(target);
            assert!(script.env("CARGO_TARGET_DIR", &target).status().unwrap().success());
            target.join(format!("archives/kubeseal-{version}-{os}-{architecture}.tar.gz"))
        };
        let (first, second) = (pack("a"), pack("b"));
        assert!(fs::read(&first).unwrap() == fs::read(&second).unwrap(), "two runs differ");
        let inside = files(&first, &folder.path().join(format!("{os}-{architecture}")));
        let names: Vec<_> = inside.keys().collect();
        assert_eq!(names, ["LICENSE", "README.md", program]);
        assert!(inside[program] == fs::read("/bin/true").unwrap());
    }
}
