//! `html`, `js`, `urlquery`.

use Type::{Any, Text};

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

/// The arguments as one text, as an action would print them; and room for six times that.
fn printed(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Vec<u8>, Fault> {
    for argument in args.0.iter_mut().filter(|argument| argument.is_nothing()) {
        *argument = Value::literal("<no value>");
    }
    let text = printf::sprint(context, args.0)?;
    context.spend(text.len() as u64 / 4)?;
    context.room(text.len() * 6)?;
    Ok(text)
}

fn html(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = printed(context, args)?;
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            other => out.push(other),
        }
    }
    Ok(out.into())
}

fn js(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = printed(context, args)?;
    let mut out = Vec::with_capacity(text.len());
    let mut rest = &text[..];
    while let Some(byte) = rest.first() {
        let (character, length) = decode(rest);
        match byte {
            b'\\' | b'\'' | b'"' => out.extend_from_slice(&[b'\\', *byte]),
            b'<' | b'>' | b'&' | b'=' | 0..0x20 => {
                out.extend_from_slice(format!("\\u00{byte:02X}").as_bytes());
            }
            0x20..0x80 => out.push(*byte),
            _ if is_print(character) => out.extend_from_slice(&rest[..length]),
            _ => out.extend_from_slice(format!("\\u{:04X}", u32::from(character)).as_bytes()),
        }
        rest = &rest[length..];
    }
    Ok(out.into())
}

fn urlquery(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = printed(context, args)?;
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b' ' => out.push(b'+'),
            b'-' | b'_' | b'.' | b'~' => out.push(byte),
            _ if byte.is_ascii_alphanumeric() => out.push(byte),
            _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    Ok(out.into())
}
