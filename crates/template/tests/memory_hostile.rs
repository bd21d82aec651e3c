//! Templates that were written to take memory do not get it: the process stays small, whatever
//! the account of the render says.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/still.rs"]
mod still;

use std::collections::BTreeMap;
use std::fs;

use sealwright_template::{ErrorKind, Template};
use still::Still;

/// What a render may hold, and twice as much: what is being made is there beside what it is made
/// of, and grows by doubling.
const MOST: usize = 3 * (64 << 20);

/// The most memory that the process had since it was asked the last time.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes = line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap();
    fs::write("/proc/self/clear_refs", "5").unwrap();
    kilobytes << 10
}

const HOSTILE: &[(&str, Option<ErrorKind>)] = &[
    // Regular expressions.
    (r#"{{ regexMatch (print "[" (repeat 100000 `\pL`) "]") "" }}"#, Some(ErrorKind::Limit)),
    (
        r#"{{ regexMatch (print "(?i)[" (repeat 30000 "\u0080-\U0010ffff") "]") "" }}"#,
        Some(ErrorKind::Limit),
    ),
    (r#"{{ regexMatch (repeat 400000 "(") "" }}"#, Some(ErrorKind::Limit)),
    (r#"{{ regexMatch (print "(?i)" (repeat 300000 "k")) "" }}"#, Some(ErrorKind::Limit)),
    (
        r#"{{ regexReplaceAll (print (repeat 5000 "(.?)") "z") (repeat 9999 "a") "$1" }}"#,
        Some(ErrorKind::Limit),
    ),
    (
        r#"{{ regexReplaceAll "(.*)" (repeat 1000000 "a") (repeat 1000 "$1") }}"#,
        Some(ErrorKind::Limit),
    ),
    // What is printed.
    (r#"{{ $x := printf (repeat 14000000 "%d") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := printf (repeat 14000000 "%[z") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := printf (repeat 14000000 "%*") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := printf "%q" (repeat 30000000 "\x00") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := printf "%+q" (repeat 15000000 "é") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := printf "% #x" (repeat 30000000 "a") }}"#, Some(ErrorKind::Limit)),
    (
        r#"{{ $x := printf "" (repeat 30000000 "a") (repeat 30000000 "a") }}"#,
        Some(ErrorKind::Limit),
    ),
    (r#"{{ $x := quote (repeat 30000000 "\x00") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := html (repeat 30000000 "\"") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := js (repeat 12000000 "<") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := urlquery (repeat 30000000 "<") }}"#, Some(ErrorKind::Limit)),
    // Series.
    (r#"{{ $x := seq 3000000 }}"#, None),
    (r#"{{ $x := seq 9000000 }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := until 8000000 }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := untilStep 0 80000000 10 }}"#, Some(ErrorKind::Limit)),
    // Characters that become longer.
    (r#"{{ $x := upper (repeat 30000000 "\xff") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := title (repeat 30000000 "\xff") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := snakecase (repeat 15000000 "A\xff") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := camelcase (repeat 30000000 "\xff") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := nospace (print (repeat 30000000 "\xff") " ") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := trimAll (repeat 30000000 "a") "b" }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := b32enc (repeat 30000000 "a") }}"#, Some(ErrorKind::Limit)),
    // JSON.
    (r#"{{ $x := toJson (repeat 30000000 "<") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := fromJson (printf "%q" (repeat 20000000 "a")) }}"#, None),
    (r#"{{ $x := fromJson (print "\"" (repeat 30000000 "\xff") "\"") }}"#, Some(ErrorKind::Limit)),
    (r#"{{ $x := fromJson (print "[" (repeat 10000000 "1,") "1]") }}"#, Some(ErrorKind::Limit)),
    (
        r#"{{ $x := toPrettyJson (fromJson (print (repeat 3000 "[") "1" (repeat 3000 "]"))) }}"#,
        None,
    ),
    (
        r#"{{ $x := toPrettyJson (fromJson (print (repeat 9000 "[") "1" (repeat 9000 "]"))) }}"#,
        Some(ErrorKind::Limit),
    ),
    (
        r#"{{ $o := repeat 9000 "[" }}{{ $c := repeat 9000 "]" }}{{ $x := fromJson (print "[" (repeat 900 (print $o "1" $c ",")) "1]") }}"#,
        Some(ErrorKind::Limit),
    ),
    (
        r#"{{ $o := repeat 9000 "{\"a\":" }}{{ $c := repeat 9000 "}" }}{{ $x := fromJson (print "[" (repeat 300 (print $o "1" $c ",")) "1]") }}"#,
        Some(ErrorKind::Limit),
    ),
    (
        r#"{{ $x := fromJson (print "[" (repeat 300000 "{\"a\":1},") "1]") }}"#,
        Some(ErrorKind::Limit),
    ),
    // Paths and URLs.
    (r#"{{ $x := clean (repeat 12000000 "a/") }}"#, Some(ErrorKind::Limit)),
    (
        r#"{{ $x := repeat 50000000 "a" }}{{ urlJoin (dict "scheme" $x "host" $x "path" $x "query" $x "opaque" $x "fragment" $x "userinfo" $x) }}"#,
        Some(ErrorKind::Limit),
    ),
    // A key that is none.
    (
        r#"{{ $a := repeat 60000000 "A" }}{{ $x := genCAWithKey "x" 1 (print "-----BEGIN EC PRIVATE KEY-----\n" $a "\n-----END EC PRIVATE KEY-----\n") }}"#,
        Some(ErrorKind::Limit),
    ),
    // Times: the name of a zone may be of any length.
    (
        r#"{{ $t := toDate "MST" (print "GMT+" (repeat 1000000 "0") "5") }}{{ $x := $t.Format (repeat 1000 "MST") }}"#,
        Some(ErrorKind::Limit),
    ),
    (
        r#"{{ $t := toDate "MST" (print "GMT+" (repeat 1000000 "0") "5") }}{{ $x := date (repeat 1000 "MST") $t }}"#,
        None,
    ),
    (
        r#"{{ $b := now.AppendFormat nil (repeat 10000000 "a") }}{{ $x := toStrings $b }}"#,
        Some(ErrorKind::Limit),
    ),
];

#[test]
fn the_process_stays_small() {
    let mut large = Vec::new();
    for (text, wanted) in HOSTILE {
        peak();
        let template = Template::parse("t", text).unwrap();
        let found = template.render(&BTreeMap::new(), &mut Still).err().map(|error| error.kind());
        let taken = peak();
        if found != *wanted || taken > MOST {
            large.push(format!("{text}: {found:?}, {} MiB", taken >> 20));
        }
    }
    assert!(large.is_empty(), "{}", large.join("\n"));
}
