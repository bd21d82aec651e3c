//! Holds `sealwright-template` against Go: random templates are rendered by both, and every
//! difference is cut down to what shows it.

pub mod bench;
pub mod case;
pub mod dice;
mod error;
pub mod generate;
pub mod go;
pub mod known;
pub mod ours;
pub mod recorded;
pub mod renderer;
pub mod run;
mod shrink;
pub mod statistics;

pub use error::{Context, Error, Result};
