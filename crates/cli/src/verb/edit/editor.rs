//! The editor: whatever the user has chosen, told to leave no copies where it is known how.

mod known;

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::process::{Child, Command, ExitStatus};

use super::desk::Desk;
use crate::error::{Error, Result, io_reason, say};
use crate::signals::{Interrupt, Signals};
use known::{Simple, known};

/// The editor that was chosen.
pub(super) struct Editor {
    shown: String,
    /// For the shell, with the sheet as its first argument.
    script: OsString,
}

impl Editor {
    /// `$VISUAL`, else `$EDITOR`, else vi.
    ///
    /// # Errors
    /// When none is named and there is no terminal for vi.
    pub(super) fn choose() -> Result<Self> {
        let chosen = match chosen() {
            Some(chosen) => chosen,
            None if std::io::stdin().is_terminal() => "vi".into(),
            None => {
                return Err(Error::new("there is no terminal for vi: nothing was changed")
                    .hint("name an editor in $VISUAL or $EDITOR; `kubeseal set` needs none"));
            }
        };
        let shown = chosen.to_string_lossy().into_owned();
        let simple = Simple::of(&chosen);
        let more = simple.as_ref().and_then(|simple| known(simple.program));
        if more.is_none() {
            say(format_args!("note: {shown} is not known here: see that it keeps no copies"));
        }
        Ok(Self { script: script(&chosen, simple.as_ref(), more.unwrap_or_default()), shown })
    }

    /// Runs it and waits for its end.
    ///
    /// # Errors
    /// When it cannot be started, ends with an error, or this process is told to end meanwhile.
    pub(super) fn run(&self, desk: &Desk, signals: Signals) -> Result<()> {
        let mut shell = Command::new("sh");
        let started = shell.arg("-c").arg(&self.script).arg("sh").arg(desk.sheet()).spawn();
        let child = started
            .map_err(|error| self.failed(format!("cannot be started: {}", io_reason(&error))))?;
        match waited(child, signals)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(self.failed(format!("ended with {status}"))),
            None => Err(Error::new("told to end: nothing was changed")),
        }
    }

    fn failed(&self, reason: String) -> Error {
        Error::new(format!("the editor {} {reason}: nothing was changed", self.shown))
            .hint("name another in $VISUAL or $EDITOR")
    }
}

fn chosen() -> Option<OsString> {
    let mut variables = ["VISUAL", "EDITOR"].into_iter().filter_map(std::env::var_os);
    variables.find(|editor| !editor.is_empty())
}

/// Words of the shell that are no programs.
const BUILTINS: [&str; 8] = [":", ".", "builtin", "command", "eval", "exec", "source", "time"];

/// As Git does it: the variable may hold flags, quotes and several commands.
fn script(chosen: &OsStr, simple: Option<&Simple<'_>>, more: &str) -> OsString {
    let Some(Simple { assignments, program, arguments }) = simple else {
        return [chosen, OsStr::new(" \"$@\"")].into_iter().collect();
    };
    // The shell steps aside, so that it is the editor that is waited for, and told to end.
    let is_program = assignments.trim().is_empty() && !BUILTINS.contains(program);
    let exec = if is_program { "exec " } else { "" };
    // Before the user's own: there may be a -- among them.
    let more = if more.is_empty() { String::new() } else { format!(" {more}") };
    format!("{assignments}{exec}{program}{more}{arguments} \"$@\"").into()
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
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal, kill_process, test_kill_process};

    /// What it leaves meanwhile is wiped too.
    const PATIENCE: Duration = Duration::from_secs(1);
    if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        // It may have ended meanwhile.
        let _ = kill_process(process, Signal::TERM);
        let start = Instant::now();
        while test_kill_process(process).is_ok() && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[cfg(not(unix))]
fn end(_: u32) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_stand_behind_the_program_and_nothing_is_lost() {
        for (chosen, more, expected) in [
            ("vim.tiny +5 --", "-n", "exec vim.tiny -n +5 -- \"$@\""),
            ("hx", "", "exec hx \"$@\""),
            ("A=b vim -R", "-n", "A=b vim -n -R \"$@\""),
            ("true && true", "", "true && true \"$@\""),
            ("'/my editors/vim'", "", "'/my editors/vim' \"$@\""),
        ] {
            let simple = Simple::of(chosen.as_ref());
            assert_eq!(script(chosen.as_ref(), simple.as_ref(), more), expected, "{chosen}");
        }
    }
}
