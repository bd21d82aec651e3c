//! Values to JSON: `json.Marshal`, `json.MarshalIndent` and an `Encoder` that leaves HTML as it is.

use std::collections::HashSet;

use super::string;
use crate::context::Context;
use crate::error::Fault;
use crate::funcs::encoding::base64;
use crate::printf::{append_float, fitted};
use crate::unicode::pieces;
use crate::value::{Counted, Object, Text, Value};

#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Whether `<`, `>` and `&` are escaped.
    pub(super) html: bool,
    /// Whether each value has a line of its own, two spaces in for each level.
    pub(super) pretty: bool,
}

/// How deep Go writes pretty JSON.
const PRETTY_DEPTH: usize = 10_000;

/// The text; none where Go has an error: for numbers that JSON has not, for dicts that contain
/// themselves.
pub(super) fn encode(
    context: &mut Context<'_>,
    value: &Value,
    style: Style,
) -> Result<Option<Vec<u8>>, Fault> {
    // As in Go, what is to be pretty is written without lines first: only then it is known that
    // there is JSON for all of it, and how deep it is.
    let Some((text, deepest)) = written(context, value, Style { pretty: false, ..style })? else {
        return Ok(None);
    };
    if !style.pretty {
        return Ok(Some(text));
    }
    drop(text);
    if deepest > PRETTY_DEPTH {
        return Ok(None);
    }
    Ok(written(context, value, style)?.map(|(text, _)| text))
}

/// The text, and how deep it is.
fn written(
    context: &mut Context<'_>,
    value: &Value,
    style: Style,
) -> Result<Option<(Vec<u8>, usize)>, Fault> {
    let mut writer = Writer {
        context,
        style,
        out: Vec::new(),
        open: Counted::default(),
        deepest: 0,
        path: HashSet::new(),
    };
    let complete = writer.value(value)? && writer.rest()?;
    Ok(complete.then(|| (fitted(writer.out), writer.deepest)))
}

/// A list or dict whose elements are being written.
struct Open {
    left: Left,
    empty: bool,
    /// The address of a dict, 0 for others.
    dict: usize,
}

enum Left {
    /// A list, and how many of its elements were written.
    Elements(Value, usize),
    Entries(std::vec::IntoIter<(Text, Value)>),
}

struct Writer<'w, 'world> {
    context: &'w mut Context<'world>,
    style: Style,
    out: Vec<u8>,
    open: Counted<Open>,
    deepest: usize,
    /// The dicts that are open.
    path: HashSet<usize>,
}

impl Writer<'_, '_> {
    /// Writes what the open lists and dicts have left; false where there is no JSON for it.
    fn rest(&mut self) -> Result<bool, Fault> {
        while let Some(open) = self.open.last_mut() {
            let (key, value) = match &mut open.left {
                Left::Elements(list, written) => {
                    *written += 1;
                    (None, list.element(*written - 1))
                }
                Left::Entries(entries) => {
                    entries.next().map_or((None, None), |(key, value)| (Some(key), Some(value)))
                }
            };
            let Some(value) = value else {
                self.close()?;
                continue;
            };
            if !std::mem::replace(&mut open.empty, false) {
                self.put(b",")?;
            }
            self.line()?;
            if let Some(key) = key {
                self.text(&key)?;
                self.put(if self.style.pretty { b": " } else { b":" })?;
            }
            if !self.value(&value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes a value, or opens it; false where there is no JSON for it.
    fn value(&mut self, value: &Value) -> Result<bool, Fault> {
        self.context.spend(4)?;
        match value {
            value if value.is_nil() => self.put(b"null")?,
            Value::Bool(value) => self.put(if *value { b"true" } else { b"false" })?,
            Value::Float64(value) => return self.number(*value),
            Value::Complex128(..) => return Ok(false),
            Value::Text(text) => self.text(text)?,
            Value::Bytes(bytes) => {
                self.context.spend(bytes.len() as u64 / 4)?;
                self.context.check(self.out.len() + bytes.len() * 2)?;
                self.context.spend(bytes.len() as u64 / 32)?;
                let encoded = base64(bytes);
                self.put(b"\"")?;
                self.put(&encoded)?;
                self.put(b"\"")?;
            }
            Value::Dict(dict) => {
                self.pay_for_entries(value)?;
                return self.open(Left::Entries(dict.entries().into_iter()), dict.address());
            }
            Value::StringMap(map) => {
                self.pay_for_entries(value)?;
                let entries = map.entries().into_iter().map(|(key, text)| (key, Value::Text(text)));
                return self.open(Left::Entries(entries.collect::<Vec<_>>().into_iter()), 0);
            }
            Value::Object(object) => return self.object(&**object),
            Value::List(_) | Value::Strings(_) | Value::Ints(_) | Value::Lists(_) => {
                return self.open(Left::Elements(value.clone(), 0), 0);
            }
            other => {
                let text = match other.unsigned() {
                    Some(value) => value.to_string(),
                    None => other.signed().unwrap_or(0).to_string(),
                };
                self.put(text.as_bytes())?;
            }
        }
        Ok(true)
    }

    /// A string, in quotes.
    fn text(&mut self, text: &[u8]) -> Result<(), Fault> {
        self.context.spend(text.len() as u64 / 2)?;
        self.put(b"\"")?;
        for piece in pieces(text) {
            self.reserve(piece.len() * string::GROWTH)?;
            string::write(&mut self.out, piece, self.style.html);
        }
        self.put(b"\"")
    }

    /// False for infinity and NaN.
    fn number(&mut self, value: f64) -> Result<bool, Fault> {
        self.context.spend(16)?;
        self.reserve(32)?;
        Ok(number(&mut self.out, value))
    }

    fn object(&mut self, object: &dyn Object) -> Result<bool, Fault> {
        self.context.spend(32)?;
        if let Some(json) = object.json() {
            let Ok(json) = json else { return Ok(false) };
            self.put(&json)?;
        } else if let Some(value) = object.int() {
            self.put(value.to_string().as_bytes())?;
        } else {
            let fields = object.fields().into_iter();
            let entries = fields.map(|(name, value)| (Text::literal(name), value));
            return self.open(Left::Entries(entries.collect::<Vec<_>>().into_iter()), 0);
        }
        Ok(true)
    }

    fn open(&mut self, left: Left, dict: usize) -> Result<bool, Fault> {
        if dict != 0 && !self.path.insert(dict) {
            return Ok(false);
        }
        self.context.check(self.out.len())?;
        self.put(if matches!(left, Left::Elements(..)) { b"[" } else { b"{" })?;
        self.open.push(self.context, Open { left, empty: true, dict })?;
        self.deepest = self.deepest.max(self.open.len());
        Ok(true)
    }

    fn close(&mut self) -> Result<(), Fault> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        self.path.remove(&open.dict);
        if !open.empty {
            self.line()?;
        }
        self.put(if matches!(open.left, Left::Elements(..)) { b"]" } else { b"}" })
    }

    /// Begins a line in pretty JSON.
    fn line(&mut self) -> Result<(), Fault> {
        if self.style.pretty {
            let indent = 2 * self.open.len();
            self.context.spend(indent as u64 / 64)?;
            self.reserve(indent + 1)?;
            self.out.push(b'\n');
            self.out.resize(self.out.len() + indent, b' ');
        }
        Ok(())
    }

    /// Entries are copied to be written in turn.
    fn pay_for_entries(&mut self, map: &Value) -> Result<(), Fault> {
        let length = map.len().unwrap_or(0);
        let entries = length * size_of::<(Text, Value)>();
        self.context.check(self.out.len() + entries)?;
        self.context.spend(entries as u64 / 64)
    }

    fn put(&mut self, text: &[u8]) -> Result<(), Fault> {
        self.reserve(text.len())?;
        self.out.extend_from_slice(text);
        Ok(())
    }

    /// Asks for memory before the text grows: by so many bytes, or to twice its size.
    fn reserve(&mut self, bytes: usize) -> Result<(), Fault> {
        self.context.reserve(&mut self.out, bytes)
    }
}

/// Writes a number: an exponent if it is very large or small, as few digits as tell it apart. False
/// for infinity and NaN.
fn number(out: &mut Vec<u8>, value: f64) -> bool {
    let size = value.abs();
    if value == 0.0 || (1e-6..1e21).contains(&size) {
        append_float(out, value, b'f', None);
        return true;
    }
    append_float(out, value, b'e', None);
    // `e-09` loses its zero.
    if let Some(at) = out.len().checked_sub(2)
        && out[..at].ends_with(b"e-")
        && out[at] == b'0'
    {
        out.remove(at);
    }
    value.is_finite()
}
