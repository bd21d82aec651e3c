//! The caller's randomness, as the libraries want it.

use rand_core::{TryCryptoRng, TryRng};

use crate::context::Context;
use crate::error::Fault;

/// A generator that can fail, and with it whatever draws from it.
pub(super) struct Generator<'a, 'world>(pub(super) &'a mut Context<'world>);

/// The caller had no randomness.
#[derive(Debug, thiserror::Error)]
#[error("no randomness")]
pub(super) struct Dry;

impl From<Fault> for Dry {
    fn from(_: Fault) -> Self {
        Self
    }
}

impl TryRng for Generator<'_, '_> {
    type Error = Dry;

    fn try_next_u32(&mut self) -> Result<u32, Dry> {
        let mut bytes = [0; 4];
        self.0.random(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Dry> {
        let mut bytes = [0; 8];
        self.0.random(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Dry> {
        Ok(self.0.random(bytes)?)
    }
}

/// [`crate::World`] promises a generator that is fit for keys.
impl TryCryptoRng for Generator<'_, '_> {}
