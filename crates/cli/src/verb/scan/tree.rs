//! Files as they are on the disk. In a work tree of Git those are left out that Git ignores; what is
//! tracked is looked at all the same.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use gix::bstr::BString;

use super::examine::{MAX_BYTES, examine};
use super::git::{self, slashed};
use super::ignored::Ignored;
use super::source::{Outcome, Report, too_large};
use crate::error::{Error, Result, io_reason};
use crate::manifest::{is_standard_input, read_at_most};
use crate::verb::in_order::{cores, in_order};
use crate::verb::progress::Progress;

/// A file that is to be looked at.
struct Named {
    path: PathBuf,
    /// What it is called: from the root of its repository, else from the current folder.
    name: BString,
    /// Whether it was named itself, and not met in a folder.
    is_named: bool,
}

/// Looks through files and folders. With it goes the folder that names begin in, of the first of them.
///
/// # Errors
/// When one that was named cannot be read.
pub(super) fn scan(paths: &[PathBuf]) -> Result<(Report, PathBuf)> {
    let mut walk = Walk::default();
    for path in paths {
        walk.start(path)?;
    }
    let Walk { mut files, notes, root } = walk;
    let mut seen = HashSet::new();
    files.retain(|file| seen.insert(file.name.clone()));
    let progress = Progress::begin(files.len(), "files");
    let outcomes = in_order(&files, cores(), |file| {
        let outcome = looked_at(file);
        progress.step();
        outcome
    });
    progress.end();
    let is_missed = |(outcome, file): &(&Outcome, &Named)| {
        file.is_named && matches!(outcome, Outcome::LeftOut(_))
    };
    let left_out = outcomes.iter().zip(&files).filter(is_missed).count();
    let mut report = Report { left_out, ..Report::of(outcomes) };
    report.notes.extend(notes);
    Ok((report, root.unwrap_or_else(|| PathBuf::from("."))))
}

fn looked_at(file: &Named) -> Outcome {
    match read_at_most(&file.path, MAX_BYTES) {
        Ok(Some(bytes)) => Outcome::Examined(examine(&file.name, bytes, None)),
        Ok(None) => too_large(&file.name),
        Err(error) => Outcome::LeftOut(format!("{}: it is left out", error.message())),
    }
}

/// Where names begin.
enum Base {
    Root(PathBuf),
    /// In no repository: what was named, and what that is without links.
    Named {
        whole: PathBuf,
        named: PathBuf,
    },
}

impl Base {
    fn name(&self, path: &Path) -> BString {
        match self {
            Self::Root(root) => slashed(path.strip_prefix(root).unwrap_or(path)),
            Self::Named { whole, named } => match path.strip_prefix(whole) {
                Ok(rest) if rest.as_os_str().is_empty() => slashed(named),
                Ok(rest) if named == Path::new(".") => slashed(rest),
                Ok(rest) => slashed(&named.join(rest)),
                Err(_) => slashed(path),
            },
        }
    }
}

#[derive(Default)]
struct Walk {
    files: Vec<Named>,
    notes: Vec<String>,
    /// Of the first repository.
    root: Option<PathBuf>,
}

impl Walk {
    /// A file or folder that was named. Links are followed here, and nowhere else.
    fn start(&mut self, path: &Path) -> Result<()> {
        if is_standard_input(path) {
            self.files.push(Named {
                path: path.to_owned(),
                name: "standard input".into(),
                is_named: true,
            });
            return Ok(());
        }
        let fail = |error: std::io::Error| {
            Error::new(format!("cannot read {}: {}", path.display(), io_reason(&error)))
                .hint("check the path and its permissions")
        };
        let there = fs::metadata(path).map_err(fail)?;
        let is_folder = there.is_dir();
        if !is_folder && !there.is_file() {
            // A pipe, as a shell's <(…) is one: it can be opened once, and only by this name.
            let name = slashed(path);
            self.files.push(Named { path: path.to_owned(), name, is_named: true });
            return Ok(());
        }
        let whole = path.canonicalize().map_err(fail)?;
        let folder = if is_folder { whole.as_path() } else { whole.parent().unwrap_or(&whole) };
        let repository = self.repository(folder);
        let root = repository.as_ref().map(git::root);
        if let Some(None) = root {
            let bare = format!("{} is a bare repository: it has no files", path.display());
            return Err(Error::new(bare).hint("its history has some: give --history"));
        }
        let base = match root.flatten() {
            Some(root) => {
                self.root.get_or_insert_with(|| root.clone());
                Base::Root(root)
            }
            None => Base::Named { whole: whole.clone(), named: path.to_owned() },
        };
        if is_folder {
            fs::read_dir(&whole).map_err(fail)?;
            let mut ignored = repository.as_ref().and_then(Ignored::of);
            // Who names a folder that is ignored wants it looked at.
            if ignored.as_mut().is_some_and(|ignored| ignored.is_ignored(&whole, true)) {
                ignored = None;
            }
            self.below(&whole, &base, ignored.as_mut());
        } else {
            File::open(path).map_err(fail)?;
            self.files.push(Named { name: base.name(&whole), path: whole, is_named: true });
        }
        Ok(())
    }

    /// The repository around a folder, if there is one that can be read.
    fn repository(&mut self, folder: &Path) -> Option<gix::Repository> {
        match gix::discover(folder) {
            Ok(repository) => Some(repository),
            Err(error) => {
                if !git::is_none(&error) {
                    let place = folder.display();
                    self.notes.push(format!(
                        "cannot read the Git repository of {place}: what it ignores is looked at too"
                    ));
                }
                None
            }
        }
    }

    fn below(&mut self, folder: &Path, base: &Base, mut ignored: Option<&mut Ignored<'_>>) {
        let entries =
            fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                let (name, reason) = (base.name(folder), io_reason(&error));
                return self.notes.push(format!("cannot read {name}: {reason}: it is left out"));
            }
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let Ok(type_) = entry.file_type() else { continue };
            let is_ignored = |ignored: &mut Option<&mut Ignored<'_>>| {
                ignored.as_mut().is_some_and(|ignored| ignored.leaves_out(&path, type_.is_dir()))
            };
            if entry.file_name() == ".git" || is_ignored(&mut ignored) {
                continue;
            }
            if type_.is_file() {
                self.files.push(Named { name: base.name(&path), path, is_named: false });
            } else if type_.is_dir() && path.join(".git").exists() {
                // A submodule, or a clone in a clone, has its own rules.
                let repository = self.repository(&path);
                let mut own = repository.as_ref().and_then(Ignored::of);
                self.below(&path, base, own.as_mut());
            } else if type_.is_dir() {
                self.below(&path, base, ignored.as_deref_mut());
            }
        }
    }
}
