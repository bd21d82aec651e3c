//! `html`, `js`, `urlquery`.

use Type::{Any, Text};

use super::draft::Draft;
use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::printf;
use crate::unicode::{decode, is_print};
use crate::value::{Type, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("html", &[Any], Text, html).variadic(),
    Function::new("js", &[Any], Text, js).variadic(),
    Function::new("urlquery", &[Any], Text, urlquery).variadic(),
];

/// The arguments as one text, as an action would print them, escaped by `write`, which takes so many
/// steps for two bytes.
fn escaped(
    context: &mut Context<'_>,
    args: &mut Args<'_>,
    steps: u64,
    write: fn(&mut Vec<u8>, &[u8]),
) -> Result<Value, Fault> {
    // A byte becomes `\u0000` at most.
    const GROWTH: usize = 6;
    for argument in args.0.iter_mut().filter(|argument| argument.is_nothing()) {
        *argument = Value::literal("<no value>");
    }
    let text = printf::sprint(context, args.0)?;
    context.spend(text.len() as u64 * steps / 2)?;
    let mut out = Draft::default();
    out.write(context, &text, GROWTH, write)?;
    Ok(out.finish().into())
}

fn html(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    escaped(context, args, 1, |out, piece| {
        for byte in piece {
            match byte {
                0 => out.extend_from_slice("\u{fffd}".as_bytes()),
                b'"' => out.extend_from_slice(b"&#34;"),
                b'\'' => out.extend_from_slice(b"&#39;"),
                b'&' => out.extend_from_slice(b"&amp;"),
                b'<' => out.extend_from_slice(b"&lt;"),
                b'>' => out.extend_from_slice(b"&gt;"),
                other => out.push(*other),
            }
        }
    })
}

fn js(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    escaped(context, args, 3, |out, piece| {
        let mut rest = piece;
        while let Some(byte) = rest.first() {
            let (character, length) = decode(rest);
            match byte {
                b'\\' | b'\'' | b'"' => out.extend_from_slice(&[b'\\', *byte]),
                b'<' | b'>' | b'&' | b'=' | 0..0x20 => {
                    out.extend_from_slice(b"\\u00");
                    hex(out, *byte);
                }
                0x20..0x80 => out.push(*byte),
                _ if is_print(character) => out.extend_from_slice(&rest[..length]),
                _ => out.extend_from_slice(format!("\\u{:04X}", u32::from(character)).as_bytes()),
            }
            rest = &rest[length..];
        }
    })
}

fn urlquery(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    escaped(context, args, 1, |out, piece| {
        for byte in piece {
            match byte {
                b' ' => out.push(b'+'),
                b'-' | b'_' | b'.' | b'~' => out.push(*byte),
                _ if byte.is_ascii_alphanumeric() => out.push(*byte),
                _ => {
                    out.push(b'%');
                    hex(out, *byte);
                }
            }
        }
    })
}

/// Appends two digits.
fn hex(out: &mut Vec<u8>, byte: u8) {
    let digit = |digit: u8| b"0123456789ABCDEF"[usize::from(digit)];
    out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
}
