//! Files that were named, and those in folders that were named.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, io_reason};

/// A file, and whether it was named itself: then it has to hold something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) is_named: bool,
}

/// The files themselves, and every manifest below the folders, each once, in order of their names. Hidden
/// folders are left out, and links to folders are not followed: they could lead round in a circle.
///
/// # Errors
/// When a folder that was named cannot be read. One below it stands among the files.
pub(super) fn files(named: &[PathBuf]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for path in named {
        if path.is_dir() {
            below(path, &mut found)?;
        } else {
            found.push(Found { path: path.clone(), is_named: true });
        }
    }
    let mut seen = HashSet::new();
    found.retain(|found| {
        let path = found.path.canonicalize().unwrap_or_else(|_| found.path.clone());
        seen.insert(path)
    });
    Ok(found)
}

fn below(folder: &Path, found: &mut Vec<Found>) -> Result<()> {
    let fail = |error: std::io::Error| {
        Error::new(format!("cannot read {}: {}", folder.display(), io_reason(&error)))
            .hint("check the path and its permissions")
    };
    let entries = std::fs::read_dir(folder).map_err(fail)?;
    let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(fail)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, type_) = (entry.path(), entry.file_type().map_err(fail)?);
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if type_.is_dir() && !is_hidden {
            // Whoever reads it finds out why it cannot be read, and looks at the others all the same.
            if below(&path, found).is_err() {
                found.push(Found { path, is_named: false });
            }
        } else if is_manifest(&path) && path.is_file() {
            found.push(Found { path, is_named: false });
        }
    }
    Ok(())
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["yaml", "yml", "json"].contains(&extension.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_walked_in_order_and_hidden_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["b/2.yml", "b/1.json", "a.yaml", ".git/x.yaml", "note.txt", "b/.hidden.yaml"] {
            std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            std::fs::write(root.join(name), "").unwrap();
        }
        let found = files(&[root.to_owned(), root.join("note.txt")]).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|found| (found.path.strip_prefix(root).unwrap().to_str().unwrap(), found.is_named))
            .collect();
        assert_eq!(
            names,
            [
                ("a.yaml", false),
                ("b/.hidden.yaml", false),
                ("b/1.json", false),
                ("b/2.yml", false),
                ("note.txt", true),
            ]
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_link_in_a_circle_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(".", folder.path().join("self")).unwrap();
        std::fs::write(folder.path().join("a.YAML"), "").unwrap();
        std::fs::write(folder.path().join("other"), "").unwrap();
        std::os::unix::fs::symlink("other", folder.path().join("link.yaml")).unwrap();
        let both = [folder.path().to_owned(), folder.path().join("a.YAML")];
        let names: Vec<_> = files(&both).unwrap().into_iter().map(|found| found.path).collect();
        assert_eq!(names, ["a.YAML", "link.yaml"].map(|name| folder.path().join(name)));
    }

    /// Root may read it: then what is in it is found.
    #[test]
    #[cfg(unix)]
    fn a_folder_that_cannot_be_read_keeps_none_of_the_others_out() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let closed = folder.path().join("closed");
        std::fs::create_dir(&closed).unwrap();
        for name in ["a.yaml", "closed/b.yaml", "d.yaml"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let mode = |mode| std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(mode));
        mode(0o000).unwrap();
        let is_open = std::fs::read_dir(&closed).is_ok();
        let found = files(&[folder.path().to_owned()]).unwrap();
        mode(0o700).unwrap();
        let names: Vec<_> = found.into_iter().map(|found| found.path).collect();
        let middle = if is_open { "closed/b.yaml" } else { "closed" };
        assert_eq!(names, ["a.yaml", middle, "d.yaml"].map(|name| folder.path().join(name)));
    }
}
