//! Whose a file is. What somebody else wrote above the current folder would decide for whom secrets are
//! sealed.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Some thousand rules.
const MAX_BYTES: u64 = 1 << 20;

/// Why a file is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Objection {
    #[cfg(unix)]
    #[error("it belongs to another user (uid {0})")]
    Foreign(u32),
    #[cfg(unix)]
    #[error("everybody may write it: take that right away with `chmod o-w`")]
    Writable,
    #[error("it is a link")]
    Link,
    #[error("it is no file")]
    Special,
    #[error("it is longer than 1 MiB")]
    Long,
}

/// Its bytes, if it is the user's own. What is looked at is what is read: it is open already.
///
/// # Errors
/// When it cannot be read.
pub(super) fn read(path: &Path) -> io::Result<Result<Vec<u8>, Objection>> {
    let there = path.symlink_metadata()?;
    if there.is_symlink() {
        return Ok(Err(Objection::Link));
    }
    let file = match open(path) {
        Ok(file) => file,
        // Somebody else's that may not even be read is no reason to stop.
        Err(error) => return objection(&there).map(Err).ok_or(error),
    };
    if let Some(objection) = objection(&file.metadata()?) {
        return Ok(Err(objection));
    }
    contents(file)
}

/// The bytes of a file, whoever's it is, if it is one and not too long. `path` has no links.
///
/// # Errors
/// When it cannot be read.
pub(super) fn read_anyones(path: &Path) -> io::Result<Result<Vec<u8>, Objection>> {
    contents(open(path)?)
}

fn contents(file: File) -> io::Result<Result<Vec<u8>, Objection>> {
    if !file.metadata()?.is_file() {
        return Ok(Err(Objection::Special));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    let is_long = bytes.len() as u64 > MAX_BYTES;
    Ok(if is_long { Err(Objection::Long) } else { Ok(bytes) })
}

/// Does not wait for whoever writes into a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(windows)]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(unix)]
fn objection(metadata: &std::fs::Metadata) -> Option<Objection> {
    use std::os::unix::fs::MetadataExt;
    judged(metadata.uid(), metadata.mode(), rustix::process::geteuid().as_raw())
}

/// Windows has owners too; nobody looks at them here.
#[cfg(windows)]
fn objection(_: &std::fs::Metadata) -> Option<Objection> {
    None
}

/// A group may write it: many systems give each user one, and new files its right to write.
#[cfg(unix)]
fn judged(owner: u32, mode: u32, user: u32) -> Option<Objection> {
    if owner != user {
        Some(Objection::Foreign(owner))
    } else if mode & 0o002 != 0 {
        Some(Objection::Writable)
    } else {
        None
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn only_the_users_own_counts() {
        for (owner, mode, user, expected) in [
            (1000, 0o100_644, 1000, None),
            (1000, 0o100_664, 1000, None),
            (0, 0o100_600, 0, None),
            (1001, 0o100_644, 1000, Some(Objection::Foreign(1001))),
            // Not the administrator's either, and for the administrator not the user's.
            (0, 0o100_644, 1000, Some(Objection::Foreign(0))),
            (1000, 0o100_644, 0, Some(Objection::Foreign(1000))),
            (1000, 0o100_646, 1000, Some(Objection::Writable)),
            (1001, 0o100_666, 1000, Some(Objection::Foreign(1001))),
        ] {
            assert_eq!(judged(owner, mode, user), expected, "{owner} {mode:o} {user}");
        }
    }

    #[test]
    fn what_is_no_file_of_ones_own_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("own"), "a").unwrap();
        std::fs::write(path("open"), "a").unwrap();
        std::fs::set_permissions(path("open"), std::fs::Permissions::from_mode(0o666)).unwrap();
        std::fs::write(path("long"), vec![b'#'; (1 << 20) + 1]).unwrap();
        std::fs::create_dir(path("folder")).unwrap();
        symlink("own", path("link")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap();
        assert!(pipe.success());
        for (name, expected) in [
            ("own", Ok(b"a".to_vec())),
            ("open", Err(Objection::Writable)),
            ("long", Err(Objection::Long)),
            ("folder", Err(Objection::Special)),
            ("link", Err(Objection::Link)),
            ("pipe", Err(Objection::Special)),
        ] {
            assert_eq!(read(&path(name)).unwrap(), expected, "{name}");
            let anyones = if name == "open" { Ok(b"a".to_vec()) } else { expected };
            match read_anyones(&path(name)) {
                Ok(read) => assert_eq!(read, anyones, "{name}"),
                Err(_) => assert_eq!(name, "link"),
            }
        }
        assert!(read(&path("none")).is_err());
    }
}
