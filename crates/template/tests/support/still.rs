//! A clock that stands still, and no randomness.

use sealwright_template::{NoRandomness, Timestamp, World};

/// It is 1970.
pub(crate) struct Still;

impl World for Still {
    fn now(&mut self) -> Timestamp {
        Timestamp { seconds: 0, nanoseconds: 0 }
    }

    fn random(&mut self, _: &mut [u8]) -> Result<(), NoRandomness> {
        Err(NoRandomness)
    }
}
