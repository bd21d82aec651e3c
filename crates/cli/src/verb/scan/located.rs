//! YAML and JSON with the places of their parts, as far as a text can be read.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use granit_parser::{Event, Options, Parser, Span, StrInput};

/// Levels of nesting; a manifest has some ten.
const MAX_DEPTH: usize = 200;

/// A value, and the bytes that it takes. What an alias stands for is written elsewhere.
pub(super) struct Node {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    /// With what it says, quotes and escapes undone.
    Scalar(String),
    Map(Vec<(Rc<Node>, Rc<Node>)>),
    Sequence(Vec<Rc<Node>>),
}

/// The documents up to the first that cannot be read, and where that one begins.
pub(super) fn documents(text: &str) -> (Vec<Document>, Option<usize>) {
    if text.trim_start().starts_with(['{', '[']) {
        return of_json(text);
    }
    of_yaml(text, 0)
}

/// One document that is not empty.
pub(super) struct Document {
    /// Where it begins: behind the end of the one before it.
    pub(super) start: usize,
    pub(super) root: Rc<Node>,
}

/// JSON documents one after another, which YAML does not know. Each is YAML too.
fn of_json(text: &str) -> (Vec<Document>, Option<usize>) {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    let (mut documents, mut start) = (Vec::new(), 0);
    while let Some(value) = values.next() {
        if value.is_err() {
            // It may be YAML in JSON's style, of which there is one.
            return if start == 0 { of_yaml(text, 0) } else { (documents, Some(start)) };
        }
        let end = values.byte_offset();
        let (read, failed) = of_yaml(&text[start..end], start);
        documents.extend(read);
        if failed.is_some() {
            return (documents, failed);
        }
        start = end;
    }
    (documents, None)
}

/// The same of a part of a text that begins at `offset`.
pub(super) fn of_yaml(text: &str, offset: usize) -> (Vec<Document>, Option<usize>) {
    let mut options = Options::default();
    options.set_emit_comments(false);
    let events = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader { events, anchors: HashMap::new(), offset };
    let (mut documents, mut start) = (Vec::new(), offset);
    loop {
        let Some((event, span)) = reader.next() else { return (documents, Some(start)) };
        match event {
            Event::StreamEnd => return (documents, None),
            Event::DocumentStart(..) => {
                reader.anchors.clear();
                let root = reader.next().and_then(|first| reader.node(first, 0));
                let Some(root) = root else { return (documents, Some(start)) };
                documents.push(Document { start, root });
            }
            Event::DocumentEnd => start = span.byte_range().map_or(start, |end| offset + end.end),
            _ => {}
        }
    }
}

struct Reader<'a> {
    events: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Rc<Node>>,
    /// Of the text in the whole file.
    offset: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        self.events.next()?.ok()
    }

    fn node(&mut self, (event, span): (Event<'a>, Span), depth: usize) -> Option<Rc<Node>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut range = span.byte_range()?;
        let (kind, anchor) = match event {
            Event::Alias(anchor) => return self.anchors.get(&anchor).cloned(),
            Event::Scalar(text, _, anchor, _) => (Kind::Scalar(text.into_owned()), anchor),
            Event::SequenceStart(_, anchor, _) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, end) => {
                            range.end = end.byte_range()?.end;
                            break;
                        }
                        item => items.push(self.node(item, depth + 1)?),
                    }
                }
                (Kind::Sequence(items), anchor)
            }
            Event::MappingStart(_, anchor, _) => {
                let mut members = Vec::new();
                loop {
                    let key = match self.next()? {
                        (Event::MappingEnd, end) => {
                            range.end = end.byte_range()?.end;
                            break;
                        }
                        key => self.node(key, depth + 1)?,
                    };
                    let value = self.next()?;
                    members.push((key, self.node(value, depth + 1)?));
                }
                (Kind::Map(members), anchor)
            }
            _ => return None,
        };
        let range = range.start + self.offset..range.end + self.offset;
        let node = Rc::new(Node { range, kind });
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        Some(node)
    }
}

impl Node {
    /// What a scalar says.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The members of a map, those that are merged into it with `<<` behind its own.
    pub(super) fn members(&self) -> Vec<(&Node, &Node)> {
        /// Maps that are merged into one; aliases could make millions of them.
        const MAX_MERGED: usize = 100;
        let (mut members, mut left) = (Vec::new(), MAX_MERGED);
        self.collect(&mut members, &mut left);
        members
    }

    fn collect<'a>(&'a self, members: &mut Vec<(&'a Node, &'a Node)>, left: &mut usize) {
        let Kind::Map(own) = &self.kind else { return };
        let is_merge = |key: &Node| key.text() == Some("<<");
        members.extend(own.iter().filter(|(key, _)| !is_merge(key)).map(|(k, v)| (&**k, &**v)));
        for (_, merged) in own.iter().filter(|(key, _)| is_merge(key)) {
            let maps = match &merged.kind {
                Kind::Sequence(maps) => maps.as_slice(),
                _ => std::slice::from_ref(merged),
            };
            for map in maps {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    return;
                }
                map.collect(members, left);
            }
        }
    }

    /// The value of a key of a map: the last of that name, else one that is merged into it.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let Kind::Map(own) = &self.kind else { return None };
        let last = own.iter().rev().find(|(name, _)| name.text() == Some(key));
        last.map(|(_, value)| &**value).or_else(|| {
            let is_key = |(name, _): &(&Node, &Node)| name.text() == Some(key);
            let has_merge = own.iter().any(|(name, _)| name.text() == Some("<<"));
            has_merge
                .then(|| self.members().into_iter().find(is_key))
                .flatten()
                .map(|(_, node)| node)
        })
    }
}
