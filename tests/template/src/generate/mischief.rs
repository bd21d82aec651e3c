//! What makes a template wrong.

use crate::dice::Dice;

/// Pieces at the edge of the grammar, or beyond it. A line is one; `\n` in it is a line feed.
const ODDITIES: &str = include_str!("oddities.txt");

const TOKENS: &[&str] = &[
    "{{",
    "}}",
    "(",
    ")",
    "|",
    "\"",
    "`",
    "'",
    "$",
    ".",
    ":=",
    "=",
    ",",
    " ",
    "-",
    "- ",
    " -",
    "{{-",
    "-}}",
    "/*",
    "*/",
    "end",
    "else",
    "if",
    "range",
    "with",
    "define",
    "block",
    "template",
    "break",
    "continue",
    "nil",
    "true",
    "1",
    "$x",
    ".a",
    "\n",
    "é",
    "\u{a0}",
    "1.5",
    "0x",
    "_",
    "\\",
    "\0",
    "@",
    "#",
    "{",
    "}",
    "..",
    "|\n",
    "else if",
    "else with",
];

/// A node that is odd.
pub(super) fn oddity(dice: &mut Dice) -> String {
    dice.pick(&oddities().collect::<Vec<_>>()).clone()
}

/// All of them.
pub(super) fn oddities() -> impl Iterator<Item = String> {
    let lines = ODDITIES.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.replace("\\n", "\n"))
}

/// The template with some of its text lost, doubled, moved or made up.
pub(super) fn torn(dice: &mut Dice, template: &str) -> String {
    let mut characters: Vec<char> = template.chars().collect();
    for _ in 0..1 + dice.count(40, 3) {
        let at = dice.below(characters.len() + 1);
        let end = (at + 1 + dice.count(60, 8)).min(characters.len());
        match dice.below(5) {
            0 | 1 => drop(characters.drain(at..end)),
            2 => {
                let copy = characters[at..end].to_vec();
                let to = dice.below(characters.len() + 1);
                characters.splice(to..to, copy);
            }
            _ => drop(characters.splice(at..at, dice.pick(TOKENS).chars())),
        }
    }
    if dice.percent(20) {
        let at = dice.below(characters.len() + 1);
        characters.splice(at..at, oddity(dice).chars());
    }
    characters.into_iter().collect()
}
