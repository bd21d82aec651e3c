//! Waiting for something that may take long, with a tidy way out when this process is told to end.

use crate::error::Result;

/// Who an interrupt of the terminal is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// This process.
    #[cfg(unix)]
    Ours,
    /// Another one, in the foreground too.
    TheirOwn,
}

#[cfg(not(unix))]
pub(crate) use elsewhere::Signals;
#[cfg(unix)]
pub(crate) use unix::Signals;

#[cfg(unix)]
mod unix {
    use tokio::runtime::{Builder, Runtime};
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::{Interrupt, Result};
    use crate::error::{Error, io_reason};

    /// The signals that end a process, which do so no longer while this is there.
    pub(crate) struct Signals {
        runtime: Runtime,
        interrupted: Signal,
        quit: Signal,
        terminated: Signal,
        hung_up: Signal,
    }

    impl Signals {
        /// Listens from now on.
        ///
        /// # Errors
        /// When the kernel does not let it.
        pub(crate) fn listen() -> Result<Self> {
            let listening = || -> std::io::Result<Self> {
                let runtime = Builder::new_current_thread().enable_all().build()?;
                let inside = runtime.enter();
                let interrupted = signal(SignalKind::interrupt())?;
                let quit = signal(SignalKind::quit())?;
                let terminated = signal(SignalKind::terminate())?;
                let hung_up = signal(SignalKind::hangup())?;
                drop(inside);
                Ok(Self { runtime, interrupted, quit, terminated, hung_up })
            };
            listening().map_err(|error| {
                Error::new(format!("cannot listen for signals: {}", io_reason(&error)))
            })
        }

        /// What `work` comes to, or none if this process is told to end before. The work is left to
        /// itself then: whoever asked is expected to tidy up and end.
        pub(crate) fn unless_told_to_end<T: Send + 'static>(
            self,
            interrupt: Interrupt,
            work: impl FnOnce() -> T + Send + 'static,
        ) -> Option<T> {
            let Self { runtime, mut interrupted, mut quit, mut terminated, mut hung_up } = self;
            runtime.block_on(async {
                let (sender, mut done) = tokio::sync::oneshot::channel();
                std::thread::spawn(move || drop(sender.send(work())));
                loop {
                    tokio::select! {
                        result = &mut done => return result.ok(),
                        _ = terminated.recv() => return None,
                        _ = hung_up.recv() => return None,
                        _ = interrupted.recv() => {}
                        _ = quit.recv() => {}
                    }
                    if interrupt == Interrupt::Ours {
                        return None;
                    }
                }
            })
        }
    }
}

/// Windows ends a process without asking.
#[cfg(not(unix))]
mod elsewhere {
    use super::{Interrupt, Result};

    pub(crate) struct Signals;

    impl Signals {
        pub(crate) fn listen() -> Result<Self> {
            Ok(Self)
        }

        pub(crate) fn unless_told_to_end<T: Send + 'static>(
            self,
            _: Interrupt,
            work: impl FnOnce() -> T + Send + 'static,
        ) -> Option<T> {
            Some(work())
        }
    }
}
