use super::*;

fn read(text: &str) -> Result<Vec<Block>, Fault> {
    blocks(text)
}

fn shown(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

#[test]
fn commands_are_found_and_marks_belong_to_what_follows() {
    let text = "\
```yaml
not: commands
```
1. In a list:
   ```sh
   one
     two
   ```
<!-- not run: needs macOS -->

```console
$ brew install it
```
";
    let expected = [
        Block { line: 5, kind: Kind::Script, text: "one\n  two\n".into(), not_run: None },
        Block {
            line: 11,
            kind: Kind::Session,
            text: "$ brew install it\n".into(),
            not_run: Some("needs macOS".into()),
        },
    ];
    assert_eq!(read(text).unwrap(), expected);
}

#[test]
fn what_happens_unseen_is_a_script() {
    let found = read("Text.\n<!-- run\na\nb\n-->\n").unwrap();
    let unseen = Block { line: 2, kind: Kind::Script, text: "a\nb\n".into(), not_run: None };
    assert_eq!(found, [unseen]);
    assert_eq!(read("<!-- run\na\n").unwrap_err().0, 1);
}

#[test]
fn what_is_unclear_is_a_fault_and_says_where() {
    for (text, line) in [
        ("a\n```\nls\n```\n", 2),
        ("```bash\nls\n```\n", 1),
        ("```console\nls\n```\n", 1),
        ("```sh\nls\n", 1),
        ("<!-- not run: r -->\nText in between.\n```sh\nls\n```\n", 1),
        ("<!-- not run: r -->\n```yaml\na: b\n```\n", 1),
        ("<!-- not run: r -->\n", 1),
    ] {
        assert_eq!(read(text).unwrap_err().0, line, "{text}");
    }
}

#[test]
fn a_session_is_commands_and_what_they_print() {
    let text = "```console\n$ a |\\\n    b\nsaid\n$ c\n$ d\nerror: no\nhint: yes\n```\n";
    let exchanges = read(text).unwrap()[0].exchanges();
    let of = |command: &str, lines: &[&str]| Exchange {
        command: command.to_owned(),
        shown: shown(lines),
    };
    let expected =
        [of("a |\\\n    b", &["said"]), of("c", &[]), of("d", &["error: no", "hint: yes"])];
    assert_eq!(exchanges, expected);
    assert_eq!(exchanges.iter().map(Exchange::fails).collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn what_is_printed_may_be_shortened_where_it_says_so() {
    for (said, lines) in [
        ("a  b\n", &["a b"][..]),
        ("NAME   AGE\ndb     3s\n", &["NAME AGE", "db …"]),
        ("one\ntwo\nthree\n", &["one", "…"]),
        ("one\n", &["one", "…"]),
        ("one\ntwo\nthree\n", &["…", "three"]),
        ("key SHA256:abc is new\n", &["key SHA256:… is …"]),
        ("", &[]),
    ] {
        assert!(is_shown(said, &shown(lines)), "{said} {lines:?}");
    }
    for (said, lines) in [
        ("a b\n", &["a c"][..]),
        ("a b\n", &["a"]),
        ("a\nb\n", &["a"]),
        ("a\n", &[]),
        ("", &["a"]),
        ("one\ntwo\n", &["one", "…", "three"]),
        ("key SHA256:abc is old\n", &["key SHA256:… is new"]),
        ("ab\n", &["ab…b"]),
    ] {
        assert!(!is_shown(said, &shown(lines)), "{said} {lines:?}");
    }
}
