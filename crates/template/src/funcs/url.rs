//! Sprig's functions on URLs.

use Type::{Dict, Text};

use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::gourl::Url;
use crate::value::{self, Type, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("urlJoin", &[Dict], Text, join),
    Function::new("urlParse", &[Text], Dict, parse),
];

fn parse(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = args.text(0);
    context.room(text.len().saturating_mul(8))?;
    let url = Url::parse(text)?;
    let user = url.user.as_ref().map(|user| user.text()).unwrap_or_default();
    let host_name = url.host_name().to_vec();
    let parts = [
        ("scheme", url.scheme),
        ("host", url.host),
        ("hostname", host_name),
        ("path", url.path),
        ("query", url.query),
        ("opaque", url.opaque),
        ("fragment", url.fragment),
        ("userinfo", user),
    ];
    let parts = parts.into_iter().map(|(name, part)| (value::Text::literal(name), part.into()));
    Ok(value::Dict::from_iter(parts).into())
}

fn join(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let dict = args.dict(0);
    let part = |name: &str| match dict.get(name.as_bytes()) {
        None => Ok(Vec::new()),
        Some(Value::Text(text)) => Ok(text.to_vec()),
        Some(_) => Err(Fault::new("a part of a URL is not a string")),
    };
    let mut url = Url {
        scheme: part("scheme")?,
        host: part("host")?,
        path: part("path")?,
        query: part("query")?,
        opaque: part("opaque")?,
        fragment: part("fragment")?,
        ..Url::default()
    };
    let user = part("userinfo")?;
    let lengths =
        [&url.scheme, &url.host, &url.path, &url.query, &url.opaque, &url.fragment, &user];
    context.room(lengths.iter().map(|part| part.len() * 3).sum())?;
    if !user.is_empty() {
        url.user = Url::parse(&[b"proto://", &*user, b"@host"].concat())?.user;
    }
    Ok(url.text().into())
}
