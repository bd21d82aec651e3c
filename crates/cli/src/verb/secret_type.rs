//! What the API server asks of a Secret by its type (`ValidateSecret`), and of every one.

use crate::error::{Error, Result};

/// All values of a Secret together (Kubernetes' `MaxSecretSize`), in bytes.
pub(super) const MAX_SECRET: usize = 1024 * 1024;

pub(super) const TLS: &str = "kubernetes.io/tls";
pub(super) const DOCKER_CONFIG_JSON: &str = "kubernetes.io/dockerconfigjson";
pub(super) const DOCKER_CONFIG: &str = "kubernetes.io/dockercfg";
pub(super) const SSH_AUTH: &str = "kubernetes.io/ssh-auth";
pub(super) const BASIC_AUTH: &str = "kubernetes.io/basic-auth";
pub(super) const SERVICE_ACCOUNT_TOKEN: &str = "kubernetes.io/service-account-token";

/// Types of Secrets that are refused without these keys.
const REQUIRED: [(&str, &[&str]); 4] = [
    (TLS, &["tls.crt", "tls.key"]),
    (DOCKER_CONFIG_JSON, &[".dockerconfigjson"]),
    (DOCKER_CONFIG, &[".dockercfg"]),
    (SSH_AUTH, &["ssh-privatekey"]),
];
/// One of them is enough.
const BASIC_AUTH_KEYS: [&str; 2] = ["username", "password"];

/// Whether values of so many bytes have room in one Secret.
///
/// # Errors
/// When they have not.
pub(super) fn check_size(total: usize) -> Result<()> {
    if total <= MAX_SECRET {
        return Ok(());
    }
    let what = format!("the values come to {total} bytes, of at most {MAX_SECRET}");
    Err(Error::new(what).hint("the API server takes no larger Secret"))
}

/// A sentence for each key that a Secret of that type lacks.
pub(super) fn missing(type_: &str, has: impl Fn(&str) -> bool) -> Vec<String> {
    let sentence = |key: &str| format!("a Secret of type {type_} needs the key {key}");
    let keys = REQUIRED.iter().find(|(name, _)| *name == type_).map_or(&[][..], |(_, keys)| keys);
    let mut missing: Vec<_> =
        keys.iter().filter(|key| !has(key)).map(|key| sentence(key)).collect();
    if type_ == BASIC_AUTH && !BASIC_AUTH_KEYS.iter().any(|key| has(key)) {
        missing.push(sentence(&BASIC_AUTH_KEYS.join(" or ")));
    }
    missing
}
