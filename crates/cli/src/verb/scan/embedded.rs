//! Secrets as JSON in what is no JSON: in pages, in scripts (`echo '{…}' | kubectl apply -f -`), in logs, and
//! in lines of JSON of which one is broken.

use std::collections::HashSet;
use std::ops::Range;

use serde::de::IgnoredAny;

use super::manifest::{self, Secret};

/// Objects that are tried around one `kind`, from the inside to the outside.
const TRIES: usize = 64;
/// Bytes before a `kind` in which its object begins, and bytes of the object.
const NEAR: usize = 256 * 1024;
/// Bytes that are read in all: text that is full of beginnings must not keep us for minutes.
const BUDGET: usize = 16 * 1024 * 1024;

/// Adds those of a text that are not among its Secrets already.
pub(super) fn add(text: &str, secrets: &mut Vec<Secret>) {
    let known = Known::of(secrets);
    let (mut objects, mut end, mut budget) = (Vec::new(), 0, BUDGET);
    for at in kinds(text).filter(|at| !known.has(*at)) {
        if let Some(object) =
            (at >= end).then(|| object_around(text, at, end, &mut budget)).flatten()
        {
            end = object.end;
            objects.push(object);
        }
    }
    // What was read line by line is read better as JSON.
    secrets.retain(|secret| {
        let before = objects.partition_point(|object| object.end <= secret.kind_at);
        objects.get(before).is_none_or(|object| secret.kind_at < object.start)
    });
    secrets.extend(objects.into_iter().flat_map(|object| manifest::of_object(text, object)));
}

/// Where values stand that are `"Secret"`, of a key that is `"kind"`.
fn kinds(text: &str) -> impl Iterator<Item = usize> {
    let words = text.match_indices("\"Secret\"").map(|(at, _)| at);
    words.filter(|at| {
        let before = text[..*at].trim_end().strip_suffix(':');
        before.is_some_and(|before| before.trim_end().ends_with("\"kind\""))
    })
}

/// Where what was read already stands.
struct Known {
    kinds: HashSet<usize>,
    /// The values, in their order, each as far as any before it goes.
    values: Vec<Range<usize>>,
}

impl Known {
    fn of(secrets: &[Secret]) -> Self {
        let values = secrets.iter().flat_map(|secret| &secret.values);
        let mut values: Vec<_> = values.map(|value| value.range.clone()).collect();
        values.sort_unstable_by_key(|range| range.start);
        let mut end = 0;
        for range in &mut values {
            end = end.max(range.end);
            range.end = end;
        }
        Self { kinds: secrets.iter().map(|secret| secret.kind_at).collect(), values }
    }

    /// Whether it is the `kind` of a Secret, or a part of a value.
    fn has(&self, at: usize) -> bool {
        let behind = self.values.partition_point(|range| range.start <= at);
        self.kinds.contains(&at)
            || behind.checked_sub(1).is_some_and(|last| at < self.values[last].end)
    }
}

/// The object that a `kind` is of.
fn object_around(text: &str, at: usize, from: usize, budget: &mut usize) -> Option<Range<usize>> {
    let near = at.saturating_sub(NEAR).max(from);
    let near = (near..=at).find(|near| text.is_char_boundary(*near))?;
    let far = (at + NEAR).min(text.len());
    let far = (at..=far).rev().find(|far| text.is_char_boundary(*far))?;
    let starts = text[near..at].rmatch_indices('{').take(TRIES).map(|(start, _)| near + start);
    for start in starts {
        let part = &text[start..far];
        let mut values = serde_json::Deserializer::from_str(part).into_iter::<IgnoredAny>();
        let read = values.next();
        let end = start + values.byte_offset();
        let cost = match &read {
            Some(Err(error)) => place(part, error),
            _ => end - start,
        };
        *budget = budget.saturating_sub(cost);
        if *budget == 0 {
            return None;
        }
        if matches!(read, Some(Ok(_))) && end > at {
            return Some(start..end);
        }
    }
    None
}

/// How far a text was read.
fn place(text: &str, error: &serde_json::Error) -> usize {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    lines.map(str::len).sum::<usize>() + error.column()
}

#[cfg(test)]
mod tests {
    use super::super::manifest::secrets;

    const JSON: &str = r#"{"apiVersion":"v1","data":{},"kind":"Secret","metadata":{"name":"a"},"stringData":{"p":"hunter2"}}"#;

    #[test]
    fn in_pages_scripts_and_logs() {
        let pretty = JSON.replace(",\"", ",\n  \"");
        for text in [
            format!("# A page\n\n```json\n{JSON}\n```\n"),
            format!("# A page\n\n```json\n{pretty}\n```\n"),
            format!("#!/bin/sh\nset -e\necho '{JSON}' | kubectl apply -f -\n"),
            format!("echo '{JSON}' | kubectl apply -f -\n"),
            format!("2026-11-30T10:00:00Z applied {JSON} to x: y {{a\n"),
            format!("{{\"a\": 1}}\n{{\"broken\n{JSON}\n{{\"b\": 2}}\n"),
            format!("x: y: z\nmanifest: '{JSON}'\n"),
            format!("a: 1\nmanifest: '{JSON}'\n"),
            format!("a: |\n  run {JSON}\n"),
        ] {
            let found = secrets(&text);
            let values: Vec<_> = found.iter().flat_map(|secret| &secret.values).collect();
            assert_eq!(values.len(), 1, "{text}: {found:?}");
            assert_eq!(
                (values[0].key.as_str(), values[0].text.as_str()),
                ("p", "hunter2"),
                "{text}"
            );
            assert_eq!(found.iter().find(|s| !s.values.is_empty()).unwrap().name, "a");
        }
    }

    #[test]
    fn several_in_a_line_and_in_a_list() {
        let text = format!("see {JSON} and {{\"kind\":\"List\",\"items\":[{JSON},{JSON}]}}.\n");
        assert_eq!(secrets(&text).len(), 3);
    }

    #[test]
    fn what_is_none() {
        for text in [
            format!("see {}", JSON.replace("\"v1\"", "\"example.com/v1\"")),
            format!("see {}", JSON.replace("\"Secret\"", "\"SealedSecret\"")),
            format!("see {}", &JSON[..JSON.len() - 1]),
            r#"see "kind":"Secret" in { a"#.to_owned(),
        ] {
            let values = secrets(&text).iter().map(|secret| secret.values.len()).sum::<usize>();
            assert_eq!(values, 0, "{text}");
        }
    }

    #[test]
    fn a_text_full_of_beginnings_is_done_at_once() {
        for piece in ["{\"kind\":\"Secret\"", "{\"a\":", "{\"kind\":\"Secret\",\"a\":[\n"] {
            secrets(&format!("x {}", piece.repeat((1 << 17) / piece.len())));
        }
    }
}
