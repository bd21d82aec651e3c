//! Entries and items, and the indicators between them, which the parser does not tell.

use granit_parser::{Event, ScalarStyle, Span, StructureStyle};

use super::super::lines;
use super::build::Builder;
use super::{Collection, Kind, Member, Node, Shape};
use crate::yaml::read::{key_text, scalar};

impl<'t> Builder<'t> {
    pub(super) fn collection(
        &mut self,
        node: &mut Node,
        is_map: bool,
        style: StructureStyle,
    ) -> Option<()> {
        let shape = match (style, self.text.get(node.body.clone())?) {
            (StructureStyle::Block, _) => Shape::Block,
            (_, "{" | "[") => Shape::Flow,
            _ => Shape::Pair,
        };
        let mut before = if shape == Shape::Flow { node.body.end } else { node.body.start };
        let mut members: Vec<Member> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd | Event::SequenceEnd) {
                let flow_end = (shape == Shape::Flow).then_some(span.byte_range()?.end);
                let last = members.last().map_or(node.body.start, |member| member.range.end);
                node.body.end = flow_end.unwrap_or(last);
                node.kind = Kind::Collection(Collection { shape, is_map, members });
                return Some(());
            }
            let mut member = if is_map {
                self.entry((event, span), before, shape)?
            } else {
                self.item((event, span), before, shape)?
            };
            before = member.range.end;
            if shape == Shape::Flow {
                member.comma = self.sign(before, b',');
                before = member.comma.map_or(before, |comma| comma + 1);
            }
            if shape == Shape::Block && is_map {
                self.measure(node.column, &member.value);
            }
            members.push(member);
        }
    }

    fn entry(
        &mut self,
        (event, span): (Event<'t>, Span),
        before: usize,
        shape: Shape,
    ) -> Option<Member> {
        let key = match &event {
            Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<" => None,
            Event::Scalar(text, style, _, tag) => {
                key_text(scalar(text, *style, tag.as_deref(), &span).ok()?)
            }
            Event::Alias(anchor) => self.keys.get(anchor).cloned(),
            _ => None,
        };
        let sign = self.sign(before, b'?');
        let key_node = self.node((event, span), before)?;
        let start = sign.filter(|sign| *sign < key_node.start()).unwrap_or(key_node.start());
        let key_end = key_node.end();
        let slot = self.sign(key_end, b':').map(|colon| colon + 1);
        // Where a `:` starts the next key, it is not ours.
        let slot =
            slot.filter(|slot| shape != Shape::Block || lines::opens_value(self.text, *slot));
        let before = slot.unwrap_or(key_end);
        let first = self.next()?;
        let value = self.node(first, before)?;
        Some(Member {
            range: start..value.end().max(before),
            key,
            key_end,
            has_json_key: self.text.as_bytes().get(key_node.body.start) == Some(&b'"'),
            slot,
            comma: None,
            value,
        })
    }

    fn item(&mut self, first: (Event<'t>, Span), before: usize, shape: Shape) -> Option<Member> {
        let slot = match shape {
            Shape::Block => Some(self.sign(before, b'-')? + 1),
            _ => None,
        };
        let value = self.node(first, slot.unwrap_or(before))?;
        let start = slot.map_or(value.start(), |slot| slot - 1);
        Some(Member {
            range: start..value.end().max(slot.unwrap_or(start)),
            key: None,
            key_end: start,
            has_json_key: false,
            slot,
            comma: None,
            value,
        })
    }

    /// An indicator, if it is what follows.
    pub(super) fn sign(&self, from: usize, sign: u8) -> Option<usize> {
        let at = lines::skip_gap(self.text, from);
        (self.text.as_bytes().get(at) == Some(&sign)).then_some(at)
    }

    /// Remembers how the first collections inside a map at `column` are indented.
    fn measure(&mut self, column: usize, value: &Node) {
        let Kind::Collection(Collection { shape: Shape::Block, is_map, .. }) = value.kind else {
            return;
        };
        if lines::opens_line(self.text, value.body.start) {
            let step = value.column.saturating_sub(column);
            let known =
                if is_map { &mut self.found.map_step } else { &mut self.found.sequence_step };
            known.get_or_insert(step);
        }
    }
}
