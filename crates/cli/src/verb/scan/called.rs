//! What files are called.

use std::path::{Component, Path, PathBuf};

use gix::bstr::BString;

use super::git::slashed;

/// Where names begin, and the place of that folder among the roots.
pub(super) enum Base {
    Root {
        root: PathBuf,
        number: usize,
    },
    /// In no repository: what was named, and what that is without links.
    Named {
        whole: PathBuf,
        named: PathBuf,
        number: usize,
    },
}

impl Base {
    pub(super) fn name(&self, path: &Path) -> BString {
        match self {
            Self::Root { root, .. } => slashed(path.strip_prefix(root).unwrap_or(path)),
            Self::Named { whole, named, .. } => match path.strip_prefix(whole) {
                Ok(rest) if rest.as_os_str().is_empty() => slashed(named),
                Ok(rest) if named == Path::new(".") => slashed(rest),
                Ok(rest) => slashed(&named.join(rest)),
                Err(_) => slashed(path),
            },
        }
    }

    pub(super) fn number(&self) -> usize {
        match self {
            Self::Root { number, .. } | Self::Named { number, .. } => *number,
        }
    }
}

/// The way from a folder to a file, both without links; the file as it is where there is none, as between
/// the drives of Windows.
pub(super) fn relative(path: &Path, folder: &Path) -> PathBuf {
    let is_shared = |(one, other): &(Component<'_>, Component<'_>)| one == other;
    let shared = path.components().zip(folder.components()).take_while(is_shared).count();
    if shared == 0 {
        return path.to_owned();
    }
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(path.components().skip(shared)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_from_a_folder_to_a_file() {
        for (path, folder, expected) in [
            ("/a/b/c", "/a/b", "c"),
            ("/a/b/c", "/a/d/e", "../../b/c"),
            ("/a/b", "/a/b/c", ".."),
            ("/a", "/", "a"),
        ] {
            let way = relative(Path::new(path), Path::new(folder));
            assert_eq!(way, Path::new(expected), "{path} from {folder}");
        }
    }
}
