//! One text, looked through: what is found in it, less what its comments say is meant so.

use std::ops::Range;

use gix::bstr::BString;
use sealwright_crypto::Plaintext;
use sealwright_sealing::decode_base64;

use super::address::GAP;
use super::beside::is_little;
use super::finding::{Commit, Finding, Item, Place};
use super::ignore::{self, Lines};
use super::manifest::{self, Secret, Value};
use super::placeholder::{is_placeholder, is_placeholder_decoded};
use super::rules;
use super::text::{self, Hit};
use crate::manifest::decode;

/// Bytes of a file beyond which it is left out: a core must not run out of memory.
pub(super) const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Where a zero byte tells that a file is no text, as Git does.
const HEAD: usize = 8 * 1024;

/// What a text gave.
#[derive(Default)]
pub(super) struct Examined {
    pub(super) findings: Vec<Finding>,
    /// How many more there would be without comments.
    pub(super) ignored: usize,
    /// What its reader should know.
    pub(super) notes: Vec<String>,
}

/// Looks through the bytes of a file; nothing is found in what is no text.
pub(super) fn examine(path: &BString, bytes: Vec<u8>, commit: Option<&Commit>) -> Examined {
    let Some(text) = text_of(bytes) else { return Examined::default() };
    let mut hits: Vec<_> = text::hits(text.as_bytes()).into_iter().map(Marked::from).collect();
    let secrets = manifest::secrets(&text);
    let values: Vec<_> = secrets.iter().flat_map(|secret| mark(&mut hits, secret, &text)).collect();
    hits.retain(|marked| !marked.is_covered);
    hits.extend(values);
    // Most files are done with here.
    if hits.is_empty() && !ignore::is_named(&text) {
        return Examined::default();
    }
    let lines = Lines::of(&text);
    let mut examined = Examined::default();
    examined.notes.extend(lines.mistakes().into_iter().map(|line| {
        format!(
            "{path}:{line}: what stands behind sealwright:ignore is no rule; nothing is ignored"
        )
    }));
    hits.sort_by_key(|marked| (marked.hit.range.start, marked.hit.range.end));
    for marked in hits {
        if marked.is_ignored(&lines) {
            examined.ignored += 1;
        } else {
            examined.findings.push(marked.finding(path, &lines, commit));
        }
    }
    examined
}

/// Bytes as text. What is not UTF-8 is passed over byte by byte, so that every other keeps its place.
fn text_of(bytes: Vec<u8>) -> Option<String> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return decode(bytes).map(|(text, _)| text);
    }
    if bytes[..bytes.len().min(HEAD)].contains(&0) {
        return None;
    }
    Some(String::from_utf8(bytes).unwrap_or_else(|error| {
        let mut bytes = error.into_bytes();
        let mut at = 0;
        while let Err(error) = std::str::from_utf8(&bytes[at..]) {
            at += error.valid_up_to();
            let length = error.error_len().unwrap_or(bytes.len() - at);
            bytes[at..at + length].fill(b'?');
            at += length;
        }
        String::from_utf8(bytes).expect("what was none has been replaced")
    }))
}

/// A hit, and the value of a Secret that it is.
struct Marked {
    hit: Hit,
    item: Option<Item>,
    /// Where the key of the value, the kind of its Secret and the document that it is stand.
    around: Option<(usize, usize, Option<usize>)>,
    /// Whether the whole value is a graver finding.
    is_covered: bool,
}

impl From<Hit> for Marked {
    fn from(hit: Hit) -> Self {
        Self { hit, item: None, around: None, is_covered: false }
    }
}

/// Says of what was found which value of the Secret it is, and gives the values that say more than that.
fn mark(hits: &mut [Marked], secret: &Secret, text: &str) -> Vec<Marked> {
    let mut values = Vec::new();
    for value in &secret.values {
        let own = span(value);
        let item = Item { secret: masked(&secret.name), key: masked(&value.key) };
        let around = Some((value.key_at, secret.kind_at, secret.document));
        let said = said(value);
        let is_covered = secret.is_sealing_key && said.is_some();
        let inside = inside(hits, &own);
        for marked in inside.iter_mut() {
            (marked.item, marked.around, marked.is_covered) =
                (Some(item.clone()), around, is_covered);
        }
        let says_more = |said: &(Vec<u8>, bool)| {
            is_covered || inside.is_empty() || !is_little(&without(inside, value, said, text))
        };
        let Some((said, is_encoded)) = said.filter(says_more) else { continue };
        let rule = if is_covered { rules::SEALING_KEY } else { rules::PLAIN_SECRET };
        let end = if value.key_at < own.end { own.end } else { value.key_at + value.key.len() };
        let range = value.key_at..end;
        let hit = Hit { rule, range, secret: Plaintext::new(said), is_encoded };
        values.push(Marked { hit, item: Some(item), around, is_covered: false });
    }
    values
}

/// What a value says, with gaps in the place of what was found in it.
fn without(inside: &[Marked], value: &Value, said: &(Vec<u8>, bool), text: &str) -> String {
    let (said, is_encoded) = said;
    let gap = GAP.to_string();
    if *is_encoded {
        let mut rest = String::from_utf8_lossy(said).into_owned();
        for marked in inside {
            rest = rest.replace(&*String::from_utf8_lossy(marked.hit.secret.expose()), &gap);
        }
        return rest;
    }
    let (mut rest, mut at) = (String::new(), value.range.start);
    for Range { start, end } in inside.iter().map(|marked| marked.hit.range.clone()) {
        if end > at {
            rest += text.get(at..start.max(at)).unwrap_or_default();
            rest += &gap;
            at = end;
        }
    }
    rest + text.get(at..value.range.end).unwrap_or_default()
}

/// A name that is shown: what is a token in it is not.
fn masked(name: &str) -> String {
    let (mut shown, mut at) = (String::new(), 0);
    for Hit { rule, range, .. } in text::hits(name.as_bytes()) {
        shown += name.get(at..range.start).unwrap_or_default();
        shown += &format!("<{}>", rule.id);
        at = range.end;
    }
    shown + name.get(at..).unwrap_or_default()
}

/// Those that have a part in the range; they are in order and do not overlap.
fn inside<'h>(hits: &'h mut [Marked], range: &Range<usize>) -> &'h mut [Marked] {
    let first = hits.partition_point(|marked| marked.hit.range.end <= range.start);
    let end = hits.partition_point(|marked| marked.hit.range.start < range.end);
    &mut hits[first..end.max(first)]
}

/// The bytes that a value takes, with its key where that stands before it.
fn span(value: &Value) -> Range<usize> {
    let range = value.range.clone();
    if value.key_at <= range.start { value.key_at..range.end } else { range }
}

/// What a value says, if it is none of those that say nothing, and whether it was in base64.
fn said(value: &Value) -> Option<(Vec<u8>, bool)> {
    if is_placeholder(value.text.as_bytes()) {
        return None;
    }
    let decoded = value.is_data.then(|| decode_base64(value.text.trim())).flatten();
    let is_encoded = decoded.is_some();
    let is_nothing = decoded.as_deref().is_some_and(is_placeholder_decoded);
    let said = decoded.unwrap_or_else(|| value.text.clone().into_bytes());
    (!is_nothing).then_some((said, is_encoded))
}

impl Marked {
    fn is_ignored(&self, lines: &Lines<'_>) -> bool {
        let rule = self.hit.rule;
        lines.ignore(rule, self.hit.range.start)
            || self.around.is_some_and(|(key, kind, document)| {
                lines.ignore(rule, key)
                    || lines.ignore(rule, kind)
                    || document.is_some_and(|at| lines.ignore_document(rule, at))
            })
    }

    fn finding(self, path: &BString, lines: &Lines<'_>, commit: Option<&Commit>) -> Finding {
        let (line, column) = lines.place(self.hit.range.start);
        let (end_line, end_column) = lines.place(self.hit.range.end);
        Finding {
            rule: self.hit.rule,
            path: path.clone(),
            inside: path.clone(),
            root: 0,
            place: Place { line, column, end_line, end_column },
            item: self.item,
            bytes: self.hit.secret.expose().len(),
            is_encoded: self.hit.is_encoded,
            commit: commit.cloned(),
            secret: self.hit.secret,
        }
    }
}
