//! Writing a URL.

use super::Url;
use super::escape::{Part, escape, unescape};
use super::parse::cut;

impl Url {
    /// `String()`
    pub(crate) fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if !self.scheme.is_empty() {
            text.extend_from_slice(&self.scheme);
            text.push(b':');
        }
        if self.opaque.is_empty() {
            self.write_authority(&mut text);
            self.write_path(&mut text);
        } else {
            text.extend_from_slice(&self.opaque);
        }
        if self.force_query || !self.query.is_empty() {
            text.push(b'?');
            text.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            text.push(b'#');
            text.extend(escaped(&self.fragment, &self.raw_fragment, Part::Fragment));
        }
        text
    }

    fn write_authority(&self, text: &mut Vec<u8>) {
        let empty = self.host.is_empty() && self.user.is_none();
        if empty && (self.scheme.is_empty() || self.omit_host || self.path.is_empty()) {
            return;
        }
        text.extend(b"//");
        if let Some(user) = &self.user {
            text.extend(user.text());
            text.push(b'@');
        }
        text.extend(escape(&self.host, Part::Host));
    }

    fn write_path(&self, text: &mut Vec<u8>) {
        let path = match &*self.path {
            b"*" if self.raw_path.is_empty() => b"*".to_vec(),
            path => escaped(path, &self.raw_path, Part::Path),
        };
        if !path.is_empty() && !path.starts_with(b"/") && !self.host.is_empty() {
            text.push(b'/');
        }
        // Lest the first segment be read as a scheme.
        if text.is_empty() && cut(&path, b'/').0.contains(&b':') {
            text.extend(b"./");
        }
        text.extend(path);
    }
}

/// As it was written, if that is a way to escape it; as we would write it otherwise.
fn escaped(plain: &[u8], raw: &[u8], part: Part) -> Vec<u8> {
    let valid = |byte: &u8| b"!'()*[]%".contains(byte) || part.is_plain(*byte);
    let usable = !raw.is_empty()
        && raw.iter().all(valid)
        && unescape(raw, part).is_ok_and(|unescaped| unescaped == plain);
    if usable { raw.to_vec() } else { escape(plain, part) }
}
