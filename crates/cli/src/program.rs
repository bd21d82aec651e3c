//! What the program is called by: its own name, or kubectl's with `seal` behind it. Krew puts it into
//! `PATH` as kubectl-seal, and kubectl runs that for `kubectl seal`.

use std::ffi::OsString;
use std::path::Path;

const OWN: &str = "kubeseal";
const PLUGIN: &str = "kubectl-seal";
const TYPED: &str = "kubectl seal";

/// How it was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Called {
    Kubeseal,
    KubectlSeal,
}

impl Called {
    /// How this process was.
    pub(crate) fn now() -> Self {
        Self::by(std::env::args_os().next())
    }

    /// By the first word of a command line.
    pub(crate) fn by(program: Option<OsString>) -> Self {
        let program = program.unwrap_or_default();
        let is_plugin = Path::new(&program).file_stem().is_some_and(|name| name == PLUGIN);
        if is_plugin { Self::KubectlSeal } else { Self::Kubeseal }
    }

    /// A script of ours for a shell, which knows no command of two words. Its own variables and
    /// functions stay: not every name can be one of them.
    pub(crate) fn in_script(self, script: &str) -> String {
        match self {
            Self::Kubeseal => script.to_owned(),
            Self::KubectlSeal => replaced(script, PLUGIN),
        }
    }

    /// A text of ours, as whoever called it types it. Names of files and the like stay.
    pub(crate) fn in_text(self, text: &str) -> String {
        match self {
            Self::Kubeseal => text.to_owned(),
            Self::KubectlSeal => replaced(text, TYPED),
        }
    }
}

/// A text with another word in the place of our name, where that is a word of its own.
fn replaced(text: &str, by: &str) -> String {
    let is_of_name = |c: char| c.is_alphanumeric() || "-_/.".contains(c);
    let ends = |text: &str| text == "." || text.starts_with(". ") || text.starts_with(".\n");
    let mut changed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(OWN) {
        let (before, after) = (&rest[..start], &rest[start + OWN.len()..]);
        let is_word =
            !before.ends_with(is_of_name) && (!after.starts_with(is_of_name) || ends(after));
        changed.push_str(before);
        changed.push_str(if is_word { by } else { OWN });
        rest = after;
    }
    changed + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubectl_calls_it_by_the_name_of_a_plugin() {
        for (program, expected) in [
            ("kubectl-seal", Called::KubectlSeal),
            ("/home/ann/.krew/bin/kubectl-seal", Called::KubectlSeal),
            ("kubectl-seal.exe", Called::KubectlSeal),
            ("kubeseal", Called::Kubeseal),
            ("/usr/bin/kubeseal.exe", Called::Kubeseal),
            ("kubectl-sealed", Called::Kubeseal),
            ("/opt/kubectl-seal/kubeseal", Called::Kubeseal),
            ("", Called::Kubeseal),
        ] {
            assert_eq!(Called::by(Some(program.into())), expected, "{program}");
        }
        assert_eq!(Called::by(None), Called::Kubeseal);
    }

    #[test]
    fn texts_say_what_is_typed_and_names_stay() {
        for (text, expected) in [
            ("see kubeseal --help", "see kubectl seal --help"),
            ("`kubeseal`: kubeseal's", "`kubectl seal`: kubectl seal's"),
            ("kubeseal", "kubectl seal"),
            ("with kubeseal.", "with kubectl seal."),
            ("Folder for kubeseal.1", "Folder for kubeseal.1"),
            ("~/.config/kubeseal/pins.json", "~/.config/kubeseal/pins.json"),
            ("kubeseal-edit-x", "kubeseal-edit-x"),
            ("my-kubeseal", "my-kubeseal"),
            ("", ""),
        ] {
            assert_eq!(Called::KubectlSeal.in_script(text), expected.replace(TYPED, PLUGIN));
            assert_eq!(Called::KubectlSeal.in_text(text), expected);
            assert_eq!(Called::Kubeseal.in_text(text), text);
        }
    }
}
