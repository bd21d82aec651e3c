//! What Git leaves out.

use std::path::{Path, PathBuf};

use gix::bstr::BStr;
use gix::index::entry::Mode;
use gix::worktree::IndexPersistedOrInMemory;
use gix::worktree::stack::state::ignore::Source;

use super::git::{self, slashed};

/// The rules of a work tree, and what is tracked in spite of them.
pub(super) struct Ignored<'r> {
    root: PathBuf,
    index: IndexPersistedOrInMemory,
    rules: gix::AttributeStack<'r>,
}

impl<'r> Ignored<'r> {
    /// Those of `.gitignore` in any folder, of `.git/info/exclude` and of the user's own file.
    pub(super) fn of(repository: &'r gix::Repository) -> Option<Self> {
        let index = repository.index_or_load_from_head_or_empty().ok()?;
        let source = Source::WorktreeThenIdMappingIfNotSkipped;
        let rules = repository.excludes(&index, None, source).ok()?;
        Some(Self { root: git::root(repository)?, index, rules })
    }

    /// Whether a file is ignored and not tracked, or a folder and nothing in it.
    pub(super) fn leaves_out(&mut self, path: &Path, is_folder: bool) -> bool {
        self.is_ignored(path, is_folder) && !self.is_tracked(path, is_folder)
    }

    /// Whether rules say so.
    pub(super) fn is_ignored(&mut self, path: &Path, is_folder: bool) -> bool {
        let Ok(inside) = path.strip_prefix(&self.root) else { return false };
        let mode = if is_folder { Mode::DIR } else { Mode::FILE };
        let is_root = inside.as_os_str().is_empty();
        let found = self.rules.at_path(inside, Some(mode));
        !is_root && found.is_ok_and(|found| found.is_excluded())
    }

    fn is_tracked(&self, path: &Path, is_folder: bool) -> bool {
        let name = slashed(path.strip_prefix(&self.root).unwrap_or(path));
        let name: &BStr = name.as_ref();
        if is_folder {
            self.index.path_is_directory(name)
        } else {
            self.index.entry_by_path(name).is_some()
        }
    }
}
