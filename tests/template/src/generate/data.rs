//! The values that a template sees.

use std::collections::BTreeMap;

use super::kind::{Kind, STRINGS};
use super::strings;
use crate::dice::Dice;

/// A name and what it stands for.
pub(super) type Named = (String, Kind);

/// Names whose values mean what they say.
const NAMED: &[(&str, Kind)] = &[
    ("json", Kind::Json),
    ("url", Kind::Url),
    ("ver", Kind::Version),
    ("num", Kind::Digits),
    ("path", Kind::Path),
    ("password", Kind::Text),
    ("text", Kind::Text),
    ("uni", Kind::Text),
    ("b64", Kind::B64),
];

/// Names that may mean anything; the last ones are none that a field can spell.
const NAMES: &[&str] = &[
    "a",
    "b",
    "c",
    "x",
    "user_name",
    "Ünï",
    "tls",
    "A1",
    "_",
    "key-with-dash",
    "tls.crt",
    "1st",
    "a b",
    "",
];

/// The names with what their values mean, and the values.
pub(super) fn values(dice: &mut Dice) -> (Vec<Named>, BTreeMap<String, Vec<u8>>) {
    let mut fields: BTreeMap<String, Kind> = BTreeMap::new();
    for _ in 0..dice.below(6) {
        let (name, kind) = *dice.pick(NAMED);
        fields.insert(name.into(), kind);
    }
    for _ in 0..dice.below(4) {
        fields.insert(dice.word(NAMES).into(), *dice.pick(STRINGS));
    }
    let value = |(name, kind): (&String, &Kind)| (name.clone(), strings::string(dice, *kind));
    let data = fields.iter().map(value).collect();
    (fields.into_iter().collect(), data)
}
