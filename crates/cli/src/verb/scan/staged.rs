//! What is about to be committed: the content of the index, not of the disk, where it differs from HEAD.

use gix::bstr::{BStr, BString};
use gix::index::entry::Mode;

use super::git::{self, Checkout, Part};
use super::objects::{Version, scan_all};
use super::source::Report;
use crate::error::{Error, Result};

/// Looks through the staged files.
///
/// # Errors
/// When there is no repository, or it cannot be read.
pub(super) fn scan(checkout: &Checkout) -> Result<Report> {
    let repository = &checkout.repository;
    let fail = |what: &str, error: &gix::Error| {
        Error::new(format!("cannot read {what} of the repository: {error}"))
            .hint("git fsck tells what is broken")
    };
    let index = repository.index_or_empty().map_err(|error| fail("the index", &error))?;
    let tree = repository.head_tree_id_or_empty().map_err(|error| fail("HEAD", &error))?;
    let head = repository.index_from_tree(&tree).map_err(|error| fail("HEAD", &error))?;
    let is_known = |limit: &BString| {
        let folder = [limit.as_slice(), b"/"].concat();
        [&*index, &head].into_iter().any(|files| {
            let is_below = |path: &BStr| path == limit || path.starts_with(&folder);
            files.entries().iter().any(|entry| is_below(entry.path(files)))
        })
    };
    if let Some(limit) = checkout.limits_not_on_disk().iter().find(|limit| !is_known(limit)) {
        return Err(git::never_was(limit));
    }
    let mut versions = Vec::new();
    for entry in index.entries() {
        let path = entry.path(&index);
        let is_file = entry.mode == Mode::FILE || entry.mode == Mode::FILE_EXECUTABLE;
        if !is_file || checkout.part(path) != Part::Inside {
            continue;
        }
        let before = head.entry_by_path(path);
        if before.is_none_or(|before| before.id != entry.id) {
            versions.push(Version { id: entry.id, path: path.into(), commit: None });
        }
    }
    Ok(scan_all(repository, &versions, "files"))
}
