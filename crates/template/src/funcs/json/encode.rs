//! Values to JSON: `json.Marshal`, `json.MarshalIndent` and an `Encoder` that leaves HTML as it is.

use std::collections::HashSet;

use super::string;
use crate::context::Context;
use crate::error::Fault;
use crate::funcs::encoding::base64;
use crate::printf::append_float;
use crate::value::{Object, Text, Value};

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
    let mut writer = Writer {
        context,
        style,
        out: Vec::new(),
        granted: 0,
        open: Vec::new(),
        path: HashSet::new(),
    };
    let complete = writer.value(value)? && writer.rest()?;
    Ok(complete.then_some(writer.out))
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
    granted: usize,
    open: Vec<Open>,
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
                self.close();
                continue;
            };
            if !std::mem::replace(&mut open.empty, false) {
                self.out.push(b',');
            }
            self.line();
            if let Some(key) = key {
                self.pay(key.len())?;
                string::write(&mut self.out, &key, self.style.html);
                self.out.extend_from_slice(if self.style.pretty { b": " } else { b":" });
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
        self.pay(value.len().unwrap_or(0))?;
        match value {
            value if value.is_nil() => self.out.extend_from_slice(b"null"),
            Value::Bool(value) => {
                self.out.extend_from_slice(if *value { b"true" } else { b"false" })
            }
            Value::Float64(value) => return Ok(number(&mut self.out, *value)),
            Value::Complex128(..) => return Ok(false),
            Value::Text(text) => string::write(&mut self.out, text, self.style.html),
            Value::Bytes(bytes) => {
                self.out.push(b'"');
                self.out.extend_from_slice(&base64(bytes));
                self.out.push(b'"');
            }
            Value::Dict(dict) => {
                return Ok(self.open(Left::Entries(dict.entries().into_iter()), dict.address()));
            }
            Value::StringMap(map) => {
                let entries = map.entries().into_iter().map(|(key, text)| (key, Value::Text(text)));
                return Ok(self.open(Left::Entries(entries.collect::<Vec<_>>().into_iter()), 0));
            }
            Value::Object(object) => return Ok(self.object(&**object)),
            Value::List(_) | Value::Strings(_) | Value::Ints(_) | Value::Lists(_) => {
                return Ok(self.open(Left::Elements(value.clone(), 0), 0));
            }
            other => {
                let text = match other.unsigned() {
                    Some(value) => value.to_string(),
                    None => other.signed().unwrap_or(0).to_string(),
                };
                self.out.extend_from_slice(text.as_bytes());
            }
        }
        Ok(true)
    }

    fn object(&mut self, object: &dyn Object) -> bool {
        if let Some(json) = object.json() {
            let Ok(json) = json else { return false };
            self.out.extend_from_slice(&json);
        } else if let Some(value) = object.int() {
            self.out.extend_from_slice(value.to_string().as_bytes());
        } else {
            let fields = object.fields().into_iter();
            let entries = fields.map(|(name, value)| (Text::literal(name), value));
            return self.open(Left::Entries(entries.collect::<Vec<_>>().into_iter()), 0);
        }
        true
    }

    fn open(&mut self, left: Left, dict: usize) -> bool {
        if dict != 0 && !self.path.insert(dict)
            || self.style.pretty && self.open.len() >= PRETTY_DEPTH
        {
            return false;
        }
        self.out.push(if matches!(left, Left::Elements(..)) { b'[' } else { b'{' });
        self.open.push(Open { left, empty: true, dict });
        true
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        self.path.remove(&open.dict);
        if !open.empty {
            self.line();
        }
        self.out.push(if matches!(open.left, Left::Elements(..)) { b']' } else { b'}' });
    }

    /// Begins a line in pretty JSON.
    fn line(&mut self) {
        if self.style.pretty {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * self.open.len(), b' ');
        }
    }

    /// Asks for room before `length` elements or bytes are written; an element that takes more
    /// pays by itself.
    fn pay(&mut self, length: usize) -> Result<(), Fault> {
        // A byte can become six, and there is the indentation.
        let needed =
            self.out.len() + length.saturating_mul(6) + self.open.len() * size_of::<Open>() + 64;
        if needed > self.granted {
            self.context.room(needed)?;
            self.granted = needed.saturating_mul(2);
        }
        Ok(())
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
