//! All keys that open, the newest of which seals.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    Certificate, Endorsement, Envelope, Fingerprint, Plaintext, PrivateKey, Refused, hybrid,
};

/// A private key with its certificate, unless it is there only to open.
#[derive(Debug)]
pub struct SealingKey {
    /// What opens.
    pub private: PrivateKey,
    /// What is handed out to seal.
    pub certificate: Option<Certificate>,
    /// Its predecessor's word for the certificate, when it has one.
    pub endorsement: Option<Endorsement>,
    /// What "newest" is judged by, in seconds since 1970 UTC: the certificate's beginning or the
    /// time at which the key was stored, as the administrator chose.
    pub born: i64,
}

impl SealingKey {
    /// A key that only opens, such as one out of a backup.
    pub fn opening(private: PrivateKey) -> Self {
        Self { private, certificate: None, endorsement: None, born: 0 }
    }

    /// A key with its certificate, as old as that.
    pub fn sealing(private: PrivateKey, certificate: Certificate) -> Self {
        let born = certificate.validity().not_before;
        Self { private, certificate: Some(certificate), endorsement: None, born }
    }

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
    keys: Vec<Arc<SealingKey>>,
    rsa_operations: AtomicU64,
}

impl Keyring {
    /// Orders `keys` newest first; of equally old ones the lower fingerprint wins, so that every
    /// replica agrees. A key that is there twice counts once, as the newer.
    pub fn new(keys: impl IntoIterator<Item = impl Into<Arc<SealingKey>>>) -> Self {
        let mut keys: Vec<Arc<SealingKey>> = keys.into_iter().map(Into::into).collect();
        keys.sort_by_key(|key| (std::cmp::Reverse(key.born), key.fingerprint()));
        let mut seen = HashSet::new();
        keys.retain(|key| seen.insert(key.fingerprint()));
        Self { keys, rsa_operations: AtomicU64::new(0) }
    }

    /// The key that seals, unless there is none.
    pub fn newest(&self) -> Option<&SealingKey> {
        self.keys.first().map(AsRef::as_ref)
    }

    /// The certificate to seal with, unless there is none.
    pub fn newest_certificate(&self) -> Option<&Certificate> {
        self.newest()?.certificate.as_ref()
    }

    /// All keys, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &SealingKey> {
        self.keys.iter().map(AsRef::as_ref)
    }

    /// The key of that name.
    pub fn get(&self, name: Fingerprint) -> Option<&SealingKey> {
        self.iter().find(|key| key.fingerprint() == name)
    }

    /// Whether a key of that name is there.
    pub fn contains(&self, name: Fingerprint) -> bool {
        self.get(name).is_some()
    }

    /// Whether both hold the very same keys, read once.
    pub fn is_same(&self, other: &Self) -> bool {
        self.keys.len() == other.keys.len()
            && self.keys.iter().zip(&other.keys).all(|(a, b)| Arc::ptr_eq(a, b))
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

    /// The key under which the session key of a value opens with `label`, though the value itself
    /// may not: what a diagnosis needs to know, and nothing of the value.
    pub fn key_of_session_key(&self, label: &[u8], sealed: &Envelope<'_>) -> Option<Fingerprint> {
        let fits = |key: &&SealingKey| key.private.public().modulus_len() == sealed.rsa.len();
        self.iter().filter(fits).find_map(|key| {
            self.rsa_operations.fetch_add(1, Ordering::Relaxed);
            key.private.decrypt(label, sealed.rsa).is_ok().then(|| key.fingerprint())
        })
    }

    /// Remembered, previous, newest when the object was changed, then newest first; each once.
    fn by_likelihood<'a>(&'a self, hints: Hints<'a>) -> impl Iterator<Item = &'a SealingKey> {
        let named = hints.remembered.iter().copied().chain(hints.previous);
        let named = named.filter_map(|name| self.iter().find(|k| k.fingerprint() == name));
        let contemporary = hints.changed.and_then(|time| self.iter().find(|key| key.born <= time));
        let mut seen = HashSet::new();
        named
            .chain(contemporary)
            .chain(self.iter())
            .filter(move |key| seen.insert(key.fingerprint()))
    }
}

#[cfg(test)]
mod tests;
