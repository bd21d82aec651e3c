//! The real age, with which a backup has to open.

use std::path::{Path, PathBuf};
use std::process::Command;

use harness::binaries::AGE;
use harness::{Context, Result};

/// The real age, with an identity of its own in a folder.
pub(crate) struct Age {
    tools: PathBuf,
    folder: tempfile::TempDir,
}

impl Age {
    pub(crate) fn new() -> Result<Self> {
        let (tools, folder) = (AGE.folder()?, tempfile::tempdir().context(|| "no folder")?);
        let age = Self { tools, folder };
        age.run("age-keygen", &["-o", &age.path("identity.txt").display().to_string()])?;
        Ok(age)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn recipient(&self) -> String {
        let identity = self.path("identity.txt").display().to_string();
        self.run("age-keygen", &["-y", &identity]).unwrap_or_default().trim().to_owned()
    }

    pub(crate) fn decrypted(&self, file: &Path) -> Result<String> {
        let identity = self.path("identity.txt").display().to_string();
        self.run("age", &["-d", "-i", &identity, &file.display().to_string()])
    }

    pub(crate) fn encrypted(&self, file: &Path) -> Result<PathBuf> {
        let to = file.with_extension("age");
        let (from, out) = (file.display().to_string(), to.display().to_string());
        self.run("age", &["-r", &self.recipient(), "-o", &out, &from])?;
        Ok(to)
    }

    fn run(&self, program: &str, args: &[&str]) -> Result<String> {
        let output = Command::new(self.tools.join(program)).args(args).output();
        let output = output.context(|| format!("cannot run {program}"))?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
