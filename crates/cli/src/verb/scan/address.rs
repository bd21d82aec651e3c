//! What stands around the actions of a template: nothing, an address, or lines of a file.

use super::placeholder::is_placeholder;

/// What stands in the place of an action while the rest is judged.
pub(super) const GAP: char = '\u{fffc}';
/// Words of a line that has a secret in it.
const SECRET_WORDS: [&str; 8] =
    ["pass", "pwd", "secret", "token", "credential", "api_key", "apikey", "private"];

/// Whether nothing secret stands around the actions of a template: nothing, a part of an address that has
/// no password of its own, or lines of which none speaks of a secret.
pub(super) fn is_harmless(text: &str) -> bool {
    without_actions(text).is_some_and(|text| is_harmless_around(&text))
}

/// The same of a text with gaps in it.
fn is_harmless_around(text: &str) -> bool {
    let is_quiet = |line: &str| {
        let bare = |c: char| c == GAP || c.is_whitespace() || matches!(c, '"' | '\'');
        line.trim_matches(bare).is_empty() || is_address(line)
    };
    if !text.contains('\n') {
        return is_quiet(text);
    }
    text.lines().all(|line| {
        let lower = line.to_lowercase();
        let says = SECRET_WORDS.iter().any(|word| lower.contains(word));
        let value = line.split_once([':', '=']).map_or(line, |(_, value)| value);
        let has_address = line.contains("://");
        is_quiet(value)
            || is_quiet(line)
            || !(says || has_address)
            || is_placeholder(value.as_bytes())
    })
}

/// A gap in the place of each action; none where one does not end.
fn without_actions(text: &str) -> Option<String> {
    let mut parts = text.split("{{");
    let mut rest = parts.next()?.to_owned();
    for part in parts {
        rest.push(GAP);
        rest += part.split_once("}}")?.1;
    }
    Some(rest)
}

/// `postgres://app:…@db/app`, where a password is nothing but an action, if there is one.
pub(super) fn is_address(text: &str) -> bool {
    let text = text.trim().trim_matches(['"', '\'']);
    if text.contains(char::is_whitespace) || !text.contains(GAP) {
        return false;
    }
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let is_scheme = |c: char| c == GAP || c.is_ascii_alphanumeric() || "+.-:".contains(c);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let password = place.rsplit_once('@').and_then(|(user, _)| user.split_once(':'));
    let is_gap = |value: &str| value.chars().all(|c| c == GAP);
    let speaks = |part: &&str| {
        let lower = part.to_lowercase();
        SECRET_WORDS.iter().any(|word| lower.contains(word))
    };
    let mut told = query.split('&').filter(speaks);
    scheme.chars().all(is_scheme)
        && password.is_none_or(|(_, password)| is_gap(password))
        && told.all(|part| part.split_once('=').is_some_and(|(_, value)| is_gap(value)))
}
