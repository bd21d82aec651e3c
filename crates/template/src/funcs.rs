//! The functions that templates can call.
//!
//! # How to add a function
//!
//! Each file has a table `FUNCTIONS`, which [`TABLES`] lists. An entry says what Go's signature
//! says, and the engine holds callers to it: when the body runs, the arguments are of the types
//! in `params`, and as many. With `.variadic()` the last type may come any number of times.
//!
//! ```text
//! pub(super) static FUNCTIONS: &[Function] = &[
//!     // func(string, string) bool
//!     Function::new("contains", &[Text, Text], Bool, contains),
//!     // func(...interface {}) []interface {}
//!     Function::new("list", &[Any], List, list).variadic(),
//!     // func(int) string
//!     Function::new("randAlpha", &[Int], Text, rand_alpha).unsteady(),
//! ];
//!
//! fn contains(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
//!     let (part, whole) = (args.text(0), args.text(1));
//!     …
//!     Ok(found.into())
//! }
//! ```
//!
//! - [`Args`] reads an argument by its declared type: `text`, `int`, `float`, `bool`, `list`,
//!   `dict`, `any`, `from` for the variadic rest, and `take` to own one.
//! - A body returns the exact Go type: [`Value::Int`] for `int`, [`Value::Int64`] for `int64`,
//!   `Value::from(Vec<u8>)` for `string`, `Value::from(Vec<Value>)` for `[]interface{}`, and
//!   `Value::Nil` where Go returns a nil `interface{}`. A nil slice is `List::NIL`.
//! - Where Go panics or returns an error, return `Err("why, without any value".into())`. Where Go
//!   ignores an error, or returns its text as the result, so must the body.
//! - Mark `.unsteady()` whatever gives another result the next time: randomness, salt, the clock.
//! - `context.room(bytes)?` before a result that can be larger than the arguments; a row that grows
//!   is a [`crate::value::Counted`], which asks by itself and counts while it lives;
//!   `context.spend(steps)?` (a step is some ten nanoseconds) in loops that are longer than the
//!   input, and for input that is read more slowly than it is copied (the engine has paid one step
//!   for each 1024 bytes or elements of the arguments, and pays one for each 256 of the result:
//!   a digest should pay one for each 16 bytes more);
//!   `context.spend_costly(n)?` for what takes milliseconds. Nested data can be any depth and can contain itself: walk it
//!   with a stack of your own, or give up at a depth.
//! - `printf::display` is `fmt.Sprint` of one value, [`crate::value::deep_equal`] is
//!   `reflect.DeepEqual`, and values know their `type_name`, `kind`, `truth`, `len`, `elements`.
//! - A type with methods implements [`crate::value::Object`]; its methods are `Function`s too,
//!   in a table of its own, and get the receiver as argument 0 (`params` begin after it). If it
//!   can be large, its `size` says so, for which the engine pays at each call.
//!
//! The test `signatures` compares the table with Sprig's.

mod builtin;
mod capacity;
mod cast;
mod compare;
mod crypto;
mod dates;
mod defaults;
mod dicts;
mod digest;
mod draft;
mod encoding;
mod escape;
mod json;
mod lists;
mod numeric;
mod paths;
mod random;
mod reflection;
mod regex;
mod runes;
mod semver;
mod string_lists;
mod strings;
mod strval;
mod url;
#[cfg(test)]
mod vectors;

use std::sync::LazyLock;

use crate::context::Context;
use crate::error::Fault;
use crate::value::{Dict, Kind, List, Text, Type, Value};

/// What runs when a function is called.
pub(crate) type Body = fn(&mut Context<'_>, &mut Args<'_>) -> Result<Value, Fault>;

/// A function or method, as Go's `reflect` sees it.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) params: &'static [Type],
    /// Whether the last parameter may come any number of times.
    pub(crate) variadic: bool,
    pub(crate) result: Type,
    /// Whether the same arguments give the same result at any time.
    pub(crate) steady: bool,
    pub(crate) special: Special,
    pub(crate) body: Body,
}

/// Functions that need not evaluate all arguments: the parser makes jumps of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    None,
    And,
    Or,
}

impl Function {
    pub(crate) const fn new(
        name: &'static str,
        params: &'static [Type],
        result: Type,
        body: Body,
    ) -> Self {
        Self { name, params, variadic: false, result, steady: true, special: Special::None, body }
    }

    pub(crate) const fn variadic(mut self) -> Self {
        self.variadic = true;
        self
    }

    pub(crate) const fn unsteady(mut self) -> Self {
        self.steady = false;
        self
    }

    const fn special(mut self, special: Special) -> Self {
        self.special = special;
        self
    }

    /// For `and` and `or`: the truth value that decides.
    pub(crate) fn decides(&self) -> Option<bool> {
        match self.special {
            Special::None => None,
            Special::And => Some(false),
            Special::Or => Some(true),
        }
    }

    /// The type that argument `at` must have, counted from 0; none if there is no such argument.
    pub(crate) fn param(&self, at: usize) -> Option<&'static Type> {
        let last = if self.variadic { self.params.last() } else { None };
        self.params.get(at).or(last)
    }

    /// Whether a result is of the type that the table says.
    pub(crate) fn returns(&self, result: &Value) -> bool {
        match (self.result, result) {
            (Type::Any | Type::Reflect, _) => true,
            (wanted, Value::Nil) => wanted.kind() == Kind::Ptr,
            (wanted, result) => result.type_of().is_some_and(|found| found == wanted),
        }
    }

    /// Whether it can be called with that many arguments.
    pub(crate) fn takes(&self, count: usize) -> bool {
        if self.variadic { count + 1 >= self.params.len() } else { count == self.params.len() }
    }
}

/// Arguments that were checked against the function's parameters.
pub(crate) struct Args<'a>(pub(crate) &'a mut [Value]);

const DECLARED: &str = "arguments have the types that the function's table declares";

impl Args<'_> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// A `string`.
    pub(crate) fn text(&self, at: usize) -> &Text {
        match &self.0[at] {
            Value::Text(text) => text,
            _ => panic!("{DECLARED}"),
        }
    }

    /// An integer of any type.
    pub(crate) fn int(&self, at: usize) -> i64 {
        let value = &self.0[at];
        value.signed().or_else(|| value.unsigned()?.try_into().ok()).expect(DECLARED)
    }

    /// A `float64`.
    pub(crate) fn float(&self, at: usize) -> f64 {
        match self.0[at] {
            Value::Float64(value) => value,
            _ => panic!("{DECLARED}"),
        }
    }

    /// A `bool`.
    pub(crate) fn bool(&self, at: usize) -> bool {
        match self.0[at] {
            Value::Bool(value) => value,
            _ => panic!("{DECLARED}"),
        }
    }

    /// A `[]interface {}`.
    pub(crate) fn list(&self, at: usize) -> &List<Value> {
        match &self.0[at] {
            Value::List(list) => list,
            _ => panic!("{DECLARED}"),
        }
    }

    /// A `map[string]interface {}`.
    pub(crate) fn dict(&self, at: usize) -> &Dict {
        match &self.0[at] {
            Value::Dict(dict) => dict,
            _ => panic!("{DECLARED}"),
        }
    }

    /// An argument of any type.
    pub(crate) fn any(&self, at: usize) -> &Value {
        &self.0[at]
    }

    /// The arguments from `at` on: the variadic rest.
    pub(crate) fn from(&self, at: usize) -> &[Value] {
        self.0.get(at..).unwrap_or_default()
    }

    /// An argument, taken out.
    pub(crate) fn take(&mut self, at: usize) -> Value {
        std::mem::replace(&mut self.0[at], Value::Invalid)
    }
}

/// All tables. Of functions with one name the first counts: Sprig's `slice` hides the builtin.
static TABLES: &[&[Function]] = &[
    defaults::FUNCTIONS,
    dicts::FUNCTIONS,
    digest::FUNCTIONS,
    encoding::FUNCTIONS,
    json::FUNCTIONS,
    lists::FUNCTIONS,
    numeric::FUNCTIONS,
    paths::FUNCTIONS,
    reflection::FUNCTIONS,
    string_lists::FUNCTIONS,
    strings::FUNCTIONS,
    regex::FUNCTIONS,
    semver::FUNCTIONS,
    url::FUNCTIONS,
    dates::FUNCTIONS,
    crypto::FUNCTIONS,
    random::FUNCTIONS,
    // Go's own
    builtin::FUNCTIONS,
    compare::FUNCTIONS,
    escape::FUNCTIONS,
    #[cfg(test)]
    crate::exec::testing::FUNCTIONS,
];

/// Finds a function by its name.
pub(crate) fn lookup(name: &str) -> Option<&'static Function> {
    static INDEX: LazyLock<Index> = LazyLock::new(Index::new);
    INDEX.find(name)
}

/// The names of all functions.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().copied().flatten().map(|function| function.name)
}

/// Every function once, found by hash: built once in a process, so that parsing pays nothing.
struct Index(Vec<Option<&'static Function>>);

const SLOTS: usize = 1024;

impl Index {
    fn new() -> Self {
        let mut index = Self(vec![None; SLOTS]);
        for function in TABLES.iter().copied().flatten() {
            let slot = index.slot(function.name);
            index.0[slot].get_or_insert(function);
        }
        index
    }

    fn find(&self, name: &str) -> Option<&'static Function> {
        self.0[self.slot(name)]
    }

    /// Where `name` is, or would be.
    fn slot(&self, name: &str) -> usize {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut slot = (hash ^ (hash >> 32)) as usize % SLOTS;
        while self.0[slot].is_some_and(|found| found.name != name) {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPRIG: &str = include_str!("../tests/vectors/sprig-functions.tsv");

    /// As `%T` prints the function in Go.
    fn signature(function: &Function) -> String {
        let last = function.params.len().saturating_sub(usize::from(function.variadic));
        let params = function.params.iter().enumerate().map(|(at, param)| {
            let dots = if function.variadic && at >= last { "..." } else { "" };
            format!("{dots}{}", param.name())
        });
        format!("func({}) {}", params.collect::<Vec<_>>().join(", "), function.result.name())
    }

    #[test]
    fn functions_have_the_signatures_of_sprig() {
        for line in SPRIG.lines() {
            let (name, wanted) = line.split_once('\t').unwrap();
            let function = lookup(name).expect(name);
            // An error beside the result does not show in the table.
            let wanted = wanted.replace(", error)", "").replace(") (", ") ");
            assert_eq!(signature(function), wanted, "{name}");
        }
    }

    #[test]
    fn functions_are_found_by_name() {
        assert!(lookup("upper").is_some_and(|found| found.name == "upper"));
        assert!(lookup("env").is_none());
        assert!(TABLES.iter().copied().flatten().count() < SLOTS / 2);
    }
}
