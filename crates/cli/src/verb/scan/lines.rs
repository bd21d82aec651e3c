//! Secrets in what is no YAML, line by line: templates of Helm charts, scripts, pages. What does not look
//! like a Secret is passed over.

use std::collections::HashMap;
use std::ops::Range;

use sealwright_api::annotations::KEY_LABEL;

use super::flow;
use super::manifest::{Secret, Value, is_name_of_sealing_key, title};
use super::masked::{ACTION, Masked};

/// A line, as far as YAML's block style goes.
#[derive(Clone, Copy)]
struct Line<'a> {
    /// Where it begins in the text.
    at: usize,
    /// Bytes before the first that is no blank; a dash before an item's first key counts as one.
    indent: usize,
    key: &'a str,
    /// What stands behind the colon, and where.
    rest: &'a str,
    rest_at: usize,
    kind: Form,
    /// Whether it begins an item of a list.
    is_item: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `key: …`.
    Entry,
    /// Nothing, a comment or an action of a template: it stands anywhere and ends nothing.
    Blank,
    /// Something else.
    Other,
}

/// The Secrets of a text from a place on.
pub(super) fn secrets(text: &str, start: usize) -> Vec<Secret> {
    let masked = Masked::of(text, start);
    let lines = lines(&masked, start);
    let is_kind = |line: &Line<'_>| {
        line.kind == Form::Entry && line.key == "kind" && unquoted(line.rest) == "Secret"
    };
    let mut secrets = Vec::new();
    // An object has one kind: the first that stands in it.
    let mut ends: HashMap<usize, usize> = HashMap::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| is_kind(line)) {
        if ends.get(&line.indent).is_none_or(|end| at >= *end) {
            let object = object(&lines, at);
            ends.insert(line.indent, object.end);
            secrets.extend(secret(&lines[object.clone()], at - object.start, &masked));
        }
    }
    secrets
}

fn lines<'a>(masked: &Masked<'a>, start: usize) -> Vec<Line<'a>> {
    let mut at = start;
    let lines = masked.from(start).split_inclusive('\n').map(|whole| {
        let line = parsed(masked.text, whole.trim_end_matches(['\n', '\r']), at);
        at += whole.len();
        line
    });
    lines.collect()
}

/// The line at a place, by what is left of it without actions.
fn parsed<'a>(text: &'a str, line: &str, at: usize) -> Line<'a> {
    let unindented = line.trim_start_matches([' ', '\t']);
    let mut indent = line.len() - unindented.len();
    let mut body = unindented;
    let is_item = body.starts_with("- ");
    while let Some(item) = body.strip_prefix("- ") {
        let inner = item.trim_start_matches(' ');
        indent += body.len() - inner.len();
        body = inner;
    }
    let nothing = Line { at, indent, key: "", rest: "", rest_at: at, kind: Form::Other, is_item };
    let besides_actions = body.trim_start_matches([ACTION, ' ', '\t']);
    if besides_actions.is_empty() || besides_actions.starts_with('#') {
        return Line { kind: Form::Blank, ..nothing };
    }
    let colon = body.match_indices(':').map(|(colon, _)| colon);
    let colon =
        colon.filter(|colon| matches!(body.as_bytes().get(colon + 1), None | Some(b' ' | b'\t')));
    let Some(colon) = colon.into_iter().next() else { return nothing };
    if unquoted(&body[..colon]).contains([' ', '{', '"']) {
        return nothing;
    }
    let (own, behind) = (at + indent, &body[colon + 1..]);
    let rest_at = own + colon + 1 + behind.len() - behind.trim_start().len();
    let (key, rest) = (unquoted(&text[own..own + colon]), &text[rest_at..at + line.len()]);
    Line { key, rest: rest.trim_end(), rest_at, kind: Form::Entry, ..nothing }
}

/// The lines of the object that the `kind` of line `at` belongs to: those around that are indented as
/// it is, or more, up to the next item of a list that it is in.
fn object(lines: &[Line<'_>], at: usize) -> Range<usize> {
    let indent = lines[at].indent;
    let belongs = |line: &Line<'_>| match line.kind {
        Form::Blank => true,
        Form::Entry => line.indent >= indent,
        Form::Other => line.indent > indent,
    };
    let begins = |line: &Line<'_>| line.is_item && line.indent == indent;
    let mut first = at;
    while first > 0 && !begins(&lines[first]) && belongs(&lines[first - 1]) {
        first -= 1;
    }
    let more = lines[at + 1..].iter();
    first..at + 1 + more.take_while(|line| belongs(line) && !begins(line)).count()
}

/// The Secret that these lines are, if they are one.
fn secret(own: &[Line<'_>], at: usize, masked: &Masked<'_>) -> Option<Secret> {
    let indent = own[at].indent;
    let top = |key: &str| {
        let mut fields = own.iter().enumerate();
        fields
            .find(|(_, line)| line.kind == Form::Entry && line.indent == indent && line.key == key)
    };
    let is_other = |version: &str| unquoted(version) != "v1" && !version.starts_with("{{");
    if top("apiVersion").is_some_and(|(_, line)| is_other(line.rest)) {
        return None;
    }
    let below =
        |field: &str| top(field).map(|(at, _)| entries(own, at, masked)).unwrap_or_default();
    let metadata = below("metadata");
    let named = |name: &str| {
        let field = metadata.iter().find(|field| field.key == name);
        field.map(|field| field.text.as_str()).filter(|text| !text.contains("{{"))
    };
    let labels = metadata.iter().find(|field| field.key == "labels");
    let has_label =
        labels.is_some_and(|labels| masked.text[labels.range.clone()].contains(KEY_LABEL));
    let mut values = below("data");
    values.iter_mut().for_each(|value| value.is_data = true);
    values.extend(below("stringData"));
    Some(Secret {
        name: title(named("namespace"), named("name")),
        kind_at: own[at].at + indent,
        document: Some(own[0].at),
        is_sealing_key: has_label || named("name").is_some_and(is_name_of_sealing_key),
        values,
    })
}

/// The entries below a field, or behind it.
fn entries(own: &[Line<'_>], field: usize, masked: &Masked<'_>) -> Vec<Value> {
    let text = masked.text;
    // Braces without templates are those of a program, in which only what is in quotes is a text.
    let is_program = own[field].rest == "{" && !masked.is_template;
    if own[field].rest.starts_with('{')
        && let Some(entries) = flow::entries(masked, own[field].rest_at, is_program)
    {
        return entries;
    }
    let outer = own[field].indent;
    let below = own[field + 1..].iter();
    let below: Vec<_> =
        below.take_while(|line| line.kind == Form::Blank || line.indent > outer).collect();
    let Some(indent) = below.iter().find(|line| line.kind == Form::Entry).map(|line| line.indent)
    else {
        return Vec::new();
    };
    let mut entries = Vec::new();
    for (at, line) in below.iter().enumerate() {
        let is_entry = line.kind == Form::Entry && line.indent == indent;
        if !is_entry || flow::is_expression(line.rest, is_program) {
            continue;
        }
        let more = below[at + 1..].iter();
        let more = more.take_while(|line| line.kind == Form::Blank || line.indent > indent);
        let last = more.filter(|line| line.kind != Form::Blank).last();
        let end = last.map_or(line.rest_at + line.rest.len(), |last| {
            text[last.at..].find('\n').map_or(text.len(), |end| last.at + end)
        });
        let is_block = line.rest.starts_with(['|', '>']) || line.rest.is_empty();
        let end = if is_block { end } else { line.rest_at + line.rest.len() };
        let content =
            if is_block { block(&text[line.rest_at..end]) } else { unquoted(line.rest).to_owned() };
        entries.push(Value {
            key: line.key.to_owned(),
            key_at: line.at + line.indent,
            range: line.rest_at..end,
            text: content,
            is_data: false,
        });
    }
    entries
}

/// The lines behind a `|`, without what they are indented by.
fn block(text: &str) -> String {
    let lines = text.lines().skip(1).map(str::trim).filter(|line| !line.starts_with("{{- "));
    lines.collect::<Vec<_>>().join("\n")
}

/// Without quotes, and without the comment behind it.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.find(quote).map_or(text, |end| &inner[..end]);
        }
    }
    text.split(" #").next().unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests;
