//! How long to wait before a watch that broke off is begun again.

use std::time::{Duration, Instant};

use kube::runtime::utils::Backoff as KubeBackoff;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
/// A watch that held for so long was a good one.
const GOOD: Duration = Duration::from_mins(2);

/// 1 s, doubled each time, at most 30 s. kube's own starts over as soon as a watch is begun, before
/// it is known whether it may be: a right that is missing would be asked for every second.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    last: Option<Instant>,
}

impl Backoff {
    fn after(&mut self, now: Instant) -> Duration {
        if self.last.is_some_and(|last| now.duration_since(last) > GOOD + LONGEST) {
            self.failures = 0;
        }
        self.last = Some(now);
        let wait = (SHORTEST * 2_u32.pow(self.failures.min(5))).min(LONGEST);
        self.failures += 1;
        wait
    }
}

impl Iterator for Backoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        Some(self.after(Instant::now()))
    }
}

impl KubeBackoff for Backoff {
    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_whatever_is_reset_until_a_watch_held() {
        let (mut backoff, start) = (Backoff::default(), Instant::now());
        let mut wait = |second| {
            KubeBackoff::reset(&mut backoff);
            backoff.after(start + Duration::from_secs(second)).as_secs()
        };
        let waits: Vec<_> = (0..7).map(|n| wait(n * 30)).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(wait(180 + 151), 1);
    }
}
