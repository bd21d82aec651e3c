//! JSON documents: objects with the keys that templates look for, and all that Go's reader meets.

use crate::dice::Dice;

use super::corpus::CORPUS;

const FIXED: &[&str] = &[
    r#"{"a":{"b":{"c":"deep","n":42,"f":1.5}},"list":["x","y",3],"ok":true,"nil":null}"#,
    r#"{"a":1,"b":[1,2.5,"x"],"c":{"d":null}}"#,
    r#"{"a":"x","b":"y","c":"z"}"#,
    "",
    " ",
    "{",
    "[1,]",
    "{\"a\":1,}",
    "nul",
    "null",
    "true",
    "\"\"",
    "[]",
    "{}",
    "0",
    "-0",
    "-",
    "01",
    "1.",
    ".5",
    "1e",
    "1e5",
    "1E+2",
    "-1.5e-3",
    "12345678",
    "1234567890123456789012",
    "1e400",
    "0.1",
    "1e21",
    "1e-7",
    "100000000000000000000",
    r#""\ud83d\ude00""#,
    r#""\ud800""#,
    r#""\udc00x""#,
    r#""\ud800\u0041""#,
    r#""\u0000\u2028""#,
    r#""\x""#,
    r#""\u12""#,
    "\"a\nb\"",
    "\"tab\there\"",
    r#"{"a":1,"a":2}"#,
    "[1] 2",
    " [ 1 , 2 ] ",
    "\u{feff}1",
    "[[[[]]]]",
    "{\"é\":\"ü<&>\"}",
    "'a'",
    "NaN",
    "[1 2]",
    "{a:1}",
    "// c\n1",
    "\"\\/\\b\\f\\n\\r\\t\"",
    "[9007199254740993, 0.30000000000000004, 5e-324]",
];

pub(super) fn document(dice: &mut Dice) -> String {
    match dice.below(10) {
        0 | 1 => FIXED[dice.below(3)].into(),
        2 => dice.word(FIXED).into(),
        _ => {
            let mut out = String::new();
            object(dice, &mut out, 2);
            out
        }
    }
}

fn value(dice: &mut Dice, out: &mut String, depth: usize) {
    match dice.below(if depth == 0 { 8 } else { 12 }) {
        0 | 1 => out.push_str(dice.word(&[
            "\"x\"",
            "\"\"",
            "\"ü<&>\"",
            "\"a b\"",
            "\"\\u00e9\\n\"",
            "\"1\"",
        ])),
        2 | 3 => out.push_str(&dice.between(-100, 1000).to_string()),
        4 => {
            out.push_str(dice.word(&["1.5", "1e6", "12345678", "0.1", "-0", "1e21", "1e-7", "1E3"]))
        }
        5 => out.push_str("true"),
        6 => out.push_str("false"),
        7 => out.push_str("null"),
        8 | 9 => object(dice, out, depth - 1),
        _ => array(dice, out, depth - 1),
    }
}

fn object(dice: &mut Dice, out: &mut String, depth: usize) {
    out.push('{');
    for number in 0..dice.below(4) {
        out.push_str(if number > 0 { ", " } else { "" });
        out.push_str(&format!("\"{}\":", dice.word(&CORPUS.keys)));
        value(dice, out, depth);
    }
    out.push('}');
}

fn array(dice: &mut Dice, out: &mut String, depth: usize) {
    out.push('[');
    for number in 0..dice.below(4) {
        out.push_str(if number > 0 { "," } else { "" });
        value(dice, out, depth);
    }
    out.push(']');
}
