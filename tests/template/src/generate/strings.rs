//! Strings that mean something to the functions that take them: mostly sound, sometimes not.

mod corpus;
mod json;
mod pattern;

use super::kind::Kind;
use crate::dice::Dice;
use corpus::{CORPUS, bytes};

/// A string of the given kind.
pub(super) fn string(dice: &mut Dice, kind: Kind) -> Vec<u8> {
    if dice.percent(2) {
        return text(dice);
    }
    match kind {
        Kind::Regex => pattern::regex(dice).into(),
        Kind::Json => json::document(dice).into(),
        Kind::Layout => layout(dice).into(),
        Kind::B64 => choice(dice, &CORPUS.b64),
        Kind::B32 => choice(dice, &CORPUS.b32),
        Kind::Url => url(dice).into(),
        Kind::Path => path(dice).into(),
        Kind::Version => version(dice).into(),
        Kind::Constraint => constraint(dice).into(),
        Kind::Span => span(dice).into(),
        Kind::Digits => digits(dice).into(),
        Kind::Repl => choice(dice, &CORPUS.replacements),
        Kind::RegexText => choice(dice, &CORPUS.regex_texts),
        Kind::Identifier => choice(dice, &CORPUS.identifiers),
        Kind::Sep | Kind::Needle => choice(dice, &CORPUS.separators),
        Kind::Key => choice(dice, &CORPUS.keys),
        Kind::Zone => choice(dice, &CORPUS.zones),
        Kind::KindName => choice(dice, &CORPUS.kind_names),
        Kind::TypeName => choice(dice, &CORPUS.type_names),
        _ => text(dice),
    }
}

fn choice(dice: &mut Dice, of: &[String]) -> Vec<u8> {
    dice.word(of).into()
}

/// Any character, mostly of the blocks where scripts with case are.
pub(super) fn character(dice: &mut Dice) -> char {
    let end =
        *dice.pick(&[0x80, 0x250, 0x600, 0x600, 0x2200, 0x3100, 0x1_0000, 0x1_F000, 0x11_0000]);
    let code = u32::try_from(dice.below(end)).expect("a code point is small");
    char::from_u32(code).unwrap_or('\u{fffd}')
}

/// Any text, now and then none that is UTF-8.
pub(super) fn text(dice: &mut Dice) -> Vec<u8> {
    match dice.below(12) {
        0..5 => choice(dice, &CORPUS.texts),
        5 => bytes(dice.word(&CORPUS.invalid)),
        6 | 7 => words(dice).into(),
        8 => digits(dice).into(),
        9 | 10 => letters(dice),
        _ => {
            let mut both = text(dice);
            both.extend(text(dice));
            both
        }
    }
}

fn words(dice: &mut Dice) -> String {
    let mut out = String::new();
    for _ in 0..1 + dice.below(8) {
        out.push_str(dice.word(&CORPUS.words));
        out.push_str(dice.word(&[" ", " ", "-", "_", "  ", "\n", "\t", ",", ". ", ""]));
    }
    out
}

fn letters(dice: &mut Dice) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..dice.below(12) {
        if dice.percent(4) {
            out.push(0x80 | dice.roll() as u8 & 0x7f);
        }
        if dice.percent(20) {
            out.extend(character(dice).to_string().as_bytes());
        } else {
            out.extend(dice.word(&CORPUS.letters).as_bytes());
        }
    }
    out
}

fn joined(dice: &mut Dice, parts: &[String], most: usize) -> String {
    (0..1 + dice.below(most)).map(|_| dice.word(parts)).collect()
}

fn layout(dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => dice.word(&CORPUS.layouts).into(),
        _ => joined(dice, &CORPUS.layout_parts, 7),
    }
}

fn url(dice: &mut Dice) -> String {
    if dice.percent(30) {
        return dice.word(&CORPUS.urls).into();
    }
    let mut out = String::new();
    for parts in [
        &CORPUS.url_schemes,
        &CORPUS.url_users,
        &CORPUS.url_hosts,
        &CORPUS.url_paths,
        &CORPUS.url_queries,
        &CORPUS.url_fragments,
    ] {
        out.push_str(dice.word(parts));
    }
    out
}

fn path(dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => dice.word(&CORPUS.paths).into(),
        _ => joined(dice, &CORPUS.path_parts, 7),
    }
}

fn version(dice: &mut Dice) -> String {
    if dice.percent(5) {
        return dice.word(&CORPUS.versions).into();
    }
    let mut out = String::from(*dice.pick(&["", "", "", "v"]));
    let parts = *dice.pick(&[3, 3, 3, 3, 2, 1]);
    for part in 0..parts {
        if part > 0 {
            out.push('.');
        }
        let number = *dice.pick(&[0, 1, 2, 3, 9, 10, 12, 100, 4_294_967_296_u64]);
        out.push_str(&number.to_string());
    }
    out.push_str(dice.word(&CORPUS.prereleases));
    out.push_str(dice.word(&["", "", "", "", "+b7", "+build.1.sha-5114f85", "+001"]));
    out
}

fn constraint(dice: &mut Dice) -> String {
    if dice.percent(25) {
        return dice.word(&CORPUS.constraints).into();
    }
    let mut out = String::new();
    for part in 0..1 + dice.count(40, 3) {
        if part > 0 {
            out.push_str(dice.word(&[", ", ",", " ", " || ", "||"]));
        }
        out.push_str(dice.word(&CORPUS.operators));
        out.push_str(dice.word(&["", "", " "]));
        out.push_str(dice.word(&CORPUS.bounds));
    }
    out
}

fn span(dice: &mut Dice) -> String {
    if dice.percent(20) {
        return dice.word(&CORPUS.spans).into();
    }
    let mut out = String::from(*dice.pick(&["", "", "-", "+"]));
    for _ in 0..1 + dice.below(3) {
        out.push_str(dice.word(&["1", "2", "10", "90", "1.5", "0.25", "100", "3600", "8760", "0"]));
        out.push_str(dice.word(&["h", "m", "s", "ms", "us", "µs", "ns"]));
    }
    out
}

fn digits(dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => dice.word(&CORPUS.numbers).into(),
        1 => dice.between(-1000, 1000).to_string(),
        _ => format!("{}.{}", dice.between(-99, 9999), dice.below(1000)),
    }
}

/// A layout and a text that fits it, mostly.
pub(super) fn dated(dice: &mut Dice) -> (&'static str, &'static str) {
    let (layout, text) = dice.pick(&CORPUS.dated);
    (layout, text)
}
