//! PEM, as Go's encoding/pem reads and writes it.

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"\n-----END ";
const DASHES: &[u8] = b"-----";
const LINE: usize = 64;

/// Go's `base64.StdEncoding` minds padding but not the bits behind the last byte.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Go's `base64.StdEncoding.DecodeString`: line breaks count for nothing.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !b"\r\n".contains(byte)).collect();
    LENIENT.decode(text).ok()
}

/// A block of PEM.
pub(super) struct Block<'a> {
    /// What stands after `BEGIN`.
    pub(super) kind: &'a [u8],
    pub(super) bytes: Vec<u8>,
}

/// Writes a block.
pub(super) fn encode(kind: &str, bytes: &[u8]) -> Vec<u8> {
    let base64 = STANDARD.encode(bytes);
    let mut out = format!("-----BEGIN {kind}-----\n").into_bytes();
    for line in base64.as_bytes().chunks(LINE) {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.extend_from_slice(format!("-----END {kind}-----\n").as_bytes());
    out
}

/// The first block that is well formed; what stands between blocks is skipped.
pub(super) fn decode(data: &[u8]) -> Option<Block<'_>> {
    let mut rest = data;
    loop {
        let end = find(rest, END)?;
        let after = end + END.len();
        // Of several BEGIN lines before the END line, the last one counts.
        let begin = rfind(&rest[..end], BEGIN).filter(|at| *at == 0 || rest[at - 1] == b'\n');
        let block = begin.and_then(|begin| block(&rest[begin + BEGIN.len()..]));
        match block {
            Some(Ok(block)) => return Some(block),
            Some(Err(Unfinished)) => return None,
            None => rest = &rest[after..],
        }
    }
}

/// The headers go on past the end: then Go gives up for good.
struct Unfinished;

/// Reads a block from behind `BEGIN `; none if it is malformed.
fn block(text: &[u8]) -> Option<Result<Block<'_>, Unfinished>> {
    let end = find(text, END)?;
    let (line, mut body) = line(text);
    let kind = line.strip_suffix(DASHES)?;
    let mut body_end = end as i64 - (text.len() - body.len()) as i64;
    let mut headers = false;
    loop {
        if body.is_empty() {
            return Some(Err(Unfinished));
        }
        let (line, next) = self::line(body);
        if !line.contains(&b':') {
            break;
        }
        headers = true;
        body_end -= (body.len() - next.len()) as i64;
        body = next;
    }
    let trailer = body_end + END.len() as i64;
    if headers && body_end < 0 {
        return (trailer < 0).then_some(Err(Unfinished));
    }
    let trailer = body.get(usize::try_from(trailer).ok()?..)?;
    let (trailer, tail) = trailer.split_at_checked(kind.len() + DASHES.len())?;
    if !trailer.starts_with(kind) || !trailer.ends_with(DASHES) || !self::line(tail).0.is_empty() {
        return None;
    }
    // Without a line between BEGIN and END, END's line break is BEGIN's: -1, and no bytes.
    let text = usize::try_from(body_end).map_or(&[][..], |end| &body[..end]);
    let text: Vec<u8> = text.iter().copied().filter(|byte| !b" \t".contains(byte)).collect();
    Some(Ok(Block { kind, bytes: base64(&text)? }))
}

/// The first line without its end or trailing blanks, and what follows it.
fn line(text: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match text.iter().position(|byte| *byte == b'\n') {
        None => (text, &[][..]),
        Some(at) => {
            let line = &text[..at];
            (line.strip_suffix(b"\r").unwrap_or(line), &text[at + 1..])
        }
    };
    let blanks = line.iter().rev().take_while(|byte| b" \t".contains(byte)).count();
    (&line[..line.len() - blanks], rest)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

fn rfind(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).rposition(|window| window == part)
}
