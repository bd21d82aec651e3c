//! What stands in a value beside the tokens and keys in it: it may be a value of its own, and then it is
//! told by itself, so that neither a comment nor a baseline that is of a token covers it.

use super::address::{GAP, is_address};
use super::placeholder::is_placeholder;

/// Whether nothing is said besides what gaps stand for: `TOKEN=…`, `Bearer …`, `https://x:…@example.com`.
pub(super) fn is_little(text: &str) -> bool {
    is_placeholder(without_gaps(text).as_bytes()) || text.lines().all(is_little_line)
}

fn without_gaps(text: &str) -> String {
    text.replace(GAP, "")
}

fn is_little_line(line: &str) -> bool {
    let line = line.trim_matches(is_edge);
    if line.is_empty() || is_address(line) {
        return true;
    }
    let Some((before, behind)) = line.split_once(GAP) else {
        let value = line.split_once([':', '=']).map_or(line, |(_, value)| value);
        return is_placeholder(value.trim_matches(is_edge).as_bytes());
    };
    behind.chars().all(|c| c == GAP || is_edge(c)) && is_name(before)
}

/// Blanks, quotes, and the brackets and commas of JSON.
fn is_edge(c: char) -> bool {
    c.is_whitespace() || "\"'`{}[],;|>-".contains(c)
}

/// `export TOKEN=`, `"token": "`, `Authorization: Bearer `, npm's `//registry.npmjs.org/:_authToken=`.
fn is_name(before: &str) -> bool {
    let mut before = before.trim_matches(is_edge);
    for scheme in ["bearer", "basic", "token"] {
        let start = before.len().saturating_sub(scheme.len());
        if before.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(scheme)) {
            before = before[..start].trim_end_matches(is_edge);
            break;
        }
    }
    if before.is_empty() {
        return true;
    }
    let Some(name) = before.strip_suffix(['=', ':']) else { return false };
    let name = name.strip_prefix("export ").unwrap_or(name).trim_matches(is_edge);
    let is_of_npm = name.starts_with("//") && name.ends_with(":_authToken");
    is_of_npm || !name.contains(|c: char| c.is_whitespace() || "=:@,\"'".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_more() {
        for text in [
            "~",
            " '~'\n",
            "|\n  ~\n",
            "TOKEN=~",
            "export TOKEN=\"~\"\n",
            "token = ~",
            "Bearer ~",
            "Authorization: Bearer ~",
            "{\"token\": \"~\"}",
            "{\n  \"token\": \"~\"\n}",
            "//registry.npmjs.org/:_authToken=~",
            "https://x:~@example.com/a",
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n~\n",
            "a=~\nb: ~\nc: changeme",
        ] {
            assert!(is_little(&text.replace('~', &GAP.to_string())), "{text}");
        }
    }

    #[test]
    fn what_is_a_value_of_its_own() {
        for text in [
            "hunter2 ~",
            "~ hunter2",
            "a=hunter2 b=~",
            "a=hunter2&b=~",
            "token: ~\npassword: hunter2-production\n",
            "{\"a\": \"hunter2\", \"b\": \"~\"}",
            "machine x password ~",
            "postgres://app:hunter2@db\n~",
        ] {
            assert!(!is_little(&text.replace('~', &GAP.to_string())), "{text}");
        }
    }
}
