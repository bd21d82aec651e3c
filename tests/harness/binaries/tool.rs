//! Programs of others that tests run as people do: found, or built once for this user.

use std::env;
use std::path::{Path, PathBuf};

use super::go::{go_build, lock, require_go};
use super::{cache, make_folder, versions};
use crate::progress::Progress;
use crate::{Context, Error, Result};

/// What comes of one Go module.
pub struct Tool {
    name: &'static str,
    /// What is built, and where it lies in the module.
    programs: &'static [(&'static str, &'static str)],
    /// The folder in `tests` whose go.mod requires the module.
    source: &'static str,
    module: &'static str,
    /// Names a folder that has the programs.
    variable: &'static str,
    /// The variable in the program that holds its version.
    version: &'static str,
    why: &'static str,
}

/// The real Helm.
pub const HELM: Tool = Tool {
    name: "helm",
    programs: &[("helm", "helm.sh/helm/v4/cmd/helm")],
    source: "helm",
    module: "helm.sh/helm/v4",
    variable: "SEALWRIGHT_HELM",
    version: "helm.sh/helm/v4/internal/version.version",
    why: "The tests of the chart run the real Helm, which is built from source, once: some 4 minutes \
          on two cores.",
};

/// age, which encrypts backups.
pub const AGE: Tool = Tool {
    name: "age",
    programs: &[("age", "filippo.io/age/cmd/age"), ("age-keygen", "filippo.io/age/cmd/age-keygen")],
    source: "age",
    module: "filippo.io/age",
    variable: "SEALWRIGHT_AGE",
    version: "main.Version",
    why: "The documentation encrypts a backup with the real age, which is built from source, once.",
};

impl Tool {
    /// The folder of its programs: the one that the variable names, or the one in this user's cache.
    ///
    /// # Errors
    /// When one is not there: a test has no network to build it with.
    pub fn folder(&self) -> Result<PathBuf> {
        let folder = self.place()?.folder;
        let missing = self.programs.iter().find(|(program, _)| !folder.join(program).is_file());
        missing.map_or(Ok(folder.clone()), |(program, _)| {
            Err(Error::new(format!("no {program} in {}", folder.display()))
                .hint("build it: cargo run -p sealwright-tests --bin control-plane -- tools"))
        })
    }

    /// The same, built first when it is missing from the cache (minutes).
    ///
    /// # Errors
    /// When the named one is not there, or the build fails.
    pub fn build(&self, progress: Progress) -> Result<PathBuf> {
        let Place { folder, version } = self.place()?;
        let (Some(version), Err(_)) = (version, self.folder()) else { return self.folder() };
        make_folder(&folder)?;
        let _lock = lock(&folder, progress)?;
        if self.folder().is_ok() {
            return Ok(folder); // Someone else built it while we waited for the lock.
        }
        require_go(self.name, &format!("point {} at a folder that has it", self.variable))?;
        progress.say(self.why);
        let flags = format!("-s -w -X {}={version}", self.version);
        for (program, package) in self.programs {
            let task = progress.begin(&format!("building {program} {version}"));
            let partial = folder.join(format!(".{program}.partial"));
            go_build(&self.source(), &flags, package, &partial)?;
            let whole = folder.join(program);
            std::fs::rename(&partial, &whole)
                .context(|| format!("cannot make {}", whole.display()))?;
            task.finish();
        }
        Ok(folder)
    }

    fn source(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(self.source)
    }

    fn place(&self) -> Result<Place> {
        if let Some(given) = env::var_os(self.variable).filter(|given| !given.is_empty()) {
            return Ok(Place { folder: given.into(), version: None });
        }
        let version = versions::of_module(&self.source().join("go.mod"), self.module)?;
        let folder = cache()?.join("sealwright").join(format!("{}-{version}", self.name));
        Ok(Place { folder, version: Some(version) })
    }
}

/// Where the programs are or would be; a version only where they are ours to build.
struct Place {
    folder: PathBuf,
    version: Option<String>,
}
