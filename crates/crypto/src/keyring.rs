//! All keys that open, the newest of which seals.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Certificate, Envelope, Fingerprint, Plaintext, PrivateKey, Refused, hybrid};

/// A private key with its certificate, unless it is there only to open.
#[derive(Debug)]
pub struct SealingKey {
    /// What opens.
    pub private: PrivateKey,
    /// What is handed out to seal.
    pub certificate: Option<Certificate>,
    /// What "newest" is judged by, in seconds since 1970 UTC: the certificate's beginning or the
    /// time at which the key was stored, as the administrator chose.
    pub born: i64,
}

impl SealingKey {
    /// The key's name.
    pub fn fingerprint(&self) -> Fingerprint {
        self.private.public().fingerprint()
    }
}

/// What is known of the key that sealed a value, which the value itself does not name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// Keys that opened this object before.
    pub remembered: &'a [Fingerprint],
    /// The key that opened the object's previous value.
    pub previous: Option<Fingerprint>,
    /// When the object was last changed, in seconds since 1970 UTC.
    pub changed: Option<i64>,
}

/// An opened value.
#[derive(Debug)]
pub struct Opened {
    /// The value.
    pub value: Plaintext,
    /// The key that opened it.
    pub key: Fingerprint,
}

/// An immutable set of keys, newest first. To change it, build another and swap it whole.
#[derive(Debug, Default)]
pub struct Keyring {
    keys: Vec<SealingKey>,
    rsa_operations: AtomicU64,
}

impl Keyring {
    /// Orders `keys` newest first; of equally old ones the lower fingerprint wins, so that every
    /// replica agrees. A key that is there twice counts once, as the newer.
    pub fn new(mut keys: Vec<SealingKey>) -> Self {
        keys.sort_by_key(|key| (std::cmp::Reverse(key.born), key.fingerprint()));
        let mut seen = HashSet::new();
        keys.retain(|key| seen.insert(key.fingerprint()));
        Self { keys, rsa_operations: AtomicU64::new(0) }
    }

    /// The key that seals, unless there is none.
    pub fn newest(&self) -> Option<&SealingKey> {
        self.keys.first()
    }

    /// The certificate to seal with, unless there is none.
    pub fn newest_certificate(&self) -> Option<&Certificate> {
        self.newest()?.certificate.as_ref()
    }

    /// All keys, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &SealingKey> {
        self.keys.iter()
    }

    /// Private RSA operations done since the keyring was built.
    pub fn rsa_operations(&self) -> u64 {
        self.rsa_operations.load(Ordering::Relaxed)
    }

    /// Opens a value with whichever key fits, trying the likeliest first: with good hints that is
    /// one RSA operation, whatever the number of keys.
    ///
    /// # Errors
    /// [`Refused`] once every key was tried, whichever step failed with each.
    pub fn open(
        &self,
        label: &[u8],
        sealed: &Envelope<'_>,
        hints: Hints<'_>,
    ) -> Result<Opened, Refused> {
        for key in self.by_likelihood(hints) {
            // A sealed session key is as long as the modulus: others cannot open it.
            if key.private.public().modulus_len() != sealed.rsa.len() {
                continue;
            }
            self.rsa_operations.fetch_add(1, Ordering::Relaxed);
            if let Ok(value) = hybrid::open(&key.private, label, sealed) {
                return Ok(Opened { value, key: key.fingerprint() });
            }
        }
        Err(Refused)
    }

    /// Remembered, previous, newest when the object was changed, then newest first; each once.
    fn by_likelihood<'a>(&'a self, hints: Hints<'a>) -> impl Iterator<Item = &'a SealingKey> {
        let named = hints.remembered.iter().copied().chain(hints.previous);
        let named = named.filter_map(|name| self.keys.iter().find(|k| k.fingerprint() == name));
        let contemporary =
            hints.changed.and_then(|time| self.keys.iter().find(|key| key.born <= time));
        let mut seen = HashSet::new();
        named
            .chain(contemporary)
            .chain(&self.keys)
            .filter(move |key| seen.insert(key.fingerprint()))
    }
}

#[cfg(test)]
mod tests;
