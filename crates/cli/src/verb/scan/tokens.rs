//! The shapes of tokens that say by their first letters who issued them.

use super::rules::{self, Rule};
use super::token_parts::{jwt, sendgrid, slack, webhook};

/// A token's shape: what it begins with and what follows.
pub(super) struct Shape {
    pub(super) rule: &'static Rule,
    pub(super) prefix: &'static str,
    body: Body,
}

/// What stands behind the prefix.
enum Body {
    /// So many bytes of a set; what follows is not of it.
    Run(fn(u8) -> bool, usize, usize),
    /// Something that has parts: how many bytes of the text it takes.
    Parts(fn(&[u8]) -> Option<usize>),
}

const fn run(
    rule: &'static Rule,
    prefix: &'static str,
    set: fn(u8) -> bool,
    min: usize,
    max: usize,
) -> Shape {
    Shape { rule, prefix, body: Body::Run(set, min, max) }
}

const fn parts(rule: &'static Rule, prefix: &'static str, of: fn(&[u8]) -> Option<usize>) -> Shape {
    Shape { rule, prefix, body: Body::Parts(of) }
}

/// Longer than any token, so that a run has an end.
pub(super) const LONG: usize = 4096;

/// Every shape there is.
pub(super) const SHAPES: &[Shape] = &[
    run(rules::AGE_KEY, "AGE-SECRET-KEY-1", upper, 58, 58),
    run(rules::AGE_KEY, "AGE-SECRET-KEY-PQ-1", upper, 58, 255),
    run(rules::AWS, "AKIA", base32, 16, 16),
    run(rules::AWS, "ASIA", base32, 16, 16),
    run(rules::GITHUB, "ghp_", alphanumeric, 36, 255),
    run(rules::GITHUB, "gho_", alphanumeric, 36, 255),
    run(rules::GITHUB, "ghu_", alphanumeric, 36, 255),
    run(rules::GITHUB, "ghs_", alphanumeric, 36, 255),
    run(rules::GITHUB, "ghr_", alphanumeric, 36, 255),
    run(rules::GITHUB, "github_pat_", word, 82, 255),
    run(rules::GITLAB, "glpat-", dotted, 20, 300),
    run(rules::GITLAB, "gldt-", dotted, 20, 300),
    run(rules::GITLAB, "glrt-", dotted, 20, 300),
    run(rules::GITLAB, "glcbt-", dotted, 20, 300),
    run(rules::GITLAB, "glptt-", dotted, 20, 300),
    run(rules::GITLAB, "glagent-", dotted, 20, 300),
    run(rules::GITLAB, "glsoat-", dotted, 20, 300),
    run(rules::GITLAB, "glft-", dotted, 20, 300),
    run(rules::GITLAB, "glimt-", dotted, 20, 300),
    run(rules::GITLAB, "GR1348941", dashed, 20, 60),
    parts(rules::SLACK, "xoxb-", slack),
    parts(rules::SLACK, "xoxp-", slack),
    parts(rules::SLACK, "xoxa-", slack),
    parts(rules::SLACK, "xoxc-", slack),
    parts(rules::SLACK, "xoxe-", slack),
    parts(rules::SLACK, "xoxe.xoxb-", slack),
    parts(rules::SLACK, "xoxe.xoxp-", slack),
    parts(rules::SLACK, "xoxr-", slack),
    parts(rules::SLACK, "xoxs-", slack),
    parts(rules::SLACK, "xapp-", slack),
    parts(rules::SLACK_WEBHOOK, "hooks.slack.com/services/", webhook),
    run(rules::STRIPE, "sk_live_", alphanumeric, 16, 255),
    run(rules::STRIPE, "rk_live_", alphanumeric, 16, 255),
    run(rules::GOOGLE, "AIza", dashed, 35, 35),
    run(rules::GOOGLE_OAUTH, "GOCSPX-", dashed, 28, 28),
    run(rules::NPM, "npm_", alphanumeric, 36, 36),
    run(rules::PYPI, "pypi-AgE", dashed, 60, LONG),
    run(rules::DOCKER, "dckr_pat_", dashed, 27, 64),
    run(rules::DOCKER, "dckr_oat_", dashed, 27, 64),
    run(rules::VAULT, "hvs.", dashed, 24, LONG),
    run(rules::VAULT, "hvb.", dashed, 24, LONG),
    parts(rules::SENDGRID, "SG.", sendgrid),
    run(rules::DIGITALOCEAN, "dop_v1_", hexadecimal, 64, 64),
    run(rules::DIGITALOCEAN, "doo_v1_", hexadecimal, 64, 64),
    parts(rules::JWT, "eyJ", jwt),
];

impl Shape {
    /// The bytes that the token takes which begins at `at`, if one does.
    pub(super) fn length_at(&self, text: &[u8], at: usize) -> Option<usize> {
        let rest = &text[at..];
        let body = rest.get(self.prefix.len()..)?;
        if !rest.starts_with(self.prefix.as_bytes()) || !begins_a_word(text, at) {
            return None;
        }
        let length = match self.body {
            Body::Run(set, min, max) => {
                let length = body.iter().take(max + 1).take_while(|byte| set(**byte)).count();
                let length = (min..=max).contains(&length).then_some(length)?;
                // A dot at the end is the sentence's.
                length - usize::from(body[length - 1] == b'.')
            }
            Body::Parts(of) => of(body)?,
        };
        let is_cut_off = body.get(length).is_some_and(|byte| word(*byte));
        (!is_cut_off && !is_made_up(&body[..length])).then_some(self.prefix.len() + length)
    }
}

/// Whether a word may begin here: not in the middle of one, but for what stands there in place of a
/// line break (`\n`) or of a sign (`%3D`, `\u003d`, `\x22`).
fn begins_a_word(text: &[u8], at: usize) -> bool {
    match &text[..at] {
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => true,
        [.., b'\\', b'u', a, b, c, d] if is_hexadecimal(&[*a, *b, *c, *d]) => true,
        [.., b'\\', b'x', high, low] if is_hexadecimal(&[*high, *low]) => true,
        [.., last] => !word(*last),
        [] => true,
    }
}

fn is_hexadecimal(digits: &[u8]) -> bool {
    digits.iter().all(u8::is_ascii_hexdigit)
}

/// Whether it is the example of a manual: it says so, counts, or hardly changes its letters.
fn is_made_up(body: &[u8]) -> bool {
    const WORDS: [&str; 6] =
        ["example", "placeholder", "xxxx", "123456789", "abcdefgh", "redacted"];
    let lower = body.to_ascii_lowercase();
    let mut letters = lower.clone();
    letters.sort_unstable();
    letters.dedup();
    let has = |word: &&str| lower.windows(word.len()).any(|part| part == word.as_bytes());
    letters.len() < 6 || WORDS.iter().any(has)
}

pub(super) fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn base32(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'2'..=b'7')
}

fn hexadecimal(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

pub(super) fn dashed(byte: u8) -> bool {
    word(byte) || byte == b'-'
}

/// GitLab's newer tokens have a dot before their checksum.
fn dotted(byte: u8) -> bool {
    dashed(byte) || byte == b'.'
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    /// The rule that finds it, and how much of the text it takes.
    fn found(text: &str, at: usize) -> Option<(&'static str, usize)> {
        SHAPES.iter().find_map(|shape| {
            let length = shape.length_at(text.as_bytes(), at)?;
            Some((shape.rule.id, length))
        })
    }

    /// Letters and digits that look random. Tokens are put together here, so that no scanner takes this
    /// file for a leak.
    fn body(length: usize) -> String {
        "q7Rz2Lk9Xw4Tn8Vb3Hd6Yf5Jc".chars().cycle().take(length).collect()
    }

    fn jwt_of(header: &str, claims: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{}", part(header), part(claims), body(43))
    }

    fn tokens() -> Vec<(&'static str, String)> {
        let base32 = "Q7RZ2LK4XW5TN3VB";
        vec![
            ("age-key", format!("AGE-SECRET-KEY-1{}", body(58).to_uppercase())),
            ("aws-access-key", format!("AKIA{base32}")),
            ("github-token", format!("ghp_{}", body(36))),
            ("github-token", format!("github_pat_{}_{}", body(22), body(59))),
            ("gitlab-token", format!("glpat-{}", body(20))),
            ("gitlab-token", format!("glpat-{}.01.{}", body(27), body(9))),
            ("slack-token", format!("xoxb-{}-{}-{}", "2718281828", "3141592653", body(24))),
            ("slack-token", format!("xoxc-{}-{}-{}", "2718281828", "3141592653", body(24))),
            ("slack-token", format!("xoxe-1-{}", body(140))),
            ("slack-token", format!("xoxe.xoxp-1-{}", body(160))),
            ("gitlab-token", format!("glagent-{}", body(50))),
            ("gitlab-token", format!("glsoat-{}", body(20))),
            ("gitlab-token", format!("glft-{}", body(20))),
            ("gitlab-token", format!("glimt-{}", body(25))),
            ("gitlab-token", format!("GR1348941{}", body(20))),
            ("age-key", format!("AGE-SECRET-KEY-PQ-1{}", body(58).to_uppercase())),
            ("docker-token", format!("dckr_oat_{}", body(32))),
            ("digitalocean-token", format!("doo_v1_{}", "0f1e2d3c4b5a6978".repeat(4))),
            ("slack-webhook", format!("hooks.slack.com/services/T{0}/B{0}/{1}", body(9), body(24))),
            ("stripe-key", format!("sk_live_{}", body(24))),
            ("google-api-key", format!("AIza{}", body(35))),
            ("google-oauth-secret", format!("GOCSPX-{}", body(28))),
            ("npm-token", format!("npm_{}", body(36))),
            ("pypi-token", format!("pypi-AgEIcHlwaS5vcmc{}", body(80))),
            ("docker-token", format!("dckr_pat_{}", body(27))),
            ("vault-token", format!("hvs.{}", body(90))),
            ("sendgrid-key", format!("SG.{}.{}", body(22), body(43))),
            ("digitalocean-token", format!("dop_v1_{}", "0f1e2d3c4b5a6978".repeat(4))),
            ("jwt", jwt_of(r#"{"alg":"RS256"}"#, r#"{"sub":"system:serviceaccount:a:b"}"#)),
        ]
    }

    #[test]
    fn every_rule_for_tokens_finds_its_own_wherever_a_word_may_begin() {
        for (rule, token) in tokens() {
            for (before, after) in [
                ("", ""),
                ("x=", "\n"),
                ("\"", "\""),
                ("\\n", ","),
                ("%3D", "&"),
                ("\\u003d", "\\u0022"),
                ("\\x22", "\\x22"),
            ] {
                let text = format!("{before}{token}{after}");
                assert_eq!(
                    found(&text, before.len()),
                    Some((rule, token.len())),
                    "{rule} {before}"
                );
            }
            let text = format!("x{token}");
            assert_eq!(found(&text, 1), None, "in the middle of a word: {rule}");
        }
    }

    #[test]
    fn what_is_cut_off_or_too_long_is_no_token() {
        for (rule, token) in tokens() {
            assert_eq!(found(&token[..token.len() / 4], 0), None, "{rule}");
        }
        let of = |rule: &str| tokens().into_iter().find(|(id, _)| *id == rule).unwrap();
        for (rule, token) in [of("aws-access-key"), of("google-api-key"), of("npm-token")] {
            assert_eq!(found(&format!("{token}A"), 0), None, "{rule}");
        }
    }

    #[test]
    fn the_examples_of_manuals_are_none() {
        let jwt_io = jwt_of(r#"{"alg":"HS256"}"#, r#"{"sub":"1","name":"John Doe"}"#);
        let unsigned = jwt_of(r#"{"alg":"none"}"#, r#"{"sub":"1"}"#);
        let no_claims = jwt_of(r#"{"alg":"HS256"}"#, r#""text""#);
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "AKIAXXXXXXXXXXXXXXXX",
            &format!("ghp_{}", "x".repeat(36)),
            &format!("glpat-{}", "your-token-placeholder"),
            &format!("ghp_{}{}", "1234567890", body(26)),
            &format!("xoxb-{}", "not-a-token-at-all-really"),
            &jwt_io,
            &unsigned,
            &no_claims,
            "eyJhbGciOiJIUzI1NiJ9",
        ] {
            assert_eq!(found(text, 0), None, "{text}");
        }
    }
}
