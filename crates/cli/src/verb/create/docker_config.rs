//! Docker's configuration: written as kubectl writes it, and checked as kubelet reads it.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sealwright_crypto::Plaintext;
use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::table::printable;

/// Texts that a login may have.
const FIELDS: [&str; 6] =
    ["auth", "username", "password", "email", "identitytoken", "registrytoken"];

/// Who logs in to a registry. `auth` says the same once more, for older readers.
#[derive(Serialize)]
struct Login<'a> {
    username: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    auth: &'a str,
}

/// `{"auths": {server: login}}`, with `auth = base64(user ":" password)`.
///
/// # Errors
/// When the password is no text, which JSON could not hold.
pub(super) fn made(
    server: &str,
    user: &str,
    password: &Plaintext,
    email: Option<&str>,
) -> Result<Plaintext> {
    let password = std::str::from_utf8(password.expose())
        .map_err(|_| Error::new("the password is not UTF-8 text"))?;
    if password.is_empty() {
        return Err(Error::new("the password is empty"));
    }
    let auth = STANDARD.encode([user, ":", password].concat());
    let login = Login { username: user, password, email, auth: &auth };
    let config = BTreeMap::from([("auths", BTreeMap::from([(server, login)]))]);
    let bytes = serde_json::to_vec(&config).expect("texts are JSON");
    Ok(Plaintext::new(bytes))
}

/// Checks a `.dockerconfigjson`.
///
/// # Errors
/// When nobody could log in with it.
pub(super) fn check_json(text: &[u8]) -> Result<()> {
    let config = parsed(text)?;
    let Some(auths) = config["auths"].as_object() else {
        let is_old = config.as_object().is_some_and(|all| all.values().any(Value::is_object));
        let hint = if is_old {
            "it looks like the older .dockercfg: put its content under \"auths\""
        } else {
            "give the config.json that docker login wrote"
        };
        return Err(Error::new("it has no auths").hint(hint));
    };
    if auths.is_empty() {
        return Err(in_a_store("no registry is in it", &config));
    }
    auths.iter().try_for_each(|(server, login)| check_login(server, login, &config))
}

/// Checks a `.dockercfg`, which has the logins at its top.
///
/// # Errors
/// When nobody could log in with it.
pub(super) fn check_old(text: &[u8]) -> Result<()> {
    let config = parsed(text)?;
    let logins = config.as_object().into_iter().flatten();
    logins.into_iter().try_for_each(|(server, login)| check_login(server, login, &config))
}

/// serde's own words could quote what is there.
fn parsed(text: &[u8]) -> Result<Value> {
    let config: Value = serde_json::from_slice(text).map_err(|error| {
        Error::new(format!("it is not JSON: line {}, column {}", error.line(), error.column()))
            .hint("give the config.json that docker login wrote")
    })?;
    match config {
        Value::Object(_) => Ok(config),
        _ => {
            Err(Error::new("it is no JSON object")
                .hint("give the config.json that docker login wrote"))
        }
    }
}

fn check_login(server: &str, login: &Value, config: &Value) -> Result<()> {
    if server.trim().is_empty() {
        return Err(Error::new("a registry has no name").hint("it is the key of its login"));
    }
    let server = printable(server.to_owned());
    // kubelet reads all of them or nothing of the whole file.
    let is_text = |field: &&str| login[*field].is_string() || login[*field].is_null();
    if let Some(field) = FIELDS.iter().find(|field| !is_text(field)) {
        return Err(Error::new(format!("{field} of {server} is no text"))
            .hint("docker login writes it in quotes"));
    }
    let text = |field: &str| login[field].as_str().filter(|text| !text.is_empty());
    let has_token = text("identitytoken").is_some() || text("registrytoken").is_some();
    if let Some(auth) = text("auth") {
        // It is what counts, beside whatever user and password.
        return match is_login(auth, has_token) {
            true => Ok(()),
            false => Err(Error::new(format!("auth of {server} is not base64 of user:password"))
                .hint("docker login writes it; where username and password are there, it may be left out")),
        };
    }
    let has_login = text("username").is_some() && text("password").is_some();
    match has_login || has_token {
        true => Ok(()),
        false => Err(in_a_store(&format!("nobody could log in to {server} with it"), config)),
    }
}

/// `base64(user ":" password)`. Beside a token docker leaves the password empty.
fn is_login(auth: &str, has_token: bool) -> bool {
    // As Go decodes it, which passes over line breaks: long ones are wrapped.
    let auth = auth.replace(['\r', '\n'], "");
    let decoded = STANDARD.decode(&auth).or_else(|_| STANDARD_NO_PAD.decode(&auth));
    let decoded = decoded.map(Plaintext::new);
    decoded.is_ok_and(|login| {
        let mut parts = login.expose().splitn(2, |byte| *byte == b':');
        let user = parts.next().unwrap_or_default();
        !user.is_empty() && parts.next().is_some_and(|password| has_token || !password.is_empty())
    })
}

/// Docker keeps passwords elsewhere where it can, and leaves an empty login behind.
fn in_a_store(what: &str, config: &Value) -> Error {
    let has_store = ["credsStore", "credHelpers"].iter().any(|field| !config[field].is_null());
    let hint = if has_store {
        "docker keeps the password in a credential store: give --docker-username, or log in without"
    } else {
        "give --docker-username, or the config.json that docker login wrote"
    };
    Error::new(what).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_kubectl_writes_it() {
        let password = Plaintext::new(b"p:\"w".to_vec());
        let made_with = |email| made("ghcr.io", "me", &password, email).unwrap();
        assert_eq!(
            std::str::from_utf8(made_with(Some("me@x")).expose()).unwrap(),
            r#"{"auths":{"ghcr.io":{"username":"me","password":"p:\"w","email":"me@x","auth":"bWU6cDoidw=="}}}"#
        );
        assert!(check_json(made_with(None).expose()).is_ok());
        for password in [&b"\xff"[..], b""] {
            assert!(made("x", "me", &Plaintext::new(password.to_vec()), None).is_err());
        }
    }

    #[test]
    fn whoever_could_log_in_is_let_pass() {
        for login in [
            r#"{"auth":"bWU6cHc="}"#,
            r#"{"auth":"bWU6cHc"}"#,
            r#"{"username":"me","password":"pw"}"#,
            r#"{"auth":"","identitytoken":"t"}"#,
            r#"{"auth":"bWU6","identitytoken":"t"}"#,
            r#"{"auth":"bWU6cHc=","username":null}"#,
        ] {
            check_json(format!(r#"{{"auths":{{"x":{login}}}}}"#).as_bytes()).unwrap();
            check_old(format!(r#"{{"x":{login}}}"#).as_bytes()).unwrap();
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_what_is_there() {
        for (config, what) in [
            ("hunter2", "not JSON: line 1"),
            (r#"{"auths":{"x":{"auth":"hunter2"}}"#, "not JSON"),
            (r#""hunter2""#, "no JSON object"),
            (r#"{"x":{"auth":"bWU6cHc="}}"#, "older .dockercfg"),
            (r#"{"auths":["hunter2"]}"#, "no auths"),
            (r#"{"auths":{}}"#, "no registry"),
            (r#"{"auths":{"x":"hunter2"}}"#, "log in to x"),
            (r#"{"auths":{"x":{"password":"hunter2"}}}"#, "log in to x"),
            (r#"{"auths":{"x":{}},"credsStore":"pass"}"#, "credential store"),
            (r#"{"auths":{"x":{"auth":"!hunter2"}}}"#, "not base64 of user:password"),
            (r#"{"auths":{"x":{"auth":"aHVudGVyMg=="}}}"#, "not base64 of user:password"),
            (r#"{"auths":{"x":{"auth":"aHVudGVyMjo="}}}"#, "not base64 of user:password"),
            (r#"{"auths":{"x":{"auth":"Omh1bnRlcjI="}}}"#, "not base64 of user:password"),
            (r#"{"auths":{"x":{"username":5,"password":"hunter2"}}}"#, "username of x is no text"),
            (
                r#"{"auths":{"x":{"username":"me","password":["hunter2"]}}}"#,
                "password of x is no text",
            ),
            (r#"{"auths":{"x":{"auth":"bWU6cHc=","email":{}}}}"#, "email of x is no text"),
            (r#"{"auths":{"":{"auth":"bWU6cHc="}}}"#, "a registry has no name"),
        ] {
            let error = check_json(config.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(what) && !error.contains("hunter2"), "{config}: {error}");
        }
    }
}
