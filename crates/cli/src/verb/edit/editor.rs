//! The editor: whatever the user has chosen, told to leave no copies where it is known how.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};

use super::desk::Desk;
use crate::error::{Error, Result, io_reason, say};

/// Editors by the beginning of their programs' names, and what keeps them from writing anything but
/// the file itself: swap, backup and undo files, histories.
const KNOWN: [(&str, &str); 6] = [
    ("vim", "-n -i NONE --cmd 'set nobackup nowritebackup noundofile noswapfile'"),
    ("nvim", "-n -i NONE --cmd 'set nobackup nowritebackup noundofile noswapfile'"),
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
    let chosen = chosen();
    let shown = chosen.to_string_lossy().into_owned();
    let more = match known(&chosen) {
        Some(more) => more,
        None => {
            say(format_args!("note: {shown} is not known here: see that it keeps no copies"));
            ""
        }
    };
    // As Git does it: the variable may hold flags and quotes.
    let mut script = chosen;
    script.push(format!(" {more} \"$1\""));
    let started = Command::new("sh").arg("-c").arg(script).arg("sh").arg(desk.sheet()).spawn();
    let fail = |reason: String| {
        Error::new(format!("the editor {shown} {reason}: nothing was changed"))
            .hint("name another in $VISUAL or $EDITOR")
    };
    let child =
        started.map_err(|error| fail(format!("cannot be started: {}", io_reason(&error))))?;
    match waited(child)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(fail(format!("ended with {status}"))),
        None => Err(Error::new("told to end: nothing was changed")),
    }
}

fn chosen() -> OsString {
    let variables = ["VISUAL", "EDITOR"].into_iter().filter_map(std::env::var_os);
    variables.into_iter().find(|editor| !editor.is_empty()).unwrap_or_else(|| "vi".into())
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
#[cfg(unix)]
fn waited(mut child: Child) -> Result<Option<ExitStatus>> {
    use rustix::process::{Pid, Signal, kill_process};
    use tokio::signal::unix::{SignalKind, signal};
    let fail = |error: std::io::Error| {
        Error::new(format!("cannot wait for the editor: {}", io_reason(&error)))
    };
    let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(fail)?.block_on(async {
        let listen = |kind| signal(kind).map_err(fail);
        let mut interrupts = [listen(SignalKind::interrupt())?, listen(SignalKind::quit())?];
        let mut terminated = listen(SignalKind::terminate())?;
        let mut hung_up = listen(SignalKind::hangup())?;
        let (sender, mut ended) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || sender.send(child.wait()));
        let [interrupt, quit] = &mut interrupts;
        loop {
            tokio::select! {
                status = &mut ended => {
                    let status = status.map_err(std::io::Error::other).and_then(|status| status);
                    return status.map(Some).map_err(fail);
                }
                _ = interrupt.recv() => {}
                _ = quit.recv() => {}
                _ = terminated.recv() => break,
                _ = hung_up.recv() => break,
            }
        }
        if let Some(process) = process {
            let _ = kill_process(process, Signal::TERM);
        }
        Ok(None)
    })
}

#[cfg(not(unix))]
fn waited(mut child: Child) -> Result<Option<ExitStatus>> {
    let status = child.wait();
    status
        .map(Some)
        .map_err(|error| Error::new(format!("cannot wait for the editor: {}", io_reason(&error))))
}

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
