//! `--from-file`, as kubectl has it: `PATH`, `KEY=PATH` or a folder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sealwright_sealing::is_key_name;

use super::list;
use super::values::Values;
use crate::error::{Error, Result, io_reason, say};
use crate::manifest;
use crate::table::printable;
use crate::verb::value;

/// A file or a folder, and the key that a file is to have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileSource {
    key: Option<String>,
    path: PathBuf,
}

impl FileSource {
    /// Reads those of a flag that may be repeated, and holds several each time.
    ///
    /// # Errors
    /// As for [`Self::parse`].
    pub(super) fn parse_all(lists: &[String]) -> Result<Vec<Self>> {
        let words = lists.iter().flat_map(|list| list::words(list));
        words.map(|word| Self::parse(&word)).collect()
    }

    /// Reads what stands on the command line.
    ///
    /// # Errors
    /// When the key or the path is missing.
    pub(super) fn parse(word: &str) -> Result<Self> {
        let wrong = |what: &str| {
            Err(Error::usage(format!("--from-file: {what}")).hint("KEY=PATH, or PATH alone"))
        };
        let path = word.split_once('=').map_or(word, |(_, path)| path);
        manifest::check_path("--from-file", path)?;
        match word.split('=').collect::<Vec<_>>().as_slice() {
            [""] => wrong("the path is missing"),
            [path] => Ok(Self { key: None, path: path.into() }),
            ["", _] => wrong("the key before = is missing"),
            [_, ""] => wrong("the path behind = is missing"),
            [key, path] => Ok(Self { key: Some((*key).to_owned()), path: path.into() }),
            _ => wrong("neither a key nor a path can have a = in it"),
        }
    }

    /// The same, for a flag whose files have that key unless they have another.
    pub(super) fn keyed(self, key: &str) -> Self {
        Self { key: self.key.or_else(|| Some(key.to_owned())), ..self }
    }

    /// Whether it is standard input.
    pub(super) fn reads_standard_input(&self) -> bool {
        manifest::is_standard_input(&self.path)
    }

    /// Reads the file, or those of the folder.
    ///
    /// # Errors
    /// When it cannot be read, or no Secret can have such a key.
    pub(super) fn add_to(&self, values: &mut Values) -> Result<()> {
        match (&self.key, self.path.is_dir()) {
            (Some(key), true) => Err(Error::usage(format!(
                "{}: a folder has no key, its files have their names",
                printable(key.clone())
            ))),
            (None, true) => self.add_folder(values),
            (Some(key), false) => values.add(key, value::read(&self.path)?),
            (None, false) if self.reads_standard_input() => {
                Err(Error::usage("standard input has no name").hint("give it a key: KEY=-"))
            }
            (None, false) => {
                let name = self.path.file_name().unwrap_or_default();
                values.add(&name.to_string_lossy(), value::read(&self.path)?)
            }
        }
    }

    /// Regular files only, in order of their names; links and folders are passed over, as kubectl
    /// does. So are names that are no keys, where kubectl gives up: its help says otherwise.
    fn add_folder(&self, values: &mut Values) -> Result<()> {
        let mut found = 0;
        for name in regular_files(&self.path)? {
            match name.to_str().filter(|name| is_key_name(name)) {
                Some(key) => {
                    values.add(key, value::read(&self.path.join(key))?)?;
                    found += 1;
                }
                None => say(format_args!(
                    "note: {} is left out: no Secret can have such a key",
                    printable(self.path.join(name).display().to_string())
                )),
            }
        }
        if found == 0 {
            say(format_args!("warning: there is nothing to seal in {}", self.path.display()));
        }
        Ok(())
    }
}

fn regular_files(folder: &Path) -> Result<Vec<OsString>> {
    let fail = |error: std::io::Error| {
        Error::new(format!("cannot read {}: {}", folder.display(), io_reason(&error)))
            .hint("check the path and its permissions")
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        if entry.file_type().map_err(fail)?.is_file() {
            names.push(entry.file_name());
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_stand_in_front() {
        let source = |key: Option<&str>, path: &str| FileSource {
            key: key.map(str::to_owned),
            path: path.into(),
        };
        assert_eq!(FileSource::parse("a/b").unwrap(), source(None, "a/b"));
        assert_eq!(FileSource::parse("k=a/b").unwrap(), source(Some("k"), "a/b"));
        assert_eq!(FileSource::parse("b").unwrap().keyed("k"), source(Some("k"), "b"));
        assert_eq!(FileSource::parse("j=b").unwrap().keyed("k"), source(Some("j"), "b"));
        for word in ["", "=", "=p", "k=", "k=p=q"] {
            assert!(FileSource::parse(word).is_err(), "{word}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn of_a_folder_regular_files_count_whose_names_are_keys() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["b", "a", "..data", "not a key"] {
            std::fs::write(root.join(name), name).unwrap();
        }
        std::fs::create_dir(root.join("folder")).unwrap();
        std::os::unix::fs::symlink("a", root.join("link")).unwrap();
        let mut values = Values::default();
        let source = FileSource::parse(root.to_str().unwrap()).unwrap();
        source.add_to(&mut values).unwrap();
        assert_eq!(values.into_data().into_keys().collect::<Vec<_>>(), ["a", "b"]);
        assert!(source.keyed("k").add_to(&mut Values::default()).is_err());
    }
}
