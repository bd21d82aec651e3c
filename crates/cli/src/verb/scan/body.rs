//! The body of a PEM block: base64 in lines, in whatever a program, a letter or a JSON document makes of
//! line breaks. It ends at the first thing that is neither.

/// What was read.
#[derive(Default)]
pub(super) struct Body {
    /// Its base64, without what stands between its lines.
    pub(super) letters: Vec<u8>,
    /// Behind the last letter.
    pub(super) end: usize,
    /// Where reading stopped, which is where a foot stands if there is one.
    pub(super) foot: usize,
    /// Whether a header says so (RFC 1421 §4.6.1.1).
    pub(super) is_encrypted: bool,
    /// Whether dots stand for a part of it: it is an example.
    pub(super) is_shortened: bool,
}

/// What stands at a place of a text.
enum Unit {
    Letter(u8),
    /// Blanks, quotes and the signs that programs put between pieces of a string or before lines.
    Gap,
    Dots,
    Other,
}

/// A line of base64 has more; a word of prose hardly ever. Only the last line may be shorter.
const SHORTEST_LINE: usize = 20;

impl Body {
    /// From a place on.
    pub(super) fn read(text: &[u8], start: usize) -> Self {
        let mut body = Self { end: start, foot: start, ..Self::default() };
        let mut at = start;
        let mut word = Vec::new();
        loop {
            if word.is_empty() && body.letters.is_empty() {
                at = body.headers(text, at);
            }
            let (unit, length) = unit(text, at);
            if let Unit::Letter(letter) = unit {
                word.push(letter);
                at += length;
                continue;
            }
            let may_be_last = body.letters.len() >= SHORTEST_LINE;
            let is_prefix = word.len() == 1 && matches!(text.get(at), Some(b'"' | b'\''));
            if is_prefix || word.iter().all(|letter| matches!(letter, b'+' | b'/')) {
                // It joins strings, says what kind of string it is, or begins a comment.
                word.clear();
            } else if word.len() >= SHORTEST_LINE || may_be_last && ends_soon(text, at) {
                body.letters.append(&mut word);
                body.end = at;
            } else {
                body.foot = at;
                body.is_shortened = matches!(unit, Unit::Dots);
                return body;
            }
            body.foot = at;
            if !matches!(unit, Unit::Gap) {
                body.is_shortened = matches!(unit, Unit::Dots);
                return body;
            }
            at += length;
        }
    }

    /// Where what stands behind headers begins: `Proc-Type: 4,ENCRYPTED`, `Version: GnuPG v2`.
    fn headers(&mut self, text: &[u8], at: usize) -> usize {
        let name = text[at..].iter().take(32);
        let name = name.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
        let line = &text[at + name..];
        if name == 0 || !text[at].is_ascii_uppercase() || !line.starts_with(b": ") {
            return at;
        }
        // These two have no blanks in them, and may stand in one line with what follows.
        let is_word = matches!(&text[at..at + name], b"Proc-Type" | b"DEK-Info");
        let is_end = |at: &usize| {
            let rest = &line[*at..];
            let is_break = matches!(rest[0], b'\n' | b'\r' | b'"') || is_escaped_break(rest);
            is_break || is_word && matches!(rest[0], b' ' | b'\t')
        };
        let length = (2..line.len()).find(is_end).unwrap_or(line.len());
        self.is_encrypted |= line[..length].ends_with(b"4,ENCRYPTED");
        let end = at + name + length;
        self.foot = end;
        end
    }
}

/// Whether a foot, or nothing more of the body, stands behind gaps.
fn ends_soon(text: &[u8], mut at: usize) -> bool {
    const FAR: usize = 256;
    let start = at;
    while at < text.len() && at - start < FAR {
        if text[at..].starts_with(b"-----") {
            return true;
        }
        // The checksum of OpenPGP is a line of its own (RFC 4880 §6.1).
        match unit(text, at) {
            (Unit::Gap | Unit::Letter(b'=' | b'+' | b'/'), length) => at += length,
            _ if text[..at].ends_with(b"=") => at += 4,
            // `b"…"`: the kind of a string.
            (Unit::Letter(_), 1) if matches!(text.get(at + 1), Some(b'"' | b'\'')) => at += 1,
            _ => return false,
        }
    }
    false
}

fn unit(text: &[u8], at: usize) -> (Unit, usize) {
    let rest = &text[at..];
    let Some(first) = rest.first() else { return (Unit::Other, 0) };
    match first {
        b'+' | b'/' | b'=' => (Unit::Letter(*first), 1),
        byte if byte.is_ascii_alphanumeric() => (Unit::Letter(*byte), 1),
        b'\\' => escaped(rest),
        b'%' => coded(rest, 1, 2),
        b'.' if rest.starts_with(b"...") => (Unit::Dots, 3),
        b'-' if rest.starts_with(b"-----") && !rest.starts_with(b"------") => (Unit::Other, 0),
        b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b',' | b';' | b'(' | b')' | b'['
        | b']' | b'>' | b'!' | b'|' | b'#' | b'*' | b'.' | b'-' => (Unit::Gap, 1),
        _ if rest.starts_with("…".as_bytes()) => (Unit::Dots, "…".len()),
        _ => (Unit::Other, 0),
    }
}

/// What stands behind backslashes, of which text in a text has several.
fn escaped(rest: &[u8]) -> (Unit, usize) {
    let slashes = rest.iter().take_while(|byte| **byte == b'\\').count();
    match rest.get(slashes) {
        Some(b'n' | b'r' | b't' | b'\n' | b'\r' | b'"' | b'\'') => (Unit::Gap, slashes + 1),
        Some(b'/') => (Unit::Letter(b'/'), slashes + 1),
        Some(b'u') => coded(rest, slashes + 1, 4),
        Some(b'x') => coded(rest, slashes + 1, 2),
        _ => (Unit::Other, 0),
    }
}

/// A character by its number, in so many hexadecimal digits.
fn coded(rest: &[u8], from: usize, digits: usize) -> (Unit, usize) {
    let code = rest.get(from..from + digits).and_then(|code| std::str::from_utf8(code).ok());
    let code = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
    match code {
        Some(c @ ('+' | '/' | '=')) => (Unit::Letter(c as u8), from + digits),
        Some('\n' | '\r' | '\t' | ' ' | '"' | '\'') => (Unit::Gap, from + digits),
        _ => (Unit::Other, 0),
    }
}

fn is_escaped_break(rest: &[u8]) -> bool {
    rest[0] == b'\\' && matches!(escaped(rest), (Unit::Gap, _))
}
