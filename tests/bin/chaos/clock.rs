//! A clock that a controller believes and that can be moved: libfaketime's, read from a file.

use std::fs;
use std::path::{Path, PathBuf};

use harness::{Context, Error, Result};

/// Where Debian's package `faketime` puts it, for each architecture that it is built for.
const LIBRARIES: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];

/// Only the wall clock is false, as on a machine whose clock is wrong.
pub(crate) struct Clock {
    library: PathBuf,
    file: PathBuf,
}

impl Clock {
    /// One that is right.
    pub(crate) fn new(file: PathBuf) -> Result<Self> {
        let library = LIBRARIES.iter().map(Path::new).find(|path| path.is_file());
        let library = library.ok_or_else(|| {
            Error::new("there is no libfaketime here").hint("apt-get install faketime")
        })?;
        let clock = Self { library: library.to_owned(), file };
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
