//! Failures that repeat for as long as their cause lasts.

use std::sync::{Mutex, PoisonError};

use tracing::{debug, warn};

/// Tells of a failure once, and again only after a success or another failure: a right that is
/// missing is missing at every attempt.
#[derive(Default)]
pub(super) struct Complaint(Mutex<Option<String>>);

impl Complaint {
    /// A warning the first time.
    pub(super) fn tell(&self, text: &str) {
        let is_known = self.replace(Some(text.to_owned())).as_deref() == Some(text);
        if is_known {
            debug!("{text}; trying again");
        } else {
            warn!("{text}; trying again until it succeeds");
        }
    }

    /// It works now, or does not.
    pub(super) fn settle_if(&self, works: bool) {
        if works {
            self.replace(None);
        }
    }

    fn replace(&self, text: Option<String>) -> Option<String> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut told, text)
    }
}
