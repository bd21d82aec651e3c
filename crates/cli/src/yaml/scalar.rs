//! How a string is written: plain, quoted or as a block, by libyaml's rules as Go's port has them.

use super::resolve::needs_quotes;

/// Columns after which a scalar is folded at its next blank.
const WIDTH: usize = 80;

/// The key that merges a map into another one, which go-yaml writes as it is and misreads.
const MERGE: &str = "<<";

/// How a string may stand in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    Plain,
    Single,
    Double,
    Block,
}

impl Quotes {
    /// go-yaml's choice.
    pub(super) fn of(text: &str, is_key: bool) -> Self {
        let shape = Shape::of(text);
        if text.contains('\n') && shape.allows_block && !is_key {
            Self::Block
        } else if needs_quotes(text) || !shape.allows_single || (is_key && text == MERGE) {
            Self::Double
        } else if shape.allows_plain {
            Self::Plain
        } else {
            Self::Single
        }
    }

    /// Whether a string that stands like this comes back as it is.
    pub(super) fn carry(self, text: &str) -> bool {
        let shape = Shape::of(text);
        match self {
            Self::Plain => shape.allows_plain && !needs_quotes(text),
            Self::Single => shape.allows_single,
            Self::Double => true,
            Self::Block => shape.allows_block && text.contains('\n'),
        }
    }
}

/// Writes `text` behind `before`, which says where the line stands; continuation lines are
/// indented by `indent`.
pub(super) fn write_scalar(out: &mut String, text: &str, indent: usize, is_key: bool) {
    match Quotes::of(text, is_key) {
        Quotes::Block => block(out, text, indent, 2),
        Quotes::Double => double_quoted(out, text, indent, is_key),
        Quotes::Plain => folded(out, text, indent, is_key),
        Quotes::Single => single_quoted(out, text, indent, is_key),
    }
}

/// Writes `text` unfolded. Lines of a block are indented by `indent`, which is `step` more than
/// the parent's.
pub(super) fn write_unfolded(
    out: &mut String,
    text: &str,
    quotes: Quotes,
    indent: usize,
    step: usize,
) {
    match quotes {
        Quotes::Block => block(out, text, indent, step),
        Quotes::Double => double_quoted(out, text, indent, true),
        Quotes::Plain => out.push_str(text),
        Quotes::Single => single_quoted(out, text, indent, true),
    }
}

/// Which styles can carry a string and bring it back.
struct Shape {
    allows_plain: bool,
    allows_single: bool,
    allows_block: bool,
}

impl Shape {
    fn of(text: &str) -> Self {
        let is_break = |c: char| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        let edge = |c: Option<char>| c.is_none_or(|c| c == ' ' || is_break(c));
        // Breaks other than \n come back as \n, or not at all: escape them.
        let is_special = |c: char| c != '\n' && (is_break(c) || !is_printable(c));
        let has_special = text.chars().any(is_special);
        let has_break = text.contains('\n');
        let blank_before_break = text.contains(" \n");
        let blank_after_break = text.contains("\n ");
        Self {
            allows_plain: !(has_special
                || has_break
                || edge(text.chars().next())
                || edge(text.chars().next_back())
                || has_indicator(text)),
            allows_single: !(has_special || blank_before_break || blank_after_break || has_break),
            allows_block: !(has_special || blank_before_break || text.ends_with(' ')),
        }
    }
}

/// Printable for Go's port of libyaml, which escapes what lies beyond the basic plane.
pub(super) fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

/// Whether characters that mean something to YAML stand where they mean it.
fn has_indicator(text: &str) -> bool {
    if text.starts_with("---") || text.starts_with("...") {
        return true;
    }
    let chars: Vec<char> = text.chars().collect();
    let blank_at = |at: usize| chars.get(at).is_none_or(|c| matches!(c, ' ' | '\t' | '\n'));
    chars.iter().enumerate().any(|(at, c)| match c {
        '#' => at == 0 || blank_at(at - 1),
        ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
        | '`' => at == 0,
        '-' | '?' => at == 0 && blank_at(1),
        ':' => blank_at(at + 1),
        _ => false,
    })
}

/// `|`, with the hints for indentation and last line breaks that the text needs.
fn block(out: &mut String, text: &str, indent: usize, step: usize) {
    out.push('|');
    if text.starts_with([' ', '\n']) {
        out.push_str(&step.to_string());
    }
    if !text.ends_with('\n') {
        out.push('-');
    } else if text == "\n" || text.ends_with("\n\n") {
        out.push('+');
    }
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            push_blanks(out, indent);
            out.push_str(line);
        }
    }
}

/// Writes text as it is, folding at single blanks beyond the width. Keys are never folded.
fn folded(out: &mut String, text: &str, indent: usize, is_key: bool) {
    let chars: Vec<char> = text.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let is_single_blank = *c == ' '
            && at > 0
            && at + 1 < chars.len()
            && chars[at - 1] != ' '
            && chars[at + 1] != ' ';
        if is_single_blank && !is_key && column(out) > WIDTH {
            new_line(out, indent);
        } else {
            out.push(*c);
        }
    }
}

fn single_quoted(out: &mut String, text: &str, indent: usize, is_key: bool) {
    out.push('\'');
    folded(out, &text.replace('\'', "''"), indent, is_key);
    out.push('\'');
}

fn double_quoted(out: &mut String, text: &str, indent: usize, is_key: bool) {
    out.push('"');
    let chars: Vec<char> = text.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let can_fold = *c == ' ' && at > 0 && at + 1 < chars.len() && chars[at - 1] != ' ';
        if can_fold && !is_key && column(out) > WIDTH {
            new_line(out, indent);
            if chars[at + 1] == ' ' {
                out.push('\\');
            }
        } else {
            escape(out, *c);
        }
    }
    out.push('"');
}

fn escape(out: &mut String, c: char) {
    match c {
        '"' | '\\' => out.extend(['\\', c]),
        '\0' => out.push_str("\\0"),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\u{b}' => out.push_str("\\v"),
        '\u{c}' => out.push_str("\\f"),
        '\r' => out.push_str("\\r"),
        '\u{1b}' => out.push_str("\\e"),
        '\u{85}' => out.push_str("\\N"),
        '\u{a0}' => out.push_str("\\_"),
        '\u{2028}' => out.push_str("\\L"),
        '\u{2029}' => out.push_str("\\P"),
        _ if is_printable(c) => out.push(c),
        _ => {
            let code = u32::from(c);
            out.push_str(&match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            });
        }
    }
}

fn column(out: &str) -> usize {
    out.chars().rev().take_while(|c| *c != '\n').count()
}

fn new_line(out: &mut String, indent: usize) {
    out.push('\n');
    push_blanks(out, indent);
}

fn push_blanks(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}
