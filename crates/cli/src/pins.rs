//! Which controller key was seen at a cluster: remembered so that a certificate which comes by a
//! less trusted way can be held against it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sealwright_crypto::Fingerprint;

use crate::output;

/// The pins of this user.
pub(crate) struct Pins {
    path: Option<PathBuf>,
    pins: BTreeMap<String, String>,
}

impl Pins {
    /// Reads the file; one that is not there or makes no sense holds no pins.
    pub(crate) fn load() -> Self {
        let path = config_folder().map(|folder| folder.join("kubeseal").join("pins.json"));
        let text = path.as_ref().and_then(|path| std::fs::read_to_string(path).ok());
        let pins = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Self { path, pins }
    }

    /// The key that was seen there.
    pub(crate) fn pinned(&self, place: &str) -> Option<Fingerprint> {
        Fingerprint::parse(self.pins.get(place)?)
    }

    /// Remembers a key. That it cannot be written is no failure: the next time, the user is asked
    /// again.
    pub(crate) fn pin(&mut self, place: &str, key: Fingerprint) {
        let old = self.pins.insert(place.to_owned(), key.to_string());
        let Some(path) = self.path.as_ref().filter(|_| old != Some(key.to_string())) else {
            return;
        };
        let Ok(text) = serde_json::to_string_pretty(&self.pins) else { return };
        if let Some(folder) = path.parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        let _ = output::replace(path, &text);
    }
}

/// Where programs keep their settings: XDG's folder, or Windows' or the home's.
fn config_folder() -> Option<PathBuf> {
    let folder =
        |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("XDG_CONFIG_HOME")
        .or_else(|| folder("APPDATA"))
        .or_else(|| Some(folder("HOME")?.join(".config")))
}
