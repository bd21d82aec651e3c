//! Values that are none: nothing secret stands there yet, or it stands elsewhere.

use super::action;
use super::address::is_harmless;
use super::public::is_public;
use super::reference::is_reference;

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
        || is_of_template(text)
        || is_reference(text)
        || is_public(text)
}

/// Whether a template puts all of it there that is secret.
fn is_of_template(text: &str) -> bool {
    text.contains("{{") && !action::says_something(text) && is_harmless(text)
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
