//! `--from-env-file`, by kubectl's rules: `KEY=VALUE` a line, the value as it stands, quotes and
//! trailing blanks included; `KEY` alone is the environment's; a line that begins with # is a comment.

use std::ffi::OsString;
use std::path::Path;

use sealwright_crypto::Plaintext;

use super::values::Values;
use crate::error::{Error, Result, say};
use crate::verb::value;

/// Reads the file.
///
/// # Errors
/// When it cannot be read, or a line has no name of a variable in front. The line is not repeated.
pub(super) fn add(
    path: &Path,
    variable: impl Fn(&str) -> Option<OsString>,
    values: &mut Values,
) -> Result<()> {
    let text = value::read_text(path)?;
    let mut is_empty = true;
    for (at, line) in text.split('\n').enumerate() {
        // Go's scanner takes the carriage return of Windows off, and only the one before the break.
        let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = match line.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (line, None),
        };
        if !is_variable(key) {
            return Err(no_variable(path, at + 1));
        }
        let value = match value {
            Some(value) => Plaintext::new(value.as_bytes().to_vec()),
            None => {
                let value = variable(key).ok_or_else(|| not_set(path, at + 1))?;
                Plaintext::new(value.into_encoded_bytes())
            }
        };
        values.add(key, value).map_err(|error| error.about(&path.display().to_string()))?;
        is_empty = false;
    }
    if is_empty {
        say(format_args!("warning: there is nothing to seal in {}", path.display()));
    }
    Ok(())
}

/// kubectl takes it for an empty one. It may be a line of a longer value, though, which would become
/// a key for all to read: it is refused, and not repeated.
fn not_set(path: &Path, line: usize) -> Error {
    let path = path.display();
    Error::new(format!("{path}: line {line} has no =, and names no variable that is set"))
        .hint("a line is KEY=VALUE, KEY or a # comment; a value cannot go on in the next line")
}

fn no_variable(path: &Path, line: usize) -> Error {
    Error::new(format!(
        "{}: line {line} does not begin with the name of a variable",
        path.display()
    ))
    .hint("a line is KEY=VALUE, KEY or a # comment; a value cannot go on in the next line")
}

/// `IsEnvVarName`: what may be a key of a Secret, too.
fn is_variable(key: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    !key.starts_with(|c: char| c.is_ascii_digit())
        && !key.is_empty()
        && key.chars().all(is_inner)
        && key != "."
        && !key.starts_with("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut values = Values::default();
        let variable = |name: &str| match name {
            "THERE" => Some("value".into()),
            "EMPTY" => Some("".into()),
            _ => None,
        };
        add(file.path(), variable, &mut values)?;
        let text = |value: Plaintext| String::from_utf8(value.expose().to_vec()).unwrap();
        Ok(values.into_data().into_iter().map(|(key, value)| (key, text(value))).collect())
    }

    #[test]
    fn lines_are_read_as_kubectl_reads_them() {
        for (text, expected) in [
            ("", &[][..]),
            ("a=1\nb=2", &[("a", "1"), ("b", "2")]),
            ("\u{feff}a=1\r\n", &[("a", "1")]),
            ("  \t a= 1 # \n", &[("a", " 1 # ")]),
            ("# a=1\n   #b\n\n \nc=", &[("c", "")]),
            ("a=\"x\"=y\nb='z'", &[("a", "\"x\"=y"), ("b", "'z'")]),
            ("THERE\nEMPTY", &[("EMPTY", ""), ("THERE", "value")]),
            ("-a.b_c=1\n_=2\n.env=3", &[("-a.b_c", "1"), (".env", "3"), ("_", "2")]),
            ("a=1\r\r\n", &[("a", "1\r")]),
        ] {
            let read = read(text).unwrap();
            let read: Vec<_> = read.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            assert_eq!(read, expected, "{text:?}");
        }
    }

    #[test]
    fn a_line_that_is_none_is_told_by_its_number() {
        for text in [
            "a=1\nexport b=hunter2",
            "\nhunter2",
            "\nhunter2!",
            "x=1\n=hunter2",
            "\n2=hunter2",
            "\n..a",
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains("line 2 ") && !error.contains("hunter2"), "{error}");
        }
        assert!(read("a=1\na=2").is_err());
        assert!(read("THERE \n").is_err());
    }
}
