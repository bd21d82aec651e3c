//! Files that several programs change at once.

use std::fs::File;
use std::path::Path;

/// The file with a lock on it, where the file system has locks and nobody keeps one for long. It is the one
/// that has the name now: whoever had the lock before may have renamed another over it.
#[cfg(unix)]
pub(super) fn locked(path: &Path) -> Option<File> {
    use std::fs::TryLockError;
    use std::os::unix::fs::MetadataExt;
    use std::time::{Duration, Instant};
    /// Longer than a renaming takes, also of many one after the other.
    const PATIENCE: Duration = Duration::from_secs(5);
    const PAUSE: Duration = Duration::from_millis(5);
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        let file = File::open(path).ok()?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                std::thread::sleep(PAUSE);
                continue;
            }
            Err(TryLockError::Error(_)) => return None,
        }
        let (held, there) = (file.metadata().ok()?, std::fs::metadata(path).ok()?);
        if (held.dev(), held.ino()) == (there.dev(), there.ino()) {
            return Some(file);
        }
    }
    None
}

/// Windows renames nothing over a file that is open.
#[cfg(not(unix))]
pub(super) fn locked(_: &Path) -> Option<File> {
    None
}
