//! Sheet → editor → file, again until it is written: what was typed is not to be lost, and there is no
//! place for it but this one.

use std::time::{Duration, Instant};

use super::complaint;
use super::desk::Desk;
use super::editor::Editor;
use super::sheet::{self, Shown, Wanted};
use crate::error::{Error, Result};
use crate::signals::Signals;

/// How often a sheet goes back that comes back the same, or at once: an editor may be a script.
const MAX_TIMES: usize = 20;
/// Nobody types anything in less.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Whether anything was written.
///
/// # Errors
/// When the sheet was left as it was although it could not be used, or not be written.
pub(super) fn until_written(
    place: &str,
    shown: &[(String, Shown)],
    mut write: impl FnMut(&Wanted) -> Result<()>,
) -> Result<bool> {
    let desk = Desk::set_up()?;
    let editor = Editor::choose()?;
    let mut text = sheet::write(place, shown).into_bytes();
    let (mut failed, mut last, mut times) = (None, Vec::new(), 0);
    while times < MAX_TIMES {
        // Before the sheet lies there: a signal would leave it else.
        let signals = Signals::listen()?;
        desk.lay_out(&text)?;
        let start = Instant::now();
        editor.run(&desk, signals)?;
        let back = desk.take_back()?;
        if back == text {
            break;
        }
        let typed = complaint::without_complaint(&back);
        // Nothing at all is how many say that they want nothing after all.
        if typed.trim_ascii().is_empty() {
            return Ok(false);
        }
        let error = match sheet::read(&typed, shown) {
            Ok(wanted) if wanted.is_nothing() => return Ok(false),
            Ok(wanted) => match write(&wanted) {
                Ok(()) => return Ok(true),
                Err(error) => {
                    text = complaint::not_written(&typed, &error);
                    error
                }
            },
            Err(reason) => {
                text = complaint::with_complaint(&typed, &reason);
                Error::new(format!("{place}: {reason}: nothing was changed"))
            }
        };
        failed = Some(error);
        if typed == last || start.elapsed() < AT_ONCE {
            times += 1;
        }
        last = typed;
    }
    failed.map_or(Ok(false), Err)
}
