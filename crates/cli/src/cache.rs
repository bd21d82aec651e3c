//! Certificates that were fetched, for when their cluster is out of reach. They are no secrets; a wrong
//! one would be, to whoever has its key.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sealwright_crypto::Certificate;
use sha2::{Digest, Sha256};

use crate::configuration::read_own;
use crate::output;
use crate::table::printable;

/// The certificates of this user's clusters, a file for each.
pub(crate) struct Cache {
    folder: Option<PathBuf>,
}

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cached {
    pub(crate) pem: String,
    pub(crate) fetched: Timestamp,
}

impl Cache {
    /// The user's. Where there is no home there is none.
    pub(crate) fn open() -> Self {
        let folder = |name: &str| {
            std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
        };
        let caches = folder("XDG_CACHE_HOME")
            .or_else(|| folder("LOCALAPPDATA"))
            .or_else(|| Some(folder("HOME")?.join(".cache")));
        Self::at(caches.map(|caches| caches.join("kubeseal").join("certificates")))
    }

    fn at(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// Keeps a certificate that came from there. That it cannot be written is no failure: it is for
    /// another time.
    pub(crate) fn keep(&self, place: &str, certificate: &Certificate, now: Timestamp) {
        let Some(path) = self.path(place) else { return };
        let _ = path.parent().map(make_folder);
        let text = format!("{}{}", head(place, certificate, now), certificate.to_pem());
        let _ = output::replace(&path, text);
    }

    /// The one that came from there last. One that is damaged, or another's, is none.
    pub(crate) fn find(&self, place: &str) -> Option<Cached> {
        let text = String::from_utf8(read_own(&self.path(place)?)?).ok()?;
        let certificate = Certificate::from_pem(&text).ok()?;
        let fetched = text.lines().find_map(|line| line.strip_prefix(FETCHED))?.parse().ok()?;
        let is_whole = text.starts_with(&head(place, &certificate, fetched));
        is_whole.then(|| Cached { pem: certificate.to_pem().to_owned(), fetched })
    }

    /// Names of places hold what no file can be called.
    fn path(&self, place: &str) -> Option<PathBuf> {
        let digest = Sha256::digest(place.as_bytes());
        let name: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        Some(self.folder.as_ref()?.join(name + ".pem"))
    }
}

const FETCHED: &str = "fetched: ";

/// What stands before the certificate, as PEM allows.
fn head(place: &str, certificate: &Certificate, fetched: Timestamp) -> String {
    let (place, key) = (printable(place.to_owned()), certificate.fingerprint());
    format!("place: {place}\nkey: {key}\n{FETCHED}{fetched}\n")
}

/// Readable by nobody else: it tells which clusters there are.
#[cfg(unix)]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(windows)]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use sealwright_crypto::{KeySize, PrivateKey, Validity};

    use super::*;

    fn certificate() -> Certificate {
        let key = PrivateKey::generate(KeySize::Rsa2048);
        Certificate::self_signed(&key, "", Validity { not_before: 0, not_after: 1 }).unwrap()
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_796_000_000).unwrap()
    }

    #[test]
    fn what_is_kept_is_found_under_its_place_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(Some(folder.path().join("new/certificates")));
        let (one, two) = (certificate(), certificate());
        assert_eq!(cache.find("dev\nat x"), None);
        cache.keep("dev\nat x", &two, now());
        cache.keep("dev\nat x", &one, now());
        cache.keep("prod", &two, now());
        let found = |place| cache.find(place).map(|cached| cached.pem);
        assert_eq!(found("dev\nat x").as_deref(), Some(one.to_pem()));
        assert_eq!(found("prod").as_deref(), Some(two.to_pem()));
        assert_eq!(found("other"), None);
        assert_eq!(cache.find("prod").map(|cached| cached.fetched), Some(now()));
    }

    #[test]
    fn what_is_damaged_or_anothers_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(Some(folder.path().to_owned()));
        let certificate = certificate();
        let path = cache.path("dev").unwrap();
        cache.keep("dev", &certificate, now());
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(cache.find("dev").is_some());
        for damaged in [
            String::new(),
            text.replace("dev", "prod"),
            text.replace("fetched: ", "fetched: x"),
            text.replace("SHA256:", "SHA256:x"),
            text.replace("BEGIN CERT", "BEGIN"),
            text[..text.len() / 2].to_owned(),
            certificate.to_pem().to_owned(),
        ] {
            std::fs::write(&path, &damaged).unwrap();
            assert_eq!(cache.find("dev"), None, "{damaged}");
        }
        std::fs::write(&path, b"\xff").unwrap();
        assert_eq!(cache.find("dev"), None);
    }

    #[test]
    fn without_a_place_for_it_nothing_is_kept() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for cache in [Cache::at(None), Cache::at(Some(file.path().to_owned()))] {
            cache.keep("dev", &certificate(), now());
            assert_eq!(cache.find("dev"), None);
        }
    }

    #[test]
    fn several_at_once_leave_a_whole_one() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(Some(folder.path().to_owned()));
        let certificates = [certificate(), certificate()];
        cache.keep("dev", &certificates[0], now());
        std::thread::scope(|scope| {
            for certificate in &certificates {
                scope.spawn(|| (0..50).for_each(|_| cache.keep("dev", certificate, now())));
            }
            for _ in 0..200 {
                assert!(cache.find("dev").is_some());
            }
        });
        let left: Vec<_> = folder.path().read_dir().unwrap().collect();
        assert_eq!(left.len(), 1);
        assert!(cache.find("dev").is_some());
    }

    #[test]
    #[cfg(unix)]
    fn what_others_may_have_written_is_none() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(Some(folder.path().to_owned()));
        cache.keep("dev", &certificate(), now());
        let path = cache.path("dev").unwrap();
        let set = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode));
        set(0o646).unwrap();
        assert_eq!(cache.find("dev"), None);
        set(0o644).unwrap();
        assert!(cache.find("dev").is_some());
        std::fs::rename(&path, folder.path().join("other")).unwrap();
        std::os::unix::fs::symlink("other", &path).unwrap();
        assert_eq!(cache.find("dev"), None);
    }

    #[test]
    #[cfg(unix)]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(Some(folder.path().join("a/b")));
        cache.keep("dev", &certificate(), now());
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        let path = cache.path("dev").unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
}
