//! The tables of functions, methods and special expressions.

use std::sync::LazyLock;

use super::kind::Kind;

/// How often a parameter occurs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    Once,
    Maybe,
    Any,
    Some,
}

/// A parameter of a function.
pub(super) struct Parameter {
    pub(super) kind: Kind,
    pub(super) times: Times,
}

/// A function or a method.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) weight: u32,
    pub(super) parameters: Vec<Parameter>,
    pub(super) result: Kind,
}

/// A method and the kind that has it.
pub(super) struct Method {
    pub(super) receiver: Kind,
    pub(super) function: Function,
}

/// Functions of functions.txt.
pub(super) static FUNCTIONS: LazyLock<Vec<Function>> =
    LazyLock::new(|| lines(include_str!("functions.txt")).map(function).collect());

/// Methods of methods.txt.
pub(super) static METHODS: LazyLock<Vec<Method>> = LazyLock::new(|| {
    let method = |line: &'static str| {
        let (receiver, rest) = line.split_once(' ').expect("a method has a receiver");
        Method { receiver: kind(receiver), function: function(rest) }
    };
    lines(include_str!("methods.txt")).map(method).collect()
});

/// Expressions of expressions.txt, with their kinds.
pub(super) static EXPRESSIONS: LazyLock<Vec<(Kind, &'static str)>> = LazyLock::new(|| {
    let expression = |line: &'static str| {
        let (name, text) = line.split_once(' ').expect("an expression has a kind");
        (kind(name), text.trim_start())
    };
    lines(include_str!("expressions.txt")).map(expression).collect()
});

fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn function(line: &'static str) -> Function {
    let mut words = line.split_whitespace();
    let name = words.next().expect("a function has a name");
    let (name, weight) = name.split_once('@').unwrap_or((name, "10"));
    let parameters = words.by_ref().take_while(|word| *word != "->").map(parameter).collect();
    let result = kind(words.next().expect("a function has a result"));
    Function { name, weight: weight.parse().expect("a weight is a number"), parameters, result }
}

fn parameter(word: &'static str) -> Parameter {
    let (name, times) = match word.as_bytes().last() {
        Some(b'?') => (&word[..word.len() - 1], Times::Maybe),
        Some(b'*') => (&word[..word.len() - 1], Times::Any),
        Some(b'+') => (&word[..word.len() - 1], Times::Some),
        _ => (word, Times::Once),
    };
    Parameter { kind: kind(name), times }
}

fn kind(name: &str) -> Kind {
    Kind::named(name).unwrap_or_else(|| panic!("the tables name an unknown kind: {name}"))
}
