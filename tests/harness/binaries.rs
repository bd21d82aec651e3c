//! Finds etcd, kube-apiserver, kube-controller-manager, kubectl and tools of others, or builds them
//! once for this user.

mod build;
mod go;
mod tool;
mod versions;

use std::env;
use std::path::{Path, PathBuf};

use crate::progress::Progress;
use crate::{Context, Error, Result};
pub use tool::{AGE, HELM, Tool};
use versions::Versions;

/// The programs of a control plane, and the client that people use.
pub const NAMES: [&str; 4] = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"];

const ASSETS: &str = "KUBEBUILDER_ASSETS";
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/control-plane");

/// The folder that holds all programs: the one `KUBEBUILDER_ASSETS` names, or the one in
/// this user's cache, which is built first when it is missing (minutes).
///
/// # Errors
/// When the named folder lacks one, or the build fails.
pub fn locate(progress: Progress) -> Result<PathBuf> {
    if let Some(folder) = env::var_os(ASSETS).filter(|folder| !folder.is_empty()) {
        return given(folder.into());
    }
    let source = Path::new(SOURCE);
    let versions = Versions::read(&source.join("go.mod"))?;
    let folder = cache()?.join("sealwright").join(versions.folder_name());
    if missing(&folder).is_empty() {
        return Ok(folder);
    }
    build::build(source, &versions, &folder, progress)?;
    Ok(folder)
}

fn given(folder: PathBuf) -> Result<PathBuf> {
    let missing = missing(&folder);
    if missing.is_empty() {
        return Ok(folder);
    }
    Err(Error::new(format!("{ASSETS}={} lacks {}", folder.display(), missing.join(", ")))
        .hint(format!("unset {ASSETS}, and they are built from tests/control-plane/go.mod")))
}

fn missing(folder: &Path) -> Vec<&'static str> {
    NAMES.into_iter().filter(|name| !folder.join(name).is_file()).collect()
}

fn cache() -> Result<PathBuf> {
    // The XDG specification wants a relative path ignored.
    let named = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    match named {
        Some(cache) => Ok(cache),
        None => env::home_dir()
            .map(|home| home.join(".cache"))
            .ok_or_else(|| Error::new("no home folder to keep what is built in"))
            .map_err(|error| error.hint("set XDG_CACHE_HOME")),
    }
}

/// Creates a folder and those above it.
fn make_folder(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).context(|| format!("cannot create {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_lacks_a_program_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["etcd", "kube-apiserver", "kubectl"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let error = given(folder.path().to_owned()).unwrap_err();
        assert!(error.to_string().ends_with("lacks kube-controller-manager"), "{error}");
        std::fs::write(folder.path().join("kube-controller-manager"), "").unwrap();
        assert_eq!(given(folder.path().to_owned()).unwrap(), folder.path());
    }
}
