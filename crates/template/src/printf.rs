//! Go's `fmt`: `Sprint`, `Sprintln` and `Sprintf` with all their verbs and flags.

mod float;
mod format;
mod nested;
mod number;
mod string;

use crate::context::Context;
use crate::error::Fault;
use crate::value::{Kind, Object, Value};

pub(crate) use float::append_float;
pub(crate) use format::sprintf;

/// `fmt.Sprint` of one value, which is `%v`.
///
/// # Errors
/// When the text is too large, or a dict contains itself.
pub(crate) fn display(context: &mut Context<'_>, value: &Value) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    print(context, &mut out, value)?;
    Ok(fitted(out))
}

/// Gives back the memory that a text has taken in advance while it grew.
pub(crate) fn fitted(mut text: Vec<u8>) -> Vec<u8> {
    const LITTLE: usize = 4096;
    if text.capacity() - text.len() > LITTLE {
        text.shrink_to_fit();
    }
    text
}

/// Appends what `fmt.Fprint` writes for one value.
pub(crate) fn print(
    context: &mut Context<'_>,
    out: &mut Vec<u8>,
    value: &Value,
) -> Result<(), Fault> {
    Printer::new(context, out).value(value, 'v')
}

/// `fmt.Sprint`: spaces between values of which neither is a string.
pub(crate) fn sprint(context: &mut Context<'_>, values: &[Value]) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    let mut printer = Printer::new(context, &mut out);
    let mut text_before = true;
    for value in values {
        let text = matches!(value, Value::Text(_));
        if !text && !text_before {
            printer.put(b" ")?;
        }
        text_before = text;
        printer.value(value, 'v')?;
    }
    Ok(fitted(out))
}

/// `fmt.Sprintln`: spaces between all values, and a newline.
pub(crate) fn sprintln(context: &mut Context<'_>, values: &[Value]) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    let mut printer = Printer::new(context, &mut out);
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            printer.put(b" ")?;
        }
        printer.value(value, 'v')?;
    }
    printer.put(b"\n")?;
    Ok(fitted(out))
}

/// Where a value is differs in Go from run to run, so here it is the same for all.
const ADDRESS: u64 = 0xc0_0000_0000;

/// What it takes to print an object, most of all a time.
const OBJECT: u64 = 32;

/// What stands between `%` and the verb.
#[derive(Clone, Copy, Default)]
struct Flags {
    width: Option<usize>,
    precision: Option<usize>,
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    /// `%+v` and `%#v`, which mean something else than `+` and `#` elsewhere.
    plus_v: bool,
    sharp_v: bool,
}

struct Printer<'p, 'world> {
    context: &'p mut Context<'world>,
    out: &'p mut Vec<u8>,
    flags: Flags,
    /// Inside `%!d(…)`, where methods are not asked.
    complaining: bool,
}

impl<'p, 'world> Printer<'p, 'world> {
    fn new(context: &'p mut Context<'world>, out: &'p mut Vec<u8>) -> Self {
        Self { context, out, flags: Flags::default(), complaining: false }
    }

    /// Prints an argument.
    fn value(&mut self, value: &Value, verb: char) -> Result<(), Fault> {
        self.context.spend(2)?;
        match (value, verb) {
            (Value::Invalid | Value::Nil, 'T' | 'v') => self.pad(b"<nil>"),
            (Value::Invalid | Value::Nil, _) => {
                self.complain(verb)?;
                self.put(b"<nil>)")
            }
            (value, 'T') => self.string(value.type_name().as_bytes()),
            (value, 'p') => self.pointer(value),
            (Value::Bytes(bytes), _) => self.bytes(bytes, verb),
            (value, 'w') => self.bad_verb(value, verb),
            (value, _) if self.leaf(value, verb)? => Ok(()),
            (value, _) => self.nested(value, verb),
        }
    }

    /// Prints what has no elements; false if it has.
    fn leaf(&mut self, value: &Value, verb: char) -> Result<bool, Fault> {
        match value {
            Value::Text(text) => self.text(value, text, verb)?,
            Value::Bool(truth) => match verb {
                't' | 'v' => self.pad(if *truth { b"true" } else { b"false" })?,
                _ => self.bad_verb(value, verb)?,
            },
            Value::Int(number) | Value::Int64(number) => self.integer(value, *number, verb)?,
            Value::Uint8(number) => self.unsigned(value, u64::from(*number), verb)?,
            Value::Uint32(number) => self.unsigned(value, u64::from(*number), verb)?,
            Value::Uint64(number) => self.unsigned(value, *number, verb)?,
            Value::Float64(number) => {
                if !self.float(*number, verb)? {
                    self.bad_verb(value, verb)?;
                }
            }
            Value::Complex128(real, imaginary) => self.complex(value, *real, *imaginary, verb)?,
            Value::Object(object) => return self.object(value, &**object, verb),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Prints an object by its methods or as the number it is; false if its fields are to be
    /// printed.
    fn object(&mut self, value: &Value, object: &dyn Object, verb: char) -> Result<bool, Fault> {
        if !self.complaining {
            self.context.room(object.size())?;
            self.context.spend(OBJECT + object.size() as u64 / 16)?;
            if self.flags.sharp_v {
                if let Some(text) = object.go_string() {
                    self.string(&text)?;
                    return Ok(true);
                }
            } else if matches!(verb, 'v' | 's' | 'x' | 'X' | 'q')
                && let Some(text) = object.string()
            {
                self.text(value, &text, verb)?;
                return Ok(true);
            }
        }
        if object.is_nil() {
            return self.address(value, 0, verb).map(|()| true);
        }
        match object.int() {
            Some(number) => self.integer(value, number, verb).map(|()| true),
            None => Ok(false),
        }
    }

    /// `%p`
    fn pointer(&mut self, value: &Value) -> Result<(), Fault> {
        if !matches!(value.kind(), Kind::Slice | Kind::Map | Kind::Ptr) {
            return self.bad_verb(value, 'p');
        }
        self.flags.sharp = !self.flags.sharp;
        let printed = self.digits(ADDRESS, false, 16, 'p');
        self.flags.sharp = !self.flags.sharp;
        printed
    }

    /// A pointer that is not followed: one that is nil, or that is inside of something.
    fn address(&mut self, value: &Value, address: u64, verb: char) -> Result<(), Fault> {
        match verb {
            'v' if self.flags.sharp_v => {
                let text = if address == 0 { "nil".into() } else { format!("{address:#x}") };
                self.put(format!("({})({text})", value.type_name()).as_bytes())
            }
            'v' if address == 0 => self.pad(b"<nil>"),
            'v' => self.pad(format!("{address:#x}").as_bytes()),
            'b' | 'o' | 'd' | 'x' | 'X' => self.unsigned(value, address, verb),
            _ => self.bad_verb(value, verb),
        }
    }

    /// `%!verb(type=value)`
    fn bad_verb(&mut self, value: &Value, verb: char) -> Result<(), Fault> {
        self.complain(verb)?;
        self.put(value.type_name().as_bytes())?;
        self.put(b"=")?;
        self.complaining = true;
        let printed = self.value(value, 'v');
        self.complaining = false;
        printed?;
        self.put(b")")
    }

    fn complain(&mut self, verb: char) -> Result<(), Fault> {
        self.put(b"%!")?;
        self.put(verb.encode_utf8(&mut [0; 4]).as_bytes())?;
        self.put(b"(")
    }

    /// Appends `text` as it is.
    fn put(&mut self, text: &[u8]) -> Result<(), Fault> {
        self.reserve(text.len())?;
        self.out.extend_from_slice(text);
        Ok(())
    }

    /// Asks for memory before the output grows: by so many bytes, or to twice its size.
    fn reserve(&mut self, bytes: usize) -> Result<(), Fault> {
        self.context.reserve(self.out, bytes)
    }

    /// Appends `text`, filled up to the width.
    fn pad(&mut self, text: &[u8]) -> Result<(), Fault> {
        let start = self.out.len();
        self.put(text)?;
        self.pad_from(start)
    }

    /// Fills up to the width what was written from `start` on.
    fn pad_from(&mut self, start: usize) -> Result<(), Fault> {
        let Some(width) = self.flags.width.filter(|width| *width > 0) else {
            return Ok(());
        };
        let written = &self.out[start..];
        self.context.spend(written.len() as u64 / 8)?;
        let missing = width.saturating_sub(crate::unicode::count(written));
        self.padding(missing)?;
        if !self.flags.minus {
            self.out[start..].rotate_right(missing);
        }
        Ok(())
    }

    fn padding(&mut self, count: usize) -> Result<(), Fault> {
        let byte = if self.flags.zero && !self.flags.minus { b'0' } else { b' ' };
        self.fill(byte, count)
    }

    fn fill(&mut self, byte: u8, count: usize) -> Result<(), Fault> {
        self.context.spend(count as u64 / 64)?;
        self.reserve(count)?;
        self.out.resize(self.out.len() + count, byte);
        Ok(())
    }

    /// The same without filling up with zeros.
    fn pad_with_spaces(&mut self, text: &[u8]) -> Result<(), Fault> {
        let zero = std::mem::take(&mut self.flags.zero);
        let padded = self.pad(text);
        self.flags.zero = zero;
        padded
    }
}
