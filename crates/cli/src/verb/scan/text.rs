//! Tokens and private keys in a text, as they are or in base64. A text is looked through once, for what
//! any of them begins with; only there is looked closer.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealwright_crypto::Plaintext;

use super::pem;
use super::ppk;
use super::rules::Rule;
use super::tokens::{SHAPES, Shape};
use super::wrap::{Decoded, GROUP, back, wraps};

/// Something that should not stand there.
pub(super) struct Hit {
    pub(super) rule: &'static Rule,
    /// The bytes of the text that it takes.
    pub(super) range: Range<usize>,
    pub(super) secret: Plaintext,
    pub(super) is_encoded: bool,
}

/// What begins where the automaton found something.
#[derive(Clone, Copy)]
enum Start {
    Token(&'static Shape),
    PrivateKey,
    PuttyKey,
    /// The same in base64, so many bytes behind the start of a group of three.
    Encoded(usize),
}

/// What keys begin with.
const KEYS: [(&str, Start); 2] = [(pem::BEGIN, Start::PrivateKey), (ppk::BEGIN, Start::PuttyKey)];

struct Starts {
    automaton: AhoCorasick,
    of_pattern: Vec<Start>,
}

static STARTS: LazyLock<Starts> = LazyLock::new(|| {
    let plain = SHAPES.iter().map(|shape| (shape.prefix, Start::Token(shape)));
    let plain: Vec<_> = plain.chain(KEYS).collect();
    let mut patterns = Vec::new();
    for (prefix, start) in plain {
        patterns.push((prefix.to_owned(), start));
        patterns.extend((0..3).map(|shift| (encoded(prefix, shift), Start::Encoded(shift))));
    }
    let automaton = AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .match_kind(MatchKind::LeftmostLongest)
        .build(patterns.iter().map(|(pattern, _)| pattern))
        .expect("there are some hundred short patterns");
    Starts { automaton, of_pattern: patterns.into_iter().map(|(_, start)| start).collect() }
});

/// The characters of base64 that are the same whatever stands around `prefix`, which begins `shift`
/// bytes behind the start of a group of three (RFC 4648 §4).
fn encoded(prefix: &str, shift: usize) -> String {
    let whole = STANDARD.encode([&b"\0\0"[..shift], prefix.as_bytes()].concat());
    let first = lead(shift);
    let last = (shift + prefix.len()) * 8 / 6;
    whole[first..last].to_owned()
}

/// Characters of a group that the bytes before a prefix have a part in.
fn lead(shift: usize) -> usize {
    (shift * 8).div_ceil(6)
}

/// Everything in the text, in its order; nothing twice.
pub(super) fn hits(text: &[u8]) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    let (mut end, mut budget) = (0, BUDGET);
    for found in STARTS.automaton.find_iter(text) {
        if found.start() < end {
            continue;
        }
        let hit = match STARTS.of_pattern[found.pattern().as_usize()] {
            Start::Encoded(shift) => encoded_at(text, found.start(), shift, &mut budget),
            start => plain_at(text, found.start(), start).map(|(rule, range)| {
                let secret = Plaintext::new(text[range.clone()].to_vec());
                Hit { rule, range, secret, is_encoded: false }
            }),
        };
        if let Some(hit) = hit {
            end = hit.range.end;
            hits.push(hit);
        }
    }
    with_broken(hits, text, &mut budget)
}

/// Those too whose first letters in base64 are divided by the end of a line.
fn with_broken(mut hits: Vec<Hit>, text: &[u8], budget: &mut usize) -> Vec<Hit> {
    let found = hits.len();
    for wrap in wraps(text) {
        let window = wrap.window(text);
        let letters: Vec<_> = window.iter().map(|at| text[*at]).collect();
        for found in STARTS.automaton.find_iter(&letters) {
            let is_broken = window[found.start()] < wrap.end && window[found.end() - 1] > wrap.end;
            if let (Start::Encoded(shift), true) =
                (STARTS.of_pattern[found.pattern().as_usize()], is_broken)
            {
                hits.extend(encoded_at(text, window[found.start()], shift, budget));
            }
        }
    }
    if hits.len() > found {
        hits.sort_by_key(|hit| (hit.range.start, std::cmp::Reverse(hit.range.end)));
        let mut end = 0;
        hits.retain(|hit| {
            let is_apart = hit.range.start >= end;
            end = end.max(hit.range.end);
            is_apart
        });
    }
    hits
}

fn plain_at(text: &[u8], at: usize, start: Start) -> Option<(&'static Rule, Range<usize>)> {
    match start {
        Start::Token(shape) => {
            shape.length_at(text, at).map(|length| (shape.rule, at..at + length))
        }
        Start::PrivateKey => pem::key_at(text, at),
        Start::PuttyKey => ppk::key_at(text, at),
        Start::Encoded(_) => None,
    }
}

/// What stands in base64, of which the characters at `at` belong to a prefix.
fn encoded_at(text: &[u8], at: usize, shift: usize, budget: &mut usize) -> Option<Hit> {
    let group = back(text, at, lead(shift))?;
    // One group more tells whether something stands before it; that of another line may be of another value.
    let before = back(text, group, GROUP).filter(|from| group - from == GROUP);
    let from = before.unwrap_or(group);
    let decoded = Decoded::read(text, from, LONGEST.min(*budget).max(AT_LEAST))?;
    *budget = budget.saturating_sub(decoded.places.len());
    let at = if before.is_some() { 3 + shift } else { shift };
    let mut starts = SHAPES.iter().map(Start::Token).chain(KEYS.map(|(_, start)| start));
    let (rule, range) = starts.find_map(|start| {
        (at < decoded.bytes.len()).then(|| plain_at(&decoded.bytes, at, start)).flatten()
    })?;
    let secret = Plaintext::new(decoded.bytes[range.clone()].to_vec());
    let (first, last) =
        (decoded.places[range.start * 8 / 6], decoded.places[(range.end * 8 - 1) / 6]);
    Some(Hit { rule, range: first..last + 1, secret, is_encoded: true })
}

/// Longer than any private key, in base64.
const LONGEST: usize = 48 * 1024;
/// Longer than any token but those with parts.
const AT_LEAST: usize = 512;
/// Characters that are decoded at length in one text: one that begins a private key on every line must
/// not keep us for minutes.
const BUDGET: usize = 32 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> String {
        format!("ghp_{}", "q7Rz2Lk9Xw4Tn8Vb3Hd6Yf5Jc".repeat(2).get(..36).unwrap())
    }

    fn key() -> String {
        let body = "MIIEvAIBADANBgkqhkiG9w0BAQEFAASC\n".repeat(3);
        format!("{}RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----", pem::BEGIN)
    }

    fn found(text: &str) -> Vec<(&'static str, Range<usize>, bool)> {
        let hits = hits(text.as_bytes()).into_iter();
        hits.map(|hit| (hit.rule.id, hit.range, hit.is_encoded)).collect()
    }

    #[test]
    fn in_base64_whatever_stands_before_it_and_behind() {
        for before in ["", "a", "a=", "a=b", "a=b\n", "token = \"", "user:pass:x:"] {
            for after in ["", "\n", "\nb=1", "\"}"] {
                for secret in [token(), key()] {
                    let is_word = before.ends_with(char::is_alphanumeric);
                    let encoded = STANDARD.encode(format!("{before}{secret}{after}"));
                    let text = format!("x: {encoded}\ny: 1\n");
                    let hits = hits(text.as_bytes());
                    let is_key = secret == key();
                    assert_eq!(hits.len(), usize::from(!is_word || is_key), "{before:?} {after:?}");
                    for hit in hits {
                        assert_eq!(hit.secret.expose(), secret.as_bytes());
                        assert!(hit.is_encoded && hit.range.start >= 3);
                        assert!(hit.range.end <= 3 + encoded.len());
                    }
                }
            }
        }
    }

    #[test]
    fn base64_in_lines() {
        let encoded = STANDARD.encode(key());
        for width in [40, 64, 76] {
            let lines: Vec<_> = encoded.as_bytes().chunks(width).collect();
            for between in ["\n", "\r\n    ", "\\n"] {
                let text =
                    format!("x: {}\n", String::from_utf8(lines.join(between.as_bytes())).unwrap());
                let hits = hits(text.as_bytes());
                assert_eq!(hits.len(), 1, "{text}");
                assert_eq!(hits[0].secret.expose(), key().as_bytes());
            }
        }
    }

    #[test]
    fn a_line_may_end_anywhere_in_a_token() {
        for before in 0..120 {
            let encoded = STANDARD.encode(format!("{} {}", "z".repeat(before), token()));
            for width in [64, 76] {
                let lines: Vec<_> = encoded.as_bytes().chunks(width).collect();
                for between in ["\n", "\r\n    ", "\\n"] {
                    let lines = String::from_utf8(lines.join(between.as_bytes())).unwrap();
                    let hits = hits(format!("x: |\n    {lines}\n").as_bytes());
                    assert_eq!(hits.len(), 1, "{before} {lines}");
                    assert_eq!(hits[0].secret.expose(), token().as_bytes());
                }
            }
        }
    }

    #[test]
    fn lines_that_are_values_of_their_own() {
        // Of a length that has no padding at its end.
        let line = STANDARD.encode(format!("{} a", token()));
        let text = format!("{line}\n{line}\n{line}\n");
        assert_eq!(hits(text.as_bytes()).len(), 3);
    }

    #[test]
    fn several_in_one_text_and_their_places() {
        let (token, key) = (token(), key());
        let text = format!("{token} and {key}\n{token}");
        let second = token.len() + 5;
        let third = second + key.len() + 1;
        assert_eq!(
            found(&text),
            [
                ("github-token", 0..token.len(), false),
                ("private-key", second..second + key.len(), false),
                ("github-token", third..third + token.len(), false),
            ]
        );
    }

    #[test]
    fn bytes_that_are_no_text_hide_nothing() {
        let text = [b"\xff\xfe\x80 ", token().as_bytes(), b"\xff"].concat();
        assert_eq!(hits(&text).len(), 1);
    }

    #[test]
    fn random_base64_has_none() {
        // An LCG's high bits, 4 MiB of them: as ciphertexts look.
        let mut state: u64 = 7;
        let bytes: Vec<u8> = (0..4 << 20)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        assert_eq!(found(&STANDARD.encode(bytes)), []);
    }

    #[test]
    fn a_text_full_of_beginnings_is_done_at_once() {
        let begin = STANDARD.encode(format!("{}PRIVATE KEY-----", pem::BEGIN));
        for piece in
            ["AKIA", "QUtJ", "QUtJQUtJ\n", ".eyJ", "xoxb-", "glpat-", begin.as_str(), pem::BEGIN]
        {
            // What is left at the end may be short enough to be one.
            assert!(found(&piece.repeat((1 << 18) / piece.len())).len() <= 1, "{piece}");
        }
    }
}
