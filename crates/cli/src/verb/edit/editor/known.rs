//! What is known of editors: which program a command is, and what keeps that from leaving copies.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What vim is told: `$guard` first, for what comes up before the user's files are read, then, when all of
/// them are, as automatic commands. A vimrc, an init.lua or a plugin that asks for undo files, backups, swap
/// files or a memory of registers would have its way else. What is kept after all is kept beside the sheet.
macro_rules! guarded {
    ($guard:literal) => {
        concat!(
            "-n -i NONE --cmd 'augroup kubeseal|augroup END' --cmd '",
            $guard,
            "' -c 'autocmd kubeseal VimEnter,BufNewFile,BufReadPre,BufReadPost,BufEnter,InsertEnter,",
            "BufWritePre,FileWritePre,FileAppendPre,VimLeavePre * ",
            $guard,
            "'"
        )
    };
}

const VIM: &str = guarded!(
    "silent! set nobackup nowritebackup noundofile noswapfile updatecount=0\
     |silent! set backupdir=. undodir=. directory=. patchmode=\
     |silent! set viminfo=|silent! set viminfofile=NONE\
     |silent! set shada=|silent! set shadafile=NONE"
);

/// No files of the user's, who might ask for copies there; and none of what emacs does by itself.
const EMACS: &str =
    "-Q --eval '(setq make-backup-files nil auto-save-default nil create-lockfiles nil)'";

/// Editors by the names of their programs, and what keeps them from writing anything but the file itself:
/// swap, backup and undo files, histories. nvim has another name for the memory of registers; helix keeps
/// nothing.
const KNOWN: [(&str, &str); 11] = [
    ("vim", VIM),
    ("nvim", VIM),
    ("nano", "-I"),
    ("emacs", EMACS),
    ("emacs-nox", EMACS),
    ("emacs-gtk", EMACS),
    ("emacs-pgtk", EMACS),
    ("emacs-lucid", EMACS),
    ("micro", "-backup false -saveundo false -savehistory false"),
    ("hx", ""),
    ("helix", ""),
];

/// Names of vim by which it opens a window.
const WINDOWED: [&str; 6] = ["gvim", "gview", "gvimdiff", "rgvim", "rgview", "evim"];

/// What to tell the editor of this name, by that or by the program that it leads to: `vi` is somebody else
/// everywhere.
pub(super) fn known(program: &str) -> Option<&'static str> {
    // With a window of its own it returns at once, by whatever program it is.
    let name = Path::new(program).file_name().and_then(OsStr::to_str).unwrap_or_default();
    let has_window = WINDOWED.iter().any(|windowed| is_version_of(windowed, name));
    let leads_to = found(program).filter(|_| !has_window).and_then(|path| path.canonicalize().ok());
    let names = [Some(PathBuf::from(program)), leads_to];
    let mut names = names.iter().flatten().filter_map(|path| path.file_name()?.to_str());
    names.find_map(|name| {
        let mut known = KNOWN.iter();
        known.find(|(known, _)| is_version_of(known, name)).map(|(_, more)| *more)
    })
}

/// `vim.tiny`, `vim9` and `emacs-29.1` are what stands before; `nvim-qt` and `emacsclient` are others.
fn is_version_of(known: &str, name: &str) -> bool {
    let Some(rest) = name.strip_prefix(known) else { return false };
    let number = rest.strip_prefix('-').unwrap_or(rest);
    let is_number = number.starts_with(|c: char| c.is_ascii_digit())
        && number.chars().all(|c| c.is_ascii_digit() || c == '.');
    rest.is_empty() || rest.starts_with('.') || is_number
}

fn found(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program));
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| Path::is_file(file))
}

/// A command of which it is clear what program it runs: `NAME=value… program arguments…`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Simple<'a> {
    /// With the blanks behind them.
    pub(super) assignments: &'a str,
    pub(super) program: &'a str,
    pub(super) arguments: &'a str,
}

impl<'a> Simple<'a> {
    /// None where a shell would make more of it than one program, or of the program's name.
    pub(super) fn of(command: &'a OsStr) -> Option<Self> {
        let command = command.to_str().filter(|command| runs_one_program(command))?;
        let mut start = command.len() - command.trim_start().len();
        loop {
            let word = command[start..].split(char::is_whitespace).next()?;
            if word.is_empty()
                || word.contains(['\'', '"', '\\', '$', '`', '~', '*', '?', '[', '!', '{'])
            {
                return None;
            }
            let end = start + word.len();
            if !word.contains('=') {
                let (assignments, arguments) = (&command[..start], &command[end..]);
                return Some(Self { assignments, program: word, arguments });
            }
            start = end + command[end..].len() - command[end..].trim_start().len();
        }
    }
}

/// Whether no sign outside of quotes ends a command, or joins two.
fn runs_one_program(command: &str) -> bool {
    let mut quote = None;
    let mut characters = command.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (None | Some('"'), '\\') => _ = characters.next(),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, ';' | '&' | '|' | '(' | ')' | '<' | '>' | '#' | '\n') => return false,
            _ => {}
        }
    }
    quote.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_are_known_by_their_programs_names() {
        for (program, starts) in [
            ("vim", Some("-n -i NONE")),
            ("vim.tiny", Some("-n -i NONE")),
            ("vim9", Some("-n -i NONE")),
            ("/usr/bin/nvim", Some("-n -i NONE")),
            ("nvim.appimage", Some("-n -i NONE")),
            ("nano", Some("-I")),
            ("emacs", Some("-Q")),
            ("emacs-29.1", Some("-Q")),
            ("emacs-nox", Some("-Q")),
            ("micro", Some("-backup false")),
            ("hx", Some("")),
            ("helix", Some("")),
            ("emacsclient", None),
            ("emacsclient.emacs", None),
            ("emacs-w32", None),
            ("vimr", None),
            ("vim-", None),
            ("nvim-qt", None),
            ("gvim", None),
            ("hxd", None),
            ("microsoft-edit", None),
            ("code", None),
            ("", None),
        ] {
            let known = known(program);
            assert_eq!(known.is_some(), starts.is_some(), "{program}");
            assert!(known.unwrap_or_default().starts_with(starts.unwrap_or_default()), "{program}");
        }
    }

    #[test]
    fn what_a_command_runs_is_known_where_that_is_one_program() {
        for (command, expected) in [
            ("vim", Some(("", "vim", ""))),
            ("  vim.tiny +5 --", Some(("  ", "vim.tiny", " +5 --"))),
            ("A=b TERM=xterm  vim -R", Some(("A=b TERM=xterm  ", "vim", " -R"))),
            ("vim -c 'a; b|c' \"d;&\" e\\;f", Some(("", "vim", " -c 'a; b|c' \"d;&\" e\\;f"))),
            ("true && true", None),
            ("vim; true", None),
            ("vim `a`", Some(("", "vim", " `a`"))),
            ("`a` vim", None),
            ("vim $(a)", None),
            ("$EDITOR", None),
            ("'/my editors/vim'", None),
            ("A='b c' vim", None),
            ("~/vim", None),
            ("vim 'open", None),
            ("A=b", None),
            ("", None),
            (" ", None),
        ] {
            let simple = Simple::of(command.as_ref());
            let found = simple.map(|it| (it.assignments, it.program, it.arguments));
            assert_eq!(found, expected, "{command}");
        }
    }
}
