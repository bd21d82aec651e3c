//! Whether the process lives, and whether it is ready.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::extract::State;
use axum::http::StatusCode;

use super::Shared;

/// Counts the watches that have yet to list what is there.
#[derive(Debug, Default)]
pub(crate) struct Readiness(AtomicUsize);

/// One watch that is waited for.
#[derive(Debug)]
pub(crate) struct Awaited {
    readiness: Arc<Readiness>,
    has_arrived: AtomicBool,
    has_listed: AtomicBool,
}

impl Readiness {
    /// Whether every watch has listed what is there.
    pub(crate) fn is_ready(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    /// One more watch begins.
    pub(crate) fn await_one(self: &Arc<Self>) -> Awaited {
        self.0.fetch_add(1, Ordering::Relaxed);
        Awaited {
            readiness: self.clone(),
            has_arrived: AtomicBool::new(false),
            has_listed: AtomicBool::new(false),
        }
    }
}

impl Awaited {
    /// The watch has listed what is there.
    pub(crate) fn listed(&self) {
        self.has_listed.store(true, Ordering::Relaxed);
        self.arrived();
    }

    /// Whether it has.
    pub(crate) fn has_listed(&self) -> bool {
        self.has_listed.load(Ordering::Relaxed)
    }

    /// The watch has listed what is there, or may not: it is waited for no longer.
    pub(crate) fn arrived(&self) {
        if !self.has_arrived.swap(true, Ordering::Relaxed) {
            self.readiness.0.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready once there is a key and every watch has listed what is there.
pub(super) async fn readyz(State(shared): State<Arc<Shared>>) -> (StatusCode, &'static str) {
    if shared.keys.current().newest().is_none() {
        return (StatusCode::SERVICE_UNAVAILABLE, "no sealing key\n");
    }
    if !shared.readiness.is_ready() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the watches are not synced yet\n");
    }
    (StatusCode::OK, "ok\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_watch_is_waited_for_once() {
        let readiness = Arc::new(Readiness::default());
        let (a, b) = (readiness.await_one(), readiness.await_one());
        a.arrived();
        a.arrived();
        assert_eq!(readiness.0.load(Ordering::Relaxed), 1);
        b.arrived();
        assert_eq!(readiness.0.load(Ordering::Relaxed), 0);
    }
}
