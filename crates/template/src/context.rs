//! What functions can reach: the caller's clock and randomness, and the budget of the render.

use crate::error::Fault;
use crate::limits;
use crate::value::meter::{self, Held};
use crate::value::{Dict, WeakDict};

/// Where a render takes time and randomness from; there is no other way to either.
///
/// ```
/// use std::time::{SystemTime, UNIX_EPOCH};
///
/// use sealwright_template::{NoRandomness, Template, Timestamp, World};
///
/// /// The system's clock, and no randomness: `randAlpha`, `genPrivateKey` and their like fail.
/// struct Clock;
///
/// impl World for Clock {
///     fn now(&mut self) -> Timestamp {
///         let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
///         let seconds = since.as_secs().try_into().unwrap_or(i64::MAX);
///         Timestamp { seconds, nanoseconds: since.subsec_nanos() }
///     }
///
///     fn random(&mut self, _: &mut [u8]) -> Result<(), NoRandomness> {
///         Err(NoRandomness)
///     }
/// }
///
/// let render = |text| Template::parse("item", text)?.render(&[].into(), &mut Clock);
/// assert_eq!(render("{{ now | date `2006` | len }}")?, b"4");
/// assert!(render("{{ randAlpha 5 }}").is_err());
/// # Ok::<(), sealwright_template::TemplateError>(())
/// ```
pub trait World {
    /// The time now.
    fn now(&mut self) -> Timestamp;

    /// Fills `bytes` from a generator that is fit for keys and passwords.
    ///
    /// # Errors
    /// When there is no randomness. The render fails.
    fn random(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

/// A point in time, as seconds and nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// Whole seconds, negative before 1970.
    pub seconds: i64,
    /// 0 to 999,999,999, forward from `seconds`.
    pub nanoseconds: u32,
}

/// The generator had nothing to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRandomness;

/// What renders may take together, as many as are given the same: nobody gains by a hundred templates
/// in the place of one.
#[derive(Debug)]
pub struct Budget {
    pub(crate) steps: u64,
    pub(crate) costly: u32,
    pub(crate) output: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: limits::STEPS, costly: limits::COSTLY, output: limits::OUTPUT }
    }
}

/// A render's surroundings, handed to every function.
pub(crate) struct Context<'world> {
    world: &'world mut dyn World,
    budget: &'world mut Budget,
    held_before: isize,
    /// Dicts that a container was put into: cut when the render ends, lest a cycle stays behind.
    changed: Vec<WeakDict>,
    prune_at: usize,
}

impl<'world> Context<'world> {
    pub(crate) fn new(world: &'world mut dyn World, budget: &'world mut Budget) -> Self {
        Self { world, budget, held_before: meter::live(), changed: Vec::new(), prune_at: 64 }
    }

    /// The caller's clock.
    pub(crate) fn now(&mut self) -> Timestamp {
        self.world.now()
    }

    /// The caller's randomness.
    pub(crate) fn random(&mut self, bytes: &mut [u8]) -> Result<(), Fault> {
        self.spend(32 + bytes.len() as u64 / 4)?;
        self.world.random(bytes).map_err(|NoRandomness| Fault::new("no randomness"))
    }

    /// Pays for `steps` units of work, of some ten nanoseconds each: call it in every loop that
    /// is longer than its input.
    pub(crate) fn spend(&mut self, steps: u64) -> Result<(), Fault> {
        let left = self.budget.steps.checked_sub(steps).ok_or(Fault::STEPS)?;
        self.budget.steps = left;
        Ok(())
    }

    /// Pays for a call that takes milliseconds (bcrypt, scrypt: 1) or a key (RSA of 2048
    /// bits: 4, of 4096 bits, and DSA: 8).
    pub(crate) fn spend_costly(&mut self, units: u32) -> Result<(), Fault> {
        let left = self.budget.costly.checked_sub(units).ok_or(Fault::COSTLY)?;
        self.budget.costly = left;
        Ok(())
    }

    /// Bytes that may still be written.
    pub(crate) fn output_left(&self) -> usize {
        self.budget.output
    }

    /// Pays for what was written, once it is whole.
    pub(crate) fn wrote(&mut self, bytes: usize) {
        self.budget.output = self.budget.output.saturating_sub(bytes);
    }

    /// Asks before `bytes` more are made: call it where a result can be larger than the arguments
    /// (`repeat`, `indent`, a width), before anything is allocated. Also pays for writing them.
    pub(crate) fn room(&mut self, bytes: usize) -> Result<(), Fault> {
        self.check(bytes)?;
        self.spend(bytes as u64 / 64)
    }

    /// Makes room in a buffer for so many bytes more, or for twice as many as it holds: asks before,
    /// and pays for moving it.
    pub(crate) fn reserve(&mut self, buffer: &mut Vec<u8>, more: usize) -> Result<(), Fault> {
        let capacity = buffer.capacity();
        if capacity - buffer.len() < more {
            self.check(capacity.saturating_mul(2).saturating_add(more))?;
            self.spend((capacity as u64 + more as u64) / 256)?;
            buffer.reserve(more);
        }
        Ok(())
    }

    /// As [`Context::room`] without paying: for a buffer that grows bit by bit.
    pub(crate) fn check(&self, bytes: usize) -> Result<(), Fault> {
        let held = meter::live().wrapping_sub(self.held_before).max(0).unsigned_abs();
        if held.saturating_add(bytes) > limits::HELD { Err(Fault::HELD) } else { Ok(()) }
    }

    /// The same, and the bytes count until what comes back is dropped.
    pub(crate) fn hold(&self, bytes: usize) -> Result<Held, Fault> {
        self.check(bytes)?;
        Ok(Held::new(bytes))
    }

    /// Notes that `dict` got a container, and so may contain itself now.
    pub(crate) fn may_contain_itself(&mut self, dict: &Dict) {
        self.changed.extend(dict.downgrade());
        if self.changed.len() > self.prune_at {
            self.changed.retain(WeakDict::is_alive);
            self.prune_at = 64.max(self.changed.len() * 2);
        }
    }
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        for dict in &self.changed {
            dict.clear();
        }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::{NoRandomness, Timestamp, World};

    /// A clock that stands still, and no randomness.
    pub(crate) struct Still;

    impl World for Still {
        fn now(&mut self) -> Timestamp {
            Timestamp { seconds: 0, nanoseconds: 0 }
        }

        fn random(&mut self, _: &mut [u8]) -> Result<(), NoRandomness> {
            Err(NoRandomness)
        }
    }
}
