//! URLs by the rules of Go's `net/url`, which normalises less than browsers do.

mod escape;
mod parse;
mod print;

use escape::Part;

/// What `url.URL` holds.
#[derive(Default)]
pub(crate) struct Url {
    pub(crate) scheme: Vec<u8>,
    /// What follows the scheme of a URL without slashes.
    pub(crate) opaque: Vec<u8>,
    pub(crate) user: Option<User>,
    /// With the port.
    pub(crate) host: Vec<u8>,
    /// Unescaped.
    pub(crate) path: Vec<u8>,
    /// As it was escaped, where that is not what we would write.
    pub(crate) raw_path: Vec<u8>,
    pub(crate) query: Vec<u8>,
    /// Unescaped.
    pub(crate) fragment: Vec<u8>,
    pub(crate) raw_fragment: Vec<u8>,
    /// Whether there is a `?` without a query.
    pub(crate) force_query: bool,
    /// Whether there are no slashes for a host between scheme and path.
    pub(crate) omit_host: bool,
}

/// `url.Userinfo`, unescaped.
pub(crate) struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl Url {
    /// The host without port and brackets.
    pub(crate) fn host_name(&self) -> &[u8] {
        let colon = self.host.iter().rposition(|&byte| byte == b':');
        let port = colon.filter(|&colon| parse::is_port(&self.host[colon..]));
        let host = &self.host[..port.unwrap_or(self.host.len())];
        let inner = host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]"));
        inner.unwrap_or(host)
    }
}

impl User {
    /// `name:password`, escaped.
    pub(crate) fn text(&self) -> Vec<u8> {
        let mut text = escape::escape(&self.name, Part::User);
        if let Some(password) = &self.password {
            text.push(b':');
            text.extend(escape::escape(password, Part::User));
        }
        text
    }
}
