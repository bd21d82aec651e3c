//! What the editor shows: a line of YAML for each item. Text → what is wanted.

use std::collections::BTreeMap;

use sealwright_crypto::Plaintext;
use sealwright_sealing::is_key_name;
use serde_json::{Map, Value};

use crate::table::printable;
use crate::yaml::{self, BooleanKey, Unclear};

/// Stands for a value that is not shown. It stays as it is where this stays.
const PLACEHOLDER: &str = "<sealed>";
/// Lines that begin so are taken out again.
const COMPLAINT: &str = "#! ";

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
}

impl Wanted {
    pub(super) fn is_nothing(&self) -> bool {
        self.values.is_empty() && self.removed.is_empty()
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
    if map.is_empty() { head } else { head + &yaml::write(&Value::Object(map)) }
}

/// Reads it again.
///
/// # Errors
/// When it is no map of texts, or a key cannot be one of a Secret; says it without any value.
pub(super) fn read(text: &str, items: &[(String, Shown)]) -> Result<Wanted, String> {
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
    let map = match (documents.next(), documents.next()) {
        (None, _) => Map::new(),
        (Some(Value::Object(map)), None) => map,
        _ => return Err("write one line for each item, as in KEY: value".to_owned()),
    };
    let mut wanted = Wanted::default();
    for (key, value) in &map {
        if !is_key_name(key) {
            return Err(format!("{key:?} cannot be a key: letters, digits, '-', '_' and '.' only"));
        }
        let Value::String(value) = value else {
            return Err(format!(
                "{key}: put the value in quotes, YAML takes it for something else"
            ));
        };
        let before = items.iter().find(|(item, _)| item == key).map(|(_, shown)| shown.text());
        match before {
            Some(before) if before == *value => {}
            None if value == PLACEHOLDER => {
                return Err(format!("{key}: {PLACEHOLDER} stands for a value, and there is none"));
            }
            _ => _ = wanted.values.insert(key.clone(), Plaintext::new(value.clone().into_bytes())),
        }
    }
    let removed = items.iter().filter(|(item, _)| !map.contains_key(item));
    wanted.removed = removed.map(|(item, _)| item.clone()).collect();
    Ok(wanted)
}

/// The text with a word on what is wrong with it at its top, instead of the one before.
pub(super) fn with_complaint(text: &str, reason: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with(COMPLAINT));
    let rest: String = lines.flat_map(|line| [line, "\n"]).collect();
    // A line of its own is added above: the one that is named moves down.
    format!("{COMPLAINT}This cannot be used (lines are counted without this one): {reason}\n{rest}")
}

#[cfg(test)]
mod tests {
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
    fn changed_added_and_deleted_items_are_told_apart() {
        let wanted = read("a: new\nc: 'true'\nd: <binary, 2 bytes>\ne: more\n", &items()).unwrap();
        let value = |text: &str| Plaintext::new(text.as_bytes().to_vec());
        let values = [("a".to_owned(), value("new")), ("e".to_owned(), value("more"))];
        assert_eq!(wanted, Wanted { values: values.into(), removed: vec!["b".to_owned()] });
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
            "new: <sealed>\n",
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
            let reason = read(&format!("{key}: \"5\"\n"), &items()).unwrap_err();
            assert!(reason.contains(&format!("put the key {key} in quotes")), "{reason}");
            let wanted = read(&format!("\"{key}\": \"5\"\n"), &items()).unwrap();
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
    fn a_complaint_takes_the_place_of_the_one_before() {
        let once = with_complaint("a: 5\n", "one");
        let twice = with_complaint(&once, "two");
        assert_eq!(twice.matches("#! ").count(), 1);
        assert!(twice.contains("two\na: 5\n"), "{twice}");
    }
}
