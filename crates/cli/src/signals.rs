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
    use std::future::poll_fn;
    use std::task::Poll;

    use rustix::process::Signal as Number;
    use tokio::runtime::{Builder, Runtime};
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::{Interrupt, Result};
    use crate::error::{Error, io_reason};

    /// What a terminal sends to whoever is in the foreground.
    const FROM_THE_TERMINAL: &[Number] = &[Number::INT, Number::QUIT];
    /// What ends a process that does not listen, and is no mistake of its own.
    const ENDING: &[Number] = &[
        Number::TERM,
        Number::HUP,
        Number::USR1,
        Number::USR2,
        Number::ALARM,
        Number::VTALARM,
        Number::PROF,
        Number::XCPU,
        Number::XFSZ,
        // Others ignore this one, or have not got the rest.
        #[cfg(target_os = "linux")]
        Number::IO,
        #[cfg(target_os = "linux")]
        Number::POWER,
        #[cfg(target_os = "linux")]
        Number::STKFLT,
    ];

    /// The signals that end a process, which do so no longer while this is there.
    pub(crate) struct Signals {
        runtime: Runtime,
        from_the_terminal: Vec<Signal>,
        ending: Vec<Signal>,
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
                let (from_the_terminal, ending) = (all(FROM_THE_TERMINAL)?, all(ENDING)?);
                drop(inside);
                Ok(Self { runtime, from_the_terminal, ending })
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
            let Self { runtime, mut from_the_terminal, mut ending } = self;
            runtime.block_on(async {
                let (sender, mut done) = tokio::sync::oneshot::channel();
                std::thread::spawn(move || drop(sender.send(work())));
                loop {
                    tokio::select! {
                        result = &mut done => return result.ok(),
                        () = any(&mut ending) => return None,
                        () = any(&mut from_the_terminal) => {}
                    }
                    if interrupt == Interrupt::Ours {
                        return None;
                    }
                }
            })
        }
    }

    fn all(numbers: &[Number]) -> std::io::Result<Vec<Signal>> {
        numbers.iter().map(|number| signal(SignalKind::from_raw(number.as_raw()))).collect()
    }

    /// Waits for one of them.
    async fn any(signals: &mut [Signal]) {
        poll_fn(|context| {
            let mut come = signals.iter_mut().map(|signal| signal.poll_recv(context));
            if come.any(|it| it.is_ready()) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
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
