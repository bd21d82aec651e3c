//! Reading a URL.

use std::net::Ipv6Addr;

use super::escape::{Part, escape, unescape};
use super::{Url, User};
use crate::error::Fault;

impl Url {
    /// `url.Parse`.
    ///
    /// # Errors
    /// When Go would not read `text`.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Fault> {
        let (text, fragment) = cut(text, b'#');
        if text.iter().any(u8::is_ascii_control) {
            return Err("invalid control character in URL".into());
        }
        let mut url = Self::default();
        if text == b"*" {
            url.path = text.to_vec();
        } else {
            let (scheme, rest) = scheme(text)?;
            url.scheme = scheme.to_ascii_lowercase();
            url.read_rest(rest)?;
        }
        let fragment = fragment.unwrap_or_default();
        (url.fragment, url.raw_fragment) = unescaped(fragment, Part::Fragment)?;
        Ok(url)
    }

    /// What follows the scheme.
    fn read_rest(&mut self, rest: &[u8]) -> Result<(), Fault> {
        let (mut rest, query) = cut(rest, b'?');
        self.force_query = query == Some(b"");
        self.query = query.unwrap_or_default().to_vec();
        if !rest.starts_with(b"/") {
            if !self.scheme.is_empty() {
                self.opaque = rest.to_vec();
                return Ok(());
            }
            if cut(rest, b'/').0.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".into());
            }
        }
        if let Some(authority) = rest.strip_prefix(b"//")
            && (!self.scheme.is_empty() || !authority.starts_with(b"/"))
        {
            let end = authority.iter().position(|&byte| byte == b'/').unwrap_or(authority.len());
            (self.user, self.host) = read_authority(&self.scheme, &authority[..end])?;
            rest = &authority[end..];
        } else {
            self.omit_host = !self.scheme.is_empty();
        }
        (self.path, self.raw_path) = unescaped(rest, Part::Path)?;
        Ok(())
    }
}

/// The text before the first `byte`, and that after it if it is there.
pub(super) fn cut(text: &[u8], byte: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|&other| other == byte) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// Unescapes, and keeps the text where escaping anew would give another.
fn unescaped(text: &[u8], part: Part) -> Result<(Vec<u8>, Vec<u8>), Fault> {
    let plain = unescape(text, part)?;
    let raw = if escape(&plain, part) == text { Vec::new() } else { text.to_vec() };
    Ok((plain, raw))
}

/// The scheme, if there is one, and what follows its colon.
fn scheme(text: &[u8]) -> Result<(&[u8], &[u8]), Fault> {
    let none: (&[u8], _) = (b"", text);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".into()),
            b':' => return Ok((&text[..at], &text[at + 1..])),
            _ => return Ok(none),
        }
    }
    Ok(none)
}

fn read_authority(scheme: &[u8], authority: &[u8]) -> Result<(Option<User>, Vec<u8>), Fault> {
    let Some(at) = authority.iter().rposition(|&byte| byte == b'@') else {
        return Ok((None, read_host(scheme, authority)?));
    };
    let host = read_host(scheme, &authority[at + 1..])?;
    let user = &authority[..at];
    let valid = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
    if !user.iter().all(valid) {
        return Err("invalid userinfo in URL".into());
    }
    let (name, password) = cut(user, b':');
    let name = unescape(name, Part::User)?;
    let password = password.map(|password| unescape(password, Part::User)).transpose()?;
    Ok((Some(User { name, password }), host))
}

fn read_host(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, Fault> {
    match host.iter().rposition(|&byte| byte == b'[') {
        Some(0) => return read_address(host),
        Some(_) => return Err("invalid IP-literal in URL".into()),
        None => {}
    }
    let web = scheme == b"http" || scheme == b"https";
    let colon = |byte: &u8| *byte == b':';
    // Databases list hosts with ports; of the web's, only the last colon may be there.
    let port = if web { host.iter().position(colon) } else { host.iter().rposition(colon) };
    if port.is_some_and(|port| !is_port(&host[port..])) {
        return Err("invalid port after host in URL".into());
    }
    unescape(host, Part::Host)
}

/// `[::1]:80`, `[fe80::1%25en0]`
fn read_address(host: &[u8]) -> Result<Vec<u8>, Fault> {
    let end = host.iter().rposition(|&byte| byte == b']').ok_or("missing ']' in host of URL")?;
    let (address, port) = (&host[1..end], &host[end + 1..]);
    if !is_port(port) {
        return Err("invalid port after host in URL".into());
    }
    let zone = address.windows(3).position(|window| window == b"%25").unwrap_or(address.len());
    let mut plain = unescape(&address[..zone], Part::Host)?;
    plain.extend(unescape(&address[zone..], Part::Zone)?);
    let (number, zone) = cut(&plain, b'%');
    let number = std::str::from_utf8(number).ok().and_then(|text| text.parse::<Ipv6Addr>().ok());
    if number.is_none() || zone == Some(b"") {
        return Err("invalid IP-literal in URL".into());
    }
    Ok([b"[", &*plain, b"]", port].concat())
}

/// Whether it is nothing, or a colon and digits, or a colon alone.
pub(super) fn is_port(text: &[u8]) -> bool {
    match text.split_first() {
        None => true,
        Some((colon, digits)) => *colon == b':' && digits.iter().all(u8::is_ascii_digit),
    }
}
