//! Values in braces: YAML's flow style in a template or a page, and maps of a program that look like it.

use super::located;
use super::manifest::Value;
use super::masked::{ACTION, Masked};

/// No map of values is longer.
const LONGEST: usize = 64 * 1024;

/// The entries of the map that begins at `at`; none where it cannot be read.
pub(super) fn entries(masked: &Masked<'_>, at: usize, is_program: bool) -> Option<Vec<Value>> {
    let (text, rest) = (masked.text, masked.from(at));
    let rest = &rest[..length(rest)?];
    let has_actions = rest.contains(ACTION);
    // To YAML an action is a word.
    let read = rest.replace(ACTION, "_");
    let (documents, _) = located::of_yaml(&read, at);
    let root = &documents.first()?.root;
    let entries = root.members().into_iter().filter_map(|(key, value)| {
        let (raw_key, raw) = (&text[key.range.clone()], &text[value.range.clone()]);
        // Who writes quotes around a key writes them around a text too.
        let is_variable =
            raw_key.starts_with('"') && !raw.starts_with(['"', '\'']) || is_member(raw);
        if is_expression(raw, is_program) || is_variable && !has_actions {
            return None;
        }
        let (key_said, said) = (key.text()?, value.text()?);
        let or_raw = |said: &str, raw: &str| if raw.contains("{{") { raw } else { said }.to_owned();
        Some(Value {
            key: or_raw(key_said, raw_key),
            key_at: key.range.start,
            range: value.range.clone(),
            text: or_raw(said, raw.trim_matches(['"', '\''])),
            is_data: false,
        })
    });
    Some(entries.collect())
}

/// The bytes up to the brace that closes the first.
fn length(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, c) in text.char_indices().take_while(|(at, _)| *at < LONGEST) {
        match (c, quote) {
            (_, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(c),
            ('{', None) => depth += 1,
            ('}', None) if depth == 1 => return Some(at + 1),
            ('}', None) => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Whether a program would read it as a variable or a call and not as a text: in its braces whatever is
/// in no quotes, elsewhere what ends in a comma, as no line of YAML does.
pub(super) fn is_expression(raw: &str, is_program: bool) -> bool {
    if is_program {
        return !raw.starts_with(['"', '\'']);
    }
    raw.strip_suffix(',').is_some_and(|raw| is_identifier(raw) || is_member(raw))
}

/// `cfg.password`, `read("x")`, `os.environ["PW"]`, `await read()`.
fn is_member(raw: &str) -> bool {
    let raw = ["await ", "new "].iter().find_map(|word| raw.strip_prefix(word)).unwrap_or(raw);
    let end = raw.find(|c| !is_part(c)).unwrap_or(raw.len());
    let (name, rest) = raw.split_at(end);
    let last = rest.chars().next_back();
    is_identifier(name)
        && match rest.chars().next() {
            Some('.') => rest[1..].starts_with(|c: char| c.is_alphabetic() || c == '_'),
            Some('(') => matches!(last, Some(')' | ']' | '!')),
            Some('[') => matches!(last, Some(']' | ')' | '!')),
            _ => false,
        }
}

fn is_identifier(raw: &str) -> bool {
    raw.chars().all(is_part) && raw.starts_with(|c: char| !c.is_ascii_digit())
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}
