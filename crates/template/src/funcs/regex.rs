//! Sprig's functions on regular expressions.

use Type::{Bool, Int, Strings, Text};

use super::capacity::appended_strings_to;
use super::draft::part;
use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::goregex::{self, Regex, Searcher};
use crate::printf::fitted;
use crate::value::{self, Type, Value};

/// All but `regexMatch` fail on a pattern that Go rejects, the others as the `must` ones.
pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("mustRegexFind", &[Text, Text], Text, find),
    Function::new("mustRegexFindAll", &[Text, Text, Int], Strings, find_all),
    Function::new("mustRegexMatch", &[Text, Text], Bool, must_match),
    Function::new("mustRegexReplaceAll", &[Text, Text, Text], Text, replace_all),
    Function::new("mustRegexReplaceAllLiteral", &[Text, Text, Text], Text, replace_literal),
    Function::new("mustRegexSplit", &[Text, Text, Int], Strings, split),
    Function::new("regexFind", &[Text, Text], Text, find),
    Function::new("regexFindAll", &[Text, Text, Int], Strings, find_all),
    Function::new("regexMatch", &[Text, Text], Bool, is_match),
    Function::new("regexQuoteMeta", &[Text], Text, quote_meta),
    Function::new("regexReplaceAll", &[Text, Text, Text], Text, replace_all),
    Function::new("regexReplaceAllLiteral", &[Text, Text, Text], Text, replace_literal),
    Function::new("regexSplit", &[Text, Text, Int], Strings, split),
];

fn is_match(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    match must_match(context, args) {
        Err(Fault { limit: false, .. }) => Ok(false.into()),
        other => other,
    }
}

fn must_match(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let regex = Regex::new(context, args.text(0))?;
    Searcher::new(&regex, args.text(1)).is_match(context).map(Value::from)
}

fn find(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let regex = Regex::new(context, args.text(0))?;
    let found = Searcher::new(&regex, args.text(1)).find(context)?;
    part(context, found.unwrap_or_default())
}

fn find_all(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let regex = Regex::new(context, args.text(0))?;
    let text = args.text(1);
    let found = Searcher::new(&regex, text).find_all(context, args.int(2))?;
    if found.is_empty() {
        return Ok(Value::Strings(value::Strings::NIL));
    }
    let parts = found.into_iter().map(|(from, to)| &text[from..to]);
    strings(context, parts, FOUND)
}

fn replace_all(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let regex = Regex::new(context, args.text(0))?;
    let replaced = Searcher::new(&regex, args.text(1)).replace_all(context, args.text(2))?;
    Ok(fitted(replaced).into())
}

fn replace_literal(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let regex = Regex::new(context, args.text(0))?;
    let replaced =
        Searcher::new(&regex, args.text(1)).replace_all_literal(context, args.text(2))?;
    Ok(fitted(replaced).into())
}

fn split(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let regex = Regex::new(context, args.text(0))?;
    let limit = args.int(2);
    if limit == 0 {
        return Ok(Value::Strings(value::Strings::NIL));
    }
    let (parts, room) = Searcher::new(&regex, args.text(1)).split(context, limit)?;
    strings(context, parts.into_iter(), room)
}

fn quote_meta(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = args.text(0);
    context.spend(text.len() as u64 / 2)?;
    context.room(text.len() * 2)?;
    Ok(goregex::quote_meta(text).into())
}

/// How many matches Go makes room for at first.
const FOUND: usize = 10;

/// A list with room for `room` at first, and its capacity from there, which `slice` can reach.
fn strings<'t>(
    context: &mut Context<'_>,
    parts: impl ExactSizeIterator<Item = &'t [u8]>,
    room: usize,
) -> Result<Value, Fault> {
    context.room(parts.len().max(room) * 2 * size_of::<value::Text>())?;
    let mut strings: Vec<value::Text> = Vec::with_capacity(parts.len());
    for text in parts {
        context.room(text.len())?;
        strings.push(text.into());
    }
    Ok(appended_strings_to(strings, room))
}
