//! Finds Helm, or builds it once for this user.

use std::env;
use std::path::{Path, PathBuf};

use super::go::{go_build, lock, require_go};
use super::{cache, make_folder, versions};
use crate::progress::Progress;
use crate::{Context, Error, Result};

const VARIABLE: &str = "SEALWRIGHT_HELM";
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/helm");
const MODULE: &str = "helm.sh/helm/v4";
const PACKAGE: &str = "helm.sh/helm/v4/cmd/helm";

/// The program that `SEALWRIGHT_HELM` names, or the one in this user's cache.
///
/// # Errors
/// When it is not there: a test has no network to build it with.
pub fn helm() -> Result<PathBuf> {
    let program = place()?.program;
    if program.is_file() {
        return Ok(program);
    }
    let error = Error::new(format!("no Helm at {}", program.display()));
    Err(error.hint("build it: cargo run -p sealwright-tests --bin control-plane -- helm"))
}

/// The same, built first when it is missing from the cache (minutes).
///
/// # Errors
/// When the named one is not there, or the build fails.
pub fn build_helm(progress: Progress) -> Result<PathBuf> {
    let Place { program, version } = place()?;
    let Some(version) = version.filter(|_| !program.is_file()) else { return helm() };
    let folder = program.parent().unwrap_or(Path::new("."));
    make_folder(folder)?;
    let _lock = lock(folder, progress)?;
    if program.is_file() {
        return Ok(program); // Someone else built it while we waited for the lock.
    }
    require_go("Helm", &format!("point {VARIABLE} at one"))?;
    progress.say(&format!(
        "The tests of the chart run the real Helm {version}, which is built from source, once: some \
         4 minutes on two cores."
    ));
    let task = progress.begin("building helm");
    let partial = folder.join(".helm.partial");
    let flags = format!("-s -w -X helm.sh/helm/v4/internal/version.version={version}");
    go_build(Path::new(SOURCE), &flags, PACKAGE, &partial)?;
    std::fs::rename(&partial, &program).context(|| format!("cannot make {}", program.display()))?;
    task.finish();
    Ok(program)
}

/// Where Helm is or would be; a version only where it is ours to build.
struct Place {
    program: PathBuf,
    version: Option<String>,
}

fn place() -> Result<Place> {
    if let Some(given) = env::var_os(VARIABLE).filter(|given| !given.is_empty()) {
        return Ok(Place { program: given.into(), version: None });
    }
    let version = versions::of_module(&Path::new(SOURCE).join("go.mod"), MODULE)?;
    let program = cache()?.join("sealwright").join(format!("helm-{version}")).join("helm");
    Ok(Place { program, version: Some(version) })
}
