//! What keeps values from outliving their use: docs/decisions/0006-wiped-memory.md.

use std::alloc::System;
use std::panic::PanicHookInfo;

use zeroizing_alloc::ZeroAlloc;

use crate::error::say;

/// Wipes whatever is freed: text read, parsed and decoded passes through many hands that do not.
#[global_allocator]
static HEAP: ZeroAlloc<System> = ZeroAlloc(System);

/// Comes first in the program.
pub(crate) fn guard() {
    std::panic::set_hook(Box::new(report));
    forbid_core_dumps();
}

/// Overwrites what calls that have returned left on the stack below this one: a parser that gives up
/// leaves the pieces of text there that it was looking at.
#[inline(never)]
pub(crate) fn wipe_stack() {
    /// More than the deepest calls take, in bytes.
    const DEPTH: usize = 256 * 1024;
    std::hint::black_box(&mut [0_u8; DEPTH]);
}

/// Says where a panic was and not what: the message may quote a value, as that of a slice does.
fn report(panic: &PanicHookInfo<'_>) {
    say(bug(panic.location().map(|place| (place.file(), place.line()))));
}

fn bug(place: Option<(&str, u32)>) -> String {
    let place = place.map(|(file, line)| format!(" at {file}:{line}")).unwrap_or_default();
    format!(
        "error: kubeseal has a bug{place}\n\
         hint: report it with this line; the rest is not shown, since it may quote a value"
    )
}

/// A crash would write the values to disk. Where it cannot be forbidden, nothing is lost by trying.
#[cfg(unix)]
fn forbid_core_dumps() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = Rlimit { current: Some(0), ..getrlimit(Resource::Core) };
    let _ = setrlimit(Resource::Core, limit);
}

/// Windows writes none unless it was told to, by an administrator.
#[cfg(not(unix))]
fn forbid_core_dumps() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_is_told_by_its_place() {
        let told = bug(Some(("src/yaml/read.rs", 7)));
        assert!(told.starts_with("error: kubeseal has a bug at src/yaml/read.rs:7\nhint: "));
        assert!(bug(None).starts_with("error: kubeseal has a bug\nhint: "));
    }
}
