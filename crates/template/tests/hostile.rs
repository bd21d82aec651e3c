//! Templates that were written to do harm end with an error, soon, in little memory and on a
//! small stack.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/still.rs"]
mod still;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sealwright_template::{ErrorKind, Template};
use still::Still;

/// Parses and renders on a thread with a stack of 256 KiB, as WebAssembly or a busy runtime may
/// have it. None if it rendered.
fn end_of(text: String) -> Option<ErrorKind> {
    let run = move || {
        let start = Instant::now();
        let data = BTreeMap::from([("a".to_owned(), vec![b'a'; 1000]), ("e".to_owned(), vec![])]);
        let result = Template::parse("hostile", &text)
            .and_then(|template| template.render(&data, &mut Still).map(drop));
        assert!(start.elapsed() < Duration::from_secs(60), "took {:?}", start.elapsed());
        result.err().map(|error| error.kind())
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(run).unwrap().join().unwrap()
}

#[test]
fn deep_nesting_in_the_text_is_read_without_recursion() {
    let deep = |open: &str, middle: &str, close: &str, depth: usize| {
        end_of(open.repeat(depth) + middle + &close.repeat(depth))
    };
    let parens =
        |depth: usize| end_of(format!("{{{{ {}1{} }}}}", "(".repeat(depth), ")".repeat(depth)));
    assert_eq!(parens(10_000), None);
    assert_eq!(parens(10_001), Some(ErrorKind::Limit));
    assert_eq!(parens(1_000_000), Some(ErrorKind::Limit));
    assert_eq!(deep("{{if true}}", "x", "{{end}}", 100_000), None);
    assert_eq!(deep("{{with $.a}}", "x", "{{end}}", 100_000), None);
    assert_eq!(deep("{{range 1}}", "x", "{{end}}", 100_000), None);
    assert_eq!(deep("{{block `b` .}}", "x", "{{end}}", 50), Some(ErrorKind::Syntax));
    assert_eq!(deep("{{if true}}", "x", "", 100_000), Some(ErrorKind::Syntax));
    assert_eq!(
        end_of("{{if .e}}".to_owned() + &"{{else if .e}}".repeat(100_000) + "{{end}}"),
        None
    );
    let print = |depth: usize| {
        end_of(format!("{{{{ {}1{} }}}}", "(print ".repeat(depth), ")".repeat(depth)))
    };
    assert_eq!(print(10_000), None);
    assert_eq!(end_of(format!("{{{{ .a{} }}}}", ".b".repeat(500_000))), Some(ErrorKind::Execution));
    assert_eq!(end_of(format!("{{{{ 1{} }}}}", " | print".repeat(100_000))), None);
    let blocks: String = (0..20_000).map(|at| format!("{{{{block \"{at}\" .}}}}")).collect();
    assert_eq!(end_of(blocks + "x" + &"{{end}}".repeat(20_000)), None);
}

#[test]
fn endless_rendering_ends() {
    for text in [
        "{{ template `hostile` . }}",
        "x{{ template `hostile` . }}",
        "{{ define `a` }}{{ template `b` . }}{{ end }}{{ define `b` }}{{ template `a` . }}{{ end }}{{ template `a` }}",
        "{{ range 9223372036854775807 }}{{ end }}",
        "{{ range 9223372036854775807 }}x{{ end }}",
        "{{ range 100000 }}{{ range 100000 }}{{ range 100000 }}{{ end }}{{ end }}{{ end }}",
        "{{ range 9223372036854775807 }}{{ $x := . }}{{ end }}",
        "{{ range 9223372036854775807 }}{{ continue }}{{ end }}",
        "{{ define `d` }}{{ if true }}{{ $a := 1 }}{{ template `d` }}{{ end }}{{ end }}{{ template `d` }}",
    ] {
        assert_eq!(end_of(text.to_owned()), Some(ErrorKind::Limit), "{text}");
    }
}

#[test]
fn memory_is_not_taken_beyond_the_limit() {
    for text in [
        r#"{{ $x := "12345678" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}"#,
        r#"{{ $x := "12345678" }}{{ range 100 }}{{ $x = printf "%s%s%s" $x $x $x }}{{ end }}"#,
        r#"{{ $x := "<<<<<<<<" }}{{ range 100 }}{{ $x = html $x $x }}{{ end }}"#,
        r#"{{ $x := "12345678" }}{{ range 100 }}{{ $x = printf "%q%x" $x $x }}{{ end }}"#,
        r#"{{ range 1000 }}{{ printf "%10000000d" 1 }}{{ end }}"#,
        r#"{{ range 1000 }}{{ $x := printf "%9999999d%9999999s%9999999.9999999f%9999999q" 1 "x" 1.0 "x" }}{{ end }}{{ printf "%9999999d" 1 }}"#,
        r#"{{ printf "%9999999d%9999999d%9999999d%9999999d%9999999d%9999999d%9999999d%9999999d" 1 2 3 4 5 6 7 8 }}"#,
        r#"{{ printf "%.9999999d" 1 }}"#,
        r#"{{ printf "%.9999999f" 1.0 }}"#,
        r#"{{ printf "%.9999999e" 1.0 }}"#,
        r#"{{ printf "%#.9999999g" 1.0 }}"#,
        r#"{{ printf "%.9999999x" 1.0 }}"#,
        r#"{{ printf "%.9999999U" 65 }}"#,
        r#"{{ printf "%*d" 1000000 1 }}{{ printf "%*d" 1000000 1 }}"#,
    ] {
        assert_eq!(end_of(text.to_owned()), Some(ErrorKind::Limit), "{text}");
    }
    // Refused by Go as well: no such width.
    assert_eq!(end_of(r#"{{ printf "%999999999d" 1 }}"#.to_owned()), None);
}

#[test]
fn the_largest_output_is_a_secret() {
    assert_eq!(end_of("x".repeat(1 << 20)), None);
    assert_eq!(end_of("x".repeat((1 << 20) + 1)), Some(ErrorKind::Limit));
    assert_eq!(end_of("{{ range 1048 }}{{ $.a }}{{ end }}".to_owned()), None);
    assert_eq!(end_of("{{ range 1049 }}{{ $.a }}{{ end }}".to_owned()), Some(ErrorKind::Limit));
    assert_eq!(end_of("{{/*".to_owned() + &"x".repeat(3 << 20) + "*/}}"), None);
}

#[test]
fn honest_work_is_within_the_limits() {
    // A text of 100 KiB that grows line by line, and lookups among many variables.
    let grow =
        r#"{{ $x := "" }}{{ range 2000 }}{{ $x = printf "%s%050d\n" $x . }}{{ end }}{{ $x }}"#;
    assert_eq!(end_of(grow.to_owned()), None);
    let many: String =
        (0..5000).map(|at| format!("{{{{ $x{at} := {at} }}}}{{{{ $x{at} }}}}")).collect();
    assert_eq!(end_of(many), None);
}
