//! Values that are none: nothing secret stands there yet, or it stands elsewhere.

/// Words that say that a value is to come. What people really use as a password, such as `password`,
/// is none of them.
const WORDS: [&str; 20] = [
    "changeme",
    "change-me",
    "change_me",
    "change me",
    "replaceme",
    "replace-me",
    "replace_me",
    "replace me",
    "todo",
    "tbd",
    "fixme",
    "placeholder",
    "redacted",
    "removed",
    "example",
    "dummy",
    "null",
    "none",
    "~",
    "insert-here",
];

/// What begins a reference that a tool puts the value in the place of: vals, 1Password, Vault's webhook.
const REFERENCES: [&str; 4] = ["ref+", "op://", "vault:", "${"];

/// Whether nothing secret stands there, in what was in base64: no template is looked for in it.
pub(super) fn is_placeholder_decoded(value: &[u8]) -> bool {
    let has_action = value.windows(2).any(|part| part == b"{{");
    !has_action && is_placeholder(value)
}

/// Whether nothing secret stands there.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let text = text.trim();
    let lower = text.to_lowercase();
    let bare = lower.trim_matches(['_', '-', '.', '*', '<', '>', '[', ']', '!']);
    bare.is_empty()
        || WORDS.contains(&bare)
        || bare.bytes().all(|byte| byte == b'x')
        || is_reference(text)
        || is_public(text)
}

fn is_reference(text: &str) -> bool {
    if text.contains("{{") {
        return !says_something(text) && is_harmless(text);
    }
    // What SOPS has encrypted.
    let is_sops = text.starts_with("ENC[") && text.ends_with(']');
    let within = |start: &str, end: char| {
        let inner = text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
        inner.is_some_and(|inner| !inner.contains([end, '\n']))
    };
    let is_variable = text.strip_prefix('$').is_some_and(|name| {
        let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        !name.is_empty() && name.chars().all(is_name)
    });
    is_sops
        || within("${", '}')
        || within("$(", ')')
        || within("<", '>')
        || within("%", '%')
        || is_variable
        || REFERENCES[..3].iter().any(|start| text.starts_with(start))
}

/// Whether a template has its value in itself: `{{ "hunter2" | b64enc }}`, `{{ default "hunter2" .x }}`.
/// What stands around an action is part of an address at most.
fn says_something(text: &str) -> bool {
    text.split("{{").skip(1).any(|rest| {
        let action = rest.split("}}").next().unwrap_or_default();
        let action = action.trim_matches(['-', ' ', '\t']);
        LITERAL_AFTER.iter().any(|word| {
            let mut behind = action.match_indices(word).map(|(at, _)| &action[at + word.len()..]);
            let literal = behind.find_map(|rest| quoted(rest.trim_start()));
            literal.is_some_and(|literal| !is_placeholder(literal.as_bytes()))
        }) || quoted(action).is_some_and(|literal| !is_placeholder(literal.as_bytes()))
    })
}

/// What stands in the place of an action while the rest is judged.
const GAP: char = '\u{fffc}';
/// Words of a line that has a secret in it.
const SECRET_WORDS: [&str; 8] =
    ["pass", "pwd", "secret", "token", "credential", "api_key", "apikey", "private"];

/// Whether nothing secret stands around the actions of a template: nothing, a part of an address that has
/// no password of its own, or lines of which none speaks of a secret.
fn is_harmless(text: &str) -> bool {
    let Some(text) = without_actions(text) else { return false };
    let is_quiet = |line: &str| {
        let bare = |c: char| c == GAP || c.is_whitespace() || matches!(c, '"' | '\'');
        line.trim_matches(bare).is_empty() || is_address(line)
    };
    if !text.contains('\n') {
        return is_quiet(&text);
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
fn is_address(text: &str) -> bool {
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

/// Functions whose argument is the value, and not the name of one.
const LITERAL_AFTER: [&str; 4] = ["b64enc ", "default ", "quote ", "squote "];

fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '`'))?;
    let inner = &text[1..];
    inner.find(quote).map(|end| &inner[..end])
}

/// Certificates and public keys, which everybody may have, and nothing besides.
fn is_public(text: &str) -> bool {
    let mut rest = text;
    let mut count = 0;
    while let Some(block) = rest.strip_prefix("-----BEGIN ") {
        let title = block.split("-----").next().unwrap_or_default();
        let foot = format!("-----END {title}-----");
        let Some(end) = block.find(&foot).filter(|_| !title.contains("PRIVATE")) else {
            return false;
        };
        rest = block[end + foot.len()..].trim_start();
        count += 1;
    }
    count > 0 && rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_place_of_a_value() {
        for text in [
            "",
            "  \n",
            "changeme",
            "CHANGE_ME",
            "<change-me>",
            "***",
            "xxxxxxxx",
            "__REPLACE_ME__",
            "TODO",
            "{{ .Values.password }}",
            "{{ .Values.password | b64enc | quote }}",
            "$PASSWORD",
            "${PASSWORD}",
            "$(PASSWORD)",
            "<path:secret/data/db#password>",
            "<your password>",
            "%PASSWORD%",
            "ref+vault://a/b#c",
            "op://vault/item/field",
            "vault:secret/data/db#password",
            "ENC[AES256_GCM,data:abc,type:str]",
            "postgres://app:{{ .Values.password }}@db/app",
            "postgres://{{ .user }}:{{ .password }}@{{ .host }}/app?sslmode=require",
            "https://{{ .host }}/callback?client_secret={{ .secret }}",
            "host = db\npassword = {{ .Values.password }}\n",
            "{{ .user }}{{ .password }}",
            "{{ include \"app.password\" . | b64enc }}",
            "{{ index .Values \"password\" }}",
            "{{ default \"\" .x }}",
            "{{ default \"changeme\" .x }}",
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\na\n-----END CERTIFICATE-----\n-----BEGIN PUBLIC KEY-----\nb\n-----END PUBLIC KEY-----",
        ] {
            assert!(is_placeholder(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_a_value() {
        for text in [
            "hunter2",
            "password",
            "admin",
            "test",
            "secret",
            "0",
            "$ecret",
            "$2y$10$abc",
            "a${B}",
            "${A}-b-${C}",
            "<a> and <b>",
            "{{ \"hunter2\" | b64enc }}",
            "{{- `hunter2` -}}",
            "hunter2{{ .x }}",
            "hunter2{{",
            "postgres://app:hunter2@{{ .host }}/app",
            "https://{{ .host }}/?token=hunter2",
            "host = {{ .host }}\npassword = hunter2\n",
            "host = {{ .host }}\nurl = postgres://app:hunter2@db\n",
            "{{ b64enc \"hunter2\" }}",
            "{{ .x | default \"hunter2\" }}",
            "example.com",
            "xxxy",
            "100%",
            "%a%b%",
            "-----BEGIN CERTIFICATE-----\na\n-----END CERTIFICATE-----\nhunter2",
            "-----BEGIN CERTIFICATE-----\nhunter2",
            "-----BEGIN PRIVATE KEY-----\na\n-----END PRIVATE KEY-----",
        ] {
            assert!(!is_placeholder(text.as_bytes()), "{text}");
        }
        assert!(!is_placeholder(b"\xff\xfe"));
    }
}
