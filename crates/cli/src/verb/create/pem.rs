//! The layout of a PEM text, as strictly as the strictest reader has it. Go's `encoding/pem` and
//! OpenSSL pass over a block whose lines are not as they should be, each for reasons of its own: what
//! one of them does not see, or takes for the end, is told here by its line.

use sealwright_crypto::{PemBlock, pem_blocks};

use crate::error::{Error, Result};

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const LAYOUT: &str =
    "a line with -----BEGIN or -----END holds nothing else, and between them stands base64";
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The blocks of a PEM text, of which each is whole. Text around them is passed over.
///
/// # Errors
/// When a line that a block needs is one that its reader would not take for it.
pub(super) fn blocks(text: &str, reader: &'static str) -> Result<Vec<PemBlock>> {
    let wrong = |line: usize, what: &str| {
        Error::new(format!("line {line} {what}: {reader} that")).hint(LAYOUT)
    };
    let mut blocks = Vec::new();
    let mut open: Option<Open<'_>> = None;
    let mut start = 0;
    for (at, line) in text.split_inclusive('\n').enumerate() {
        let (number, end) = (at + 1, start + line.len());
        let line = line.trim_end();
        let line = Line::of(line).map_err(|what| wrong(number, what))?;
        match (line, open.as_mut()) {
            (Line::Begin(kind), None) => open = Some(Open::new(number, start, kind)),
            (Line::End(kind), Some(block)) if kind == block.kind => {
                let decoded = pem_blocks(&text[block.start..end]).next();
                blocks.push(decoded.ok_or_else(|| damaged(block.line))?);
                open = None;
            }
            (Line::Begin(_) | Line::End(_), Some(block)) => return Err(endless(block.line)),
            (Line::End(_), None) => {
                return Err(wrong(number, "ends a block that no line begins"));
            }
            (Line::Other(line), Some(block)) => {
                block.goes_on(line).map_err(|what| wrong(number, what))?;
            }
            (Line::Other(_), None) => {}
        }
        start = end;
    }
    match open {
        Some(block) => Err(endless(block.line)),
        None => Ok(blocks),
    }
}

/// What a line is.
enum Line<'a> {
    Begin(&'a str),
    End(&'a str),
    Other(&'a str),
}

impl<'a> Line<'a> {
    fn of(line: &'a str) -> Result<Self, &'static str> {
        let bare = line.trim_start_matches(|c: char| c.is_whitespace() || c == BYTE_ORDER_MARK);
        let kind = |mark| bare.strip_prefix(mark);
        let (kind, is_begin) = match (kind(BEGIN), kind(END)) {
            (Some(kind), _) => (kind, true),
            (_, Some(kind)) => (kind, false),
            // In the middle of a line of text nobody looks for it.
            _ => return Ok(Self::Other(line)),
        };
        if line.starts_with(BYTE_ORDER_MARK) {
            return Err("begins with a byte order mark");
        }
        if bare.len() < line.len() {
            return Err("is indented");
        }
        match kind.strip_suffix("-----").filter(|kind| !kind.contains("-----")) {
            Some(kind) if is_begin => Ok(Self::Begin(kind)),
            Some(kind) => Ok(Self::End(kind)),
            None if kind.contains("-----") => Err("goes on where a line break has to be"),
            None => Err("is cut short"),
        }
    }
}

/// A block whose end is still to come.
struct Open<'a> {
    line: usize,
    start: usize,
    kind: &'a str,
    has_headers: bool,
    /// A blank line in it, behind which OpenSSL reads on only if that ends the headers.
    is_blank: bool,
    has_body: bool,
}

impl<'a> Open<'a> {
    fn new(line: usize, start: usize, kind: &'a str) -> Self {
        Self { line, start, kind, has_headers: false, is_blank: false, has_body: false }
    }

    fn goes_on(&mut self, line: &str) -> Result<(), &'static str> {
        if line.is_empty() {
            // Before the body it ends headers, of which there may be none.
            if self.has_body {
                return Err("is blank, in the middle of a block");
            }
            self.is_blank = true;
        } else if line.contains(':') && !self.has_body {
            // Those of RFC 1421 say how the block is encrypted; OpenSSL knows no others.
            let is_known = ["Proc-Type:", "DEK-Info:"].iter().any(|name| line.starts_with(name));
            if !is_known {
                return Err("is a header, which OpenSSL does not know");
            }
            self.has_headers = true;
        } else if self.has_headers && !self.is_blank {
            return Err("has to be blank, behind the headers");
        } else if line.contains('-') {
            return Err("is no base64");
        } else {
            self.has_body = true;
        }
        Ok(())
    }
}

fn endless(line: usize) -> Error {
    Error::new(format!("the block that begins on line {line} has no end"))
        .hint("copy the whole file")
}

fn damaged(line: usize) -> Error {
    Error::new(format!("the block that begins on line {line} is damaged"))
        .hint("copy the whole file: a line of it may be missing")
}
