//! How long to go on asking whoever is asked too often.

use std::time::Duration;

/// For one request, however often it is sent.
const IN_ALL: Duration = Duration::from_secs(120);
/// When nobody says when to come again.
const PAUSE: Duration = Duration::from_secs(1);

/// How long to wait before the next try, or `None` when that is too long.
pub(super) fn pause(waited: Duration, retry_after: Option<Duration>) -> Option<Duration> {
    let pause = retry_after.unwrap_or(PAUSE).max(PAUSE);
    (waited.saturating_add(pause) <= IN_ALL).then_some(pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_minutes_are_waited_and_no_more() {
        let seconds = Duration::from_secs;
        for (waited, retry_after, expected) in [
            (0, None, Some(1)),
            (0, Some(0), Some(1)),
            (0, Some(7), Some(7)),
            (0, Some(120), Some(120)),
            (0, Some(121), None),
            (100, Some(20), Some(20)),
            (100, Some(21), None),
            (119, None, Some(1)),
            (120, None, None),
            (0, Some(u64::MAX), None),
            (1, Some(u64::MAX), None),
        ] {
            let found = pause(seconds(waited), retry_after.map(seconds));
            assert_eq!(found, expected.map(seconds), "{waited} {retry_after:?}");
        }
    }
}
