//! Waiting for a condition, never for a duration.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::{Error, Result};

const INTERVAL: Duration = Duration::from_millis(50);

/// What one look may return: `Some` or `Ok` when the condition holds, `None` or `Err` (with the
/// state that was seen) while it does not.
pub trait Look {
    /// What the condition brings along.
    type Found;

    /// The thing found, or the state seen instead.
    ///
    /// # Errors
    /// While the condition does not hold.
    fn found(self) -> Result<Self::Found, Option<String>>;
}

impl<T> Look for Option<T> {
    type Found = T;

    fn found(self) -> Result<T, Option<String>> {
        self.ok_or(None)
    }
}

impl<T, E: Display> Look for Result<T, E> {
    type Found = T;

    fn found(self) -> Result<T, Option<String>> {
        self.map_err(|seen| Some(seen.to_string()))
    }
}

/// Looks every 50 ms until the condition holds, and returns what was found.
///
/// # Errors
/// After `limit`, naming `what` and the state seen last. A look that hangs counts too.
pub async fn eventually<L: Look>(
    what: &str,
    limit: Duration,
    mut look: impl AsyncFnMut() -> L,
) -> Result<L::Found> {
    let deadline = Instant::now() + limit;
    let mut last = None;
    loop {
        let Ok(look) = timeout_at(deadline, look()).await else {
            return Err(too_late(what, limit, last));
        };
        match look.found() {
            Ok(found) => return Ok(found),
            Err(seen) => last = seen.or(last),
        }
        if Instant::now() >= deadline {
            return Err(too_late(what, limit, last));
        }
        sleep(INTERVAL).await;
    }
}

fn too_late(what: &str, limit: Duration, last: Option<String>) -> Error {
    let seen = last.map_or_else(String::new, |seen| format!("; last seen: {seen}"));
    Error::new(format!("not within {limit:?}: {what}{seen}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(120);

    #[tokio::test]
    async fn returns_what_was_found_as_soon_as_it_is() {
        let mut left = 2;
        let found = eventually("a countdown", Duration::from_secs(5), async || {
            left -= 1;
            (left == 0).then_some("lift-off")
        });
        assert_eq!(found.await.unwrap(), "lift-off");
    }

    #[tokio::test]
    async fn an_error_names_the_condition_the_limit_and_the_last_state() {
        let error = eventually("the pod runs", SHORT, async || Err::<(), _>("phase Pending"));
        assert_eq!(
            error.await.unwrap_err().to_string(),
            "not within 120ms: the pod runs; last seen: phase Pending"
        );
    }

    #[tokio::test]
    async fn a_look_that_hangs_does_not_outlive_the_limit() {
        let error =
            eventually("an answer", SHORT, async || std::future::pending::<Option<()>>().await);
        assert_eq!(error.await.unwrap_err().to_string(), "not within 120ms: an answer");
    }
}
