//! Where values are opened: RSA takes milliseconds, and the async threads have requests to answer.

use std::thread::available_parallelism;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinError;

/// How much a thread steps back, of 19 at most: it gets what the others leave, a tenth at least.
const NICE: i32 = 10;

/// As many threads as there are cores: with more of them at work everybody would wait longer.
pub(crate) struct Cores {
    turns: Semaphore,
    /// Threads of its own, if they step back.
    apart: Option<Runtime>,
}

impl Cores {
    /// Threads that count as much as any other.
    pub(crate) fn of_all() -> Self {
        Self { turns: Semaphore::new(count()), apart: None }
    }

    /// Threads that step back where others have something to do: those that answer requests, and
    /// those of [`Cores::of_all`].
    pub(crate) fn left_over() -> Self {
        let mut threads = Builder::new_current_thread();
        let threads = threads.thread_name("backlog").max_blocking_threads(count());
        // Where that is not allowed, it is a thread like any other.
        let threads = threads.on_thread_start(|| _ = rustix::process::nice(NICE));
        let apart = threads.build().expect("threads without timers or sockets need nothing");
        Self { turns: Semaphore::new(count()), apart: Some(apart) }
    }

    /// Does it, once it is its turn.
    ///
    /// # Errors
    /// When it panics.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let _turn = self.turns.acquire().await.expect("nobody closes the semaphore");
        let threads =
            self.apart.as_ref().map_or_else(Handle::current, |apart| apart.handle().clone());
        threads.spawn_blocking(work).await
    }
}

impl Drop for Cores {
    fn drop(&mut self) {
        // Dropped as it is, it would wait for its threads, which async code must not.
        self.apart.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

fn count() -> usize {
    available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nice() -> i32 {
        rustix::process::nice(0).unwrap()
    }

    #[tokio::test]
    async fn the_backlog_s_threads_step_back_and_no_other_does() {
        let here = nice();
        let apart = Cores::left_over();
        let there = apart.run(nice).await.unwrap();
        assert_eq!(there, (here + NICE).min(19));
        assert_eq!(Cores::of_all().run(nice).await.unwrap(), here);
        assert_eq!(nice(), here);
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_takes_no_turn_away() {
        let apart = Cores::left_over();
        for _ in 0..=count() {
            assert!(apart.run(|| panic!("as it should")).await.is_err());
        }
        assert_eq!(apart.run(|| 1).await.unwrap(), 1);
    }
}
