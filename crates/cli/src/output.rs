//! Writing: to standard output, or to a file that is replaced whole or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::NamedTempFile;

use crate::args::Args;
use crate::error::{Cause, Error, Result, io_reason};
use crate::manifest::{self, is_standard_input};
use crate::{json, yaml};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Yaml,
}

/// Where the result goes, and how it is written.
pub(crate) struct Output {
    format: Format,
    /// What `--format` says, whatever the file is called.
    asked: Format,
    file: Option<PathBuf>,
}

impl Output {
    pub(crate) fn choose(args: &Args) -> Result<Self> {
        let file = args.sealed_secret_file.path().map(Path::to_path_buf);
        let asked = match args.format.to_lowercase().as_str() {
            "yaml" => Format::Yaml,
            "json" | "" => Format::Json,
            _ if is_yaml_file(file.as_deref()) => Format::Yaml,
            _ => {
                return Err(Error::new(format!("unsupported output format: {}", args.format))
                    .hint("json and yaml are the formats there are"));
            }
        };
        let format = if is_yaml_file(file.as_deref()) { Format::Yaml } else { asked };
        Ok(Self { format, asked, file })
    }

    /// For a verb that asks for one format, or leaves it to the name of the file; YAML if that says
    /// nothing.
    pub(crate) fn of_verb(file: Option<&Path>, is_json: Option<bool>) -> Self {
        let is_json_file = file.and_then(Path::extension).is_some_and(|name| name == "json");
        let format = if is_json.unwrap_or(is_json_file) { Format::Json } else { Format::Yaml };
        Self { format, asked: format, file: file.map(Path::to_path_buf) }
    }

    /// Whether a file that is there would be replaced. Pipes and devices are written into.
    pub(crate) fn replaces_a_file(&self) -> bool {
        self.file.as_deref().is_some_and(is_file)
    }

    /// Whether `--format` asks for YAML, for a file that is not the one of `-w`.
    pub(crate) fn asks_for_yaml(&self) -> bool {
        self.asked == Format::Yaml
    }

    /// The file of `-w`.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Writes objects one after another.
    pub(crate) fn write_objects(&self, objects: &[Value]) -> Result<()> {
        self.write(&self.text_of(objects))
    }

    /// What is written of them.
    pub(crate) fn text_of(&self, objects: &[Value]) -> String {
        let objects = objects.iter().map(|object| match self.format {
            Format::Json => json::write(object),
            Format::Yaml => format!("---\n{}", yaml::write(object)),
        });
        objects.collect()
    }

    /// Whether that is JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    pub(crate) fn write(&self, text: &str) -> Result<()> {
        match &self.file {
            Some(path) => replace(path, text),
            None => print(text.as_bytes()),
        }
    }
}

/// Whether a file is there that would be replaced. Pipes and devices are written into.
pub(crate) fn is_file(path: &Path) -> bool {
    !is_standard_output(path) && std::fs::metadata(path).is_ok_and(|there| there.is_file())
}

/// Writes to standard output past the buffer of std, which would keep a copy.
pub(crate) fn print(text: &[u8]) -> Result<()> {
    let written = standard_output().and_then(|mut output| {
        output.write_all(text)?;
        output.flush()
    });
    written.map_err(|error| {
        Error::new(format!("cannot write to standard output: {}", io_reason(&error)))
    })
}

#[cfg(unix)]
fn standard_output() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
}

/// A console wants UTF-16, which only std's writer makes of UTF-8.
#[cfg(windows)]
fn standard_output() -> io::Result<Box<dyn Write>> {
    use std::io::IsTerminal;
    use std::os::windows::io::AsHandle;
    let stdout = io::stdout();
    if stdout.is_terminal() {
        return Ok(Box::new(stdout));
    }
    Ok(Box::new(File::from(stdout.as_handle().try_clone_to_owned()?)))
}

/// Whether a name means standard output: `-`, the file that Windows does not have, and standard
/// input where it is to be replaced by what became of it.
pub(crate) fn is_standard_output(path: &Path) -> bool {
    path == Path::new("/dev/stdout") || is_standard_input(path)
}

fn is_yaml_file(file: Option<&Path>) -> bool {
    let extension = file.and_then(Path::extension);
    extension.is_some_and(|extension| extension == "yaml" || extension == "yml")
}

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
    if matches!(staged, Staged::Beside { .. }) {
        // From here to the renaming nobody else is at it.
        let _lock = locked(path);
        if !is_as_read(&manifest::read_bytes(Some(path))?) {
            return Ok(false);
        }
        return staged.in_place().map(|()| true);
    }
    staged.in_place().map(|()| true)
}

/// The file with a lock on it, where the file system has locks. It is the one that has the name now: whoever
/// had the lock before may have renamed another over it.
#[cfg(unix)]
fn locked(path: &Path) -> Option<File> {
    use std::os::unix::fs::MetadataExt;
    /// Everybody who changes the file takes a turn.
    const TURNS: usize = 1000;
    for _ in 0..TURNS {
        let file = File::open(path).ok()?;
        file.lock().ok()?;
        let (held, there) = (file.metadata().ok()?, std::fs::metadata(path).ok()?);
        if (held.dev(), held.ino()) == (there.dev(), there.ino()) {
            return Some(file);
        }
    }
    None
}

/// Windows renames nothing over a file that is open.
#[cfg(not(unix))]
fn locked(_: &Path) -> Option<File> {
    None
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

/// A text on its way into a file.
enum Staged<'a> {
    /// Nothing can be put in its place: a pipe, a terminal, /dev/null.
    Stream { path: &'a Path, text: &'a [u8] },
    /// It lies beside the place that it is for.
    Beside { path: &'a Path, file: NamedTempFile, target: PathBuf },
}

impl<'a> Staged<'a> {
    fn of(path: &'a Path, text: &'a [u8]) -> Result<Self> {
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
                keep_owner(file.as_file(), &old);
                file.as_file().set_permissions(old.permissions())?;
            }
            file.as_file().sync_all()?;
            Ok(file)
        };
        let file = written().map_err(|error| cannot_write(path, &error))?;
        Ok(Self::Beside { path, file, target })
    }

    /// Where it lies then, if it is a file.
    fn in_new_place(self) -> Result<Option<PathBuf>> {
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

    fn in_place(self) -> Result<()> {
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
fn keep_owner(file: &File, old: &std::fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let Ok(new) = file.metadata() else { return };
    let changed = |old: u32, new: u32| (old != new).then_some(old);
    let (owner, group) = (changed(old.uid(), new.uid()), changed(old.gid(), new.gid()));
    if owner.is_some() || group.is_some() {
        let _ = fchown(file, owner, group);
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What is said of a file that cannot be made.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Error {
    let target = followed(path);
    let folder = folder_of(&target).display();
    Error::new(format!("cannot write {}: {}", path.display(), io_reason(error)))
        .hint(format!("see whether the folder {folder} is there and writable"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_output_has_names_on_every_platform() {
        for (name, is_it) in
            [("-", true), ("/dev/stdout", true), ("/dev/stdin", true), ("./-", false), ("", false)]
        {
            assert_eq!(is_standard_output(Path::new(name)), is_it, "{name}");
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod file_tests {
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
