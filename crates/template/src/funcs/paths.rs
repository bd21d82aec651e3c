//! Go's `path`; `path/filepath` is the same where Go's controllers run.

use Type::{Bool, Text};

use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Type, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("base", &[Text], Text, base),
    Function::new("clean", &[Text], Text, clean),
    Function::new("dir", &[Text], Text, dir),
    Function::new("ext", &[Text], Text, ext),
    Function::new("isAbs", &[Text], Bool, is_abs),
    Function::new("osBase", &[Text], Text, base),
    Function::new("osClean", &[Text], Text, clean),
    Function::new("osDir", &[Text], Text, dir),
    Function::new("osExt", &[Text], Text, ext),
    Function::new("osIsAbs", &[Text], Bool, is_abs),
];

fn base(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let path = args.text(0);
    let Some(end) = path.iter().rposition(|&byte| byte != b'/') else {
        return Ok(Value::literal(if path.is_empty() { "." } else { "/" }));
    };
    Ok(Value::Text(path[directory_end(&path[..=end])..=end].into()))
}

fn clean(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    cleaned(context, args.text(0))
}

fn dir(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let path = args.text(0);
    cleaned(context, &path[..directory_end(path)])
}

/// From the last dot of the last element on.
fn ext(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let path = args.text(0);
    let name = &path[directory_end(path)..];
    let dot = name.iter().rposition(|&byte| byte == b'.').unwrap_or(name.len());
    Ok(Value::Text(name[dot..].into()))
}

fn is_abs(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(args.text(0).starts_with(b"/").into())
}

/// After the last slash.
fn directory_end(path: &[u8]) -> usize {
    path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1)
}

/// `path.Clean`: the shortest path that means the same, if nothing on it is a link.
fn cleaned(context: &mut Context<'_>, path: &[u8]) -> Result<Value, Fault> {
    // A part of one byte has a slash and takes as much as any, and the whole is copied twice.
    context.room(path.len().saturating_mul(size_of::<&[u8]>() / 2 + 2))?;
    context.spend(path.len() as u64 / 2)?;
    let rooted = path.starts_with(b"/");
    let mut parts = Vec::new();
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => drop(parts.pop()),
            b".." if rooted => {}
            part => parts.push(part),
        }
    }
    let relative = parts.join(&b'/');
    Ok(match (rooted, relative.is_empty()) {
        (true, _) => [b"/", &*relative].concat().into(),
        (false, true) => Value::literal("."),
        (false, false) => relative.into(),
    })
}
