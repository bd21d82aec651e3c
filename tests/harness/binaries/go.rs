//! Programs that the Go toolchain makes of a go.mod.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::progress::Progress;
use crate::{Context, Error, Result};

/// Keeps others from building into a folder for as long as the file is held.
pub(super) fn lock(folder: &Path, progress: Progress) -> Result<File> {
    let path = beside(folder, ".lock");
    let step = || format!("cannot lock {}", path.display());
    let file = File::create(&path).context(step)?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error).context(step),
    }
    let task = progress.begin("waiting for another build of the same");
    file.lock().context(step)?;
    task.finish();
    Ok(file)
}

pub(super) fn go_build(
    source: &Path,
    linker_flags: &str,
    package: &str,
    output: &Path,
) -> Result<()> {
    let built = Command::new("go")
        .args(["build", "-buildvcs=false", "-ldflags", linker_flags])
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

/// Says what to do where there is no Go; `instead` is the other way out.
pub(super) fn require_go(what: &str, instead: &str) -> Result<()> {
    match Command::new("go").arg("version").stdin(Stdio::null()).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Error::new(format!(
            "building {what} takes the Go toolchain, and there is no `go` in PATH"
        ))
        .hint(format!(
            "install Go as https://go.dev/doc/install says (the version that the go.mod files in \
             tests name, or newer), or {instead}"
        ))),
        outcome => outcome.context(|| "cannot run go").map(drop),
    }
}

fn beside(folder: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(folder);
    name.push(suffix);
    name.into()
}
