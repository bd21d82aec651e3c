//! Secret to SealedSecret and back, synchronous and without I/O.
//!
//! [`seal()`] turns a Secret into a SealedSecret that anyone may read, [`unseal()`] turns it back
//! with the keys of a keyring, and [`verify()`] tells whether that would work.

mod base64;
mod error;
mod label;
mod open;
mod scrub;
mod seal;
mod secret;
mod unseal;

pub use base64::decode_base64;
pub use error::{ItemError, SealError, SecretError, UnsealError, VerifyError};
pub use label::label;
pub use open::verify;
pub use seal::{seal, set_scope};
pub use secret::OpenSecret;
pub use unseal::{UnsealOptions, Unsealed, unseal};
