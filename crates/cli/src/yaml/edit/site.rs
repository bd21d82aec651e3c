//! Where a value stands, and how it is to be written there.

use super::lines;
use super::plan::Plan;
use super::render::{FlowStyle, Pretty};
use super::tree::{Collection, Member, Node, Shape};

/// What surrounds a value.
pub(super) struct Site {
    /// Behind the `:`, `-` or `---` before it.
    pub(super) slot: Option<usize>,
    pub(super) key_end: usize,
    /// The column of the collection around it; None around the root of a document.
    pub(super) column: Option<usize>,
    pub(super) is_item: bool,
    /// How it is written inside a flow collection.
    pub(super) flow: Option<FlowStyle>,
}

impl Site {
    /// The place of a member's value.
    pub(super) fn member(node: &Node, member: &Member, flow: Option<&FlowStyle>) -> Self {
        Self {
            slot: member.slot,
            key_end: member.key_end,
            column: Some(node.column),
            is_item: node.collection().is_some_and(|collection| !collection.is_map),
            flow: flow.cloned(),
        }
    }

    pub(super) fn root(slot: Option<usize>) -> Self {
        Self { slot, key_end: 0, column: None, is_item: false, flow: None }
    }
}

impl Plan<'_> {
    /// How the members of a flow collection are written.
    pub(super) fn inside(
        &self,
        node: &Node,
        collection: &Collection,
        site: &Site,
    ) -> Option<FlowStyle> {
        if collection.shape == Shape::Block {
            return None;
        }
        let is_json = is_json(collection).unwrap_or(match &site.flow {
            Some(flow) => flow.is_json,
            None => site.column.is_none(),
        });
        let is_compact = is_json && self.is_compact(collection, site);
        Some(FlowStyle { is_json, is_compact, pretty: self.pretty(node, collection) })
    }

    /// How a new root is written where the old one was a flow collection.
    pub(super) fn in_place_of_root(&self, node: &Node, site: &Site) -> Option<FlowStyle> {
        let old = node.collection().filter(|old| old.shape == Shape::Flow)?;
        if site.column.is_some() {
            return None;
        }
        let is_pretty = self.text.get(node.body.clone())?.contains('\n');
        let step = self.pretty(node, old).map_or_else(|| "  ".to_owned(), |pretty| pretty.step);
        let pretty = is_pretty.then(|| Pretty { indent: String::new(), step });
        let is_json = is_json(old).unwrap_or(true);
        let is_compact = is_json && self.is_compact(old, site);
        Some(FlowStyle { is_json, is_compact, pretty })
    }

    /// The indentation of members that stand on lines of their own.
    fn pretty(&self, node: &Node, collection: &Collection) -> Option<Pretty> {
        let close = node.end().checked_sub(1)?;
        let outer =
            if lines::opens_line(self.text, close) { self.blanks_before(close) } else { "" };
        let inner = match collection.members.last() {
            Some(member) if !lines::opens_line(self.text, member.range.start) => return None,
            Some(member) => self.blanks_before(member.range.start).to_owned(),
            None if !lines::opens_line(self.text, close) => return None,
            None => format!("{outer}  "),
        };
        let step = inner.strip_prefix(outer).filter(|step| !step.is_empty()).unwrap_or("  ");
        Some(Pretty { step: step.to_owned(), indent: inner })
    }

    fn is_compact(&self, collection: &Collection, site: &Site) -> bool {
        let is_close = |member: &Member| member.slot == Some(member.value.start());
        match collection.members.iter().find(|member| member.slot.is_some()) {
            Some(member) => is_close(member),
            None => site.flow.as_ref().is_some_and(|flow| flow.is_compact),
        }
    }

    fn blanks_before(&self, at: usize) -> &str {
        self.text.get(lines::blanks_before(self.text, at)..at).unwrap_or_default()
    }
}

/// Whether the keys of a collection, or of the first map in it, are quoted as JSON wants it.
fn is_json(collection: &Collection) -> Option<bool> {
    if collection.is_map && !collection.members.is_empty() {
        return Some(collection.members.iter().all(|member| member.has_json_key));
    }
    collection.members.iter().find_map(|member| is_json(member.value.collection()?))
}
