//! The repository that files belong to.

use std::path::{Component, Path, PathBuf};

use gix::bstr::{BString, ByteSlice};

use crate::error::{Error, Result, io_reason};
use crate::table::printable;

/// A repository, and the part of it that is to be looked at.
pub(super) struct Checkout {
    pub(super) repository: gix::Repository,
    /// Files and folders that were named, from the root; everything if there is none.
    limits: Vec<BString>,
}

/// How a folder lies to what was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Inside,
    /// Something in it was named.
    Around,
    Outside,
}

impl Checkout {
    /// The repository around the first of the paths, or around the current folder. Where Git runs
    /// kubeseal as a hook, it is Git's, with the index that Git is about to commit.
    ///
    /// # Errors
    /// When there is none, it cannot be read, or a path is outside of it.
    pub(super) fn around(paths: &[PathBuf]) -> Result<Self> {
        let first = paths.first().map_or(Path::new("."), PathBuf::as_path);
        let folder = existing_folder(first);
        let found = gix::ThreadSafeRepository::discover_with_environment_overrides_opts(
            &folder,
            gix::discover::upwards::Options::default(),
            as_it_is(),
        );
        let repository = found.map_err(|error| refusal(first, &error))?.to_thread_local();
        let Some(root) = root(&repository) else {
            return Ok(Self { repository, limits: Vec::new() });
        };
        let limits = paths.iter().map(|path| {
            let inside = named(path)?.strip_prefix(&root).map(Path::to_owned);
            inside.map(|path| slashed(&path)).map_err(|_| {
                let outside = format!("{} is outside of {}", told(path), told(&root));
                Error::usage(outside).hint("name files and folders of one repository")
            })
        });
        let limits = limits.collect::<Result<Vec<_>>>()?;
        let limits = if limits.iter().any(|limit| limit.is_empty()) { Vec::new() } else { limits };
        Ok(Self { repository, limits })
    }

    /// How a file or a folder lies to what was named.
    pub(super) fn part(&self, path: &[u8]) -> Part {
        let is_below = |path: &[u8], folder: &[u8]| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
        };
        if self.limits.is_empty() || self.limits.iter().any(|limit| is_below(path, limit)) {
            Part::Inside
        } else if path.is_empty() || self.limits.iter().any(|limit| is_below(limit, path)) {
            Part::Around
        } else {
            Part::Outside
        }
    }

    /// Those that were named and are not there now: they were once, or never.
    pub(super) fn limits_not_on_disk(&self) -> Vec<BString> {
        let Some(root) = self.root() else { return Vec::new() };
        let is_there = |limit: &&BString| {
            let path = gix::path::from_bstr(limit.as_bstr());
            path.is_ok_and(|path| root.join(path).symlink_metadata().is_ok())
        };
        self.limits.iter().filter(|limit| !is_there(limit)).cloned().collect()
    }

    /// Where its files are, if they are anywhere.
    pub(super) fn root(&self) -> Option<PathBuf> {
        root(&self.repository)
    }
}

/// What `git replace` puts in the place of a commit would hide that one.
fn as_it_is() -> gix::sec::trust::Mapping<gix::open::Options> {
    let mut options = gix::sec::trust::Mapping::<gix::open::Options>::default();
    for options in [&mut options.full, &mut options.reduced] {
        *options = options.clone().config_overrides(["core.useReplaceRefs=false"]);
    }
    options
}

/// What is said of a path that is nowhere: it may be misspelt, and then nothing was looked at.
pub(super) fn never_was(path: &BString) -> Error {
    Error::usage(format!("{} is not in the repository, and never was", printable(path.to_string())))
        .hint("check the path: it is read from the current folder on")
}

/// The folder of a repository's files, without links.
pub(super) fn root(repository: &gix::Repository) -> Option<PathBuf> {
    repository.workdir().map(|root| root.canonicalize().unwrap_or_else(|_| root.to_owned()))
}

/// Why there is no repository that could be read.
fn refusal(path: &Path, error: &gix::Error) -> Error {
    if is_none(error) {
        return Error::new(format!("{} is in no Git repository", told(path)))
            .hint("without --staged and --history files are looked at wherever they are");
    }
    let causes: Vec<_> = error.iter_errors().map(ToString::to_string).collect();
    let error = Error::new(format!(
        "cannot read the Git repository of {}: {}",
        told(path),
        causes.join(": ")
    ));
    let is_sha256 = causes.iter().any(|cause| cause.to_lowercase().contains("sha256"));
    if is_sha256 { error.hint("repositories whose names are SHA-256 are not read") } else { error }
}

/// Whether there is no repository at all; one that cannot be read is something else.
pub(super) fn is_none(error: &gix::Error) -> bool {
    let none = error.downcast_any_ref::<gix::discover::upwards::Error>();
    none.is_some_and(|error| {
        matches!(
            error,
            gix::discover::upwards::Error::NoGitRepository { .. }
                | gix::discover::upwards::Error::NoGitRepositoryWithinCeiling { .. }
                | gix::discover::upwards::Error::NoGitRepositoryWithinFs { .. }
        )
    })
}

/// The nearest folder that is there: history has files that are gone.
fn existing_folder(path: &Path) -> PathBuf {
    let folder = path.ancestors().find(|path| path.is_dir());
    folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// A path without links in its folders, whether it is there or not; its own last part stays a link.
fn named(path: &Path) -> Result<PathBuf> {
    let fail = |error: std::io::Error| {
        Error::new(format!("cannot read {}: {}", told(path), io_reason(&error)))
    };
    let is_folder = path.symlink_metadata().is_ok_and(|there| there.is_dir());
    if is_folder {
        return path.canonicalize().map_err(fail);
    }
    let folder = existing_folder(path.parent().unwrap_or(Path::new("")));
    let mut whole = folder.canonicalize().map_err(fail)?;
    let rest =
        if folder == Path::new(".") { path } else { path.strip_prefix(&folder).unwrap_or(path) };
    for part in rest.components() {
        match part {
            Component::ParentDir => drop(whole.pop()),
            Component::Normal(name) => whole.push(name),
            _ => {}
        }
    }
    Ok(whole)
}

/// A path in a message, which has no line breaks.
pub(super) fn told(path: &Path) -> String {
    printable(path.display().to_string())
}

/// A path as Git writes it.
pub(super) fn slashed(path: &Path) -> BString {
    let bytes = path.as_os_str().as_encoded_bytes();
    let slashed = |byte: &u8| if cfg!(windows) && *byte == b'\\' { b'/' } else { *byte };
    bytes.iter().map(slashed).collect::<Vec<_>>().into()
}
