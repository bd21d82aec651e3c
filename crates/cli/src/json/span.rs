//! Where the values of a JSON text stand in it (RFC 8259).

use std::ops::Range;

use crate::yaml::Step;

/// Deeper than any text that serde_json takes.
const MAX_DEPTH: usize = 200;

/// A value: from its first byte to behind its last.
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) shape: Shape,
}

pub(super) enum Shape {
    /// Keys, where each stands with its quotes, and values.
    Object(Vec<(String, Range<usize>, Node)>),
    Array(Vec<Node>),
    Scalar,
}

impl Node {
    /// The value at a path below it; of two that have one key the second counts.
    pub(super) fn at(&self, path: &[Step]) -> Option<&Node> {
        path.iter().try_fold(self, |node, step| match (&node.shape, step) {
            (Shape::Object(members), Step::Key(key)) => {
                let mut members = members.iter().rev();
                members.find(|(name, ..)| name == key).map(|(.., value)| value)
            }
            (Shape::Array(items), Step::Index(at)) => items.get(*at),
            _ => None,
        })
    }
}

/// The one value of a text that is known to be JSON. None where it is not.
pub(super) fn parse(text: &str) -> Option<Node> {
    Cursor { text, at: 0 }.value(0)
}

struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl Cursor<'_> {
    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Whether the next byte is that one, which is taken then.
    fn takes(&mut self, byte: u8) -> bool {
        let is_it = self.peek() == Some(byte);
        self.at += usize::from(is_it);
        is_it
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        let next = self.peek().filter(|_| depth < MAX_DEPTH)?;
        let start = self.at;
        let shape = match next {
            b'{' => Shape::Object(self.list(b'}', |cursor| {
                let (key, span) = cursor.key()?;
                if !cursor.takes(b':') {
                    return None;
                }
                Some((key, span, cursor.value(depth + 1)?))
            })?),
            b'[' => Shape::Array(self.list(b']', |cursor| cursor.value(depth + 1))?),
            b'"' => {
                self.string()?;
                Shape::Scalar
            }
            _ => {
                let rest = &self.text.as_bytes()[self.at..];
                let is_of_it = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                self.at += rest.iter().take_while(is_of_it).count();
                (self.at > start).then_some(Shape::Scalar)?
            }
        };
        Some(Node { span: start..self.at, shape })
    }

    /// What stands between brackets, of which the cursor is on the first.
    fn list<T>(&mut self, end: u8, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.at += 1;
        let mut found = Vec::new();
        if self.takes(end) {
            return Some(found);
        }
        loop {
            found.push(one(self)?);
            if self.takes(end) {
                return Some(found);
            }
            if !self.takes(b',') {
                return None;
            }
        }
    }

    fn key(&mut self) -> Option<(String, Range<usize>)> {
        self.peek().filter(|byte| *byte == b'"')?;
        let span = self.string()?;
        Some((serde_json::from_str(&self.text[span.clone()]).ok()?, span))
    }

    /// Passes over a string, quotes included.
    fn string(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let mut is_escaped = false;
        for (at, byte) in self.text.bytes().enumerate().skip(start + 1) {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => {
                    self.at = at + 1;
                    return Some(start..self.at);
                }
                _ => {}
            }
        }
        None
    }
}
