//! References: a tool puts a value in their place.

use super::placeholder::is_placeholder;

/// Whether the whole value is one.
pub(super) fn is_reference(text: &str) -> bool {
    let within = |start: &str, end: char| {
        let inner = text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
        inner.filter(|inner| !inner.contains([end, '\n']))
    };
    // What SOPS has encrypted.
    let is_sops = text.starts_with("ENC[") && text.ends_with(']');
    let is_variable = text.strip_prefix('$').is_some_and(|name| {
        let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        !name.is_empty() && name.chars().all(is_name)
    });
    let is_of_vault = text.strip_prefix("vault:").is_some_and(is_path_with_key);
    let is_of_tool = ["ref+", "op://"].iter().any(|start| text.starts_with(start));
    is_sops
        || is_variable
        || is_of_vault
        || is_of_tool && text.contains("://")
        || within("${", '}').is_some_and(is_variable_with_default)
        || within("$(", ')').is_some_and(is_name_or_command)
        || within("<", '>').is_some_and(is_words)
        || within("%", '%').is_some()
}

/// `secret/data/db#password`, and what Vault itself has encrypted: `v1:…`.
fn is_path_with_key(text: &str) -> bool {
    let is_encrypted = text.strip_prefix('v').and_then(|rest| rest.split_once(':'));
    let is_version = |(version, _): (&str, &str)| version.bytes().all(|byte| byte.is_ascii_digit());
    !text.contains(char::is_whitespace)
        && (text.contains('/') && text.contains('#') || is_encrypted.is_some_and(is_version))
}

/// `NAME`, `env:NAME`; with a default, as shells have it, if that says nothing either.
fn is_variable_with_default(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let name = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(name);
    let default = rest.strip_prefix(':').unwrap_or(rest);
    let mut signs = default.chars();
    match signs.next() {
        None => rest.is_empty() && !name.is_empty(),
        // What is said where there is none.
        Some('?') => true,
        Some('-') if rest == default && is_dashed_words(rest) => true,
        Some('-' | '=' | '+') => is_placeholder(signs.as_str().as_bytes()),
        // `env:NAME`, `file:/run/x`: where it comes from.
        Some(_) => rest != default && !name.is_empty() && !text.contains(char::is_whitespace),
    }
}

/// `db-password` is a name, and no default: Java has such.
fn is_dashed_words(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '-' | '.'))
}

/// `NAME`, and what a shell is told to run, unless the value stands there: `echo hunter2`.
fn is_name_or_command(text: &str) -> bool {
    text.split('|').all(|command| {
        let mut words = command.split_whitespace();
        let first = words.next().unwrap_or_default();
        let says = matches!(first, "echo" | "printf") || command.contains("<<<");
        let is_value = |word: &str| {
            let word = word.trim_matches(['"', '\'']);
            let is_option = word.starts_with(['-', '%', '<', '$']) || word.is_empty();
            !is_option && !is_placeholder(word.as_bytes())
        };
        !(says && words.any(is_value))
    })
}

/// `<your password>`, `<base64 of it>`, `<path:secret/data/db#password>`; a password that happens to
/// stand between these signs has others in it, or is one word with digits among its letters.
fn is_words(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_word = |word: &str| {
        let letters = word.trim_start_matches(|c: char| c.is_ascii_digit());
        let letters = letters.trim_end_matches(|c: char| c.is_ascii_digit());
        !letters.contains(|c: char| c.is_ascii_digit())
    };
    let is_plain = |c: char| c.is_alphanumeric() || c.is_whitespace() || "-_.,'\"()/:".contains(c);
    let is_path = ["path:", "avp:", "vault:"].iter().any(|start| text.starts_with(start));
    is_path || text.chars().all(is_plain) && (text.contains(' ') || words.all(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_value() {
        for text in [
            "$PASSWORD",
            "${PASSWORD}",
            "${db.password}",
            "${db-password}",
            "${PW:-}",
            "${PW-}",
            "${PW:-changeme}",
            "${PW:?no password}",
            "${env:PW}",
            "${PW:-$OTHER}",
            "$(PASSWORD)",
            "$(openssl rand -hex 16)",
            "$(cat /run/secret)",
            "$(echo -n \"$PW\" | base64)",
            "$(printf '%s' $PW | base64)",
            "<path:secret/data/db#password>",
            "<your password>",
            "<YOUR_API_KEY_2>",
            "<base64-encoded value>",
            "<7 bytes, digest e8eb0ff2d6d4>",
            "<...>",
            "%PASSWORD%",
            "ref+vault://a/b#c",
            "op://vault/item/field",
            "vault:secret/data/db#password",
            "vault:v1:q7Rz2Lk9",
            "ENC[AES256_GCM,data:abc,type:str]",
        ] {
            assert!(is_reference(text), "{text}");
        }
    }

    #[test]
    fn what_is_a_value_itself() {
        for text in [
            "${PW:-hunter2}",
            "${PW-hunter2}",
            "${PW:=hunter2}",
            "${PW:+hunter2}",
            "${}",
            "$(echo hunter2)",
            "$(echo -n 'hunter2' | base64)",
            "$(base64 <<< hunter2)",
            "$(printf %s hunter2)",
            "vault:hunter2",
            "vault:hunter 2/a#b",
            "<Xk9!tre7>",
            "<Xk9tre7>",
            "ref+hunter2",
            "op:hunter2",
            "$ecret",
            "a${B}",
        ] {
            assert!(!is_reference(text), "{text}");
        }
    }
}
