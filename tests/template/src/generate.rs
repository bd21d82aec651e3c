//! Random templates with the data they see, grown from the grammar and the functions' types.
//!
//! Most are valid and render; some have arguments of wrong types, some are torn. The same seed and
//! number give the same case.

mod data;
mod expression;
mod kind;
mod literal;
mod mischief;
mod nodes;
mod printf;
mod special;
mod strings;
mod tables;

use std::sync::LazyLock;

use crate::case::Case;
use crate::dice::Dice;
pub use kind::Kind;

/// The case of this number in the stream of `seed`. The first are the tables' expressions and
/// oddities, one by one, with the data of `seed`.
#[must_use]
pub fn case(seed: u64, number: u64) -> Case {
    let mut dice = Dice::new(seed, number);
    let (fields, data) = data::values(&mut dice);
    if let Some(template) = usize::try_from(number).ok().and_then(|number| FIXED.get(number)) {
        return Case { name: format!("c{number}"), template: template.clone(), data };
    }
    let mood = dice.below(100);
    let mut writer = Writer::new(dice, fields, (80..92).contains(&mood));
    let mut template = writer.template();
    if mood >= 92 {
        template = mischief::torn(&mut writer.dice, &template);
    }
    Case { name: format!("c{number}"), template, data }
}

static FIXED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let expressions = tables::EXPRESSIONS.iter().map(|(_, text)| format!("{{{{ {text} }}}}"));
    expressions.chain(mischief::oddities()).collect()
});

/// Every function that the generator can write, and no other.
pub fn functions() -> impl Iterator<Item = &'static str> {
    const SPECIAL: &[&str] = &[
        "bcrypt",
        "buildCustomCert",
        "call",
        "decryptAES",
        "derivePassword",
        "dict",
        "dig",
        "eq",
        "ge",
        "genPrivateKey",
        "gt",
        "htpasswd",
        "index",
        "le",
        "lt",
        "mustToDate",
        "ne",
        "now",
        "printf",
        "randAlpha",
        "randAlphaNum",
        "randAscii",
        "randBytes",
        "randInt",
        "randNumeric",
        "shuffle",
        "toDate",
        "uuidv4",
    ];
    tables::FUNCTIONS.iter().map(|function| function.name).chain(SPECIAL.iter().copied())
}

/// Every method that the generator can write.
pub fn methods() -> impl Iterator<Item = &'static str> {
    tables::METHODS.iter().map(|method| method.function.name)
}

/// What the dot is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dot {
    Data,
    Value(Kind),
}

struct Writer {
    dice: Dice,
    /// The keys of the data, and what their values mean.
    fields: Vec<(String, Kind)>,
    /// Variables in scope.
    scope: Vec<(String, Kind)>,
    dot: Dot,
    /// Whether `$` is the data.
    root: bool,
    /// Whether types may be wrong.
    sloppy: bool,
    /// How many loops are open.
    loops: usize,
    /// How deep collections are nested.
    nesting: usize,
    /// How many nodes may still be written.
    budget: usize,
    /// Templates that can be called, with the kind of their dot.
    defined: Vec<(String, Option<Kind>)>,
    variables: usize,
}

impl Writer {
    fn new(dice: Dice, fields: Vec<(String, Kind)>, sloppy: bool) -> Self {
        Self {
            dice,
            fields,
            scope: Vec::new(),
            dot: Dot::Data,
            root: true,
            sloppy,
            loops: 0,
            nesting: 0,
            budget: 12,
            defined: Vec::new(),
            variables: 0,
        }
    }
}
