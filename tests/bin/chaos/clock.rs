//! A clock that a controller believes and that can be moved: libfaketime's, read from a file.

use std::fs;
use std::path::{Path, PathBuf};

use harness::{Context, Error, Result};

/// Below this folder distributions put it, at different places.
const LIBRARIES: &str = "/usr/lib";
const LIBRARY: &str = "libfaketimeMT.so.1";

/// Only the wall clock is false, as on a machine whose clock is wrong.
pub(crate) struct Clock {
    library: PathBuf,
    file: PathBuf,
}

impl Clock {
    /// One that is right.
    pub(crate) fn new(file: PathBuf) -> Result<Self> {
        let library = found(Path::new(LIBRARIES), 3).ok_or_else(|| {
            Error::new("there is no libfaketime here").hint("apt-get install libfaketime")
        })?;
        let clock = Self { library, file };
        clock.show(0)?;
        Ok(clock)
    }

    /// What a process must find in its environment to believe it.
    pub(crate) fn environment(&self) -> [(&'static str, PathBuf); 5] {
        [
            ("LD_PRELOAD", self.library.clone()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.clone()),
            ("FAKETIME_NO_CACHE", "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
            ("NO_FAKE_STAT", "1".into()),
        ]
    }

    /// From now on it is wrong by so many seconds.
    pub(crate) fn show(&self, offset: i64) -> Result<()> {
        let (new, step) = (self.file.with_extension("new"), || "cannot move a clock");
        fs::write(&new, format!("{offset:+}\n")).context(step)?;
        fs::rename(&new, &self.file).context(step)
    }
}

/// The library, in this folder or in one below it.
fn found(folder: &Path, depth: usize) -> Option<PathBuf> {
    let here = folder.join(LIBRARY);
    if here.is_file() {
        return Some(here);
    }
    let below = fs::read_dir(folder).ok().filter(|_| depth > 0)?;
    let mut folders =
        below.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.find_map(|entry| found(&entry.path(), depth - 1))
}
