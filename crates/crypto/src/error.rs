//! What can go wrong, said without naming the primitive that refused.

/// A value did not open. Deliberately without detail: a wrong key, a wrong label and a corrupt
/// value must look the same from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no key opens the value")]
pub struct Refused;

/// Bytes that are no sealed value whatever the key, which anyone can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Shorter than its own length field, session key and tag need.
    #[error("cut short: {length} bytes are too few for a sealed value")]
    TooShort {
        /// Bytes that are there.
        length: usize,
    },
}

/// Why a private or public key was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No PEM block of a private key in the text.
    #[error("no private key in the PEM text (found: {found})")]
    NoKey {
        /// What the text holds instead.
        found: String,
    },
    /// A key that needs a passphrase.
    #[error("the private key is encrypted with a passphrase")]
    Encrypted,
    /// A key of another algorithm.
    #[error("needs an RSA key, found {found}")]
    NotRsa {
        /// The algorithm found.
        found: String,
    },
    /// A modulus outside 2048 to 8192 bits.
    #[error("RSA keys have 2048 to 8192 bits, this one has {bits}")]
    Size {
        /// Bits of the modulus.
        bits: usize,
    },
    /// A length that is never generated.
    #[error("a new key has 2048, 3072, 4096 or 8192 bits, not {bits}")]
    NewSize {
        /// Bits asked for.
        bits: usize,
    },
    /// Bytes that are no key, or numbers that are no RSA key pair.
    #[error("the key is damaged")]
    Malformed,
}

/// Why a certificate was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// No `CERTIFICATE` block in the text.
    #[error("no certificate in the PEM text (found: {found})")]
    NoCertificate {
        /// What the text holds instead.
        found: String,
    },
    /// A certificate block whose content is none.
    #[error("the certificate is damaged")]
    Malformed,
    /// A certificate whose key cannot seal.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A time or a name that a certificate cannot hold.
    #[error("a certificate cannot hold this {what}")]
    Unrepresentable {
        /// `"common name"` or `"validity"`.
        what: &'static str,
    },
}
