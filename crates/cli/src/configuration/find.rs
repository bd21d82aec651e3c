//! Where the files are: upward from what is worked on, and not beyond the repository.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result, io_reason};
use crate::table::quoted;

/// The name in a repository.
pub(super) const NAME: &str = ".sealed-secrets.yaml";

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    /// The root of its repository; `None` for the user's own, which is trusted.
    pub(super) root: Option<PathBuf>,
}

impl Place {
    /// The folder that it lies in.
    pub(super) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// A path as its globs see it: from its folder in a repository, whole for the user's own.
    pub(super) fn seen_from(&self, file: &Worked) -> String {
        let folder = match &self.root {
            Some(_) => file.folder.strip_prefix(self.folder()).unwrap_or(&file.folder),
            None => &file.folder,
        };
        // Of no file, the end is a slash: it lies in the folder.
        let text = folder.join(&file.name).to_string_lossy().into_owned();
        if cfg!(windows) {
            let text = text.replace('\\', "/");
            return text.strip_prefix("//?/").unwrap_or(&text).to_owned();
        }
        text
    }
}

/// What is worked on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Worked {
    /// A whole path without links.
    folder: PathBuf,
    /// Empty, where it is no file.
    name: OsString,
}

/// A file, which need not be there yet, or nothing in the current folder.
///
/// # Errors
/// When there is no current folder any more.
pub(super) fn resolved(file: Option<&Path>) -> Result<Worked> {
    let whole = std::path::absolute(file.unwrap_or(Path::new("."))).map_err(|error| {
        Error::new(format!("cannot tell the current folder: {}", io_reason(&error)))
            .hint("change to a folder that is there")
    })?;
    let (folder, name) = match (file, whole.parent(), whole.file_name()) {
        (Some(_), Some(folder), Some(name)) => (folder.to_owned(), name.to_owned()),
        _ => (whole, OsString::new()),
    };
    Ok(Worked { folder: without_links(&folder), name })
}

/// Of a folder that is not there, those above it that are.
fn without_links(folder: &Path) -> PathBuf {
    for there in folder.ancestors() {
        let Ok(real) = there.canonicalize() else { continue };
        let missing = folder.strip_prefix(there).unwrap_or(Path::new(""));
        let is_plain = missing.components().all(|part| matches!(part, Component::Normal(_)));
        return if is_plain { real.join(missing) } else { folder.to_owned() };
    }
    folder.to_owned()
}

/// Those above a file, the nearest first, as far as its repository goes. Outside of one it is looked for
/// beside the file only: further up, in `/tmp` or `/home`, is anybody's.
pub(super) fn in_repository(file: &Worked) -> impl Iterator<Item = Place> {
    let folder = file.folder.as_path();
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    let root = folder.ancestors().find(|folder| is_there(&folder.join(".git"))).unwrap_or(folder);
    let folders = folder.ancestors().take_while(move |folder| folder.starts_with(root));
    let paths = folders.map(|folder| folder.join(NAME)).filter(move |path| is_there(path));
    paths.map(move |path| Place { path, root: Some(root.to_owned()) })
}

/// A path for people: as they would type it where they are.
pub(super) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    quoted(&seen_from(&here, path).to_string_lossy())
}

fn seen_from(here: &Path, path: &Path) -> PathBuf {
    if here.parent().is_none() {
        return path.to_owned();
    }
    let shared = here.ancestors().enumerate().find_map(|(above, folder)| {
        let below = path.strip_prefix(folder).ok().filter(|_| folder.parent().is_some())?;
        Some((above, below))
    });
    match shared {
        // What is far away is better known by its whole path.
        Some((above, below)) if above <= below.components().count() + 2 => {
            std::iter::repeat_n(Path::new(".."), above).collect::<PathBuf>().join(below)
        }
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_as_they_are_typed() {
        for (here, path, expected) in [
            ("/home/me/repo", "/home/me/repo/.sealed-secrets.yaml", ".sealed-secrets.yaml"),
            ("/home/me/repo/a/b", "/home/me/repo/certs/c.pem", "../../certs/c.pem"),
            ("/home/me/repo", "/srv/c.pem", "/srv/c.pem"),
            ("/", "/srv/c.pem", "/srv/c.pem"),
            ("/home/a/b/c/d/e", "/home/x", "/home/x"),
        ] {
            assert_eq!(seen_from(Path::new(here), Path::new(path)), Path::new(expected), "{here}");
        }
    }

    #[test]
    fn the_nearest_counts_and_the_root_is_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        for made in ["out/in/.git", "out/in/a/b", "out/in/sub/c", "plain/d"] {
            std::fs::create_dir_all(top.join(made)).unwrap();
        }
        // A worktree or submodule has a file of that name.
        std::fs::write(top.join("out/in/sub/.git"), "gitdir: x").unwrap();
        for made in ["", "out", "out/in", "out/in/a", "plain"] {
            std::fs::write(top.join(made).join(NAME), "").unwrap();
        }
        for (file, expected) in [
            ("out/in/a/b/x.yaml", Some(("out/in/a", "out/in"))),
            ("out/in/x.yaml", Some(("out/in", "out/in"))),
            ("out/in/sub/c/x.yaml", None),
            ("out/x.yaml", Some(("out", "out"))),
            ("plain/x.yaml", Some(("plain", "plain"))),
            ("plain/d/x.yaml", None),
            ("out/in/a/new/folder/x.yaml", Some(("out/in/a", "out/in"))),
        ] {
            let expected = expected.map(|(folder, root)| Place {
                path: top.join(folder).join(NAME),
                root: Some(top.join(root)),
            });
            let file = top.join(file);
            assert_eq!(in_repository(&worked(&file)).next(), expected, "{}", file.display());
            // What is no file is looked for from the folder itself.
            let folder = Worked { name: OsString::new(), ..worked(&file) };
            assert_eq!(in_repository(&folder).next(), expected, "{}", file.display());
        }
    }

    fn worked(file: &Path) -> Worked {
        let (folder, name) = (file.parent().unwrap(), file.file_name().unwrap());
        Worked { folder: folder.to_owned(), name: name.to_owned() }
    }

    #[test]
    fn globs_see_paths_from_the_folder_of_their_file() {
        for (folder, name, root, expected) in [
            ("/r/a/b", "x.yaml", Some("/r"), "a/b/x.yaml"),
            ("/r/a/b", "", Some("/r"), "a/b/"),
            ("/r", "x.yaml", Some("/r"), "x.yaml"),
            ("/r", "", Some("/r"), ""),
            ("/r/a", "x.yaml", None, "/r/a/x.yaml"),
        ] {
            let place = Place { path: Path::new("/r").join(NAME), root: root.map(PathBuf::from) };
            let file = Worked { folder: folder.into(), name: name.into() };
            assert_eq!(place.seen_from(&file), expected, "{folder} {name}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_file_behind_a_link_is_where_its_folder_is() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        std::fs::create_dir(top.join("real")).unwrap();
        std::os::unix::fs::symlink("real", top.join("link")).unwrap();
        for (given, expected) in [
            ("link/x.yaml", "real/x.yaml"),
            ("link/new/x.yaml", "real/new/x.yaml"),
            ("real/../link/x.yaml", "real/x.yaml"),
        ] {
            assert_eq!(resolved(Some(&top.join(given))).unwrap(), worked(&top.join(expected)));
        }
    }
}
