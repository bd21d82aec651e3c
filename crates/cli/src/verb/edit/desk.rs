//! Where the sheet lies while it is edited: a folder in memory that only its owner may enter, wiped on
//! every way out. What a kill leaves is wiped at the next start of kubeseal, whatever that is for.

use crate::error::{Cause, Error, Result};

#[cfg(target_os = "linux")]
pub(super) use linux::Desk;
#[cfg(target_os = "linux")]
pub(crate) use linux::sweep;

#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::Desk;
#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::sweep;

fn nowhere() -> Error {
    Error::new("there is no memory to edit in: a file on a disk would keep what is typed")
        .hint("edit needs a tmpfs, such as /dev/shm of Linux; `kubeseal set` needs none")
        .of(Cause::Policy)
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::path::Path;

    use super::{Result, nowhere};

    pub(in super::super) struct Desk(std::convert::Infallible);

    pub(crate) fn sweep() {}

    impl Desk {
        pub(in super::super) fn set_up() -> Result<Self> {
            Err(nowhere())
        }

        pub(in super::super) fn lay_out(&self, _: &[u8]) -> Result<()> {
            match self.0 {}
        }

        pub(in super::super) fn take_back(&self) -> Result<Vec<u8>> {
            match self.0 {}
        }

        pub(in super::super) fn sheet(&self) -> &Path {
            match self.0 {}
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::{self, File, OpenOptions};
    use std::io::{self, Write};
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
    use std::path::{Path, PathBuf};

    use tempfile::TempDir;

    use super::{Error, Result, nowhere};
    use crate::error::io_reason;

    /// Names of folders begin so.
    const PREFIX: &str = "kubeseal-edit-";
    /// File systems whose files are in memory (statfs(2)).
    const IN_MEMORY: [u64; 2] = [0x0102_1994, 0x8584_58f6];
    /// How often a folder is made that somebody sweeps before it is locked.
    const MAX_TIMES: usize = 20;

    /// The folder, with the sheet in it.
    pub(in super::super) struct Desk {
        folder: TempDir,
        sheet: PathBuf,
        /// Says that somebody is at it. The kernel takes it back from a process that is killed, whatever
        /// that was called and whoever sees its number; editors do not inherit it.
        _lock: File,
    }

    impl Desk {
        /// Makes the folder.
        ///
        /// # Errors
        /// When no file system in memory can be written to.
        pub(in super::super) fn set_up() -> Result<Self> {
            let made = places().into_iter().find_map(|place| {
                let mut times = std::iter::repeat_with(|| make(&place)).take(MAX_TIMES);
                // None at all where it cannot be made; then the next place is tried.
                times.find_map(Result::transpose)?.ok()
            });
            let (folder, lock) = made.ok_or_else(nowhere)?;
            // Editors know what a file is by its name.
            let sheet = folder.path().join("items.yaml");
            Ok(Self { folder, sheet, _lock: lock })
        }

        /// Puts a sheet there instead of the one before.
        pub(in super::super) fn lay_out(&self, text: &[u8]) -> Result<()> {
            wipe(self.folder.path());
            let mut options = OpenOptions::new();
            let file = options.write(true).create_new(true).mode(0o600).open(&self.sheet);
            let written = file.and_then(|mut file| file.write_all(text));
            written.map_err(|error| {
                Error::new(format!("cannot write {}: {}", self.sheet.display(), io_reason(&error)))
            })
        }

        /// What is on the sheet now.
        pub(in super::super) fn take_back(&self) -> Result<Vec<u8>> {
            fs::read(&self.sheet).map_err(|error| {
                let reason = io_reason(&error);
                Error::new(format!("cannot read what was edited: {reason}; nothing was changed"))
            })
        }

        /// The file to be edited.
        pub(in super::super) fn sheet(&self) -> &Path {
            &self.sheet
        }
    }

    impl Drop for Desk {
        fn drop(&mut self) {
            wipe(self.folder.path());
        }
    }

    /// Folders in memory.
    fn places() -> Vec<PathBuf> {
        let own = std::env::var_os("XDG_RUNTIME_DIR").filter(|path| !path.is_empty());
        // Whoever else may write there may put something else in the place of a folder.
        let own = own.map(PathBuf::from).filter(|place| is_ours_alone(place));
        let places = own.into_iter().chain([PathBuf::from("/dev/shm")]);
        places.filter(|place| is_in_memory(place)).collect()
    }

    /// Not so under `sudo -E`, which keeps the variable of somebody else.
    fn is_ours_alone(place: &Path) -> bool {
        let me = rustix::process::getuid().as_raw();
        fs::metadata(place).is_ok_and(|it| it.uid() == me && it.mode() & 0o022 == 0)
    }

    fn is_in_memory(place: &Path) -> bool {
        let type_ =
            rustix::fs::statfs(place).ok().and_then(|there| u64::try_from(there.f_type).ok());
        type_.is_some_and(|type_| IN_MEMORY.contains(&type_))
    }

    /// A folder, locked; none if it was swept before it was.
    fn make(place: &Path) -> io::Result<Option<(TempDir, File)>> {
        let mut folder = tempfile::Builder::new();
        folder.prefix(PREFIX).permissions(fs::Permissions::from_mode(0o700));
        let folder = folder.tempdir_in(place)?;
        let lock = locked(folder.path());
        Ok(lock.map(|lock| (folder, lock)))
    }

    /// The lock of a folder, if nobody has it, and the folder is still there.
    fn locked(folder: &Path) -> Option<File> {
        let lock = File::open(folder).ok()?;
        lock.try_lock().ok()?;
        let (one, other) = (lock.metadata().ok()?, folder.symlink_metadata().ok()?);
        ((one.dev(), one.ino()) == (other.dev(), other.ino())).then_some(lock)
    }

    /// Wipes what processes left that were killed: what nobody has locked. Whatever fails is
    /// no reason to stop.
    pub(crate) fn sweep() {
        places().iter().for_each(|place| sweep_in(place));
    }

    fn sweep_in(place: &Path) {
        let me = rustix::process::getuid().as_raw();
        for entry in fs::read_dir(place).into_iter().flatten().flatten() {
            if !entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
                continue;
            }
            let folder = entry.path();
            let is_own = folder.symlink_metadata().is_ok_and(|it| it.is_dir() && it.uid() == me);
            if is_own && let Some(_lock) = locked(&folder) {
                wipe(&folder);
                let _ = fs::remove_dir_all(&folder);
            }
        }
    }

    /// Overwrites and removes the files of a folder, the copies that an editor made too.
    fn wipe(folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let Ok(there) = path.symlink_metadata() else { continue };
            if there.is_file()
                && let Ok(mut file) = OpenOptions::new().write(true).open(&path)
            {
                let length = usize::try_from(there.len()).unwrap_or_default();
                // If that fails, removing it is what is left to do.
                let _ = file.write_all(&vec![0; length]);
            }
            let _ = fs::remove_file(&path);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// A place of its own: every kubeseal that starts meanwhile sweeps the others.
        fn place() -> TempDir {
            let place = places().into_iter().next().expect("there is a tmpfs");
            tempfile::tempdir_in(place).unwrap()
        }

        #[test]
        fn only_what_nobody_has_locked_is_swept() {
            let place = place();
            let leave = |name: &str| {
                let folder = place.path().join(name);
                fs::create_dir(&folder).unwrap();
                fs::write(folder.join("items.yaml"), "a: b\n").unwrap();
                folder
            };
            let (left, other) = (leave("kubeseal-edit-left"), leave("another-kubeseal-edit-1"));
            let (kept, _lock) = make(place.path()).unwrap().unwrap();
            sweep_in(place.path());
            assert!(!left.exists());
            assert!(other.exists() && kept.path().exists());
            sweep_in(Path::new("nowhere"));
        }

        #[test]
        fn a_place_that_others_may_write_to_is_none() {
            let place = place();
            let mode = |mode| fs::set_permissions(place.path(), fs::Permissions::from_mode(mode));
            for (bits, expected) in [(0o700, true), (0o755, true), (0o770, false), (0o702, false)] {
                mode(bits).unwrap();
                assert_eq!(is_ours_alone(place.path()), expected, "{bits:o}");
            }
            assert!(!is_ours_alone(Path::new("nowhere")));
        }

        #[test]
        fn a_folder_that_is_gone_cannot_be_locked() {
            let place = place();
            let (folder, lock) = make(place.path()).unwrap().unwrap();
            assert!(locked(folder.path()).is_none());
            drop(lock);
            assert!(locked(folder.path()).is_some());
            let path = folder.path().to_owned();
            drop(folder);
            assert!(locked(&path).is_none());
        }

        #[test]
        fn nobody_else_may_enter_and_nothing_is_left() {
            let desk = Desk::set_up().unwrap();
            desk.lay_out(b"one").unwrap();
            desk.lay_out(b"two").unwrap();
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            let (folder, sheet) = (desk.folder.path().to_owned(), desk.sheet().to_owned());
            assert_eq!((mode(&folder), mode(&sheet)), (0o700, 0o600));
            assert_eq!(desk.take_back().unwrap(), b"two");
            fs::write(folder.join("items.yaml~"), "a copy").unwrap();
            drop(desk);
            assert!(!folder.exists());
        }
    }
}
