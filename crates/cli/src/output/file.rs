//! Files that are replaced whole or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::lock::locked;
use super::staged::Staged;
use crate::error::{Cause, Error, Result, io_reason};
use crate::manifest;

/// Puts `text` in the place of the file: written beside it first, then renamed over it. A new
/// file may be read by its owner only; an old one keeps its mode, and a link still points to it.
pub(crate) fn replace(path: &Path, text: impl AsRef<[u8]>) -> Result<()> {
    Staged::of(path, text.as_ref())?.in_place()
}

/// The same, where the file is still what it was when it was read; says whether it is. Of two programs that
/// do this at once, one is told that it is not.
pub(crate) fn replace_unchanged(
    path: &Path,
    text: impl AsRef<[u8]>,
    is_as_read: impl Fn(&[u8]) -> bool,
) -> Result<bool> {
    let staged = Staged::of(path, text.as_ref())?;
    let is_file = matches!(staged, Staged::Beside { .. });
    // From here to the renaming nobody else is at it.
    let _lock = is_file.then(|| locked(path));
    if is_file && !is_as_read(&manifest::read_bytes(Some(path))?) {
        return Ok(false);
    }
    staged.in_place().map(|()| true)
}

/// The same for several files: none is replaced before all are written.
pub(crate) fn replace_all(files: &[(&Path, String)]) -> Result<()> {
    let staged = files.iter().map(|(path, text)| Staged::of(path, text.as_bytes()));
    let staged: Vec<_> = staged.collect::<Result<_>>()?;
    staged.into_iter().try_for_each(Staged::in_place)
}

/// The same for files that are not there, all of them or none: what somebody else has made meanwhile is
/// not replaced.
pub(crate) fn create_all(files: &[(&Path, String)]) -> Result<()> {
    let staged = files.iter().map(|(path, text)| Staged::of(path, text.as_bytes()));
    let staged: Vec<_> = staged.collect::<Result<_>>()?;
    let mut placed: Vec<PathBuf> = Vec::new();
    for one in staged {
        match one.in_new_place() {
            Ok(target) => placed.extend(target),
            Err(error) => {
                // They are whole, and the others are missing.
                placed.iter().for_each(|path| drop(std::fs::remove_file(path)));
                return Err(error);
            }
        }
    }
    Ok(())
}

/// What is said of a file that is not to be replaced.
pub(crate) fn is_there(path: &Path) -> Error {
    Error::new(format!("{} is there already", path.display()))
        .hint("--force replaces it, and `kubeseal set` seals a value into it")
        .of(Cause::Policy)
}

/// Puts `text` into a new file, which only its owner may read, whole or not at all.
///
/// # Errors
/// Also when one is there, whoever made it meanwhile.
pub(crate) fn create(path: &Path, text: impl AsRef<[u8]>) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let write = || {
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(text.as_ref())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path).map(drop).map_err(|error| error.error)
    };
    write().map_err(|error| {
        Error::new(format!("cannot write {}: {}", path.display(), io_reason(&error)))
            .hint(format!("see whether the folder {} is there and writable", folder.display()))
    })
}

/// What is said of a file that cannot be made.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Error {
    let target = followed(path);
    let folder = folder_of(&target).display();
    Error::new(format!("cannot write {}: {}", path.display(), io_reason(error)))
        .hint(format!("see whether the folder {folder} is there and writable"))
}

/// Where links lead, also when nothing is there yet.
pub(crate) fn followed(path: &Path) -> PathBuf {
    /// As many as Linux follows.
    const MAX_LINKS: usize = 40;
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(next) = std::fs::read_link(&target) else { break };
        target = target.parent().unwrap_or(Path::new("")).join(next);
    }
    target
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_private_and_an_old_one_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        replace(&path, "one").unwrap();
        assert_eq!(mode(&path), 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        replace(&path, "two").unwrap();
        assert_eq!(
            (mode(&path), std::fs::read_to_string(&path).unwrap()),
            (0o644, "two".to_owned())
        );
    }

    /// Only root may give files away: whoever else runs this sees that nothing changes.
    #[test]
    fn a_file_of_somebody_else_stays_his() {
        use std::os::unix::fs::{MetadataExt, chown};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        std::fs::write(&path, "one").unwrap();
        let _ = chown(&path, Some(1234), Some(1234));
        let owner = |path| std::fs::metadata(path).map(|there| (there.uid(), there.gid())).unwrap();
        let before = owner(&path);
        replace(&path, "two").unwrap();
        assert_eq!(owner(&path), before);
    }

    #[test]
    fn links_are_followed_whether_they_lead_somewhere_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let (link, file) = (folder.path().join("link"), folder.path().join("file"));
        symlink("file", &link).unwrap();
        for text in ["one", "two"] {
            replace(&link, text).unwrap();
            assert!(link.symlink_metadata().unwrap().is_symlink());
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
    }

    #[test]
    fn what_is_created_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new");
        create(&path, "one").unwrap();
        assert_eq!(mode(&path), 0o600);
        symlink("nowhere", folder.path().join("link")).unwrap();
        for name in ["new", "link", "no/such", "."] {
            assert!(create(&folder.path().join(name), "two").is_err(), "{name}");
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn of_several_new_files_all_are_made_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b, null] = ["a", "b", "null"].map(|name| folder.path().join(name));
        symlink("/dev/null", &null).unwrap();
        let files = [&a, &null, &b].map(|path| (path.as_path(), "new".to_owned()));
        std::fs::write(&b, "old").unwrap();
        assert_eq!(create_all(&files).unwrap_err().cause(), Cause::Policy);
        assert!(!a.exists() && std::fs::read_dir(folder.path()).unwrap().count() == 2);
        assert_eq!(std::fs::read_to_string(&b).unwrap(), "old");
        std::fs::remove_file(&b).unwrap();
        create_all(&files).unwrap();
        assert_eq!((mode(&a), std::fs::read_to_string(&b).unwrap()), (0o600, "new".to_owned()));
    }

    #[test]
    fn a_device_stays_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("null");
        symlink("/dev/null", &link).unwrap();
        replace(&link, "text").unwrap();
        assert!(std::fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        assert!(replace(&folder.path().join("no/such"), "text").is_err());
        assert!(replace(folder.path(), "text").is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
