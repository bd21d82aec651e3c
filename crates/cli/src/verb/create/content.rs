//! What is in a Secret, looked at by its type: as the API server does, and deeper, so that what
//! cannot work is told before it is sealed and nobody can look at it any more.

use sealwright_sealing::OpenSecret;

use super::{certificates, docker_config, ssh_key};
use crate::error::{Error, Result};
use crate::verb::secret_type::{
    self, DOCKER_CONFIG, DOCKER_CONFIG_JSON, SERVICE_ACCOUNT_TOKEN, SSH_AUTH, TLS,
};

/// Checks it, and returns what may be meant so. `now` is in seconds since 1970.
///
/// # Errors
/// For what the API server would refuse, or what could not work. Never with a value.
pub(super) fn checked(secret: &OpenSecret, now: i64) -> Result<Vec<String>> {
    let type_ = secret.type_.as_deref().unwrap_or_default();
    check_keys(type_, |key| secret.data.contains_key(key))?;
    let value = |key: &str| secret.data.get(key).map_or(&[][..], |value| value.expose());
    let of = |key: &'static str| move |error: Error| error.about(key);
    match type_ {
        TLS => certificates::check(value("tls.crt"), value("tls.key"), now),
        DOCKER_CONFIG_JSON => {
            let key = ".dockerconfigjson";
            docker_config::check_json(value(key)).map_err(of(key)).map(|()| Vec::new())
        }
        DOCKER_CONFIG => {
            let key = ".dockercfg";
            docker_config::check_old(value(key)).map_err(of(key)).map(|()| Vec::new())
        }
        SSH_AUTH => ssh_key::check(value("ssh-privatekey")).map_err(of("ssh-privatekey")),
        _ => Ok(Vec::new()),
    }
}

/// Whether the keys are there that a type asks for.
///
/// # Errors
/// When one is missing.
pub(super) fn check_keys(type_: &str, has: impl Fn(&str) -> bool) -> Result<()> {
    match secret_type::missing(type_, has).into_iter().next() {
        Some(missing) => Err(Error::usage(missing).hint("the API server would refuse it")),
        None => Ok(()),
    }
}

/// Checks what is known without the values.
///
/// # Errors
/// As for [`checked`].
pub(super) fn check_empty(secret: &OpenSecret) -> Result<()> {
    match secret.type_.as_deref() {
        Some(SERVICE_ACCOUNT_TOKEN) => service_account(secret),
        _ => Ok(()),
    }
}

/// The one type that is nothing without an annotation.
fn service_account(secret: &OpenSecret) -> Result<()> {
    const NAME: &str = "kubernetes.io/service-account.name";
    let annotations = secret.metadata.annotations.as_ref();
    match annotations.and_then(|all| all.get(NAME)).is_some_and(|name| !name.is_empty()) {
        true => Ok(()),
        false => Err(Error::usage(format!(
            "a Secret of type {SERVICE_ACCOUNT_TOKEN} needs the annotation {NAME}"
        ))
        .hint("the API server would refuse it")),
    }
}

#[cfg(test)]
mod tests {
    use sealwright_crypto::Plaintext;

    use super::*;

    fn secret(type_: &str, values: &[(&str, usize)]) -> OpenSecret {
        let values = values.iter();
        let data = values.map(|(key, size)| ((*key).to_owned(), Plaintext::new(vec![b'x'; *size])));
        OpenSecret { type_: Some(type_.to_owned()), data: data.collect(), ..OpenSecret::default() }
    }

    #[test]
    fn a_type_asks_for_its_keys_and_one_of_nobodys_for_none() {
        for (type_, key, is_taken) in [
            ("kubernetes.io/basic-auth", "username", true),
            ("kubernetes.io/basic-auth", "user", false),
            ("kubernetes.io/tls", "tls.crt", false),
            ("kubernetes.io/dockercfg", "x", false),
            ("example.com/tls", "x", true),
            ("", "x", true),
        ] {
            assert_eq!(checked(&secret(type_, &[(key, 1)]), 0).is_ok(), is_taken, "{type_} {key}");
        }
    }
}
