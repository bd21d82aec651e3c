//! Tokens that have parts: how many bytes of a text each takes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::tokens::{LONG, alphanumeric, dashed};

/// Numbers between dashes, and a last part that has letters too: `1234-5678-aBc…`; those that are
/// renewed have a version and a long part: `1-Mi0y…`.
pub(super) fn slack(body: &[u8]) -> Option<usize> {
    let length = count(&body[..body.len().min(512)], dashed);
    if body.starts_with(b"1-") && length >= 42 && !body[2..length].contains(&b'-') {
        return Some(length);
    }
    let mut parts = body[..length].split(|byte| *byte == b'-');
    let last = parts.next_back()?;
    let has_numbers = parts.any(|part| part.len() >= 8 && part.iter().all(u8::is_ascii_digit));
    (has_numbers && last.len() >= 16).then_some(length)
}

/// `T…/B…/…`, as it stands in the address.
pub(super) fn webhook(body: &[u8]) -> Option<usize> {
    let length = count(body, |byte| alphanumeric(byte) || byte == b'/');
    let mut parts = body[..length].split(|byte| *byte == b'/');
    let (team, place, secret) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = team.starts_with(b"T") && place.starts_with(b"B") && secret.len() >= 20;
    fits.then_some(team.len() + place.len() + secret.len() + 2)
}

pub(super) fn sendgrid(body: &[u8]) -> Option<usize> {
    let id = count(body, dashed);
    let secret = count(body.get(id + 1..)?, dashed);
    (id == 22 && body[id] == b'.' && secret == 43).then_some(id + 1 + secret)
}

/// RFC 7519: a header that names how it is signed, claims, and a signature, each in base64url.
pub(super) fn jwt(body: &[u8]) -> Option<usize> {
    let header = part(body, 1024)?;
    let alg = json(&[b"eyJ", header].concat())?["alg"].take();
    if alg.as_str().is_none_or(|alg| alg.eq_ignore_ascii_case("none")) {
        return None;
    }
    // Claims of a service account come to a thousand bytes.
    let claims = part(&body[header.len() + 1..], 16 * 1024)?;
    let signature = count(&body[header.len() + claims.len() + 2..], dashed);
    let said = json(claims)?;
    // The one of jwt.io, which stands in every manual.
    let is_known = said["name"] == "John Doe";
    let fits = said.is_object() && !is_known && signature >= 20;
    fits.then_some(header.len() + claims.len() + signature + 2)
}

/// What stands before the next dot.
fn part(text: &[u8], max: usize) -> Option<&[u8]> {
    let length = text.iter().take(max).take_while(|byte| dashed(**byte)).count();
    (text.get(length) == Some(&b'.')).then_some(&text[..length])
}

fn json(part: &[u8]) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn count(text: &[u8], set: fn(u8) -> bool) -> usize {
    text.iter().take(LONG).take_while(|byte| set(**byte)).count()
}
