//! Counts what lexer and parser go through, for the tests that hold it against the length of the
//! text. Whatever is in a loop there is counted here.

#[cfg(not(test))]
pub(crate) fn count(_: usize) {}

#[cfg(test)]
thread_local! {
    static DONE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
pub(crate) fn count(more: usize) {
    DONE.set(DONE.get() + more);
}

/// How much `parse` counts.
#[cfg(test)]
pub(crate) fn of(parse: impl FnOnce()) -> usize {
    let before = DONE.get();
    parse();
    DONE.get() - before
}
