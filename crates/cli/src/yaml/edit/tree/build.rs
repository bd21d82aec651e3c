//! Events of the parser → trees.

use std::collections::HashMap;
use std::iter::Peekable;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput, StructureStyle};

use super::super::lines;
use super::{Document, Kind, Mark, Node, Tagged};
use crate::yaml::read::{key_text, scalar};

/// The documents of a text that can be read, empty ones left out as the reader does. None if
/// the parser meets what it did not meet when the text was read.
pub(in super::super) fn documents(text: &str) -> Option<Vec<Document>> {
    let mut options = granit_parser::options! { emit_anchor_events: true };
    options.set_emit_comments(false);
    let events = Parser::new_from_str_with_options(text, options).peekable();
    let mut builder = Builder { text, events, keys: HashMap::new(), found: Found::default() };
    let (mut documents, mut before) = (Vec::new(), 0);
    loop {
        let (event, span) = builder.next()?;
        let end = span.byte_range()?.end;
        match event {
            Event::StreamEnd => return Some(documents),
            Event::DocumentStart(is_explicit, _) => {
                documents.extend(builder.document(is_explicit.then_some(end), before)?);
            }
            _ => before = end,
        }
    }
}

pub(super) struct Builder<'t> {
    pub(super) text: &'t str,
    events: Peekable<Parser<'t, StrInput<'t>>>,
    /// What anchored scalars mean as keys.
    pub(super) keys: HashMap<usize, String>,
    pub(super) found: Found,
}

/// What is found on the way through a document.
#[derive(Default)]
pub(super) struct Found {
    anchors: HashMap<usize, Mark>,
    aliases: Vec<(usize, Mark)>,
    pub(super) map_step: Option<usize>,
    pub(super) sequence_step: Option<usize>,
}

impl<'t> Builder<'t> {
    pub(super) fn next(&mut self) -> Option<(Event<'t>, Span)> {
        self.events.next()?.ok()
    }

    /// The outer None is a failure, the inner one an empty document.
    fn document(&mut self, slot: Option<usize>, before: usize) -> Option<Option<Document>> {
        self.found = Found::default();
        let (event, span) = self.next()?;
        let is_empty = match &event {
            Event::Scalar(text, style, _, tag) => {
                scalar(text, *style, tag.as_deref(), &span).ok()?.is_null()
            }
            _ => false,
        };
        let root = self.node((event, span), slot.unwrap_or(before))?;
        let Found { anchors, aliases, map_step, sequence_step } = std::mem::take(&mut self.found);
        let document = Document { root, slot, anchors, aliases, map_step, sequence_step };
        Some((!is_empty).then_some(document))
    }

    /// `from` is where the part before it ends.
    pub(super) fn node(&mut self, (event, span): (Event<'t>, Span), from: usize) -> Option<Node> {
        let range = span.byte_range()?;
        let mut node = Node {
            body: range.clone(),
            line: span.start.line(),
            column: span.start.col(),
            anchor: self.anchor(&event),
            tag: tagged(&event, &span),
            kind: Kind::Missing,
        };
        let from = node.properties_end().unwrap_or(from);
        match event {
            Event::Alias(anchor) => {
                let mark = Mark { at: range.start, line: node.line };
                self.found.aliases.push((anchor, mark));
                node.kind = Kind::Alias;
            }
            Event::Scalar(text, ScalarStyle::Literal | ScalarStyle::Folded, ..) => {
                let head = self.block_head(from, range.end)?;
                // Where the text ends with it, the parser takes it for its own content.
                let content = range.start.max(head.end)..range.end.max(head.end);
                node.column = lines::column(self.text, head.start);
                node.body = head.start..self.block_end(&head, &content, &text);
                node.kind = Kind::BlockScalar(head);
            }
            Event::Scalar(..) if range.is_empty() => node.body = from..from,
            Event::Scalar(_, style, ..) => node.kind = Kind::Scalar(style),
            Event::SequenceStart(style, ..) => {
                if style == StructureStyle::Block {
                    // Where items are not indented, the parser starts them behind the first dash.
                    node.body.start = self.sign(from, b'-').unwrap_or(range.start);
                    node.column = lines::column(self.text, node.body.start);
                }
                self.collection(&mut node, false, style)?;
            }
            Event::MappingStart(style, ..) => self.collection(&mut node, true, style)?,
            _ => return None,
        }
        Some(node)
    }

    fn anchor(&mut self, node: &Event<'t>) -> Option<(usize, Range<usize>)> {
        if !matches!(self.events.peek(), Some(Ok((Event::Anchor(..), _)))) {
            return None;
        }
        let (Event::Anchor(anchor, _), span) = self.next()? else { return None };
        if let Event::Scalar(text, style, _, tag) = node {
            let value = scalar(text, *style, tag.as_deref(), &span).ok()?;
            self.keys.extend(key_text(value).map(|key| (anchor, key)));
        }
        let range = span.byte_range()?;
        let mark = Mark { at: range.start, line: span.start.line() };
        self.found.anchors.insert(anchor, mark);
        Some((anchor, range))
    }

    /// `|` or `>` and the signs behind it.
    fn block_head(&self, from: usize, to: usize) -> Option<Range<usize>> {
        let mut start = lines::skip_gap(self.text, from);
        while !self.text.get(start..to)?.starts_with(['|', '>']) {
            start = lines::skip_gap(self.text, start + 1);
        }
        let signs = self.text.get(start + 1..)?.bytes();
        let signs = signs.take_while(|byte| matches!(byte, b'+' | b'-' | b'0'..=b'9'));
        Some(start..start + 1 + signs.count())
    }

    /// Blank lines behind a block scalar belong to it only where they are part of its value.
    fn block_end(&self, head: &Range<usize>, content: &Range<usize>, value: &str) -> usize {
        let keeps_blanks = self.text.get(head.clone()).is_some_and(|head| head.contains('+'))
            || value.trim_end_matches('\n').ends_with([' ', '\t']);
        let written = self.text.get(content.clone()).unwrap_or_default();
        let written = written.trim_end_matches([' ', '\t', '\n', '\r']);
        let end = match written.len() {
            _ if keeps_blanks && lines::opens_line(self.text, content.end) => {
                lines::blanks_before(self.text, content.end)
            }
            _ if keeps_blanks => content.end,
            0 => head.end,
            length => lines::next_line(self.text, content.start + length),
        };
        end.max(lines::next_line(self.text, head.end))
    }
}

fn tagged(event: &Event<'_>, span: &Span) -> Option<Tagged> {
    let tag = match event {
        Event::Scalar(.., tag) | Event::SequenceStart(.., tag) | Event::MappingStart(.., tag) => {
            tag.as_deref()?
        }
        _ => return None,
    };
    let (handle, suffix) = tag.parts();
    let name = format!("{handle}{suffix}");
    let name = name.strip_prefix("tag:yaml.org,2002:").map(str::to_owned);
    Some(Tagged { range: span.tag_span()?.byte_range()?, name })
}
