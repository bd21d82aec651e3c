//! Texts on their way into files.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::file::{cannot_write, folder_of, followed, is_there};
use super::{is_standard_output, print};
use crate::error::Result;

/// A text on its way into a file.
pub(super) enum Staged<'a> {
    /// Nothing can be put in its place: a pipe, a terminal, /dev/null.
    Stream { path: &'a Path, text: &'a [u8] },
    /// It lies beside the place that it is for.
    Beside { path: &'a Path, file: NamedTempFile, target: PathBuf },
}

impl<'a> Staged<'a> {
    pub(super) fn of(path: &'a Path, text: &'a [u8]) -> Result<Self> {
        let there = std::fs::metadata(path).ok();
        let is_stream = there.as_ref().is_some_and(|there| !there.is_file() && !there.is_dir());
        if is_standard_output(path) || is_stream {
            return Ok(Self::Stream { path, text });
        }
        if there.is_some_and(|there| there.is_dir()) {
            return Err(cannot_write(path, &io::ErrorKind::IsADirectory.into()));
        }
        let target = followed(path);
        let written = || {
            let mut file = NamedTempFile::new_in(folder_of(&target))?;
            file.write_all(text)?;
            // Windows has one bit of it, read-only, and such a file is not replaced at all.
            #[cfg(unix)]
            if let Ok(old) = std::fs::metadata(&target) {
                file.as_file().set_permissions(old.permissions())?;
                keep_owner(file.as_file(), &old);
            }
            file.as_file().sync_all()?;
            Ok(file)
        };
        let file = written().map_err(|error| cannot_write(path, &error))?;
        Ok(Self::Beside { path, file, target })
    }

    /// Where it lies then, if it is a file.
    pub(super) fn in_new_place(self) -> Result<Option<PathBuf>> {
        match self {
            Self::Beside { path, file, target } => match file.persist_noclobber(&target) {
                Ok(_) => Ok(Some(target)),
                Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => {
                    Err(is_there(path))
                }
                Err(failed) => Err(cannot_write(path, &failed.error)),
            },
            stream @ Self::Stream { .. } => stream.in_place().map(|()| None),
        }
    }

    pub(super) fn in_place(self) -> Result<()> {
        match self {
            Self::Stream { path, text } if is_standard_output(path) => print(text),
            Self::Stream { path, text } => {
                let there = std::fs::OpenOptions::new().write(true).open(path);
                let written = there.and_then(|mut there| there.write_all(text));
                written.map_err(|error| cannot_write(path, &error))
            }
            Self::Beside { path, file, target } => {
                let placed = file.persist(&target);
                placed.map(drop).map_err(|error| cannot_write(path, &error.error))
            }
        }
    }
}

/// Who may write a file of others, such as root, leaves it to them. Elsewhere it becomes one's own.
#[cfg(unix)]
fn keep_owner(file: &std::fs::File, old: &std::fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let Ok(new) = file.metadata() else { return };
    let changed = |old: u32, new: u32| (old != new).then_some(old);
    let (owner, group) = (changed(old.uid(), new.uid()), changed(old.gid(), new.gid()));
    if owner.is_some() || group.is_some() {
        // Whoever is of its group may leave it that at least.
        let _ = fchown(file, owner, group).or_else(|_| fchown(file, None, group));
    }
}
