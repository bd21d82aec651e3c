//! Secret to SealedSecret and back, synchronous and without I/O.
//!
//! [`seal()`] turns a Secret into a SealedSecret that anyone may read, [`unseal()`] turns it back
//! with the keys of a keyring. [`verify()`] tells whether that would work, [`diagnose()`] why not,
//! [`rotate()`] seals anew what was sealed with an older key, and [`render()`] tries a template without
//! any key.

mod base64;
mod diagnose;
mod error;
mod key_secret;
mod label;
mod open;
mod published;
mod render;
mod rotate;
mod scrub;
mod seal;
mod secret;
mod unseal;

pub use base64::decode_base64;
pub use diagnose::diagnose;
pub use error::{
    Diagnosis, ItemError, ItemErrors, SealError, SecretError, UnsealError, VerifyError,
};
pub use key_secret::{is_active, read_key, succeed, write_key};
pub use label::label;
pub use open::{last_changed, verify};
pub use published::{CONFIG_MAP, Published, publish};
pub use render::check_template;
pub use rotate::{Anew, rotate};
pub use seal::{is_key_name, seal, set_scope};
pub use sealwright_template::Timestamp;
pub use secret::OpenSecret;
pub use unseal::{UnsealOptions, Unsealed, render, unseal};
