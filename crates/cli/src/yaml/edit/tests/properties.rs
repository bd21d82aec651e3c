//! What holds for any text and any change.

use granit_parser::{Event, Parser};
use serde_json::{Value, json};

use super::super::{Change, EditError, Step, edit};
use super::{Layout, layouts};
use crate::yaml::read;

/// A value in a text.
struct Place {
    document: usize,
    path: Vec<Step>,
    value: Value,
}

impl Place {
    fn change(&self, step: Option<Step>, value: Option<Value>) -> [Change; 1] {
        let path = self.path.iter().cloned().chain(step).collect();
        [Change { document: self.document, path, value }]
    }
}

fn places(text: &str) -> Vec<Place> {
    let documents = read(text).map(|stream| stream.documents).unwrap_or_default();
    let mut places: Vec<Place> = documents
        .into_iter()
        .enumerate()
        .map(|(document, value)| Place { document, path: Vec::new(), value })
        .collect();
    let mut at = 0;
    while let Some(Place { document, path, value }) = places.get(at) {
        let below: Vec<(Step, Value)> = match value.clone() {
            Value::Object(map) => map.into_iter().map(|(key, at)| (Step::Key(key), at)).collect(),
            Value::Array(items) => {
                items.into_iter().enumerate().map(|(index, at)| (Step::Index(index), at)).collect()
            }
            _ => Vec::new(),
        };
        let (document, path) = (*document, path.clone());
        places.extend(below.into_iter().map(|(step, value)| {
            let path = path.iter().cloned().chain([step]).collect();
            Place { document, path, value }
        }));
        at += 1;
    }
    places
}

/// What is refused whatever the layout.
fn is_refusal(error: &EditError) -> bool {
    matches!(
        error,
        EditError::Shared { .. } | EditError::ThroughAlias { .. } | EditError::ThroughMerge { .. }
    )
}

#[test]
fn what_is_added_and_removed_again_leaves_every_byte_as_it_was() {
    for Layout { name, before, .. } in layouts() {
        for place in places(&before) {
            let step = match &place.value {
                Value::Object(map) if !map.is_empty() => Step::Key("new".to_owned()),
                Value::Array(items) if !items.is_empty() => Step::Index(items.len()),
                _ => continue,
            };
            let added = place.change(Some(step.clone()), Some(json!("one\ntwo")));
            match edit(&before, &added) {
                Err(error) => {
                    assert!(is_refusal(&error) || name.starts_with("refused"), "{name}: {error}");
                }
                // The braces stay.
                Ok(_) if name.contains("without braces") => {}
                Ok(added) => {
                    let removed = edit(&added, &place.change(Some(step), None)).unwrap();
                    assert_eq!(removed.trim_end(), before.trim_end(), "{name}: {:?}", place.path);
                }
            }
        }
    }
}

fn comments(text: &str) -> Vec<String> {
    let events = Parser::new_from_str(text).map_while(Result::ok);
    let comment = |event| match event {
        Event::Comment(comment, _) => Some(comment.into_owned()),
        _ => None,
    };
    events.filter_map(|(event, _)| comment(event)).collect()
}

#[test]
fn comments_outlive_every_scalar() {
    for Layout { name, before, .. } in layouts() {
        let scalars = places(&before);
        for place in
            scalars.iter().filter(|place| !place.value.is_object() && !place.value.is_array())
        {
            for value in [json!("AgB=="), json!("one\ntwo\n"), json!({ "a": ["b"] })] {
                match edit(&before, &place.change(None, Some(value))) {
                    Ok(after) => {
                        assert_eq!(comments(&after), comments(&before), "{name}: {:?}", place.path)
                    }
                    Err(error) => assert!(is_refusal(&error), "{name}: {error}"),
                }
            }
        }
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }

    fn char_boundary(&mut self, text: &str) -> usize {
        text.floor_char_boundary(self.below(text.len() + 1))
    }

    fn mangle(&mut self, text: &mut String) {
        const PIECES: [&str; 24] = [
            "\n", "  ", "- ", ": ", "# c\n", "&x ", "*x", "!!str ", "{", "}", "[", "]", ",", "'",
            "\"", "|\n", "? ", "\t", "\r\n", "---\n", "é", "\u{feff}", "<<: *x\n", "a: ",
        ];
        for _ in 0..self.below(4) {
            let (start, end) = (self.char_boundary(text), self.char_boundary(text));
            if self.below(3) == 0 && start < end && end - start < 20 {
                text.replace_range(start..end, "");
            } else {
                text.insert_str(start, PIECES[self.below(PIECES.len())]);
            }
        }
    }
}

#[test]
fn mangled_texts_are_edited_right_or_refused() {
    let mut dice = Dice(1);
    let layouts = layouts();
    for _ in 0..5_000 {
        let mut text = layouts[dice.below(layouts.len())].before.clone();
        dice.mangle(&mut text);
        let places = places(&text);
        if places.is_empty() {
            assert!(edit(&text, &[]).is_ok() || read(&text).is_err());
            continue;
        }
        let place = &places[dice.below(places.len())];
        let step = Some(Step::Key("new".to_owned())).filter(|_| place.value.is_object());
        let value = [json!("AgB=="), json!({ "a": [1] }), json!("one\ntwo")][dice.below(3)].clone();
        let set = place.change(step, Some(value));
        if let Ok(after) = edit(&text, &set) {
            assert_eq!(edit(&after, &set).as_ref(), Ok(&after), "{text:?}");
        }
        let _ = edit(&text, &place.change(None, None));
    }
}
