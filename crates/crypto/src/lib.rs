//! Bytes to sealed bytes and back: the cryptography of sealed secrets and nothing else.
//!
//! A value is sealed under a public key and a label, and only the private key together with the
//! same label opens it ([`seal`], [`Keyring::open`]). Keys and certificates are read, made and
//! named here ([`PrivateKey`], [`Certificate`], [`Fingerprint`]). The format is written down in
//! `docs/wire-format.md`.
//!
//! No file, clock, environment or network is touched: time is an argument.

#[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
compile_error!("choose a backend: feature `aws-lc` or feature `rustcrypto`");

mod aead;
mod backend;
mod certificate;
mod endorsement;
mod envelope;
mod error;
mod fingerprint;
mod hybrid;
mod keypair;
mod keyring;
mod memory;
mod oaep;
mod pem;
mod secret;

pub use backend::{Backend, fill_random};
pub use certificate::{Certificate, Validity};
pub use endorsement::Endorsement;
pub use envelope::Envelope;
pub use error::{CertificateError, EnvelopeError, KeyError, Refused};
pub use fingerprint::Fingerprint;
pub use hybrid::{open, seal};
pub use keypair::{KeySize, PrivateKey, PublicKey};
pub use keyring::{Hints, Keyring, Opened, SealingKey};
pub use memory::TAG_LEN;
pub use pem::{Block as PemBlock, blocks as pem_blocks};
pub use secret::Plaintext;
