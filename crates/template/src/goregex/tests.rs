//! What vectors cannot say: how much a search may cost.

use super::{Regex, Searcher, parse};
use crate::context::testing::Still;
use crate::context::{Budget, Context};
use crate::error::Fault;
use crate::limits;

/// Calls with an eighth of the steps that a render has, to be done sooner; what it took, too.
fn within<T>(call: impl FnOnce(&mut Context<'_>) -> Result<T, Fault>) -> (Result<T, Fault>, u64) {
    const STEPS: u64 = limits::STEPS / 8;
    let world = &mut Still;
    let mut budget = Budget { steps: STEPS, ..Budget::default() };
    let result = call(&mut Context::new(world, &mut budget));
    (result, STEPS - budget.steps)
}

fn matches(pattern: &str, text: &[u8]) -> Result<bool, &'static str> {
    let (matched, _) = within(|context| {
        let regex = Regex::new(context, pattern.as_bytes())?;
        Searcher::new(&regex, text).is_match(context)
    });
    matched.map_err(|fault| fault.text)
}

/// The steps that it takes to replace all matches.
fn replacing(pattern: &str, text: &[u8], replacement: &[u8]) -> Result<u64, Fault> {
    let (replaced, steps) = within(|context| {
        let regex = Regex::new(context, pattern.as_bytes())?;
        Searcher::new(&regex, text).replace_all(context, replacement)
    });
    replaced.map(|_| steps)
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
    assert_eq!(matches(&"(".repeat(1 << 20), b""), Err("too much memory"));
    // Of steps or of memory, whichever ends first.
    assert!(matches(&r"\pL".repeat(10_000), b"").is_err());
    assert_eq!(matches(&"(xx?){1000}".repeat(1000), b""), Err("too much memory"));
    assert_eq!(matches(&"a".repeat(1 << 20), b""), Err("too much memory"));
    let nested = "(?:".repeat(2_000) + &")*".repeat(2_000);
    assert_eq!(matches(&nested, b""), Err("a regular expression nests too deeply"));
}

#[test]
fn large_patterns_are_not() {
    let groups = "(?:".repeat(50_000) + &")".repeat(50_000);
    assert_eq!(matches(&groups, b""), Ok(true));
    // A sixteenth of what a render has.
    assert_eq!(matches(&r"(\pL{500}x)".repeat(100), b""), Ok(false));
}

#[test]
fn a_set_is_as_large_as_all_sets() {
    for member in [r"\pL", r"\PL", r"\p{Greek}", r"\W", "[:^word:]"] {
        // Each of these has three ranges at least.
        let set = format!("[{}]", member.repeat(750_000));
        assert!(matches(&set, b"").is_err(), "{member}");
        assert_eq!(matches(&format!("[{}]", member.repeat(20)), b""), Ok(false), "{member}");
    }
    assert!(matches(&format!("(?i)[{}]", "\u{80}-\u{10ffff}".repeat(1000)), b"").is_err());
}

/// Each group around nodes moves them, and each unclosed `[:` was looked for to the end.
#[test]
fn patterns_take_time_in_proportion_to_their_length() {
    let nested = "(?:".repeat(20_000) + &"a)b".repeat(20_000);
    assert_eq!(matches(&nested, b""), Err("too many steps"));
    let branches = "(?:".repeat(20_000) + &"a|b)|c".repeat(20_000);
    assert_eq!(matches(&branches, b""), Err("too many steps"));
    // With so many it would take hours.
    let names = "[".to_owned() + &"[:a".repeat(20 << 20);
    assert!(parse::parse(&names, &mut |_, _| Ok(())).is_err());
    assert_eq!(matches("[[:[[:[[:a]", b":"), Ok(true));
    let unknown = "invalid character class range in a regular expression";
    assert_eq!(matches("[[:[[:[:digit:]", b"7"), Err(unknown));
}

#[test]
fn threads_pay_for_their_slots() {
    let text = vec![b'a'; 70_000];
    let groups = |count: usize| "(.?)".repeat(count) + "z";
    let refused = replacing(&groups(4_000), &text, b"$1").unwrap_err();
    assert_eq!(refused, Fault::HELD);
    let refused = replacing(&groups(1_000), &text, b"$1").unwrap_err();
    assert_eq!(refused, Fault::STEPS);
}

#[test]
fn replacements_are_paid_for() {
    let names = |count: usize| "(?P<a>x)?".repeat(count);
    let text = [b'y'; 100];
    let base = replacing(&names(100), &text, b"$b").unwrap();
    assert!(replacing(&names(100), &text, &b"$a".repeat(100)).unwrap() > base + 100 * 100 * 100);
    let base = replacing("y", &text, b"$b").unwrap();
    let long = format!("${}", "\u{e9}".repeat(1000)).into_bytes();
    assert!(replacing("y", &text, &long).unwrap() > base + 99 * 1000);
}

#[test]
fn small_searches_pay_for_what_they_skip() {
    let text = "\u{e9}".repeat(10_000);
    let (_, steps) = within(|context| {
        let regex = Regex::new(context, b"x")?;
        Searcher::new(&regex, text.as_bytes()).is_match(context)
    });
    assert!(steps > text.len() as u64 / 16, "{steps}");
}

/// Groups and repetitions within each other, as high as they may be, on a small stack.
#[test]
fn the_highest_trees_fit_a_small_stack() {
    let search = || {
        for (open, close) in
            [("(?:", ")*"), ("(?:", ")?"), ("(", ")"), ("(?:a|", ")+"), ("(?:a", "){1}")]
        {
            let height = (1..1000).rev().find(|&height| {
                let pattern = open.repeat(height) + "a" + &close.repeat(height);
                matches(&pattern, b"a").is_ok()
            });
            assert!(height > Some(300), "{open}{close}: {height:?}");
        }
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(search).unwrap().join().unwrap();
}
