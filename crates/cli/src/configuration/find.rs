//! Where the files are: upward from what is worked on, and not beyond the repository.

use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result, io_reason};

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
    pub(super) fn seen_from(&self, file: &Path) -> String {
        let path = match &self.root {
            Some(_) => file.strip_prefix(self.folder()).unwrap_or(file),
            None => file,
        };
        let text = path.to_string_lossy();
        if cfg!(windows) {
            let text = text.replace('\\', "/");
            return text.strip_prefix("//?/").unwrap_or(&text).to_owned();
        }
        text.into_owned()
    }
}

/// The whole path of a file that need not be there yet, its folder without links; or of nothing in the
/// current folder.
///
/// # Errors
/// When there is no current folder any more.
pub(super) fn resolved(file: Option<&Path>) -> Result<PathBuf> {
    let whole = std::path::absolute(file.unwrap_or(Path::new("."))).map_err(|error| {
        Error::new(format!("cannot tell the current folder: {}", io_reason(&error)))
            .hint("change to a folder that is there")
    })?;
    let (folder, name) = match (file, whole.parent(), whole.file_name()) {
        (Some(_), Some(folder), Some(name)) => (folder.to_owned(), name.to_owned()),
        _ => (whole, "".into()),
    };
    Ok(without_links(&folder).join(name))
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

/// The nearest one above a file, as far as its repository goes. Outside of one it is looked for beside
/// the file only: further up, in `/tmp` or `/home`, is anybody's.
pub(super) fn in_repository(file: &Path) -> Option<Place> {
    let folder = file.parent()?;
    let is_there = |path: PathBuf| path.symlink_metadata().is_ok();
    let root = folder.ancestors().find(|folder| is_there(folder.join(".git"))).unwrap_or(folder);
    let folders = folder.ancestors().take_while(|folder| folder.starts_with(root));
    let mut paths = folders.map(|folder| folder.join(NAME));
    let path = paths.find(|path| is_there(path.clone()))?;
    Some(Place { path, root: Some(root.to_owned()) })
}

/// A path for people: as they would type it where they are.
pub(super) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    seen_from(&here, path).display().to_string()
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
            assert_eq!(in_repository(&top.join(file)), expected, "{file}");
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
            assert_eq!(resolved(Some(&top.join(given))).unwrap(), top.join(expected), "{given}");
        }
    }
}
