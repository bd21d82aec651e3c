//! A template without its actions, so that the rest can be read by its lines.

/// What stands in the place of each byte of an action. Nothing that is written has it.
pub(super) const ACTION: char = '\u{1}';
/// No action is longer; two braces that are none may be closed far away.
const LONGEST: usize = 4096;

/// A text from a place on, as it is and without its actions.
pub(super) struct Masked<'t> {
    pub(super) text: &'t str,
    start: usize,
    masked: String,
    /// Whether there is any action.
    pub(super) is_template: bool,
}

impl<'t> Masked<'t> {
    /// Every byte keeps its place, and every line break.
    pub(super) fn of(text: &'t str, start: usize) -> Self {
        let masked = masked(&text[start..]);
        let is_template = masked.contains(ACTION);
        Self { text, start, masked, is_template }
    }

    /// What is left from a place of the text on.
    pub(super) fn from(&self, at: usize) -> &str {
        &self.masked[at - self.start..]
    }
}

fn masked(text: &str) -> String {
    let (mut masked, mut at, mut from) = (String::with_capacity(text.len()), 0, 0);
    while let Some(found) = text[from..].find("{{") {
        let begin = from + found;
        let Some(length) = length(&text[begin..]) else {
            from = begin + 2;
            continue;
        };
        masked += &text[at..begin];
        for c in text[begin..begin + length].chars() {
            match c {
                '\n' | '\r' => masked.push(c),
                _ => masked.extend(std::iter::repeat_n(ACTION, c.len_utf8())),
            }
        }
        (at, from) = (begin + length, begin + length);
    }
    masked + &text[at..]
}

/// The bytes of the action that a text begins with. A comment may have braces in it.
fn length(text: &str) -> Option<usize> {
    let end = (0..=LONGEST.min(text.len())).rev().find(|end| text.is_char_boundary(*end))?;
    let text = &text[..end];
    let inner = text[2..].strip_prefix('-').unwrap_or(&text[2..]).trim_start();
    let skipped = text.len() - inner.len();
    let comment = if inner.starts_with("/*") { inner.find("*/")? } else { 0 };
    Some(skipped + comment + inner[comment..].find("}}")? + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_keeps_its_place() {
        for (text, expected) in [
            ("a: {{ .x }} b", "a: ******** b"),
            ("{{- /* }}\n */ -}}\nü", "*********\n*******\nü"),
            ("{{ ü }}", "********"),
            ("{{ open", "{{ open"),
            ("{{ a {{ b }}", "************"),
            ("", ""),
        ] {
            assert_eq!(masked(text).replace(ACTION, "*"), expected);
        }
        let masked = Masked::of("{{ a }}{{ b }} c", 7);
        assert_eq!(masked.from(8).replace(ACTION, "*"), "****** c");
    }

    #[test]
    fn a_text_full_of_beginnings_is_done_at_once() {
        for piece in ["{{", "{{/*", "{{ x\n"] {
            masked(&piece.repeat((1 << 18) / piece.len()));
        }
    }
}
