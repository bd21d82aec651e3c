//! JSON to values: `json.Unmarshal` into an `interface {}`.

use std::collections::BTreeMap;

use super::string;
use crate::context::Context;
use crate::error::Fault;
use crate::funcs::capacity::appended;
use crate::number::float_steps;
use crate::value::{Dict, Text, Value};

pub(super) struct Decoded {
    pub(super) value: Value,
    /// Whether all numbers fit a `float64`; those that do not are nil.
    pub(super) in_range: bool,
}

/// How deep Go reads.
const DEPTH: usize = 10_000;

/// The value, or none if `text` is no JSON.
pub(super) fn decode(context: &mut Context<'_>, text: &[u8]) -> Result<Option<Decoded>, Fault> {
    // What is no UTF-8 becomes three bytes.
    let growth = if std::str::from_utf8(text).is_ok() { 1 } else { 3 };
    context.room(text.len().saturating_mul(2 * growth))?;
    context.spend(text.len() as u64 / 4)?;
    let mut reader = Reader { context, text, at: 0, values: 0, open: 0, in_range: true };
    match reader.document() {
        Ok(value) => Ok(Some(Decoded { value, in_range: reader.in_range })),
        Err(Stop::Syntax) => Ok(None),
        Err(Stop::Fault(fault)) => Err(fault),
    }
}

enum Stop {
    Syntax,
    Fault(Fault),
}

/// A list or dict whose end was not read yet.
enum Open {
    List(Vec<Value>),
    Dict(BTreeMap<Text, Value>, Text),
}

struct Reader<'r, 'world> {
    context: &'r mut Context<'world>,
    text: &'r [u8],
    at: usize,
    values: usize,
    /// How many of them are in lists and dicts that are not complete.
    open: usize,
    in_range: bool,
}

impl Reader<'_, '_> {
    fn document(&mut self) -> Result<Value, Stop> {
        let mut open = Vec::new();
        loop {
            let mut value = match self.token()? {
                b'{' if self.follows(b'}') => Value::Dict(Dict::from_iter([])),
                b'[' if self.follows(b']') => Value::from(Vec::<Value>::new()),
                b'{' | b'[' if open.len() >= DEPTH => return Err(Stop::Syntax),
                b'{' => {
                    open.push(Open::Dict(BTreeMap::new(), self.key()?));
                    continue;
                }
                b'[' => {
                    open.push(Open::List(Vec::new()));
                    continue;
                }
                first => self.scalar(first)?,
            };
            self.pay()?;
            loop {
                let Some(container) = open.last_mut() else { return self.end(value) };
                let (end, dict) = match container {
                    Open::List(values) => {
                        values.push(value);
                        (b']', None)
                    }
                    Open::Dict(entries, key) => {
                        entries.insert(key.clone(), value);
                        (b'}', Some(key))
                    }
                };
                match self.token()? {
                    b',' => {
                        if let Some(key) = dict {
                            *key = self.key()?;
                        }
                        break;
                    }
                    byte if byte == end => {}
                    _ => return Err(Stop::Syntax),
                }
                value = match open.pop() {
                    Some(Open::List(values)) => {
                        self.open -= values.len();
                        appended(values)
                    }
                    Some(Open::Dict(entries, _)) => {
                        self.open -= entries.len();
                        Value::Dict(entries.into())
                    }
                    None => return Err(Stop::Syntax),
                };
                // As many may close at once as were opened before one value.
                self.pay()?;
            }
        }
    }

    /// Nothing but space comes after the value.
    fn end(&mut self, value: Value) -> Result<Value, Stop> {
        self.skip_space();
        if self.at == self.text.len() { Ok(value) } else { Err(Stop::Syntax) }
    }

    /// Asks for room from time to time.
    fn pay(&mut self) -> Result<(), Stop> {
        /// Bytes that a value takes in a list or dict.
        const VALUE: usize = 96;
        self.values += 1;
        self.open += 1;
        if self.values.is_multiple_of(1024) {
            self.context.check(self.open * VALUE).map_err(Stop::Fault)?;
            self.context.spend(4 * 1024).map_err(Stop::Fault)?;
        }
        Ok(())
    }

    fn skip_space(&mut self) {
        let space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.at += self.text[self.at..].iter().take_while(space).count();
    }

    /// The next byte that is no space.
    fn token(&mut self) -> Result<u8, Stop> {
        self.skip_space();
        let byte = *self.text.get(self.at).ok_or(Stop::Syntax)?;
        self.at += 1;
        Ok(byte)
    }

    /// Takes the next byte that is no space, if it is this one.
    fn follows(&mut self, byte: u8) -> bool {
        self.skip_space();
        let follows = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(follows);
        follows
    }

    /// A key and its colon.
    fn key(&mut self) -> Result<Text, Stop> {
        if !self.follows(b'"') {
            return Err(Stop::Syntax);
        }
        let key = self.string()?;
        if self.follows(b':') { Ok(key) } else { Err(Stop::Syntax) }
    }

    fn string(&mut self) -> Result<Text, Stop> {
        let (text, length) = string::read(&self.text[self.at..]).ok_or(Stop::Syntax)?;
        self.at += length;
        Ok(text.into())
    }

    /// A value that holds no others, whose first byte was taken.
    fn scalar(&mut self, first: u8) -> Result<Value, Stop> {
        match first {
            b'"' => self.string().map(Value::Text),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word(b"rue", Value::Bool(true)),
            b'f' => self.word(b"alse", Value::Bool(false)),
            b'n' => self.word(b"ull", Value::Nil),
            _ => Err(Stop::Syntax),
        }
    }

    fn word(&mut self, rest: &[u8], value: Value) -> Result<Value, Stop> {
        if !self.text[self.at..].starts_with(rest) {
            return Err(Stop::Syntax);
        }
        self.at += rest.len();
        Ok(value)
    }

    /// A number whose first byte was taken.
    fn number(&mut self) -> Result<Value, Stop> {
        let from = self.at - 1;
        if self.text[from] == b'-' {
            self.digits()?;
        } else {
            self.at = from;
            self.digits()?;
        }
        let whole =
            self.text[from..self.at].strip_prefix(b"-").unwrap_or(&self.text[from..self.at]);
        if whole.len() > 1 && whole[0] == b'0' {
            return Err(Stop::Syntax);
        }
        if self.takes(b".") {
            self.digits()?;
        }
        if self.takes(b"eE") {
            self.takes(b"+-");
            self.digits()?;
        }
        let text = std::str::from_utf8(&self.text[from..self.at]).map_err(|_| Stop::Syntax)?;
        self.context.spend(float_steps(text.len())).map_err(Stop::Fault)?;
        let number = text.parse::<f64>().map_err(|_| Stop::Syntax)?;
        if number.is_finite() {
            return Ok(Value::Float64(number));
        }
        self.in_range = false;
        Ok(Value::Nil)
    }

    fn digits(&mut self) -> Result<(), Stop> {
        let digits = self.text[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        if digits > 0 { Ok(()) } else { Err(Stop::Syntax) }
    }

    fn takes(&mut self, any: &[u8]) -> bool {
        let takes = self.text.get(self.at).is_some_and(|byte| any.contains(byte));
        self.at += usize::from(takes);
        takes
    }
}
