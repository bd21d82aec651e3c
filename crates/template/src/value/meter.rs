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
pub(crate) const OVERHEAD: usize = 64;

pub(super) fn grow(bytes: usize) {
    add(bytes.cast_signed());
}

pub(super) fn shrink(bytes: usize) {
    add(-bytes.cast_signed());
}

/// Bytes that count while this lives: of what is no value yet, or never becomes one.
#[derive(Default)]
pub(crate) struct Held(usize);

impl Held {
    pub(crate) fn new(bytes: usize) -> Self {
        grow(bytes);
        Self(bytes)
    }

    /// Counts as so many from now on.
    pub(crate) fn set(&mut self, bytes: usize) {
        *self = Self::new(bytes);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        shrink(self.0);
    }
}

fn add(bytes: isize) {
    // Fails only while the thread ends, when nobody reads it any more.
    let _ = LIVE.try_with(|live| live.set(live.get().wrapping_add(bytes)));
    #[cfg(test)]
    testing::note(live());
}

#[cfg(test)]
pub(crate) mod testing {
    use std::cell::Cell;

    thread_local! {
        static PEAK: Cell<isize> = const { Cell::new(0) };
    }

    pub(super) fn note(live: isize) {
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live)));
    }

    /// What `run` gives, and the most bytes that were held meanwhile, beside those before.
    pub(crate) fn peak_of<R>(run: impl FnOnce() -> R) -> (R, usize) {
        let before = super::live();
        PEAK.set(before);
        let result = run();
        (result, (PEAK.get() - before).unsigned_abs())
    }
}
