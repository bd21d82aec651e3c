//! What the scripts ask for, of a command line that is not finished: names, one a line.

use std::ffi::OsString;
use std::sync::mpsc;
use std::time::Duration;

use crate::args::{self, ClusterArgs, Line};
use crate::cluster::{Api, context_names};
use crate::error::{Cause, Error, Result};
use crate::sealed_file::SealedFile;

/// Somebody waits with a finger on the key.
const PATIENCE: Duration = Duration::from_secs(3);
const REQUEST: &str = "2s";

/// The names of the kubeconfig's contexts.
pub(super) fn contexts(line: &[OsString]) -> Result<String> {
    Ok(one_a_line(context_names(&read(line).cluster)?))
}

/// The namespaces of the cluster that the line names. A plugin that says who the user is may take as long
/// as it likes: it is not waited for.
pub(super) fn namespaces(line: &[OsString]) -> Result<String> {
    let cluster = read(line).cluster;
    let (sender, found) = mpsc::channel();
    std::thread::spawn(move || {
        // Whoever waited may have gone.
        let _ = sender.send(namespaces_of(cluster));
    });
    let names = found.recv_timeout(PATIENCE).map_err(|_| {
        Error::new("cannot list the namespaces: no answer in time").of(Cause::Remote)
    })?;
    names.map(one_a_line)
}

fn namespaces_of(mut cluster: ClusterArgs) -> Result<Vec<String>> {
    if cluster.request_timeout.text().is_none() {
        cluster.request_timeout = REQUEST.to_owned().into();
    }
    let found = Api::connect(&cluster)?.list("/api/v1/namespaces", "", "list the namespaces")?;
    let names = found.iter().filter_map(|namespace| namespace["metadata"]["name"].as_str());
    Ok(names.map(str::to_owned).collect())
}

/// The items of the file that the line names.
pub(super) fn items(line: &[OsString]) -> Result<String> {
    let Some(file) = read(line).file.filter(|file| file.is_file()) else {
        return Ok(String::new());
    };
    let mut names = Vec::new();
    for (_, document) in SealedFile::read(&file)?.sealed_secrets()? {
        let items = document.value["spec"]["encryptedData"].as_object().into_iter().flatten();
        names.extend(items.map(|(name, _)| name.clone()));
    }
    names.sort();
    names.dedup();
    Ok(one_a_line(names))
}

/// bash takes words apart at `=` and `:`, and hands on `~`, quotes and backslashes as they are typed.
fn read(line: &[OsString]) -> Line {
    let mut words: Vec<OsString> = Vec::new();
    let mut is_glued = false;
    for word in line {
        let is_glue = word == "=" || word == ":";
        match words.last_mut().filter(|_| is_glue || is_glued) {
            Some(last) => last.push(word),
            None => words.push(at_home(&unquoted(word))),
        }
        is_glued = is_glue;
    }
    args::read_loosely(&words, |name| std::env::var_os(name))
}

/// As a shell reads it, but for what it would run or look up.
fn unquoted(word: &OsString) -> OsString {
    let Some(text) = word.to_str() else { return word.clone() };
    let (mut plain, mut quote, mut letters) = (String::new(), None, text.chars());
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\'' | '"', None) => quote = Some(letter),
            (_, Some(open)) if letter == open => quote = None,
            ('\\', None | Some('"')) => plain.extend(letters.next()),
            _ => plain.push(letter),
        }
    }
    plain.into()
}

fn at_home(word: &OsString) -> OsString {
    let below = word.to_str().and_then(|text| text.strip_prefix("~/"));
    let home = below.and_then(|_| std::env::home_dir());
    match (home, below) {
        (Some(home), Some(below)) => home.join(below).into_os_string(),
        _ => word.clone(),
    }
}

/// A shell might take other names than these apart, or run what it finds in them.
fn one_a_line(names: Vec<String>) -> String {
    let is_harmless = |name: &String| {
        let is_harmless = |c: char| c.is_ascii_alphanumeric() || "-_.:/@+=".contains(c);
        !name.is_empty() && !name.starts_with('-') && name.chars().all(is_harmless)
    };
    names.into_iter().filter(is_harmless).map(|name| name + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_a_shell_reads_them() {
        for (word, expected) in [
            ("s.yaml", "s.yaml"),
            (r"a\ dir/s.yaml", "a dir/s.yaml"),
            ("\"a dir\"/s.yaml", "a dir/s.yaml"),
            ("'a \"dir/s.yaml", "a \"dir/s.yaml"),
            (r"'a\ b'", r"a\ b"),
            (r#""a\"b""#, "a\"b"),
            ("$(touch x)", "$(touch x)"),
        ] {
            assert_eq!(unquoted(&word.into()), expected, "{word}");
        }
    }
}
