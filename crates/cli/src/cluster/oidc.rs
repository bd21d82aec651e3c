//! The auth provider `oidc` of a kubeconfig: an ID token, and a refresh token to get the next one with.
//!
//! kube has it too, but does not keep a new refresh token. Where the old one is good for one use,
//! kubectl would then have to log in again.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts};

use super::address::shown;
use super::credentials::bytes_of;
use super::web;
use crate::error::{Error, Result, say};
use crate::output;

/// An ID token that ends sooner is taken for one that has ended, as kubectl does.
const LEEWAY: i64 = 10;

/// What the provider gave.
#[derive(Debug, PartialEq, Eq)]
struct Tokens {
    id: String,
    refresh: Option<String>,
}

/// The ID token: the kubeconfig's while it lasts, else a new one, which is kept in the files.
///
/// # Errors
/// When there is none, and the provider gives none.
pub(super) fn id_token(config: &HashMap<String, String>, files: &[PathBuf]) -> Result<String> {
    let field = |name: &str| config.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let old = field("id-token");
    if let Some(token) = old.filter(|token| ends(token) > Timestamp::now().as_second() + LEEWAY) {
        return Ok(token.to_owned());
    }
    let Some(refresh) = field("refresh-token") else {
        return Err(failed("the ID token has ended, and there is no refresh token"));
    };
    let missing = |name| failed(&format!("{name} is missing in the kubeconfig"));
    let issuer = field("idp-issuer-url").ok_or_else(|| missing("idp-issuer-url"))?;
    let client = field("client-id").ok_or_else(|| missing("client-id"))?;
    let agent = agent(field("idp-certificate-authority-data"), field("idp-certificate-authority"))?;
    let endpoint = endpoint(&agent, issuer)?;
    let tokens = refreshed(&agent, &endpoint, refresh, client, field("client-secret"))?;
    if let Some(old) = old {
        keep(files, old, &tokens.id);
    }
    if let Some(new) = tokens.refresh.as_deref().filter(|new| *new != refresh)
        && !keep(files, refresh, new)
    {
        say_that_it_is_lost();
    }
    Ok(tokens.id)
}

/// When a token ends, in seconds since 1970; one that does not say has ended.
fn ends(token: &str) -> i64 {
    let claims = token.split('.').nth(1).and_then(|part| {
        let json = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
        serde_json::from_slice::<Value>(&json).ok()
    });
    #[expect(clippy::cast_possible_truncation, reason = "no year has so many seconds")]
    let seconds = |end: &Value| end.as_i64().or_else(|| end.as_f64().map(|end| end as i64));
    claims.and_then(|claims| seconds(&claims["exp"])).unwrap_or_default()
}

/// A client that trusts the provider's authority, or else the system's.
fn agent(data: Option<&str>, path: Option<&str>) -> Result<Agent> {
    let what = "the identity provider's certificate authority";
    let roots = match bytes_of(what, data, path)? {
        None => RootCerts::PlatformVerifier,
        Some(pem) => {
            let found = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok);
            let found: Vec<_> = found.map(|der| Certificate::from_der(&der).to_owned()).collect();
            RootCerts::Specific(Arc::new(found))
        }
    };
    Ok(web::agent(roots))
}

/// OpenID Connect Discovery 1.0, section 4.
fn endpoint(agent: &Agent, issuer: &str) -> Result<String> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let found = answer(agent.get(&url).call(), &url)?;
    let endpoint = found.as_ref().ok().and_then(|found| found["token_endpoint"].as_str());
    let said = || found.as_ref().err().map_or_else(String::new, |status| format!(": {status}"));
    endpoint.map(str::to_owned).ok_or_else(|| {
        failed(&format!("{} does not say where tokens are to be had{}", shown(issuer), said()))
    })
}

/// RFC 6749, section 6. Providers want the client's secret in the header or in the body, and refuse
/// both; only trying tells.
fn refreshed(
    agent: &Agent,
    url: &str,
    refresh: &str,
    client: &str,
    secret: Option<&str>,
) -> Result<Tokens> {
    let grant = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    if let Some(secret) = secret {
        let credentials = format!("{}:{}", escaped(client), escaped(secret));
        let header = format!("Basic {}", STANDARD.encode(credentials));
        let sent = agent.post(url).header("authorization", header).send_form(grant);
        if let Ok(found) = answer(sent, url)? {
            return tokens(&found);
        }
    }
    let client = [("client_id", client), ("client_secret", secret.unwrap_or_default())];
    let client = client.into_iter().filter(|(_, value)| !value.is_empty());
    let sent = agent.post(url).send_form(grant.into_iter().chain(client));
    match answer(sent, url)? {
        Ok(found) => tokens(&found),
        Err(status) => Err(failed(&format!("{} gives no new token: {status}", shown(url)))),
    }
}

fn tokens(found: &Value) -> Result<Tokens> {
    let field = |name: &str| found[name].as_str().map(str::to_owned);
    match field("id_token") {
        Some(id) => Ok(Tokens { id, refresh: field("refresh_token") }),
        None => Err(failed("the identity provider gives no ID token with a refresh token")),
    }
}

/// The JSON of an answer of success, or the status of another.
fn answer(
    sent: Result<http::Response<ureq::Body>, ureq::Error>,
    url: &str,
) -> Result<Result<Value, http::StatusCode>> {
    let lost = |error| {
        let why = web::reason(&error);
        failed(&format!("cannot reach the identity provider at {}: {why}", shown(url)))
    };
    let mut response = sent.map_err(lost)?;
    if !response.status().is_success() {
        return Ok(Err(response.status()));
    }
    let text = response.body_mut().read_to_string().map_err(lost)?;
    let no_json = |_| failed(&format!("{} is no identity provider's answer", shown(url)));
    serde_json::from_str(&text).map(Ok).map_err(no_json)
}

/// `application/x-www-form-urlencoded`.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// Puts a new token in the place of the old one, and leaves everything else in the file as it is.
/// Whether it was done: a token that is not written out in one piece is not found.
fn keep(files: &[PathBuf], old: &str, new: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
    if !new.chars().all(is_plain) {
        return false;
    }
    for file in files {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        let whole = |at: &usize| {
            let before = text[..*at].chars().next_back();
            let after = text[at + old.len()..].chars().next();
            !before.is_some_and(is_plain) && !after.is_some_and(is_plain)
        };
        let mut places = text.match_indices(old).map(|(at, _)| at).filter(whole);
        if let Some(at) = places.next() {
            let changed = format!("{}{new}{}", &text[..at], &text[at + old.len()..]);
            return output::replace(file, &changed).is_ok();
        }
    }
    false
}

fn failed(why: &str) -> Error {
    Error::new(format!("cannot log in with the kubeconfig's auth provider \"oidc\": {why}"))
        .hint("log in again in the way that made the kubeconfig")
}

fn say_that_it_is_lost() {
    say(format_args!(
        "note: the identity provider gave a new refresh token, which could not be kept in the \
         kubeconfig: kubectl may have to log in again"
    ));
}

#[cfg(test)]
mod tests;
