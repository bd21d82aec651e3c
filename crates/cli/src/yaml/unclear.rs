//! Where a map of texts says something else than whoever typed it may think.

use granit_parser::{Event, Parser, ScalarStyle, Span};

const TAG: &str = "put the value in quotes, to YAML its ! begins a tag";
const ANCHOR: &str = "put the value in quotes, to YAML its & begins an anchor";
const ALIAS: &str = "put the value in quotes, to YAML its * begins an alias";
const COMMENT: &str = "put the value in quotes, to YAML a comment begins at its #";
const LINES: &str = "write the value behind |, YAML makes one line of its lines";

/// What is to be written otherwise.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unclear {
    pub(crate) line: usize,
    /// Whose value it is; none where it is about a key.
    pub(crate) key: Option<String>,
    pub(crate) why: &'static str,
}

/// The first value of the map that is not what stands there.
pub(crate) fn unclear(text: &str) -> Option<Unclear> {
    let mut options = granit_parser::options! { emit_unresolved_aliases: true };
    options.set_emit_comments(false);
    let (mut depth, mut key) = (0_usize, None::<String>);
    for event in Parser::new_from_str_with_options(text, options) {
        // What cannot be read is told by whoever reads it.
        let (event, span) = event.ok()?;
        if depth == 1 && is_node(&event) {
            if let Some(why) = doubt(text, &event, &span) {
                return Some(Unclear { line: span.start.line(), key, why });
            }
            key = match (key, &event) {
                (None, Event::Scalar(written, ..)) => Some(written.to_string()),
                (None, _) => Some(String::new()),
                (Some(_), _) => None,
            };
        }
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
            Event::MappingEnd | Event::SequenceEnd => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn is_node(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::Scalar(..)
            | Event::Alias(_)
            | Event::UnresolvedAlias(_)
            | Event::MappingStart(..)
            | Event::SequenceStart(..)
    )
}

fn doubt(text: &str, event: &Event<'_>, span: &Span) -> Option<&'static str> {
    let (anchor, tag) = match event {
        Event::Alias(_) | Event::UnresolvedAlias(_) => return Some(ALIAS),
        Event::Scalar(_, _, anchor, tag)
        | Event::MappingStart(_, anchor, tag)
        | Event::SequenceStart(_, anchor, tag) => (*anchor, tag.is_some()),
        _ => return None,
    };
    if tag {
        return Some(TAG);
    }
    if anchor != 0 {
        return Some(ANCHOR);
    }
    let Event::Scalar(_, style, ..) = event else { return None };
    // | and > say what becomes of lines.
    if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
        return None;
    }
    let range = span.byte_range()?;
    let (written, rest) = (text.get(range.clone())?.trim_end(), text.get(range.end..)?);
    let behind = rest.lines().next().unwrap_or_default();
    // Blanks between the text and its comment may be counted to either.
    let is_plain = *style == ScalarStyle::Plain;
    if is_plain && behind.trim_start().starts_with('#') && !written.is_empty() {
        return Some(COMMENT);
    }
    written.contains(['\n', '\r']).then_some(LINES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yaml_takes_for_its_own_is_told_by_its_key() {
        for (text, line, key, why) in [
            ("password: !hunter2\n", 1, Some("password"), TAG),
            ("a: b\npassword: !hunter2 abc\n", 2, Some("password"), TAG),
            ("a: !!binary aGk=\n", 1, Some("a"), TAG),
            ("a: !!str 5\n", 1, Some("a"), TAG),
            ("a: &a hi\n", 1, Some("a"), ANCHOR),
            ("a: &a\n", 1, Some("a"), ANCHOR),
            ("a: hi\nb: *a\n", 2, Some("b"), ALIAS),
            ("a: &a {}\n", 1, Some("a"), ANCHOR),
            ("<<: *a\n", 1, Some("<<"), ALIAS),
            ("a: abc #def\n", 1, Some("a"), COMMENT),
            ("a: abc\t# def", 1, Some("a"), COMMENT),
            ("{a: b, c: !d e}\n", 1, Some("c"), TAG),
            ("a: one\n  two\nb: c\n", 1, Some("a"), LINES),
            ("a: 'b\n  c'\n", 1, Some("a"), LINES),
            ("a: \"BEGIN\n  c\n  END\"\n", 1, Some("a"), LINES),
            ("!a b: c\n", 1, None, TAG),
            ("? &a b\n: c\n", 1, None, ANCHOR),
        ] {
            let expected = Unclear { line, key: key.map(str::to_owned), why };
            assert_eq!(unclear(text), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn what_stands_there_is_clear() {
        for text in [
            "a: '!b'\nb: \"&c\" # a comment\nc: abc#def\n",
            "a: | # a comment\n  b #c\n  d\ne: f!&*\n",
            "a: >-\n  b\n  c\n",
            "# a: !b\na: b\n# c\nd: e\n",
            "a:\nb: # c\n",
            "",
            "a: b: c\n",
            "a: {b: !c d}\n",
        ] {
            assert_eq!(unclear(text), None, "{text:?}");
        }
    }
}
