//! Regular expressions in Go's syntax.

use crate::dice::Dice;

const ATOMS: &[&str] = &[
    "a",
    "b",
    "o",
    "l",
    "x",
    "é",
    "ß",
    "1",
    " ",
    ".",
    "\\d",
    "\\w",
    "\\s",
    "\\D",
    "\\W",
    "\\S",
    "[a-z]",
    "[^a-z]",
    "[0-9]",
    "[[:alpha:]]",
    "[[:^space:]]",
    "[a-cx-z_]",
    "\\pL",
    "\\p{Lu}",
    "\\P{Greek}",
    "\\x41",
    "\\x{e9}",
    "\\n",
    "\\.",
    "\\-",
    "[^,]",
    "[[]",
    "[a&&b]",
    "[]a]",
    "[a\\]]",
    "[\\d-]",
    "\\Qa.b\\E",
    "[é-ü]",
    "\\pN",
    "\\t",
    "[\\w.]",
    "lo",
    "an",
    "[[:word:]]",
    "\\101",
    "\\a",
    "[+--]",
    "\\p{Han}",
    "\\p{^L}",
    "\\PL",
];
const ANCHORS: &[&str] = &["^", "$", "\\b", "\\B", "\\A", "\\z"];
const REPEATS: &[&str] =
    &["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}", "{,2}", "{0}", "{1,3}?"];
const GROUPS: &[&str] = &[
    "(",
    "(",
    "(",
    "(?:",
    "(?i:",
    "(?s:",
    "(?P<name>",
    "(?<w>",
    "(?-i:",
    "(?U:",
    "(?m:",
    "(?im-s:",
];
const FLAGS: &[&str] = &["(?i)", "(?s)", "(?m)", "(?U)", "(?ms)"];

/// Refused by Go, or by others.
const ODD: &[&str] = &[
    "",
    "(",
    ")",
    "[",
    "]",
    "a**",
    "*a",
    "a{1001}",
    "a{2,1}",
    "\\",
    "\\1",
    "(?=a)",
    "(?!a)",
    "(?<=a)",
    "(?P=name)",
    "[z-a]",
    "[[:foo:]]",
    "\\p{Foo}",
    "\\z\\Z",
    "(?P<1a>x)",
    "(?P<n>a)(?P<n>b)",
    "a{,}",
    "a{1000}",
    "x{2}{3}",
    "(?i)K",
    "\\8",
    "\\x{110000}",
    "(?x)a b",
    "a++",
    "(a*)*",
    "(|a)*",
    "(a|ab)(c|bcd)",
    "a||b",
    "()",
    "(?i)ſ",
    "\\E",
    "\\Q",
    "[^\\x00-\\x{10FFFF}]",
    "\\pX",
    "(?:a",
    "[a",
    "{",
    "}",
    "a{1",
    "(?i",
    "((((((a))))))",
    "^*",
    "$+",
    "\\b+",
    "(?i)straße",
    "[\\b]",
    "[a-\\d]",
    "\\_",
    "\\C",
    "\\é",
];

pub(super) fn regex(dice: &mut Dice) -> String {
    if dice.percent(7) {
        return dice.word(ODD).into();
    }
    let mut out = String::new();
    if dice.percent(8) {
        out.push_str(dice.word(FLAGS));
    }
    alternatives(dice, &mut out, 2);
    out
}

fn alternatives(dice: &mut Dice, out: &mut String, depth: usize) {
    for number in 0..1 + dice.count(20, 2) {
        out.push_str(if number > 0 { "|" } else { "" });
        for _ in 0..1 + dice.count(45, 4) {
            term(dice, out, depth);
        }
    }
}

fn term(dice: &mut Dice, out: &mut String, depth: usize) {
    if dice.percent(8) {
        out.push_str(dice.word(ANCHORS));
        return;
    }
    if depth > 0 && dice.percent(25) {
        out.push_str(dice.word(GROUPS));
        alternatives(dice, out, depth - 1);
        out.push(')');
    } else {
        out.push_str(dice.word(ATOMS));
    }
    if dice.percent(35) {
        out.push_str(dice.word(REPEATS));
    }
}
