//! A value to be sealed, and where it comes from: a file, standard input or the terminal. Never an
//! argument: those are in the shell's history, and everybody on the machine may list them.

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};

use sealwright_crypto::Plaintext;
use sealwright_sealing::is_key_name;

use super::value;
use crate::error::{Cause, Error, Result, say};
use crate::manifest::{self, is_content};
use crate::prompt::ask;
use crate::table::printable;

/// `KEY=@FILE`, `KEY=-` or `KEY`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) key: String,
    source: Source,
    /// What to type for a value to be read, where there was none.
    ways: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Source {
    File(PathBuf),
    StandardInput,
    Prompt,
}

impl Item {
    /// Reads what stands on the command line.
    ///
    /// # Errors
    /// When a value stands there: by policy, and without repeating it.
    pub(super) fn parse(word: &str) -> Result<Self> {
        let (key, given) = match word.split_once('=') {
            None => (word, None),
            Some((key, given)) => (key, Some(given)),
        };
        let item = Self::of(key, given, WAYS)?;
        // Before anybody is asked for its value.
        match is_key_name(key) {
            true => Ok(item),
            false => Err(no_key(given.map(|_| key))),
        }
    }

    /// The item of a flag: `--flag=@FILE`, `--flag=-`, or none.
    ///
    /// # Errors
    /// As for [`Self::parse`].
    pub(super) fn of_flag(key: &str, flag: &str, given: Option<&str>) -> Result<Self> {
        let ways = format!(
            "--{flag}=@FILE reads a file, --{flag}=- standard input, and without it the terminal asks"
        );
        Self::of(key, given, &ways)
    }

    fn of(key: &str, given: Option<&str>, ways: &str) -> Result<Self> {
        let source = match given {
            None => Source::Prompt,
            Some("-" | "@-" | "@/dev/stdin") => Source::StandardInput,
            Some(given) => match given.strip_prefix('@').filter(|file| !file.is_empty()) {
                Some(file) => {
                    manifest::check_path(shown(key), file)?;
                    Source::File(file.into())
                }
                None => return Err(in_an_argument(key, ways)),
            },
        };
        if key.is_empty() {
            return Err(Error::usage("the key before = is missing").hint(ways));
        }
        Ok(Self { key: key.to_owned(), source, ways: ways.to_owned() })
    }

    /// Whether its value comes from standard input.
    pub(super) fn reads_standard_input(&self) -> bool {
        match &self.source {
            Source::File(path) => manifest::is_standard_input(path),
            Source::StandardInput => true,
            Source::Prompt => false,
        }
    }

    /// All of them. Standard input can be one value only.
    pub(super) fn parse_all(words: &[String]) -> Result<Vec<Self>> {
        let items = words.iter().map(|word| Self::parse(word)).collect::<Result<Vec<_>>>()?;
        if items.iter().filter(|item| item.reads_standard_input()).count() > 1 {
            return Err(Error::usage("standard input can be one value only")
                .hint("give the others as KEY=@FILE"));
        }
        let keys: Vec<_> = items.iter().map(|item| item.key.as_str()).collect();
        let double = keys.iter().enumerate().find(|(at, key)| keys[..*at].contains(key));
        match double {
            Some((_, key)) => Err(Error::usage(format!("{key} is given twice"))),
            None => Ok(items),
        }
    }

    /// The value, byte for byte.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn value(&self) -> Result<Plaintext> {
        let value = match &self.source {
            Source::File(path) => value::read(path)?,
            Source::StandardInput => value::read(Path::new("-"))?,
            Source::Prompt => return self.asked(),
        };
        if value.expose().ends_with(b"\n") {
            say(format_args!(
                "note: the value of {} ends with a line break, which is sealed with it",
                self.key
            ));
        }
        Ok(self.noted(value))
    }

    fn noted(&self, value: Plaintext) -> Plaintext {
        if value.expose().is_empty() {
            say(format_args!("note: the value of {} is empty", self.key));
        }
        value
    }

    fn asked(&self) -> Result<Plaintext> {
        if !stdin().is_terminal() {
            return Err(
                Error::usage(format!("where is the value of {}?", self.key)).hint(&self.ways)
            );
        }
        let value = ask(&format!("value of {}: ", printable(self.key.clone())))?;
        if value != ask("the same again: ")? {
            return Err(Error::new("the two are not the same: nothing was changed"));
        }
        Ok(self.noted(value))
    }
}

/// Which keys there can be.
pub(super) const KEYS: &str = "letters, digits, '-', '_' and '.' only, 253 at most";
const WAYS: &str =
    "KEY=@FILE reads a file, KEY=- standard input, and KEY alone asks on the terminal";

/// What stands before the = may be a piece of a value, if it is no key.
fn shown(key: &str) -> &str {
    if is_content(key) { "KEY" } else { key }
}

/// A word alone may be the value that somebody typed behind its key: it is not repeated.
fn no_key(key: Option<&str>) -> Error {
    let what = match key.filter(|key| !is_content(key)) {
        Some(key) => format!("{}: no Secret can have such a key", printable(key.to_owned())),
        None => "one of the keys is none that a Secret can have".to_owned(),
    };
    Error::usage(what).hint(KEYS)
}

fn in_an_argument(key: &str, ways: &str) -> Error {
    let key = shown(key);
    Error::new(format!("{key}: a value in an argument stays in the shell's history, and everybody on this machine can list it"))
        .hint(ways)
        .of(Cause::Policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_from_a_file_standard_input_or_the_terminal() {
        for (word, source) in [
            ("a", Source::Prompt),
            ("a=-", Source::StandardInput),
            ("a=@-", Source::StandardInput),
            ("a=@/dev/stdin", Source::StandardInput),
            ("a=@f=g", Source::File("f=g".into())),
        ] {
            let item = Item::parse(word).unwrap();
            assert_eq!((item.key.as_str(), item.source), ("a", source), "{word}");
        }
    }

    #[test]
    fn a_value_in_an_argument_is_refused_and_not_repeated() {
        for word in ["a=hunter2", "a=", "a=@", "a=-hunter2"] {
            let error = Item::parse(word).unwrap_err();
            assert_eq!(error.cause(), Cause::Policy, "{word}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn mistakes_are_of_usage() {
        for words in [
            &["=@f"][..],
            &["a=-", "b=-"],
            &["a=-", "b=@/dev/stdin"],
            &["a=@f", "a=@g"],
            &[""],
            &["a/b"],
            &["a b=@f"],
        ] {
            let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(Item::parse_all(&words).unwrap_err().cause(), Cause::Usage, "{words:?}");
        }
    }
}
