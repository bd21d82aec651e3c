//! Who the user is: files are read and plugins asked, so that what is left can be sent as it is.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kube::config::{AuthInfo, AuthProviderConfig, Cluster};

use super::choice::{exposed, has_certificate};
use super::{exec, oidc};
use crate::error::{Cause, Error, Result, io_reason};
use crate::manifest;

/// The user with nothing but tokens, passwords, certificates and keys.
///
/// `files` are those of the kubeconfig, in which a token may have to be kept.
///
/// # Errors
/// When a file cannot be read, or a plugin does not say who the user is.
pub(super) fn obtained(
    mut user: AuthInfo,
    cluster: &Cluster,
    files: &[PathBuf],
) -> Result<AuthInfo> {
    if let Some(path) = user.token_file.take() {
        user.token = Some(token_of(&path, user.token)?);
    }
    if let Some(plugin) = user.exec.take() {
        let credential = exec::ask(&plugin, cluster).map_err(far)?;
        user.token = credential.token.map(Into::into);
        if let Some((certificate, key)) = credential.identity {
            user.client_certificate_data = Some(STANDARD.encode(certificate));
            user.client_key_data = Some(STANDARD.encode(key).into());
        }
    }
    match user.auth_provider.take() {
        Some(provider) if provider.name == "oidc" => {
            user.token = Some(oidc::id_token(&provider.config, files).map_err(far)?.into());
        }
        Some(other) => return Err(not_supported(&other)),
        None => {}
    }
    if has_certificate(&user) {
        user = with_certificate(user)?;
    }
    if user.username.is_some() || user.password.is_some() {
        user.username = Some(user.username.unwrap_or_default());
        user.password = Some(user.password.unwrap_or_default());
    }
    match user.token.as_ref().map(exposed) {
        Some(token) if http::HeaderValue::from_str(token).is_err() => {
            Err(Error::new("the token holds characters that cannot be sent")
                .hint("check that nothing but the token was given: no line breaks"))
        }
        _ => Ok(user),
    }
}

/// Who says who the user is may need the network, as a file does not.
fn far(error: Error) -> Error {
    error.of(Cause::Remote)
}

/// The file wins over a token beside it, as far as it can be read.
fn token_of(path: &str, beside: Option<secrecy::SecretString>) -> Result<secrecy::SecretString> {
    match (std::fs::read_to_string(path), beside) {
        (Ok(text), _) => Ok(text.trim().into()),
        (Err(_), Some(token)) => Ok(token),
        (Err(error), None) => Err(cannot_read("the token", path, &error)),
    }
}

/// Certificate and key from their files, if they are in files.
fn with_certificate(mut user: AuthInfo) -> Result<AuthInfo> {
    let certificate = bytes_of(
        "the client certificate",
        user.client_certificate_data.as_deref(),
        user.client_certificate.as_deref(),
    )?;
    let key = bytes_of(
        "the client key",
        user.client_key_data.as_ref().map(exposed),
        user.client_key.as_deref(),
    )?;
    user.client_certificate_data = certificate.map(|pem| STANDARD.encode(pem));
    user.client_key_data = key.map(|pem| STANDARD.encode(pem).into());
    (user.client_certificate, user.client_key) = (None, None);
    Ok(user)
}

/// What stands in the kubeconfig in base64, else what is in the file.
pub(super) fn bytes_of(
    what: &str,
    data: Option<&str>,
    path: Option<&str>,
) -> Result<Option<Vec<u8>>> {
    if let Some(data) = data {
        let encoded: String = data.split_whitespace().collect();
        return STANDARD.decode(encoded).map(Some).map_err(|_| {
            Error::new(format!("{what} in the kubeconfig is not base64"))
                .hint("see whether the kubeconfig is whole")
        });
    }
    let Some(path) = path else { return Ok(None) };
    std::fs::read(Path::new(path)).map(Some).map_err(|error| cannot_read(what, path, &error))
}

fn cannot_read(what: &str, path: &str, error: &std::io::Error) -> Error {
    if manifest::is_content(path) {
        return manifest::no_path(path).about(what);
    }
    Error::new(format!("cannot read {what} {path}: {}", io_reason(error)))
        .hint("check the path in the kubeconfig or on the command line")
}

/// kubectl has given up the providers that were part of it, too.
fn not_supported(provider: &AuthProviderConfig) -> Error {
    let instead = match provider.name.as_str() {
        "gcp" => "use the credential plugin gke-gcloud-auth-plugin, as kubectl does",
        "azure" => "use the credential plugin kubelogin, as kubectl does",
        _ => "use a credential plugin: users[].user.exec in the kubeconfig",
    };
    Error::new(format!("cannot log in with the kubeconfig's auth provider {:?}", provider.name))
        .hint(instead)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The user that is left, or the error.
    fn known(user: Value) -> Result<Value, String> {
        let user = serde_json::from_value(user).unwrap();
        let known = obtained(user, &Cluster::default(), &[]).map_err(|error| error.to_string())?;
        Ok(serde_json::to_value(known).unwrap())
    }

    #[test]
    fn files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let (token, pem) = (file("token", "secret\n"), file("pem", "PEM"));
        for (user, expected) in [
            (json!({ "tokenFile": token }), json!({ "token": "secret" })),
            (json!({ "tokenFile": token, "token": "older" }), json!({ "token": "secret" })),
            (json!({ "tokenFile": "/no/such", "token": "older" }), json!({ "token": "older" })),
            (
                json!({ "client-certificate": pem, "client-key-data": "a2V5\nIA==" }),
                json!({ "client-certificate-data": "UEVN", "client-key-data": "a2V5IA==" }),
            ),
            (json!({ "username": "me" }), json!({ "username": "me", "password": "" })),
            (json!({ "as": "me" }), json!({ "as": "me" })),
        ] {
            assert_eq!(known(user.clone()), Ok(expected), "{user}");
        }
    }

    #[test]
    fn what_cannot_be_had_is_named() {
        for (user, expected) in [
            (json!({ "tokenFile": "/no/such" }), "the token /no/such: no such file"),
            (
                json!({ "client-certificate": "/no/such", "client-key-data": "" }),
                "the client certificate /no/such: no such file",
            ),
            (
                json!({ "client-certificate-data": "", "client-key": "/" }),
                "the client key /: is a directory",
            ),
            (
                json!({ "client-certificate-data": "hunter2!", "client-key-data": "" }),
                "the client certificate in the kubeconfig is not base64",
            ),
            (json!({ "token": "hunter2\nhunter2" }), "cannot be sent"),
            (json!({ "auth-provider": { "name": "gcp", "config": {} } }), "gke-gcloud-auth-plugin"),
            (json!({ "auth-provider": { "name": "azure", "config": {} } }), "kubelogin"),
            (json!({ "auth-provider": { "name": "x", "config": {} } }), "auth provider \"x\""),
        ] {
            let error = known(user).unwrap_err();
            assert!(error.contains(expected) && error.contains("\nhint: "), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
