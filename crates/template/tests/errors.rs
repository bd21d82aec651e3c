//! What errors say, and what they never say.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/still.rs"]
mod still;

use std::collections::BTreeMap;

use sealwright_template::{ErrorKind, Template, TemplateError};
use still::Still;

const SECRET: &str = "S3CRET";

fn error_of(text: &str) -> TemplateError {
    let data = BTreeMap::from([("pw".to_owned(), SECRET.as_bytes().to_vec())]);
    let rendered = Template::parse("item", text).and_then(|it| it.render(&data, &mut Still));
    rendered.map(|bytes| String::from_utf8(bytes).unwrap()).expect_err(text)
}

#[test]
fn errors_say_kind_place_and_function() {
    for (text, kind, message) in [
        (
            "ab\nü{{ nope .pw }}",
            ErrorKind::UnknownFunction,
            "template item, line 2, column 5: function \"nope\" not defined",
        ),
        ("{{ if }}x{{ end }}", ErrorKind::Syntax, "template item, line 1, column 7: missing value"),
        (
            "{{ .pw }}\n{{ len 3 }}",
            ErrorKind::Execution,
            "template item, line 2, column 4: len: len of what has no length",
        ),
        (
            "{{ range 9223372036854775807 }}{{ end }}",
            ErrorKind::Limit,
            "template item, line 1, column 35: too many steps",
        ),
        (
            "{{ if true }}",
            ErrorKind::Syntax,
            "template item, line 1, column 14: unexpected end of the template: an {{end}} is missing",
        ),
    ] {
        let error = error_of(text);
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
        assert_eq!(error.template(), "item");
    }
}

#[test]
fn errors_never_hold_a_value() {
    for text in [
        "{{ range .pw }}{{ end }}",
        "{{ eq . . }}",
        "{{ eq .pw 1 }}",
        "{{ lt .pw 1 }}",
        "{{ .pw.x }}",
        "{{ .pw | .pw }}",
        "{{ index . .pw 1 }}",
        "{{ index .pw 99 }}",
        "{{ index 1 .pw }}",
        "{{ call .pw }}",
        "{{ len (len .pw) }}",
        "{{ printf 1 .pw }}",
        "{{ template \"none\" .pw }}",
        "{{ $x := .pw }}{{ $x 1 }}",
        "{{ with .pw }}{{ .y }}{{ end }}",
        "{{ slice .pw 99 }}",
    ] {
        let error = error_of(text);
        assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
    }
}

#[test]
fn a_template_knows_whether_it_is_steady() {
    let steady = |text: &str| Template::parse("item", text).unwrap().is_steady();
    for text in ["", "{{ .pw }}", "{{ define `x` }}y{{ end }}{{ template `x` }}"] {
        assert!(steady(text), "{text}");
    }
    for text in [
        "{{ randAlpha 5 }}",
        "{{ if .pw }}{{ (randAlpha 5 | print) | len }}{{ end }}",
        "{{ define `x` }}{{ randAlpha 1 }}{{ end }}{{ template `x` }}",
        "{{ block `x` . }}{{ with .pw }}{{ randAlpha 1 }}{{ end }}{{ end }}",
        "{{ define `item` }}{{ randAlpha 1 }}{{ end }}",
        "{{ htpasswd .user .pw }}",
        "{{ genPrivateKey `ed25519` }}",
        "{{ now }}",
        "{{ date `2006` .pw }}",
        "{{ shuffle .pw }}",
    ] {
        assert!(!steady(text), "{text}");
    }
    assert!(steady("{{ define `x` }}{{ randAlpha 1 }}{{ end }}unused"));
}
