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
    context.spend(text.len() as u64)?;
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
    let mut part = |name: &str| match dict.get(context, name.as_bytes())? {
        None => Ok(value::Text::EMPTY),
        Some(Value::Text(text)) => Ok(text),
        Some(_) => Err(Fault::new("a part of a URL is not a string")),
    };
    let [scheme, host, path] = [part("scheme")?, part("host")?, part("path")?];
    let [query, opaque, fragment] = [part("query")?, part("opaque")?, part("fragment")?];
    let user = part("userinfo")?;
    let parts = [&scheme, &host, &path, &query, &opaque, &fragment, &user];
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    // Copied, escaped, and of the user info read before that.
    context.room(length.saturating_mul(4).saturating_add(user.len().saturating_mul(8)))?;
    context.spend(length as u64)?;
    let mut url = Url {
        scheme: scheme.to_vec(),
        host: host.to_vec(),
        path: path.to_vec(),
        query: query.to_vec(),
        opaque: opaque.to_vec(),
        fragment: fragment.to_vec(),
        ..Url::default()
    };
    if !user.is_empty() {
        url.user = Url::parse(&[b"proto://", &*user, b"@host"].concat())?.user;
    }
    Ok(url.text().into())
}
