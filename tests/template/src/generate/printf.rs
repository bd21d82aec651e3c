//! Calls of printf: every verb, flag, width, precision and index, with values of all kinds.

use super::kind::{CONCRETE, Kind};
use super::{Writer, literal, strings};

const VERBS: &[char] = &[
    'v', 'v', 's', 's', 'd', 'd', 'q', 'x', 'X', 't', 'T', 'b', 'c', 'o', 'O', 'U', 'e', 'E', 'f',
    'F', 'g', 'G', '%', 'p', 'w', 'z', 'é', '!',
];

/// `printf "…" …`.
pub(super) fn call(writer: &mut Writer, depth: usize) -> String {
    let mut format = Vec::new();
    let mut arguments = Vec::new();
    for _ in 0..1 + writer.dice.count(35, 4) {
        if writer.dice.percent(30) {
            format.extend(
                strings::text(&mut writer.dice).into_iter().filter(|byte| *byte != b'%').take(8),
            );
        }
        directive(writer, &mut format, &mut arguments, depth);
    }
    if writer.dice.percent(4) {
        arguments.push(writer.operand(Kind::Any, 0));
    }
    if writer.dice.percent(4) {
        arguments.pop();
    }
    if writer.dice.percent(2) {
        format.extend(
            writer.dice.pick(&["%", "%-", "%[1", "%[", "%[x]d", "%.", "%5", "%[9]d", "%!"]).bytes(),
        );
    }
    let format = literal::string(&mut writer.dice, &format);
    match arguments.split_last() {
        Some((last, rest)) if last != "nil" && writer.dice.percent(25) => {
            format!("{last} | printf {}", [&[format], rest].concat().join(" "))
        }
        _ => format!("printf {}", [vec![format], arguments].concat().join(" ")),
    }
}

fn directive(writer: &mut Writer, format: &mut Vec<u8>, arguments: &mut Vec<String>, depth: usize) {
    let kind = if writer.dice.percent(20) { *writer.dice.pick(CONCRETE) } else { basic(writer) };
    let verb = verb_for(writer, kind);
    let mut text = String::from("%");
    for _ in 0..writer.dice.count(30, 3) {
        text.push(*writer.dice.pick(&['+', '-', '#', ' ', '0']));
    }
    if kind_holds_pointers(kind) {
        text.retain(|character| character != '#');
    }
    size(writer, &mut text, arguments);
    if writer.dice.percent(25) {
        text.push('.');
        size(writer, &mut text, arguments);
    }
    if writer.dice.percent(3) {
        text.push_str(&format!("[{}]", writer.dice.below(4)));
    }
    text.push(verb);
    format.extend(text.bytes());
    if verb != '%' {
        arguments.push(writer.operand(kind, depth));
    }
}

fn size(writer: &mut Writer, text: &mut String, arguments: &mut Vec<String>) {
    match writer.dice.below(12) {
        0..3 if writer.dice.percent(2) => {
            text.push_str(writer.dice.word(&["1000", "1000001", "00", "007"]))
        }
        0..3 => text.push_str(&writer.dice.below(24).to_string()),
        3 => {
            text.push('*');
            arguments.push(writer.operand(Kind::Count, 0));
        }
        _ => {}
    }
}

fn basic(writer: &mut Writer) -> Kind {
    use Kind::*;
    *writer.dice.pick(&[
        Text, Text, Text, Int, Int, Float, Float, Bool, Int64, Digits, Complex, Uint64, List, Dict,
        Nil,
    ])
}

fn verb_for(writer: &mut Writer, kind: Kind) -> char {
    use Kind::*;
    if kind_holds_pointers(kind) {
        return *writer.dice.pick(&['v', 's', 'q', 'x', 'X']);
    }
    if writer.dice.percent(25) {
        let verb = *writer.dice.pick(VERBS);
        let addressed =
            matches!(kind, List | LongList | Strs | Ints | Chunks | Dict | StrMap | Bytes);
        return if verb == 'p' && addressed { 'v' } else { verb };
    }
    *writer.dice.pick(match kind {
        Bool => &['t', 'v', 'v'],
        Int | Int64 | Uint64 | Count => &['d', 'v', 'x', 'X', 'o', 'O', 'b', 'c', 'q', 'U'],
        Float | Complex => &['v', 'e', 'E', 'f', 'F', 'g', 'G', 'x', 'X', 'b'],
        Strs | Ints | List | Dict | StrMap | Chunks => &['v', 'v', 's', 'd', 'q', 'x'],
        _ => &['s', 'v', 'q', 'x', 'X', 'T'],
    })
}

/// Other verbs would print the address of a time's zone or of a version.
fn kind_holds_pointers(kind: Kind) -> bool {
    matches!(kind, Kind::Time | Kind::Location | Kind::Semver | Kind::Release | Kind::Any)
}
