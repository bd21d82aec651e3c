//! When a new key is due.

/// The time from which another key is wanted, in seconds since 1970 UTC; `None` for never.
///
/// `newest` is when the newest key was born. Without one, a key is due at once. A key that is
/// younger than the period and the cutoff is never followed early, at a start or after a restore
/// least of all; a cutoff that lies ahead waits for its time, and makes one key.
pub(super) fn due(newest: Option<i64>, period: Option<i64>, cutoff: Option<i64>) -> Option<i64> {
    let Some(newest) = newest else { return Some(i64::MIN) };
    let by_period = period.map(|period| newest.saturating_add(period));
    let by_cutoff = cutoff.filter(|cutoff| newest < *cutoff);
    by_period.into_iter().chain(by_cutoff).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_due_at_once() {
        assert_eq!(due(None, None, None), Some(i64::MIN));
    }

    #[test]
    fn the_period_counts_from_the_newest_key() {
        assert_eq!(due(Some(100), Some(10), None), Some(110));
        assert_eq!(due(Some(100), None, None), None);
        assert_eq!(due(Some(i64::MAX), Some(10), None), Some(i64::MAX));
    }

    #[test]
    fn a_cutoff_makes_one_key_at_its_time_and_no_second() {
        assert_eq!(due(Some(100), None, Some(150)), Some(150));
        assert_eq!(due(Some(150), None, Some(150)), None);
        assert_eq!(due(Some(151), None, Some(150)), None);
    }

    #[test]
    fn the_earlier_of_both_counts() {
        assert_eq!(due(Some(100), Some(10), Some(105)), Some(105));
        assert_eq!(due(Some(100), Some(10), Some(115)), Some(110));
    }
}
