//! Work and memory of parsing grow with the text and no faster, whatever it says.

use super::{parse, work};
use crate::limits;

/// Texts that repeat something `n` times.
static TEXTS: &[fn(usize) -> String] = &[
    // `break` and `continue` within deep structures.
    |n| deep("{{range 1}}", "{{if 1}}", "{{break}}", n),
    |n| deep("{{range 1}}", "{{with 1}}", "{{continue}}", n),
    |n| deep("{{range 1}}", "{{range 1}}{{else}}", "{{break}}", n),
    |n| deep("{{range 1}}", "{{range 1}}{{else}}", "{{continue}}", n),
    |n| format!("{{{{if 1}}}}{}{{{{end}}}}", "{{else if 1}}".repeat(n)),
    // Many variables in the text, a few in each of many bodies.
    |n| each(n, |at| format!("{{{{$v{at} := 1}}}}")) + &each(n, |at| define(at, "{{$v0 := 1}}")),
    |n| each(n, |at| format!("{{{{$v{at} := 1}}}}") + &define(at, &format!("{{{{$v{at} := 1}}}}"))),
    |n| each(n, |at| format!("{{{{if $v := {at}}}}}{{{{$v}}}}{{{{end}}}}")),
    |n| "{{$v := 1}}".repeat(n) + &"{{$v}}".repeat(n),
    |n| each(n, |at| format!("{{{{block \"{at}\" .}}}}{{{{$v := 1}}}}")) + &"{{end}}".repeat(n),
    // Names of templates.
    |n| "{{define `a`}} {{end}}".repeat(n),
    |n| "{{define `a`}}x{{end}}".to_owned() + &"{{define `a`}}{{end}}".repeat(n),
    |n| each(n, |at| define(at, "x")) + &each(n, |at| format!("{{{{template \"{at}\"}}}}")),
    |n| "{{template `none`}}".repeat(n),
    |n| each(100, |at| define_long(at, n)) + &each(100, |at| call_long(at, n)),
    // One action of many parts.
    |n| format!("{{{{ .a{} }}}}", ".b".repeat(n)),
    |n| format!("{{{{ $.a{} }}}}", " | print".repeat(n)),
    |n| format!("{{{{ {}1{} }}}}", "(".repeat(n), ")".repeat(n)),
    |n| format!("{{{{ and{} }}}}", " 1".repeat(n)),
    |n| format!("{{{{ .a{} }}}}", " 1".repeat(n)),
    |n| format!("{{{{ list{} }}}}", " `a`".repeat(n)),
    |n| format!("{{{{ print{}1{} }}}}", " (or 1 ".repeat(n), ")".repeat(n)),
    |n| format!("{{{{ {}1 }}}}", " ".repeat(n)),
    // Text that looks like something else.
    |n| "{ }} ".repeat(n),
    |n| " \t\n{{- /* x */ -}} ".repeat(n),
    |n| format!("{{{{/* {} */}}}}", "* /".repeat(n)),
];

fn each(n: usize, part: impl Fn(usize) -> String) -> String {
    (0..n).map(part).collect()
}

fn define(name: usize, body: &str) -> String {
    format!("{{{{define \"{name}\"}}}}{body}{{{{end}}}}")
}

fn define_long(name: usize, length: usize) -> String {
    format!("{{{{define \"{}{name}\"}}}}x{{{{end}}}}", "a".repeat(length))
}

fn call_long(name: usize, length: usize) -> String {
    format!("{{{{template \"{}{name}\"}}}}", "a".repeat(length))
}

/// `inner` within `inner` within `outer`, and in the innermost `action`, again and again.
fn deep(outer: &str, inner: &str, action: &str, n: usize) -> String {
    outer.to_owned() + &inner.repeat(n) + &action.repeat(n) + &"{{end}}".repeat(n + 1)
}

fn parsed(text: &str) {
    if let Err(error) = parse("text", text) {
        panic!("{}: {}", error.text, text.get(..200).unwrap_or(text));
    }
}

#[test]
fn twice_the_text_is_twice_the_work() {
    for text in TEXTS {
        let (once, twice) = (text(2000), text(4000));
        let (first, second) = (work::of(|| parsed(&once)), work::of(|| parsed(&twice)));
        let start = &once[..once.len().min(60)];
        assert!(first >= once.len() / 4, "{start}: hardly anything is counted: {first}");
        // Names are looked up in a tree, so the logarithm grows a little too.
        assert!(second * 10 <= first * 23, "{start}: {first}, then {second}");
        assert!(second <= twice.len() * 32, "{start}: {second} for {} bytes", twice.len());
    }
}

#[test]
fn a_program_is_limited_but_for_one_that_a_secret_can_hold() {
    let full = |part: &str| parse("text", &part.repeat(limits::TEMPLATE / part.len()));
    let limited = full("{{.a 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1}}");
    assert!(limited.is_err_and(|error| error.limit));
    for part in ["{{1}}", "{{.a}}", "{{if 1}}{{end}}", "{{define `a`}}{{end}}"] {
        assert!(full(part).is_ok(), "{part}");
    }
}
