//! Signals to processes.

use rustix::process::{Pid, kill_process};

use crate::controller::Signal;
use crate::{Context, Error, Result};

/// Sends a signal to a process.
///
/// # Errors
/// When it has ended.
pub fn signal(id: u32, signal: Signal) -> Result<()> {
    let pid = i32::try_from(id).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| Error::new(format!("there is no process {id}")))?;
    kill_process(pid, signal).context(|| format!("cannot send process {id} a signal"))
}
