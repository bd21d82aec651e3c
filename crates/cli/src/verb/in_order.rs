//! Work on all cores.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::memory::wipe_stack;

/// As many threads as there are cores.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does `work` for each, on so many threads; what comes of it is in the order of what went in.
pub(super) fn in_order<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let run = || loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(item) = items.get(at) else { return };
        let result = work(item);
        results.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
    };
    thread::scope(|scope| {
        for _ in 1..jobs.min(items.len()) {
            // Where no more threads are to be had, those that are there do the work.
            let _ = thread::Builder::new().spawn_scoped(scope, || {
                run();
                // The stack of a thread is kept for the next one.
                wipe_stack();
            });
        }
        run();
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_stays_on_however_many_threads() {
        let items: Vec<_> = (0..100).collect();
        for jobs in [1, 2, 7, 200] {
            let doubled = in_order(&items, jobs, |item| item * 2);
            assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        }
        assert_eq!(in_order(&[], 4, |item: &i32| *item), Vec::<i32>::new());
    }
}
