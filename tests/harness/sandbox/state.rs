//! The state folder of one run: certificates, kubeconfigs, etcd's data, logs.
//!
//! Its owner holds the lock in it for as long as it lives. A lock that is free therefore means a
//! folder whose owner was killed, and nobody has to guess from process numbers.

use std::fs::{self, File, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::{Context, Result};

const PREFIX: &str = "sealwright-";
const LOCK: &str = "lock";
const ENTERED: &str = "entered";

/// A state folder whose lock this process holds.
#[derive(Debug)]
pub(super) struct Held {
    folder: PathBuf,
    lock: Option<File>,
}

impl Held {
    /// Makes a folder that only this user may enter.
    pub(super) fn create(parent: &Path) -> Result<Self> {
        let made = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(parent)
            .context(|| format!("cannot create a folder in {}", parent.display()))?;
        let lock = lock_before_it_has_its_name(made.path())
            .context(|| format!("cannot lock {}", made.path().display()))?;
        Ok(Self { folder: made.keep(), lock: Some(lock) })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Lets the inner process know that it should end.
    pub(super) fn release(&mut self) {
        drop(self.lock.take());
    }

    /// Whether the inner process ever came to life.
    pub(super) fn was_entered(&self) -> bool {
        // After a release the inner process removes the folder itself.
        !self.folder.exists() || self.folder.join(ENTERED).exists()
    }

    /// What dropping does, with the reason when it fails.
    pub(super) fn remove(self) -> Result<()> {
        remove(&self.folder)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // The next run sweeps what cannot be removed now.
        let _ = remove(&self.folder);
    }
}

/// A `lock` that can be found is locked: a sweep in between must not take the folder away.
fn lock_before_it_has_its_name(folder: &Path) -> std::io::Result<File> {
    let unnamed = folder.join("lock.new");
    let file = File::create_new(&unnamed)?;
    file.lock()?;
    fs::rename(&unnamed, folder.join(LOCK))?;
    Ok(file)
}

/// Marks the folder as entered, and returns the lock file: locking it blocks while the outer
/// process is alive and wants us.
pub(super) fn enter(folder: &Path) -> Result<File> {
    File::create(folder.join(ENTERED))
        .and_then(|_| File::open(folder.join(LOCK)))
        .context(|| format!("cannot enter {}", folder.display()))
}

pub(super) fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Removes this user's state folders whose owners are gone, and returns them. A folder that
/// cannot be judged or removed stays: this is housekeeping, no reason to fail.
pub(super) fn sweep(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| is_ours(path) && is_abandoned(path) && fs::remove_dir_all(path).is_ok())
        .collect()
}

fn is_ours(path: &Path) -> bool {
    let named = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    let own = rustix::process::geteuid().as_raw();
    // Not `metadata`: anyone may lay a symbolic link into the temporary folder.
    named && path.symlink_metadata().is_ok_and(|found| found.is_dir() && found.uid() == own)
}

fn is_abandoned(folder: &Path) -> bool {
    File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(parent: &Path) -> usize {
        fs::read_dir(parent).unwrap().count()
    }

    #[test]
    fn a_sweep_removes_the_folder_of_a_dead_owner() {
        let parent = tempfile::tempdir().unwrap();
        let mut held = Held::create(parent.path()).unwrap();
        held.release();
        assert_eq!(sweep(parent.path()), [held.folder().to_owned()]);
        assert_eq!(names(parent.path()), 0);
    }

    #[test]
    fn a_sweep_keeps_the_folder_of_a_living_owner() {
        let parent = tempfile::tempdir().unwrap();
        let held = Held::create(parent.path()).unwrap();
        assert!(sweep(parent.path()).is_empty());
        held.remove().unwrap();
        assert_eq!(names(parent.path()), 0);
    }

    #[test]
    fn a_sweep_keeps_what_has_no_lock_another_name_or_is_a_link() {
        let parent = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join(LOCK), "").unwrap();
        fs::create_dir(parent.path().join("sealwright-unlocked")).unwrap();
        fs::create_dir(parent.path().join("other")).unwrap();
        fs::write(parent.path().join("other/lock"), "").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), parent.path().join("sealwright-link"))
            .unwrap();
        assert!(sweep(parent.path()).is_empty());
        assert_eq!(names(parent.path()), 3);
    }

    #[test]
    fn a_release_opens_the_lock_to_whoever_waits_inside() {
        let parent = tempfile::tempdir().unwrap();
        let mut held = Held::create(parent.path()).unwrap();
        let lock = enter(held.folder()).unwrap();
        assert!(held.was_entered());
        assert!(lock.try_lock().is_err());
        held.release();
        assert!(lock.try_lock().is_ok());
    }
}
