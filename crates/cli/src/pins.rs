//! Which controller key was seen at a cluster: remembered so that a certificate which comes by a
//! less trusted way can be held against it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sealwright_crypto::Fingerprint;
use sealwright_sealing::Published;

use crate::output;

/// The pins of this user.
pub(crate) struct Pins {
    path: Option<PathBuf>,
    pins: BTreeMap<String, String>,
}

/// How a published certificate stands to the key that was seen before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It has that key.
    Known,
    /// Endorsements lead from that key to it.
    Follows(Fingerprint),
    /// It has nothing to do with that key.
    Foreign(Fingerprint),
    /// None was seen.
    First,
}

impl Pins {
    /// Reads the file; one that is not there or makes no sense holds no pins.
    pub(crate) fn load() -> Self {
        Self::at(folder().map(|folder| folder.join("pins.json")))
    }

    fn at(path: Option<PathBuf>) -> Self {
        let text = path.as_ref().and_then(|path| std::fs::read_to_string(path).ok());
        let pins = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Self { path, pins }
    }

    /// The file, for whoever wants to forget what is in it.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// What may be thought of a certificate that says that it comes from there.
    pub(crate) fn standing(&self, place: &str, published: &Published) -> Standing {
        match self.pinned(place) {
            None => Standing::First,
            Some(pinned) if pinned == published.newest.fingerprint() => Standing::Known,
            Some(pinned) if published.follows_from(pinned) => Standing::Follows(pinned),
            Some(pinned) => Standing::Foreign(pinned),
        }
    }

    /// Lets a key that was seen under an older name of a place count, where none was since.
    pub(crate) fn inherit(&mut self, place: &str, old: &str) {
        if let Some(key) = self.pins.get(old).cloned() {
            self.pins.entry(place.to_owned()).or_insert(key);
        }
    }

    /// The key that was seen at a place.
    pub(crate) fn pinned(&self, place: &str) -> Option<Fingerprint> {
        Fingerprint::parse(self.pins.get(place)?)
    }

    /// Remembers a key, and tells the one before it, if it was another. That it cannot be written is no
    /// failure: the next time, the user is asked again.
    pub(crate) fn pin(&mut self, place: &str, key: Fingerprint) -> Option<Fingerprint> {
        let old = self.pins.insert(place.to_owned(), key.to_string());
        if old != Some(key.to_string()) {
            self.write();
        }
        Fingerprint::parse(&old?).filter(|old| *old != key)
    }

    fn write(&self) {
        let Some(path) = &self.path else { return };
        let Ok(text) = serde_json::to_string_pretty(&self.pins) else { return };
        if let Some(folder) = path.parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        let _ = output::replace(path, &text);
    }
}

/// Where kubeseal's settings are: in XDG's folder, or Windows' or the home's.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder =
        |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let settings = folder("XDG_CONFIG_HOME")
        .or_else(|| folder("APPDATA"))
        .or_else(|| Some(folder("HOME")?.join(".config")))?;
    Some(settings.join("kubeseal"))
}

#[cfg(test)]
mod tests {
    use sealwright_crypto::{
        Certificate, Endorsement, KeySize, Keyring, PrivateKey, SealingKey, Validity,
    };
    use sealwright_sealing::publish;

    use super::*;

    /// A key born at `time`, endorsed by the one before it.
    fn key(time: i64, before: Option<&SealingKey>) -> SealingKey {
        let private = PrivateKey::generate(KeySize::Rsa2048);
        let validity = Validity { not_before: time, not_after: time + 1 };
        let certificate = Certificate::self_signed(&private, "", validity).unwrap();
        let endorsement = before.map(|before| Endorsement::sign(&before.private, &certificate));
        SealingKey { endorsement, ..SealingKey::sealing(private, certificate) }
    }

    #[test]
    fn what_is_published_is_held_against_the_key_seen_there() {
        let first = key(1, None);
        let second = key(2, Some(&first));
        let (old, new) = (first.fingerprint(), second.fingerprint());
        let stranger = key(3, None).fingerprint();
        let data = publish(&Keyring::new([first, second])).unwrap();
        let published = Published::read(&data).unwrap();
        let mut pins = Pins::at(None);
        assert_eq!(pins.standing("here", &published), Standing::First);
        for (pinned, standing) in [
            (old, Standing::Follows(old)),
            (new, Standing::Known),
            (stranger, Standing::Foreign(stranger)),
        ] {
            pins.pin("here", pinned);
            assert_eq!(pins.standing("here", &published), standing);
            assert_eq!(pins.standing("there", &published), Standing::First);
        }
    }

    #[test]
    fn a_pin_under_an_older_name_counts_until_there_is_another() {
        let (old, new) = (key(1, None).fingerprint(), key(2, None).fingerprint());
        let mut pins = Pins::at(None);
        pins.inherit("dev, a/b", "dev, a");
        assert_eq!(pins.pinned("dev, a/b"), None);
        pins.pin("dev, a", old);
        pins.inherit("dev, a/b", "dev, a");
        assert_eq!(pins.pinned("dev, a/b"), Some(old));
        assert_eq!(pins.pin("dev, a/b", new), Some(old));
        pins.inherit("dev, a/b", "dev, a");
        assert_eq!((pins.pinned("dev, a/b"), pins.pinned("dev, a")), (Some(new), Some(old)));
    }

    #[test]
    fn pins_are_kept_beside_what_is_not_understood() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kubeseal").join("pins.json");
        let name = key(1, None).fingerprint();
        Pins::at(Some(path.clone())).pin("here", name);
        Pins::at(Some(path.clone())).pin("https://127.0.0.1:6443 kube-system/c", name);
        let pins = Pins::at(Some(path.clone()));
        assert_eq!((pins.pinned("here"), pins.pinned("there")), (Some(name), None));
        assert!(std::fs::read_to_string(&path).unwrap().contains("  \"here\": \"SHA256:"));
    }
}
