//! What the editor shows: a line of YAML for each item. Text → what is wanted.

use std::collections::BTreeMap;

use sealwright_crypto::Plaintext;
use sealwright_sealing::is_key_name;
use serde_json::{Map, Value};

use crate::manifest::decode;
use crate::table::printable;
use crate::yaml::{self, BooleanKey, Unclear};

/// Stands for a value that is not shown. It stays as it is where this stays.
const PLACEHOLDER: &str = "<sealed>";
/// Said where it stands for nothing.
const STRANGE_PLACEHOLDER: &str = "<sealed>, <binary, … bytes> and the like stand for a value that is \
                                   not shown, and none of this key is; the verb set seals such a text";

/// An item as the editor is given it.
pub(super) enum Shown {
    /// Nobody could open it, or nobody should.
    Placeholder,
    /// It was opened, and is no text.
    Binary(usize),
    /// It was opened.
    Text(Plaintext),
}

/// What is to change.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Wanted {
    /// New and changed items.
    pub(super) values: BTreeMap<String, Plaintext>,
    pub(super) removed: Vec<String>,
    /// Items that are kept under another key, by that: the old one is among those removed.
    pub(super) renamed: BTreeMap<String, String>,
}

impl Wanted {
    pub(super) fn is_nothing(&self) -> bool {
        self.values.is_empty() && self.removed.is_empty() && self.renamed.is_empty()
    }
}

impl Shown {
    /// A value that was opened.
    pub(super) fn of(value: Plaintext) -> Self {
        match std::str::from_utf8(value.expose()) {
            Ok(_) => Self::Text(value),
            Err(_) => Self::Binary(value.expose().len()),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Placeholder => PLACEHOLDER.to_owned(),
            Self::Binary(bytes) => format!("<binary, {bytes} bytes>"),
            Self::Text(value) => String::from_utf8_lossy(value.expose()).into_owned(),
        }
    }
}

/// The sheet.
pub(super) fn write(place: &str, items: &[(String, Shown)]) -> String {
    let head = format!(
        "# {}\n\
         # A line for each item. What stays as it is, stays sealed as it is; what is changed or added is\n\
         # sealed, and what is deleted is taken out. Text in <> stands for a value that is not shown.\n",
        printable(place.to_owned())
    );
    let map: Map<String, Value> =
        items.iter().map(|(item, shown)| (item.clone(), shown.text().into())).collect();
    // Below a comment vim begins the next line as one.
    head + &if map.is_empty() { "\n".to_owned() } else { yaml::write(&Value::Object(map)) }
}

/// Reads it again.
///
/// # Errors
/// When it is no map of texts, or a key cannot be one of a Secret; says it without any value.
pub(super) fn read(sheet: impl AsRef<[u8]>, items: &[(String, Shown)]) -> Result<Wanted, String> {
    let sheet = sheet.as_ref();
    let text = decode(sheet.to_vec()).map(|(text, _)| text).ok_or_else(|| not_text(sheet))?;
    changes(&map(&text)?, items)
}

fn not_text(sheet: &[u8]) -> String {
    let readable = std::str::from_utf8(sheet).map_or_else(|error| error.valid_up_to(), str::len);
    let breaks = sheet.iter().take(readable).filter(|byte| **byte == b'\n').count();
    format!("line {}: not UTF-8 text", breaks + 1)
}

/// The map that is written there, if it is one and says what it seems to say.
fn map(text: &str) -> Result<Map<String, Value>, String> {
    if let Some(Unclear { line, key, why }) = yaml::unclear(text) {
        let place = key.filter(|key| is_key_name(key)).unwrap_or_else(|| format!("line {line}"));
        return Err(format!("{place}: {why}"));
    }
    let stream = yaml::read(text).map_err(|error| error.to_string())?;
    if let Some((line, key)) = yaml::repeated_key(text) {
        let key = if is_key_name(&key) { key } else { "a key".to_owned() };
        return Err(format!("line {line}: {key} is there twice"));
    }
    if let Some(key) = stream.boolean_keys.first() {
        let BooleanKey { line, written, .. } = key;
        return Err(format!(
            "line {line}: put the key {written} in quotes, to YAML it is a boolean"
        ));
    }
    let mut documents = stream.documents.into_iter();
    match (documents.next(), documents.next()) {
        (None, _) => Ok(Map::new()),
        (Some(Value::Object(map)), None) => Ok(map),
        _ => Err("write one line for each item, as in KEY: value".to_owned()),
    }
}

fn changes(map: &Map<String, Value>, items: &[(String, Shown)]) -> Result<Wanted, String> {
    let mut wanted = Wanted::default();
    for (key, value) in map {
        if !is_key_name(key) {
            return Err(format!("{key:?} cannot be a key: letters, digits, '-', '_' and '.' only"));
        }
        let Value::String(value) = value else {
            return Err(format!(
                "{key}: put the value in quotes, YAML takes it for something else"
            ));
        };
        let before = items.iter().find(|(item, _)| item == key).map(|(_, shown)| shown.text());
        if before.as_ref() == Some(value) {
            continue;
        }
        if !speaks_of_a_value(value) {
            wanted.values.insert(key.clone(), Plaintext::new(value.clone().into_bytes()));
            continue;
        }
        let old = before.is_none().then(|| renamed(value, items, map)).flatten();
        match old.filter(|old| !wanted.renamed.values().any(|taken| taken == old)) {
            Some(old) => wanted.renamed.insert(key.clone(), old.to_owned()),
            None => return Err(format!("{key}: {STRANGE_PLACEHOLDER}")),
        };
    }
    let removed = items.iter().filter(|(item, _)| !map.contains_key(item));
    wanted.removed = removed.map(|(item, _)| item.clone()).collect();
    Ok(wanted)
}

/// Whether a text is a placeholder, or might be meant for one: it would be sealed as it stands, and the
/// value that it stands for would be gone.
fn speaks_of_a_value(text: &str) -> bool {
    let text = text.trim_start().to_lowercase();
    let is_begun = text.starts_with("<sealed") || text.starts_with("<binary");
    is_begun || text.contains(PLACEHOLDER) || text.contains("<binary,")
}

/// The item that stands under another key now: the only one that is shown so, and its own key is gone.
fn renamed<'i>(
    placeholder: &str,
    items: &'i [(String, Shown)],
    map: &Map<String, Value>,
) -> Option<&'i str> {
    let hidden = items.iter().filter(|(_, shown)| !matches!(shown, Shown::Text(_)));
    let mut same = hidden.filter(|(_, shown)| shown.text() == placeholder);
    let (item, _) = same.next()?;
    (same.next().is_none() && !map.contains_key(item)).then_some(item)
}

#[cfg(test)]
mod tests {
    use super::super::complaint::with_complaint;
    use super::*;

    fn items() -> Vec<(String, Shown)> {
        let text = |text: &str| Shown::of(Plaintext::new(text.as_bytes().to_vec()));
        vec![
            ("a".to_owned(), Shown::Placeholder),
            ("b".to_owned(), text("two\nlines\n")),
            ("c".to_owned(), text("true")),
            ("d".to_owned(), Shown::of(Plaintext::new(vec![0xff, 0]))),
        ]
    }

    #[test]
    fn what_is_written_means_no_change() {
        let sheet = write("s.yaml (db)", &items());
        assert!(read(&sheet, &items()).unwrap().is_nothing(), "{sheet}");
        assert!(sheet.contains("a: <sealed>\n") && sheet.contains("d: <binary, 2 bytes>\n"));
    }

    #[test]
    fn no_value_that_is_shown_is_taken_for_another() {
        for value in [
            "",
            " ",
            "a b ",
            "\n",
            "one\ntwo",
            "one\n\n  two\n\n",
            "a\r\nb",
            "\tx",
            "abc #def",
            "#x",
            "!hunter2",
            "!!binary x",
            "&a x",
            "*a",
            "- x",
            "? x",
            "a: b",
            "| x",
            "> x",
            "%x",
            "@x",
            "`x",
            "'x'",
            "\"x",
            "{x",
            "[x",
            "0x1F",
            "1:30",
            "~",
            "yes",
            "<<",
            "---",
            "...",
            "<sealed>",
            "é\u{7f}",
            "#! x\n#! y\n",
        ] {
            let shown = |value: &str| Shown::of(Plaintext::new(value.as_bytes().to_vec()));
            let items = ["a", "yes", "1"].map(|item| (item.to_owned(), shown(value)));
            let sheet = write("s.yaml", &items);
            assert_eq!(read(&sheet, &items), Ok(Wanted::default()), "{sheet}");
            // A complaint takes none of its lines away.
            let complained = with_complaint(sheet.as_bytes(), "x");
            assert_eq!(read(&complained, &items), Ok(Wanted::default()), "{sheet}");
        }
    }

    #[test]
    fn changed_added_and_deleted_items_are_told_apart() {
        let wanted = read("a: new\nc: 'true'\nd: <binary, 2 bytes>\ne: more\n", &items()).unwrap();
        let value = |text: &str| Plaintext::new(text.as_bytes().to_vec());
        let values = [("a".to_owned(), value("new")), ("e".to_owned(), value("more"))];
        let removed = vec!["b".to_owned()];
        assert_eq!(wanted, Wanted { values: values.into(), removed, ..Wanted::default() });
        assert_eq!(read("# all gone\n", &items()).unwrap().removed, ["a", "b", "c", "d"]);
    }

    #[test]
    fn what_cannot_be_used_is_told_without_a_value() {
        for text in [
            "a: hunter2: b\n",
            "a: b: hunter2\n",
            "- hunter2\n",
            "hunter2\n",
            "a: 5\n",
            "a: yes\n",
            "a: [hunter2]\n",
            "a/b: hunter2\n",
            "a: <sealed>\nnew: <sealed>\n",
            "a: x\n---\na: hunter2\n",
            "a: !hunter2\n",
            "a: &x hunter2\n",
            "a: *hunter2\n",
            "a: x #hunter2\n",
            "&hunter2 a: x\n",
            "? {hunter2: !x y}\n: b\n",
            "\"hunter2 \": !x y\n",
        ] {
            let reason = read(text, &items()).unwrap_err();
            assert!(!reason.contains("hunter2"), "{text:?}: {reason}");
        }
    }

    #[test]
    fn a_key_that_is_a_boolean_to_yaml_is_not_another_one() {
        for key in ["n", "yes", "ON"] {
            let reason = read(format!("{key}: \"5\"\n"), &items()).unwrap_err();
            assert!(reason.contains(&format!("put the key {key} in quotes")), "{reason}");
            let wanted = read(format!("\"{key}\": \"5\"\n"), &items()).unwrap();
            assert!(wanted.values.contains_key(key));
        }
    }

    #[test]
    fn a_key_that_is_there_twice_goes_back() {
        for (text, expected) in [
            ("a: one\nb: x\na: two\n", "line 3: a is there twice"),
            ("a: one\n\"a\": two\n", "line 2: a is there twice"),
            ("{a: one, a: two}\n", "line 1: a is there twice"),
            ("hunter/2: x\nhunter/2: y\n", "line 2: a key is there twice"),
        ] {
            assert_eq!(read(text, &items()).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_shown_may_get_another_key() {
        for (placeholder, old) in [("<sealed>", "a"), ("<binary, 2 bytes>", "d")] {
            let wanted = read(format!("new: {placeholder}\n"), &items()).unwrap();
            assert_eq!(wanted.renamed, [("new".to_owned(), old.to_owned())].into());
            assert!(wanted.values.is_empty() && wanted.removed.iter().any(|item| item == old));
            // Which of two is not known, nor what two of one would be.
            let mut two = items();
            two.push(("e".to_owned(), two.iter().find(|(item, _)| item == old).unwrap().1.again()));
            for (text, items) in [
                (format!("new: {placeholder}\n"), two),
                (format!("new: {placeholder}\nother: {placeholder}\n"), items()),
                (format!("{old}: x\nnew: {placeholder}\n"), items()),
            ] {
                let reason = read(&text, &items).unwrap_err();
                assert!(reason.contains(STRANGE_PLACEHOLDER), "{text}: {reason}");
            }
        }
    }

    #[test]
    fn what_might_be_a_placeholder_is_not_sealed() {
        for value in [
            "<Sealed>",
            "<SEALED>",
            "<sealed>#x",
            "<sealed> x",
            "'<sealed> '",
            "' <sealed>'",
            "<sealed",
            "postgres://u:<sealed>@host",
            "<binary, 3 bytes>",
            "<binary, 2 bytes> x",
            "<Binary, 2 Bytes>",
            "<binary>",
        ] {
            for key in ["a", "b", "d", "new"] {
                let reason = read(format!("{key}: {value}\n"), &items()).unwrap_err();
                assert_eq!(reason, format!("{key}: {STRANGE_PLACEHOLDER}"), "{value}");
            }
        }
        for (key, value) in [("a", "<binary, 2 bytes>"), ("d", "<sealed>"), ("b", "<sealed>")] {
            assert!(read(format!("{key}: {value}\n"), &items()).is_err(), "{key}");
        }
        // Where this is the value, it stays.
        let value = Shown::of(Plaintext::new(b"<sealed>".to_vec()));
        assert!(read("a: <sealed>\n", &[("a".to_owned(), value)]).unwrap().is_nothing());
    }

    impl Shown {
        fn again(&self) -> Self {
            match self {
                Self::Placeholder => Self::Placeholder,
                Self::Binary(bytes) => Self::Binary(*bytes),
                Self::Text(value) => Self::of(Plaintext::new(value.expose().to_vec())),
            }
        }
    }

    #[test]
    fn what_is_no_text_goes_back_as_it_is() {
        let latin = b"a: x\nb: caf\xe9\n";
        assert_eq!(read(latin, &items()).unwrap_err(), "line 2: not UTF-8 text");
        let utf16: Vec<u8> = "\u{feff}a: x\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(read(&utf16, &items()).unwrap().values.contains_key("a"));
    }
}
