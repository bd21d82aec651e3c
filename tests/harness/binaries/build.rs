//! Builds the control plane with the Go toolchain: there is no other way to have it without
//! downloading programs or running containers.

use std::fs;
use std::path::Path;

use super::go::{go_build, lock, require_go};
use super::versions::Versions;
use super::{NAMES, make_folder, missing};
use crate::progress::Progress;
use crate::{Context, Result};

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
    let _lock = lock(folder, progress)?;
    let missing = missing(folder);
    if missing.is_empty() {
        return Ok(()); // Someone else built them while we waited for the lock.
    }
    require_go(
        "the control plane",
        "point KUBEBUILDER_ASSETS at a folder that holds etcd, kube-apiserver, \
         kube-controller-manager and kubectl",
    )?;
    announce(versions, folder, progress);
    let programs = NAMES.into_iter().zip(PACKAGES).filter(|(name, _)| missing.contains(name));
    for (number, (name, package)) in programs.enumerate() {
        let count = missing.len();
        let task = progress.begin(&format!("building {name} ({} of {count})", number + 1));
        let (partial, program) = (folder.join(format!(".{name}.partial")), folder.join(name));
        go_build(source, &versions.linker_flags(), package, &partial)?;
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
