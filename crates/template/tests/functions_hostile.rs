//! Calls of functions that were written to do harm end, soon and in little memory; honest ones of
//! the size of a Secret do not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/still.rs"]
mod still;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sealwright_template::{ErrorKind, Template};
use still::Still;

/// What is rendered on a thread with a small stack, or why nothing is.
fn rendered(text: &'static str) -> Result<String, ErrorKind> {
    let run = move || {
        let start = Instant::now();
        let template = Template::parse("t", text).unwrap();
        let result = template.render(&BTreeMap::new(), &mut Still);
        assert!(start.elapsed() < Duration::from_secs(60), "took {:?}: {text}", start.elapsed());
        result.map(|out| String::from_utf8(out).unwrap()).map_err(|error| error.kind())
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(run).unwrap().join().unwrap()
}

#[test]
fn harm_ends_with_a_limit() {
    for text in [
        r#"{{ repeat 9223372036854775807 "x" }}"#,
        r#"{{ indent 9223372036854775807 "\n\n" }}"#,
        r#"{{ indent 1000000 (repeat 1000 "\n") }}"#,
        r#"{{ replace "" (repeat 100000 "x") (repeat 100000 "y") }}"#,
        r#"{{ wrapWith 1 (repeat 100000 "x") (repeat 100000 "y") }}"#,
        r#"{{ join (repeat 100000 "x") (until 100000) }}"#,
        r#"{{ until 9223372036854775807 }}"#,
        r#"{{ untilStep -9223372036854775808 9223372036854775807 1 }}"#,
        r#"{{ seq 9223372036854775806 }}"#,
        r#"{{ uniq (until 100000) }}"#,
        r#"{{ $l := list 1 }}{{ range 40 }}{{ $l = list $l $l }}{{ end }}{{ toJson $l }}"#,
        r#"{{ $l := list 1 }}{{ range 40 }}{{ $l = list $l $l }}{{ end }}{{ deepCopy $l }}"#,
        r#"{{ $l := list 1 }}{{ $m := list 1 }}{{ range 40 }}{{ $l = list $l $l }}{{ $m = list $m $m }}{{ end }}{{ deepEqual $l $m }}"#,
        r#"{{ $l := list 1 }}{{ range 40 }}{{ $l = concat $l $l }}{{ end }}"#,
        r#"{{ $l := list (repeat 1000000 "x") }}{{ range 17 }}{{ $l = concat $l $l }}{{ end }}{{ len (sortAlpha $l) }}"#,
        r#"{{ $l := list (repeat 1000000 "x") }}{{ range 17 }}{{ $l = concat $l $l }}{{ end }}{{ has (cat (repeat 999999 "x") "y") $l }}{{ len (uniq $l) }}"#,
        r#"{{ $l := list (repeat 1000000 "x") }}{{ range 17 }}{{ $l = concat $l $l }}{{ end }}{{ deepEqual $l (prepend (initial $l) "y") }}"#,
        r#"{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ deepCopy $d }}"#,
        r#"{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ $e := dict }}{{ $_ := set $e "a" $e }}{{ merge $d $e }}"#,
        r#"{{ $x := repeat 1000000 "x" }}{{ range until 100000 }}{{ $_ := sha512sum $x }}{{ end }}"#,
        r#"{{ $x := repeat 1000000 "x" }}{{ range until 100000 }}{{ $_ := contains "y" $x }}{{ end }}"#,
        r#"{{ $x := repeat 10000 "[" }}{{ toPrettyJson (fromJson (print (repeat 9999 "[") (repeat 9999 "]"))) }}"#,
    ] {
        assert_eq!(rendered(text), Err(ErrorKind::Limit), "{text}");
    }
}

#[test]
fn a_needle_is_found_in_linear_time() {
    let text = r#"{{ $x := repeat 1000000 "a" }}{{ contains (print (repeat 500000 "a") "b") $x }}"#;
    assert_eq!(rendered(text), Ok("false".to_owned()));
}

#[test]
fn a_dict_in_itself_has_no_json() {
    let own = |call: &str| {
        let text = format!(
            r#"{{{{ $d := dict }}}}{{{{ $_ := set $d "a" (list $d) }}}}{{{{ {call} $d }}}}"#
        );
        rendered(text.leak())
    };
    assert_eq!(own("toJson"), Ok(String::new()));
    assert_eq!(own("toPrettyJson"), Ok(String::new()));
    assert_eq!(own("toRawJson"), Err(ErrorKind::Execution));
    assert_eq!(own("mustToJson"), Err(ErrorKind::Execution));
}

#[test]
fn honest_work_is_done() {
    for (text, wanted) in [
        (r#"{{ len (splitList "," (repeat 300000 "a,")) }}"#, "300001"),
        (r#"{{ len (fromJson (printf "[%s1]" (repeat 300000 "1,"))) }}"#, "300001"),
        (r#"{{ len (toJson (fromJson (printf "[%s1]" (repeat 300000 "1,")))) }}"#, "600003"),
        (r#"{{ len (uniq (splitList "," (join "," (until 50000)))) }}"#, "50000"),
        (r#"{{ len (uniq (until 3000)) }}"#, "3000"),
        (r#"{{ last (sortAlpha (until 100000)) }}"#, "99999"),
        (r#"{{ len (b64dec (b64enc (repeat 1000000 "x"))) }}"#, "1000000"),
        (r#"{{ len (toJson (repeat 1000000 "<")) }}"#, "6000002"),
        (r#"{{ len (quote (repeat 1000000 "\x00")) }}"#, "4000002"),
        (r#"{{ len (indent 8 (repeat 100000 "x\n")) }}"#, "1000008"),
        (r#"{{ len (toJson (fromJson (print (repeat 9999 "[") (repeat 9999 "]")))) }}"#, "19998"),
        (
            r#"{{ kindOf (deepCopy (fromJson (print (repeat 9999 "[") (repeat 9999 "]")))) }}"#,
            "slice",
        ),
        (r#"{{ len (seq 0 99999) }}"#, "588889"),
        (r#"{{ mulf 1.000000001 1.000000001 1.000000001 }}"#, "1.000000003"),
    ] {
        let found = rendered(text);
        assert_eq!(found.as_deref(), Ok(wanted), "{text}");
    }
}
