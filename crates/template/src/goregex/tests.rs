//! What vectors cannot say: how much a search may cost.

use super::{Regex, Searcher};
use crate::context::testing::Still;
use crate::context::{Budget, Context};
use crate::limits;

/// Searches with an eighth of the steps that a render has, to be done sooner.
fn matches(pattern: &str, text: &[u8]) -> Result<bool, &'static str> {
    let world = &mut Still;
    let mut budget = Budget::default();
    let context = &mut Context::new(world, &mut budget);
    context.spend(limits::STEPS / 8 * 7).map_err(|fault| fault.text)?;
    let regex = Regex::new(context, pattern.as_bytes()).map_err(|fault| fault.text)?;
    Searcher::new(&regex, text).is_match(context).map_err(|fault| fault.text)
}

#[test]
fn honest_patterns_may_read_what_a_secret_holds() {
    let text = [b"abcdefgh ".repeat(1 << 14), b"key=value!".to_vec()].concat();
    for pattern in ["value!", r"(\w+)=(\w+)!$", r"(?i)KEY\s*=", "(a|b|c|d)*=v", ".*!", r"\pL+="] {
        assert_eq!(matches(pattern, &text), Ok(true), "{pattern}");
        assert_eq!(matches(pattern, &text[..1 << 17]), Ok(false), "{pattern}");
    }
}

#[test]
fn hostile_searches_end() {
    let text = vec![b'a'; 1 << 20];
    for pattern in ["((a{30}){30}a?)*b", "(.*)(.*)(.*)(.*)(.*)[ab]{500}b"] {
        assert_eq!(matches(pattern, &text), Err("too many steps"), "{pattern}");
    }
}

#[test]
fn hostile_patterns_are_refused() {
    assert!(matches(&"(".repeat(1 << 20), b"").is_err());
    assert_eq!(matches(&r"\pL".repeat(10_000), b""), Err("too much memory"));
    assert_eq!(matches(&"(xx?){1000}".repeat(1000), b""), Err("too much memory"));
    assert_eq!(matches(&"a".repeat(2 << 20), b""), Err("too much memory"));
    let nested = "(?:".repeat(2_000) + &")*".repeat(2_000);
    assert_eq!(matches(&nested, b""), Err("a regular expression nests too deeply"));
}

#[test]
fn large_patterns_are_not() {
    let groups = "(?:".repeat(50_000) + &")".repeat(50_000);
    assert_eq!(matches(&groups, b""), Ok(true));
    assert_eq!(matches(&r"(\pL{500}x)".repeat(500), b""), Ok(false));
}
