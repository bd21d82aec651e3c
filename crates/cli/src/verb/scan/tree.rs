//! Files as they are on the disk. In a work tree of Git those are left out that Git ignores; what is
//! tracked is looked at all the same.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use gix::bstr::BString;

use super::called::{Base, relative};
use super::examine::{MAX_BYTES, examine};
use super::git::{self, slashed, told};
use super::ignored::Ignored;
use super::source::{Outcome, Report, too_large};
use crate::error::{Error, Result, io_reason};
use crate::manifest::{is_standard_input, read_at_most};
use crate::verb::in_order::{cores, in_order};
use crate::verb::progress::Progress;

/// A file that is to be looked at.
struct Named {
    /// Without links, so that each file is looked at once however it was named.
    path: PathBuf,
    /// From the root of its repository, else from the current folder.
    name: BString,
    /// Which root that is; what has none has the first's baseline.
    root: Option<usize>,
    /// What it is called in output.
    shown: BString,
    /// Whether it was named itself, and not met in a folder.
    is_named: bool,
}

/// Looks through files and folders.
///
/// # Errors
/// When one that was named cannot be read.
pub(super) fn scan(paths: &[PathBuf]) -> Result<Report> {
    let mut walk = Walk::default();
    for path in paths {
        walk.start(path)?;
    }
    let Walk { files, notes, mut roots } = walk;
    let mut files = once(files);
    // Two repositories may have files of one name: there names begin in the current folder.
    if roots.len() > 1 {
        show_from_here(&mut files);
    }
    if roots.is_empty() {
        roots.push(PathBuf::from("."));
    }
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
    let mut report = Report { left_out, roots, ..Report::of(outcomes) };
    report.notes.extend(notes);
    Ok(report)
}

/// Each file once; it was named if any of its names was given.
fn once(files: Vec<Named>) -> Vec<Named> {
    let mut places: HashMap<PathBuf, usize> = HashMap::new();
    let mut kept: Vec<Named> = Vec::with_capacity(files.len());
    for file in files {
        match places.get(&file.path) {
            Some(at) => kept[*at].is_named |= file.is_named,
            None => {
                places.insert(file.path.clone(), kept.len());
                kept.push(file);
            }
        }
    }
    kept
}

fn show_from_here(files: &mut [Named]) {
    let Ok(here) = Path::new(".").canonicalize() else { return };
    for file in files.iter_mut().filter(|file| file.root.is_some()) {
        file.shown = slashed(&relative(&file.path, &here));
    }
}

fn looked_at(file: &Named) -> Outcome {
    match read_at_most(&file.path, MAX_BYTES) {
        Ok(Some(bytes)) => {
            let mut examined = examine(&file.shown, bytes, None);
            for finding in &mut examined.findings {
                finding.inside.clone_from(&file.name);
                finding.root = file.root.unwrap_or_default();
            }
            Outcome::Examined(examined)
        }
        Ok(None) => too_large(&file.shown),
        Err(error) => Outcome::LeftOut(format!("{}: it is left out", error.message())),
    }
}

#[derive(Default)]
struct Walk {
    files: Vec<Named>,
    notes: Vec<String>,
    /// Those of the repositories, and the current folder for what is in none.
    roots: Vec<PathBuf>,
}

impl Walk {
    /// A file or folder that was named. Links are followed here, and nowhere else.
    fn start(&mut self, path: &Path) -> Result<()> {
        if is_standard_input(path) {
            self.push_loose(path, "standard input".into());
            return Ok(());
        }
        let fail = |error: std::io::Error| {
            Error::new(format!("cannot read {}: {}", told(path), io_reason(&error)))
                .hint("check the path and its permissions")
        };
        let there = fs::metadata(path).map_err(fail)?;
        let is_folder = there.is_dir();
        if !is_folder && !there.is_file() {
            // A pipe, as a shell's <(…) is one: it can be opened once, and only by this name.
            self.push_loose(path, slashed(path));
            return Ok(());
        }
        let whole = path.canonicalize().map_err(fail)?;
        let folder = if is_folder { whole.as_path() } else { whole.parent().unwrap_or(&whole) };
        let repository = self.repository(folder);
        let root = repository.as_ref().map(git::root);
        if let Some(None) = root {
            let bare = format!("{} is a bare repository: it has no files", told(path));
            return Err(Error::new(bare).hint("its history has some: give --history"));
        }
        let base = match root.flatten() {
            Some(root) => {
                let number = self.root(&root);
                Base::Root { root, number }
            }
            None => {
                let number = self.root(Path::new("."));
                Base::Named { whole: whole.clone(), named: path.to_owned(), number }
            }
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
            self.push(whole, &base, true);
        }
        Ok(())
    }

    fn push(&mut self, path: PathBuf, base: &Base, is_named: bool) {
        let name = base.name(&path);
        let (shown, root) = (name.clone(), Some(base.number()));
        self.files.push(Named { path, name, root, shown, is_named });
    }

    /// What stands in no folder, and has but this one name.
    fn push_loose(&mut self, path: &Path, name: BString) {
        let (path, shown) = (path.to_owned(), name.clone());
        self.files.push(Named { path, name, root: None, shown, is_named: true });
    }

    /// Its place among the roots.
    fn root(&mut self, root: &Path) -> usize {
        let known = self.roots.iter().position(|known| known == root);
        known.unwrap_or_else(|| {
            self.roots.push(root.to_owned());
            self.roots.len() - 1
        })
    }

    /// The repository around a folder, if there is one that can be read.
    fn repository(&mut self, folder: &Path) -> Option<gix::Repository> {
        match gix::discover(folder) {
            Ok(repository) => Some(repository),
            Err(error) => {
                if !git::is_none(&error) {
                    let place = told(folder);
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
                self.push(path, base, false);
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
