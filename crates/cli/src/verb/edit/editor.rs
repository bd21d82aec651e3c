//! The editor: whatever the user has chosen, told to leave no copies where it is known how.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};

use super::desk::Desk;
use crate::error::{Error, Result, io_reason, say};
use crate::signals::{Interrupt, Signals};

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

/// Editors by the beginning of their programs' names, and what keeps them from writing anything but
/// the file itself: swap, backup and undo files, histories. nvim has another name for the memory of registers.
const KNOWN: [(&str, &str); 6] = [
    ("vim", VIM),
    ("nvim", VIM),
    ("nano", "-I"),
    (
        "emacs",
        "-Q --eval '(setq make-backup-files nil auto-save-default nil create-lockfiles nil)'",
    ),
    ("micro", "-backup false -saveundo false -savehistory false"),
    ("hx", ""),
];

/// Runs it and waits for its end.
///
/// # Errors
/// When it cannot be started, ends with an error, or this process is told to end meanwhile.
pub(super) fn run(desk: &Desk) -> Result<()> {
    let chosen = match chosen() {
        Some(chosen) => chosen,
        None if std::io::stdin().is_terminal() => "vi".into(),
        None => {
            return Err(Error::new("there is no terminal for vi: nothing was changed")
                .hint("name an editor in $VISUAL or $EDITOR; `kubeseal set` needs none"));
        }
    };
    let shown = chosen.to_string_lossy().into_owned();
    let more = match known(&chosen) {
        Some(more) => more,
        None => {
            say(format_args!("note: {shown} is not known here: see that it keeps no copies"));
            ""
        }
    };
    // As Git does it: the variable may hold flags and quotes.
    let is_assignment = shown.split_whitespace().next().is_some_and(|word| word.contains('='));
    // The shell steps aside, so that it is the editor that is waited for, and told to end.
    let mut script = OsString::from(if is_assignment { "" } else { "exec " });
    script.push(chosen);
    script.push(format!(" {more} \"$1\""));
    let signals = Signals::listen()?;
    let started = Command::new("sh").arg("-c").arg(script).arg("sh").arg(desk.sheet()).spawn();
    let fail = |reason: String| {
        Error::new(format!("the editor {shown} {reason}: nothing was changed"))
            .hint("name another in $VISUAL or $EDITOR")
    };
    let child =
        started.map_err(|error| fail(format!("cannot be started: {}", io_reason(&error))))?;
    match waited(child, signals)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(fail(format!("ended with {status}"))),
        None => Err(Error::new("told to end: nothing was changed")),
    }
}

fn chosen() -> Option<OsString> {
    let mut variables = ["VISUAL", "EDITOR"].into_iter().filter_map(std::env::var_os);
    variables.find(|editor| !editor.is_empty())
}

/// What to tell an editor that is known, by its first word or by the program that this leads to: `vi`
/// is somebody else everywhere.
fn known(chosen: &OsString) -> Option<&'static str> {
    let first = chosen.to_str()?.split_whitespace().next()?;
    let program = found(first).and_then(|path| path.canonicalize().ok());
    let names = [Some(PathBuf::from(first)), program];
    let names: Vec<_> =
        names.iter().flatten().filter_map(|path| path.file_name()?.to_str()).collect();
    let is_named = |known: &str| names.iter().any(|name| name.starts_with(known));
    KNOWN.iter().find(|(known, _)| is_named(known)).map(|(_, more)| *more)
}

fn found(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program));
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| Path::is_file(file))
}

/// Waits for the editor, or for a signal that ends this process; none then. An interrupt is the
/// editor's: it is in the foreground, and gets it too.
fn waited(mut child: Child, signals: Signals) -> Result<Option<ExitStatus>> {
    let process = child.id();
    let status = signals.unless_told_to_end(Interrupt::TheirOwn, move || child.wait());
    if status.is_none() {
        end(process);
    }
    status
        .transpose()
        .map_err(|error| Error::new(format!("cannot wait for the editor: {}", io_reason(&error))))
}

#[cfg(unix)]
fn end(process: u32) {
    use rustix::process::{Pid, Signal, kill_process};
    if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        // It may have ended meanwhile.
        let _ = kill_process(process, Signal::TERM);
    }
}

#[cfg(not(unix))]
fn end(_: u32) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_are_known_by_their_programs_names() {
        for (chosen, starts) in [
            ("vim", Some("-n -i NONE")),
            ("/usr/bin/nvim -R", Some("-n -i NONE")),
            ("nano --mouse", Some("-I")),
            ("emacs -nw", Some("-Q")),
            ("hx", Some("")),
            ("code --wait", None),
            ("", None),
        ] {
            let known = known(&chosen.into());
            assert_eq!(known.is_some(), starts.is_some(), "{chosen}");
            assert!(known.unwrap_or_default().starts_with(starts.unwrap_or_default()), "{chosen}");
        }
    }
}
