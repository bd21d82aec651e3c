//! How much memory the values of this thread hold.
//!
//! A render compares the reading with the one it began with, so that a loop that builds a text
//! step by step pays for what it holds, not for what it has let go. Only differences within one
//! render mean anything: a parsed template may be dropped on another thread.

use std::cell::Cell;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

/// Bytes held now.
pub(crate) fn live() -> isize {
    LIVE.try_with(Cell::get).unwrap_or(0)
}

/// What one allocation takes beside its contents: counts, lengths, the allocator's own.
pub(super) const OVERHEAD: usize = 64;

pub(super) fn grow(bytes: usize) {
    add(bytes.cast_signed());
}

pub(super) fn shrink(bytes: usize) {
    add(-bytes.cast_signed());
}

fn add(bytes: isize) {
    // Fails only while the thread ends, when nobody reads it any more.
    let _ = LIVE.try_with(|live| live.set(live.get().wrapping_add(bytes)));
}
