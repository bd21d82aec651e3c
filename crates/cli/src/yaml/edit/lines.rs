//! Lines, blanks and comments of a text, by byte.

const BOM: &str = "\u{feff}";

fn byte(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Where the blanks begin that end at `at`.
pub(super) fn blanks_before(text: &str, at: usize) -> usize {
    let blanks = text.as_bytes().iter().take(at).rev().take_while(|byte| is_blank(**byte));
    at.min(text.len()) - blanks.count()
}

/// Where the blanks end that begin at `at`.
pub(super) fn blanks_after(text: &str, at: usize) -> usize {
    at + text.as_bytes().iter().skip(at).take_while(|byte| is_blank(**byte)).count()
}

/// Characters before `at` on its line.
pub(super) fn column(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default().chars().rev();
    before.take_while(|c| !matches!(c, '\n' | '\r')).filter(|c| *c != '\u{feff}').count()
}

/// Whether a line starts at `at`: lines end in LF, CR or both.
fn is_line_start(text: &str, at: usize) -> bool {
    match at.checked_sub(1).and_then(|before| byte(text, before)) {
        None | Some(b'\n') => true,
        Some(b'\r') => byte(text, at) != Some(b'\n'),
        // A byte order mark before a document takes no room.
        Some(_) => {
            let before = text.get(..at).unwrap_or_default().trim_end_matches(BOM).len();
            before < at && is_line_start(text, before)
        }
    }
}

/// Whether only blanks stand before `at` on its line.
pub(super) fn opens_line(text: &str, at: usize) -> bool {
    is_line_start(text, blanks_before(text, at))
}

/// Whether only blanks and a comment stand behind `at` on its line.
pub(super) fn closes_line(text: &str, at: usize) -> bool {
    let after = blanks_after(text, at);
    match byte(text, after) {
        None => true,
        Some(b'#') => after > at || is_line_start(text, at),
        Some(byte) => is_break(byte),
    }
}

/// Whether a `:` before `at` says that a value follows, rather than being part of a word.
pub(super) fn opens_value(text: &str, at: usize) -> bool {
    byte(text, at).is_none_or(|byte| is_blank(byte) || is_break(byte))
}

/// Where the line of `at` ends, before its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    at + text.as_bytes().iter().skip(at).take_while(|byte| !is_break(**byte)).count()
}

/// Past the blanks from `at` on, if they end the line.
pub(super) fn past_last_blanks(text: &str, at: usize) -> usize {
    let after = blanks_after(text, at);
    if byte(text, after).is_none_or(is_break) { after } else { at }
}

/// The start of the line after what ends at `at`: `at` itself if that ended with its line.
pub(super) fn next_line(text: &str, at: usize) -> usize {
    if at > 0 && is_line_start(text, at) {
        return at;
    }
    let end = line_end(text, at);
    end + break_at(text, end).map_or(0, str::len)
}

/// Where the last line ends of what ends at `at`, with a comment behind it, before the break.
pub(super) fn last_line_end(text: &str, at: usize) -> usize {
    if at == 0 || !is_line_start(text, at) {
        return line_end(text, at);
    }
    let lines = text.get(..at).unwrap_or_default();
    let lines = lines.strip_suffix('\n').unwrap_or(lines);
    lines.strip_suffix('\r').unwrap_or(lines).len()
}

fn break_at(text: &str, at: usize) -> Option<&'static str> {
    match (byte(text, at)?, byte(text, at + 1)) {
        (b'\r', Some(b'\n')) => Some("\r\n"),
        (b'\r', _) => Some("\r"),
        (b'\n', _) => Some("\n"),
        _ => None,
    }
}

/// The line break behind `at`, else the one before it.
pub(super) fn break_after(text: &str, at: usize) -> &'static str {
    let own = break_at(text, line_end(text, at));
    own.or_else(|| last_break(text, at)).unwrap_or("\n")
}

/// The line break before `at`, else the one behind it.
pub(super) fn break_before(text: &str, at: usize) -> &'static str {
    last_break(text, at).unwrap_or_else(|| break_after(text, at))
}

fn last_break(text: &str, at: usize) -> Option<&'static str> {
    let last = text.get(..at)?.rfind(['\n', '\r'])?;
    let is_crlf = last > 0 && break_at(text, last - 1) == Some("\r\n");
    break_at(text, if is_crlf { last - 1 } else { last })
}

/// The first byte from `at` on that is no blank, line break or comment. Only for gaps between
/// the parts of a document, where a `#` can be nothing else.
pub(super) fn skip_gap(text: &str, mut at: usize) -> usize {
    while let Some(byte) = byte(text, at) {
        match byte {
            b'#' => at = line_end(text, at),
            byte if is_blank(byte) || is_break(byte) => at += 1,
            _ if text.get(at..).is_some_and(|rest| rest.starts_with(BOM)) => at += BOM.len(),
            _ => break,
        }
    }
    at
}

/// Whether a comment stands in a gap.
pub(super) fn has_comment(text: &str, from: usize, to: usize) -> bool {
    text.as_bytes().iter().take(to).skip(from).any(|byte| *byte == b'#')
}

/// Past the lines from `at` on that hold nothing.
pub(super) fn skip_blank_lines(text: &str, mut at: usize) -> usize {
    loop {
        let first = blanks_after(text, at);
        if first == text.len() || !byte(text, first).is_some_and(is_break) {
            return at;
        }
        at = first + break_at(text, first).map_or(1, str::len);
    }
}

/// Past the lines from `at` on that hold only a comment, indented by `indent` or more.
pub(super) fn skip_comment_lines(text: &str, mut at: usize, indent: usize) -> usize {
    loop {
        let first = blanks_after(text, at);
        if byte(text, first) != Some(b'#') || first - at < indent {
            return at;
        }
        at = next_line(text, first);
    }
}
