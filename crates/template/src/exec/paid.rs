//! What templates pay: steps for what they do, room for what they hold, however they go about it.

use std::collections::BTreeMap;

use crate::context::Budget;
use crate::context::testing::Still;
use crate::limits;
use crate::template::Template;
use crate::value::meter::testing::peak_of;

type Data = BTreeMap<String, Vec<u8>>;

struct Paid {
    /// What was rendered, or why nothing was.
    result: Result<Vec<u8>, String>,
    steps: u64,
    /// The most bytes that were held at a time.
    peak: usize,
}

fn paid_with(text: &str, data: &Data) -> Paid {
    let template = Template::parse("t", text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut budget = Budget::default();
    let (result, peak) = peak_of(|| template.render_within(data, &mut Still, &mut budget));
    let result = result.map_err(|error| error.to_string());
    Paid { result, steps: limits::STEPS - budget.steps, peak }
}

fn paid(text: &str) -> Paid {
    let data = [("a", 4000), ("b", 3)].map(|(key, length)| (key.to_owned(), vec![b'x'; length]));
    paid_with(text, &data.into())
}

/// `{{ $name }}` is a dict of so many entries, from "0" to 0 on.
fn dict(name: &str, count: usize) -> String {
    format!(
        "{{{{ ${name} := dict }}}}{{{{ range until {count} }}}}\
         {{{{ $_ := set ${name} (toString .) . }}}}{{{{ end }}}}"
    )
}

/// Ends over memory, before more is held than the limit; by which function.
#[test]
fn what_is_held_counts_whoever_holds_it() {
    let entries = dict("d", 20_000);
    let around =
        |n: usize, within: &str| "{{ range $d }}".repeat(n) + within + &"{{ end }}".repeat(n);
    let of_many = |call: &str| {
        format!(
            "{{{{ $a := until 400000 }}}}{{{{ $l := concat $a $a }}}}\
             {{{{ $x := repeat 30000000 `x` }}}}{{{{ $_ := {call} }}}}"
        )
    };
    let set = |value: &str| {
        format!(
            "{{{{ $d := dict }}}}{{{{ range until 400000 }}}}\
             {{{{ $_ := set $d (toString .) {value} }}}}{{{{ end }}}}"
        )
    };
    for (function, text) in [
        // Copies that ranges make of a dict, and of one of strings.
        ("", entries.clone() + &around(100, "")),
        ("", "{{ $d := split `,` (repeat 20000 `,`) }}".to_owned() + &around(100, "")),
        // Ranges, scopes and calls; variables, operands, and what they hold.
        (
            "",
            format!(
                "{{{{ define `r` }}}}{}{{{{ template `r` }}}}{}{{{{ end }}}}{{{{ template `r` }}}}",
                "{{ range 1 }}".repeat(100),
                "{{ end }}".repeat(100)
            ),
        ),
        ("", (0..20_000).map(|at| format!("{{{{ $v{at} := print .a }}}}")).collect()),
        ("", format!("{{{{ $_ := list{} }}}}", " (print .a)".repeat(60_000))),
        // Lists that are put together, of which each has room.
        ("concat", format!("{{{{ $l := until 100000 }}}}{{{{ concat{} }}}}", " $l".repeat(100))),
        ("keys", format!("{entries}{{{{ keys{} }}}}", " $d".repeat(200))),
        // A second list, which has no room beside the first.
        ("compact", of_many("compact $l")),
        ("toStrings", of_many("toStrings $l")),
        ("sortAlpha", of_many("sortAlpha $l")),
        ("join", of_many("join `` $l")),
        ("uniq", of_many("uniq $l")),
        ("without", of_many("without $l 1")),
        ("reverse", of_many("reverse $l")),
        ("chunk", of_many("chunk 2 $l")),
        ("deepCopy", of_many("deepCopy $l")),
        // Dicts that contain themselves, with much beside.
        (
            "deepCopy",
            "{{ $d := dict }}{{ $_ := set $d `a` (append (until 10000) $d) }}{{ deepCopy $d }}"
                .to_owned(),
        ),
        ("deepCopy", format!("{entries}{{{{ $_ := set $d `z` $d }}}}{{{{ deepCopy $d }}}}")),
        // Pairs that wait for being compared or merged.
        (
            "deepEqual",
            "{{ $a := until 330000 }}\
             {{ deepEqual (concat $a $a) (concat $a (rest $a) (list 7)) }}"
                .to_owned(),
        ),
        (
            "merge",
            format!(
                "{entries}{{{{ $e := deepCopy $d }}}}{{{{ range $k, $_ := $d }}}}\
                 {{{{ $_ := set $d $k $d }}}}{{{{ $_ := set $e $k $e }}}}{{{{ end }}}}\
                 {{{{ $_ := merge $d $e }}}}"
            ),
        ),
        // Objects.
        ("set", set("now")),
        ("semver", set("(semver `1`)")),
    ] {
        let Paid { result, peak, .. } = paid(&text);
        let start = &text[..text.len().min(150)];
        let error = result.expect_err(start);
        let wanted = [function, "too much memory"].map(|part| format!(": {part}"));
        let wanted = if function.is_empty() { wanted[1].clone() } else { wanted.concat() };
        assert!(error.ends_with(&wanted), "{start}: {error}");
        // An entry is counted when it is there.
        assert!(peak <= limits::HELD + 1024, "{start}: {peak} bytes");
    }
}

/// Some work that is repeated, and the least that it costs each time: in proportion to the bytes
/// and elements that are looked at.
#[test]
fn long_work_is_paid_for() {
    let version = r#"{{ $v := semver (print "1.0.0-" (repeat 100000 "a")) }}"#;
    let keys = r#"{{ $k := repeat 1000000 "k" }}{{ $d := dict $k 1 }}{{ range until 20 }}{{ $_ := set $d (print $k .) . }}{{ end }}"#;
    let lists =
        "{{ $l := until 100000 }}{{ $a := concat $l (list 1) }}{{ $b := concat $l (list 2) }}";
    let strings = "{{ $a := toStrings (until 100000) }}{{ $b := toStrings (until 100000) }}";
    let texts = "{{ $a := repeat 1000000 `x` }}{{ $b := print $a `` }}";
    let zeros = "{{ $x := repeat 1000000 `0` }}";
    let digits = "{{ $x := `3.14150000000000050950e-300` }}";
    let zone = r#"{{ $z := print "GMT+" (repeat 200000 "0") "5" }}{{ $t := toDate "MST" $z }}{{ $u := toDate "MST" (print $z "") }}"#;
    let many = "{{ $d := dict }}{{ range until 5000 }}{{ $_ := set $d (toString .) . }}{{ end }}";
    let commas = "{{ $a := repeat 100000 `,` }}";
    for (before, round, least) in [
        // Versions, by methods, functions and comparisons.
        (version, "$v.Compare $v", 20_000),
        (version, "$v.String", 10_000),
        (version, "$v.IncMajor", 10_000),
        (version, "$v.Major", 10_000),
        (version, "$v.MarshalJSON", 10_000),
        (version, "$v.SetMetadata `a`", 10_000),
        (version, "$v.SetPrerelease $v.Prerelease", 60_000),
        (version, "$v.Original | semver", 60_000),
        (version, "$v.Scan $v.Original", 60_000),
        (version, "print $v", 10_000),
        (version, "eq $v $v", 10_000),
        (version, "deepEqual (list $v) (list $v)", 10_000),
        (version, "has $v (list $v)", 10_000),
        (version, "semverCompare `>1.0.0-a` $v.Original", 60_000),
        // Comparisons that find a difference at once, or at the end.
        (lists, "deepEqual $a $b", 100_000),
        (strings, "deepEqual $a $b", 100_000),
        (texts, "eq $a $b", 5_000),
        (texts, "lt $a $b", 5_000),
        // Keys that are long and alike.
        (keys, "get $d $k", 30_000),
        (keys, "hasKey $d $k", 30_000),
        (keys, "index $d $k", 30_000),
        (keys, "dig $k `` $d", 30_000),
        (keys, "pick $d $k", 30_000),
        (keys, "omit $d $k", 100_000),
        (keys, "unset $d $k", 30_000),
        (keys, "set $d $k 1", 30_000),
        (keys, "deepEqual $d (deepCopy $d)", 500_000),
        // Keys that are short, of many.
        (many, "pick $d `a` `b` `c` `d` `e` `f` `g` `h`", 8 * 10),
        (many, "pluck `a` $d $d $d $d", 4 * 10),
        (many, "hasKey $d `a`", 10),
        (strings, "uniq $a", 100_000 * 8),
        // Texts that are read as numbers.
        (zeros, "int $x", 400_000),
        (zeros, "add 1 $x", 400_000),
        (zeros, "float64 $x", 400_000),
        (zeros, "round $x 1", 400_000),
        (zeros, "atoi $x", 100_000),
        (zeros, "toDecimal $x", 100_000),
        (zeros, "slice (list 1) $x", 400_000),
        // Many elements.
        (strings, "join `` $a", 100_000),
        (lists, "toStrings $a", 800_000),
        (lists, "deepCopy (slice $a 0 1)", 20_000),
        (commas, "split `,` $a", 1_000_000),
        (commas, "splitList `,` $a", 400_000),
        // Digits that decide between one float and the next.
        (digits, "float64 $x", 1_000),
        (digits, "fromJson $x", 1_000),
        (digits, "addf $x 1e-300", 1_000),
        // Objects inside of others, and times whose zone has a long name.
        (version, "printf `%.0s` (list $v)", 10_000),
        (zone, "printf `%.0s` (list $t)", 10_000),
        (zone, "eq $t $u", 10_000),
        (zone, "deepEqual $t $u", 10_000),
        // A separator that is longer than the text.
        (texts, "splitList $a `x`", 200_000),
        (texts, "split $a `x`", 200_000),
        (texts, "splitn $a 2 `x`", 200_000),
        (texts, "clean $a", 400_000),
        (texts, "dir (print $a `/`)", 400_000),
        (texts, "urlParse $a", 800_000),
        (texts, "urlJoin (dict `path` $a)", 800_000),
    ] {
        let rounds = |count: usize| {
            let Paid { result, steps, .. } =
                paid(&format!("{before}{}", format!("{{{{ $_ := {round} }}}}").repeat(count)));
            assert!(result.is_ok(), "{round}: {result:?}");
            steps
        };
        let each = rounds(2) - rounds(1);
        assert!(each >= least, "{round}: {each}");
    }
}

/// What a constraint reads of a version is paid for, and each of many reads all of it.
#[test]
fn many_constraints_on_a_long_version_are_paid_for() {
    let text = "{{ semverCompare (repeat 300 `>1-a ` | trim) (print `1-` (repeat 100000 `1`)) }}";
    assert!(paid(text).steps > 300 * 100_000 / 8, "{}", paid(text).steps);
}

/// The name of a field may be as long as the text.
#[test]
fn long_names_of_fields_are_paid_for() {
    let name = "k".repeat(100_000);
    let text = format!(
        "{{{{ $d := dict `{name}` 1 `{name}l` 2 }}}}{{{{ range 10000 }}}}\
         {{{{ $_ := $d.{name} }}}}{{{{ end }}}}"
    );
    assert!(paid(&text).steps > 10_000 * 100_000 / 128, "{}", paid(&text).steps);
}

/// What a merge looks at is paid for even if it gives up before it gets there.
#[test]
fn a_merge_that_gives_up_pays_for_what_it_saw() {
    let text = format!(
        "{}{{{{ range $k, $_ := $m }}}}{{{{ $_ := set $m $k nil }}}}{{{{ end }}}}\
         {{{{ $a := dict }}}}{{{{ $b := dict }}}}{{{{ range until 1000 }}}}\
         {{{{ $_ := set $a (toString .) dict }}}}{{{{ $_ := set $b (toString .) $m }}}}{{{{ end }}}}\
         {{{{ $_ := set $a `z` (semver `1`) }}}}{{{{ $_ := set $b `z` dict }}}}\
         {{{{ merge $a $b }}}}",
        dict("m", 3000)
    );
    let Paid { result, steps, .. } = paid(&text);
    assert_eq!(result.as_deref(), Ok(&b""[..]));
    assert!(steps > 1000 * 3000 / 4, "{steps}");
}

/// Each template that looks at all of its data copies it.
#[test]
fn a_root_is_paid_for_and_held() {
    let data = |count: usize| -> Data {
        (0..count).map(|at| (format!("key{at}"), vec![b'v'; 4000])).collect()
    };
    for text in ["{{ $x := . }}", "{{ $x := $ }}", "{{ $x := index . `key1` }}"] {
        let Paid { result, steps, peak } = paid_with(text, &data(2500));
        assert_eq!(result.as_deref(), Ok(&b""[..]));
        assert!(steps > 10_000_000 / 256, "{text}: {steps}");
        assert!(peak > 10_000_000, "{text}: {peak}");
    }
    assert!(paid_with("{{ $x := .key1 }}{{ .key2 }}", &data(2500)).peak < 10_000);
    let Paid { result, peak, .. } = paid_with("{{ $x := . }}", &data(17_000));
    assert!(result.is_err_and(|error| error.ends_with("too much memory")));
    assert!(peak < 1_000_000, "{peak}");
}

/// What is written costs steps too: a template that fails has written for nothing.
#[test]
fn writing_is_paid_for() {
    let data: Data = [("a".to_owned(), vec![b'v'; 1 << 20])].into();
    for text in ["{{ .a }}", "{{ $x := .a }}{{ $x }}", "{{ range list .a }}{{ . }}{{ end }}"] {
        let Paid { result, steps, .. } = paid_with(text, &data);
        assert!(result.is_ok_and(|out| out.len() == 1 << 20));
        assert!(steps >= 1 << 12, "{text}: {steps}");
    }
}

/// Work of the size of a Secret is far within the limits.
#[test]
fn honest_work_is_cheap() {
    let lines = "key: value\n".repeat(90_000);
    let data: Data = [("file".to_owned(), lines.into_bytes())].into();
    for (text, most) in [
        ("{{ .file }}", 5_000),
        ("{{ range splitList `\n` .file }}{{ . }}\n{{ end }}", 1_500_000),
        ("{{ range splitList `\n` .file }}{{ $_ := splitList `: ` . }}{{ end }}", 4_000_000),
        ("{{ splitList `\n` .file | uniq | join `,` }}", 1_500_000),
        ("{{ splitList `\n` .file | sortAlpha | last }}", 3_000_000),
        ("{{ toJson (splitList `\n` .file) | fromJson | len }}", 3_000_000),
        ("{{ $_ := deepCopy (splitList `\n` .file) }}", 1_000_000),
        ("{{ range until 2000 }}{{ $_ := semverCompare `^1.2.0` `1.2.3` }}{{ end }}", 1_500_000),
        (
            "{{ $l := list }}{{ range until 10 }}{{ $l = append $l (dict `a` 1) }}{{ end }}{{ toJson $l }}",
            3_000,
        ),
        ("{{ fromJson (print `[` (repeat 40000 `{\"a\":1},`) `1]`) | toJson | len }}", 3_000_000),
        (
            "{{ $d := dict }}{{ range until 100000 }}{{ $_ := set $d (toString .) . }}{{ end }}",
            6_000_000,
        ),
        (
            "{{ $l := `` }}{{ range until 10000 }}{{ $l = print $l `a line of some length` . }}{{ end }}",
            28_000_000,
        ),
        ("{{ range until 10000 }}{{ $_ := addf 1.5 2.25 }}{{ end }}", 3_000_000),
    ] {
        let Paid { result, steps, .. } = paid_with(text, &data);
        assert!(result.is_ok(), "{text}: {result:?}");
        assert!(steps <= most, "{text}: {steps}");
    }
}
