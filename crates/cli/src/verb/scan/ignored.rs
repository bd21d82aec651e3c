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
        let Ok(inside) = path.strip_prefix(&self.root) else { return false };
        let name = slashed(inside);
        let mode = if is_folder { Mode::DIR } else { Mode::FILE };
        let found = self.rules.at_path(inside, Some(mode));
        let is_ignored = !name.is_empty() && found.is_ok_and(|found| found.is_excluded());
        let name: &BStr = name.as_ref();
        let is_tracked = |index: &IndexPersistedOrInMemory| {
            if is_folder {
                index.path_is_directory(name)
            } else {
                index.entry_by_path(name).is_some()
            }
        };
        is_ignored && !is_tracked(&self.index)
    }
}
