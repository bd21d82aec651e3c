//! How often a Secret is healed: two heals a minute, then whoever edits it again and again is given
//! time, ever more of it.

use std::time::{Duration, Instant};

const HEALS: usize = 2;
const WINDOW: Duration = Duration::from_mins(1);
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// Peace after which a fight is forgotten.
const PEACE: Duration = Duration::from_mins(10);

/// Not now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooOften {
    /// How long to wait.
    pub(crate) wait: Duration,
    /// Whether it was so before: somebody fights for the Secret.
    pub(crate) is_lasting: bool,
}

/// The heals of one Secret.
#[derive(Debug, Default)]
pub(super) struct Heals {
    done: Vec<Instant>,
    rounds: u32,
    until: Option<Instant>,
}

impl Heals {
    /// Whether it may be healed now, or when.
    pub(super) fn may(&mut self, now: Instant) -> Result<(), TooOften> {
        if self.done.last().is_none_or(|last| now.duration_since(*last) > PEACE) {
            *self = Self::default();
        }
        self.done.retain(|heal| now.duration_since(*heal) <= PEACE);
        let lately = self.done.iter().filter(|heal| now.duration_since(**heal) < WINDOW);
        let until = match self.until {
            Some(until) if until > now => until,
            _ if lately.count() < HEALS => return Ok(()),
            _ => {
                let wait = (WINDOW * 2_u32.pow(self.rounds.min(3))).min(LONGEST_WAIT);
                self.rounds += 1;
                let first = self.done[self.done.len() - HEALS];
                *self.until.insert(if self.rounds == 1 { first + WINDOW } else { now + wait })
            }
        };
        Err(TooOften { wait: until.duration_since(now), is_lasting: self.rounds > 1 })
    }

    /// It was healed.
    pub(super) fn done(&mut self, now: Instant) {
        self.done.push(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_heals_a_minute_and_then_ever_longer_waits() {
        let (mut heals, start) = (Heals::default(), Instant::now());
        let at = |second| start + Duration::from_secs(second);
        let too_often =
            |wait, is_lasting| Err(TooOften { wait: Duration::from_secs(wait), is_lasting });
        for second in [0, 10] {
            assert_eq!(heals.may(at(second)), Ok(()));
            heals.done(at(second));
        }
        assert_eq!(heals.may(at(20)), too_often(40, false));
        assert_eq!(heals.may(at(30)), too_often(30, false));
        for second in [60, 70] {
            assert_eq!(heals.may(at(second)), Ok(()));
            heals.done(at(second));
        }
        assert_eq!(heals.may(at(71)), too_often(120, true));
        assert_eq!(heals.may(at(190)), too_often(1, true));
        assert_eq!(heals.may(at(191)), Ok(()));
        // Peace.
        assert_eq!(heals.may(at(70 + 601)), Ok(()));
        heals.done(at(700));
        heals.done(at(700));
        assert_eq!(heals.may(at(700)), too_often(60, false));
    }

    #[test]
    fn what_did_not_succeed_is_no_heal() {
        let (mut heals, now) = (Heals::default(), Instant::now());
        for _ in 0..5 {
            assert_eq!(heals.may(now), Ok(()));
        }
    }
}
