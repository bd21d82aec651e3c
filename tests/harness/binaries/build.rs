//! Builds the control plane with the Go toolchain: there is no other way to have it without
//! downloading programs or running containers.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::versions::Versions;
use super::{NAMES, make_folder, missing};
use crate::progress::Progress;
use crate::{Context, Error, Result};

/// Where each of [`NAMES`] lies; Go would call the first one `server`.
const PACKAGES: [&str; 4] = [
    "go.etcd.io/etcd/server/v3",
    "k8s.io/kubernetes/cmd/kube-apiserver",
    "k8s.io/kubernetes/cmd/kube-controller-manager",
    "k8s.io/kubernetes/cmd/kubectl",
];

/// Builds those that are missing into `folder`, where each appears whole or not at all.
pub(super) fn build(
    source: &Path,
    versions: &Versions,
    folder: &Path,
    progress: Progress,
) -> Result<()> {
    make_folder(folder)?;
    let _lock = lock(&beside(folder, ".lock"), progress)?;
    let missing = missing(folder);
    if missing.is_empty() {
        return Ok(()); // Someone else built them while we waited for the lock.
    }
    require_go()?;
    announce(versions, folder, progress);
    let programs = NAMES.into_iter().zip(PACKAGES).filter(|(name, _)| missing.contains(name));
    for (number, (name, package)) in programs.enumerate() {
        let count = missing.len();
        let task = progress.begin(&format!("building {name} ({} of {count})", number + 1));
        let (partial, program) = (folder.join(format!(".{name}.partial")), folder.join(name));
        go_build(source, versions, package, &partial)?;
        fs::rename(&partial, &program).context(|| format!("cannot make {}", program.display()))?;
        task.finish();
    }
    Ok(())
}

fn announce(versions: &Versions, folder: &Path, progress: Progress) {
    progress.say(&format!(
        "Tests and demo run against a real Kubernetes API server. This machine has not all of it \
         yet, so what is missing of etcd {} and Kubernetes {} is built from source into {}, once: \
         some 10 minutes on two cores, about one with a warm Go cache.",
        versions.etcd,
        versions.kubernetes,
        folder.display()
    ));
}

fn lock(path: &Path, progress: Progress) -> Result<File> {
    let step = || format!("cannot lock {}", path.display());
    let file = File::create(path).context(step)?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error).context(step),
    }
    let task = progress.begin("waiting for another build of the control plane");
    file.lock().context(step)?;
    task.finish();
    Ok(file)
}

fn go_build(source: &Path, versions: &Versions, package: &str, output: &Path) -> Result<()> {
    let built = Command::new("go")
        .args(["build", "-buildvcs=false", "-ldflags", &versions.linker_flags()])
        .arg("-o")
        .args([output.as_os_str(), package.as_ref()])
        .current_dir(source)
        .env("CGO_ENABLED", "0")
        .stdin(Stdio::null())
        .output();
    match built {
        Ok(built) if built.status.success() => Ok(()),
        Ok(built) => Err(Error::new(format!(
            "go build {package} failed ({})\n{}",
            built.status,
            String::from_utf8_lossy(&built.stderr).trim_end()
        ))),
        Err(error) => Err(error).context(|| "cannot run go"),
    }
}

fn require_go() -> Result<()> {
    match Command::new("go").arg("version").stdin(Stdio::null()).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Error::new(
            "building the control plane takes the Go toolchain, and there is no `go` in PATH",
        )
        .hint(
            "install Go as https://go.dev/doc/install says (the version tests/control-plane/go.mod \
             names, or newer), or point KUBEBUILDER_ASSETS at a folder that holds etcd, \
             kube-apiserver, kube-controller-manager and kubectl",
        )),
        outcome => outcome.context(|| "cannot run go").map(drop),
    }
}

fn beside(folder: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(folder);
    name.push(suffix);
    name.into()
}
