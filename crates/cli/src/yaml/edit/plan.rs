//! What is wanted of a document → splices of its text.

use std::collections::HashSet;
use std::ops::Range;

use serde_json::Value;

use super::lines;
use super::render::{Care, FlowStyle, Style};
use super::site::Site;
use super::splice::Splices;
use super::tree::{Collection, Document, Node, Shape};
use super::want::{Misfit, Want};
use super::{EditError, Step};

pub(super) struct Plan<'a> {
    pub(super) text: &'a str,
    pub(super) style: Style,
    pub(super) splices: &'a mut Splices,
    /// What is replaced or removed, with all anchors and aliases in it.
    pub(super) gone: Vec<Range<usize>>,
    /// Anchored nodes in which something changes.
    pub(super) changed: HashSet<usize>,
    /// The line of a map whose removed key may come in through a merge once it is gone.
    doubt: Option<usize>,
}

/// What comes into a collection and what leaves it.
pub(super) struct Moves<'a> {
    /// For each member, whether it is removed.
    pub(super) removed: Vec<bool>,
    pub(super) added: Vec<(Option<&'a str>, Value)>,
}

/// Plans the changes of one document. Tells the line of a removal that may not work out.
pub(super) fn plan(
    text: &str,
    document: &Document,
    old: &Value,
    want: &Want,
    care: Care,
    splices: &mut Splices,
) -> Result<Option<usize>, EditError> {
    let style = Style {
        map_step: document.map_step.unwrap_or(2),
        sequence_step: document.sequence_step.unwrap_or(0),
        care,
    };
    let (gone, changed) = (Vec::new(), HashSet::new());
    let mut plan = Plan { text, style, splices, gone, changed, doubt: None };
    plan.node(&document.root, old, want, &Site::root(document.slot))?;
    plan.check_aliases(document)?;
    Ok(plan.doubt)
}

impl Plan<'_> {
    fn node(
        &mut self,
        node: &Node,
        old: &Value,
        want: &Want,
        site: &Site,
    ) -> Result<(), EditError> {
        let before = self.splices.len();
        let is_rearranged = |old: &&Collection| want.keeps() && self.can_rearrange(node, old, want);
        match node.collection().filter(is_rearranged) {
            Some(collection) => self.members(node, collection, old, want, site)?,
            None => self.value(node, old, want, site)?,
        }
        if let Some((anchor, _)) = &node.anchor
            && self.splices.len() > before
        {
            self.changed.insert(*anchor);
        }
        Ok(())
    }

    /// A map that has no braces or nothing in it, not even a comment, is written anew instead.
    fn can_rearrange(&self, node: &Node, collection: &Collection, want: &Want) -> bool {
        match collection.shape {
            Shape::Pair => {
                let keys = collection.keys();
                let mut below = want.below_in_turn(true).into_iter();
                below.all(|(step, want)| {
                    !want.removes() && step.key().is_some_and(|key| keys.contains_key(key))
                })
            }
            _ if collection.members.is_empty() => {
                lines::has_comment(self.text, node.body.start, node.end())
            }
            _ => true,
        }
    }

    fn value(
        &mut self,
        node: &Node,
        old: &Value,
        want: &Want,
        site: &Site,
    ) -> Result<(), EditError> {
        let kept = want.keeps().then(|| old.clone());
        let new =
            want.apply(kept).map_err(|misfit| EditError::Misfit { line: node.line, misfit })?;
        let Some(new) = new.filter(|new| new != old) else { return Ok(()) };
        if node.is_alias() && want.keeps() {
            return Err(EditError::ThroughAlias { line: node.line });
        }
        if want.keeps() && self.has_hidden_comment(node) {
            return Err(EditError::Layout { line: node.line });
        }
        self.replace(node, site, &new);
        Ok(())
    }

    /// A comment that would be lost where a map without braces gets them.
    fn has_hidden_comment(&self, node: &Node) -> bool {
        let is_pair = node.collection().is_some_and(|collection| collection.shape == Shape::Pair);
        is_pair && lines::has_comment(self.text, node.body.start, node.end())
    }

    fn members(
        &mut self,
        node: &Node,
        collection: &Collection,
        old: &Value,
        want: &Want,
        site: &Site,
    ) -> Result<(), EditError> {
        if let Some(misfit) = want.misfit(collection.is_map) {
            return Err(EditError::Misfit { line: node.line, misfit });
        }
        let flow = self.inside(node, collection, site);
        let keys = collection.keys();
        let (mut removed, mut added) = (vec![false; collection.members.len()], Vec::new());
        for (step, want) in want.below_in_turn(collection.is_map) {
            let (index, old) = match step {
                Step::Key(key) => (keys.get(key.as_str()).copied(), old.get(key)),
                Step::Index(index) => (Some(*index), old.get(index)),
            };
            match (index.and_then(|index| Some((index, collection.members.get(index)?))), old) {
                (Some((index, _)), Some(_)) if want.removes() => removed[index] = true,
                (Some((_, member)), Some(old)) => {
                    let site = Site::member(node, member, flow.as_ref());
                    self.node(&member.value, old, want, &site)?;
                }
                (_, inherited) => {
                    let value = new_member(node, inherited, want)?;
                    added.extend(value.map(|value| (step, value)));
                }
            }
        }
        follows_last(&added, collection)
            .map_err(|misfit| EditError::Misfit { line: node.line, misfit })?;
        self.remove_twins(node, collection, &mut removed);
        let added = added.into_iter().map(|(step, value)| (step.key(), value)).collect();
        self.rearrange(node, collection, &Moves { removed, added }, flow.as_ref(), site);
        Ok(())
    }

    /// Of keys that are there twice the first would take the place of the last.
    fn remove_twins(&mut self, node: &Node, collection: &Collection, removed: &mut [bool]) {
        let members = collection.members.iter().zip(removed.iter());
        let keys: HashSet<&str> = members
            .filter(|(_, gone)| **gone)
            .filter_map(|(member, _)| member.key.as_deref())
            .collect();
        if !keys.is_empty() && collection.has_merge() {
            self.doubt.get_or_insert(node.line);
        }
        for (member, gone) in collection.members.iter().zip(removed) {
            *gone |= member.key.as_deref().is_some_and(|key| keys.contains(key));
        }
    }

    fn rearrange(
        &mut self,
        node: &Node,
        collection: &Collection,
        moves: &Moves<'_>,
        flow: Option<&FlowStyle>,
        site: &Site,
    ) {
        let removed = collection.members.iter().zip(&moves.removed).filter(|(_, gone)| **gone);
        let before = self.gone.len();
        self.gone.extend(removed.map(|(member, _)| member.range.clone()));
        if self.gone.len() == before && moves.added.is_empty() {
            return;
        }
        match flow {
            Some(style) => self.rearrange_flow(node, collection, moves, style),
            None => self.rearrange_block(node, collection, moves, site),
        }
    }
}

/// Indexes of new items must continue those that are there.
fn follows_last(added: &[(&Step, Value)], collection: &Collection) -> Result<(), Misfit> {
    let indexes = added.iter().filter_map(|(step, _)| step.index());
    let is_next = indexes.enumerate().all(|(at, index)| index == collection.members.len() + at);
    if is_next { Ok(()) } else { Err(Misfit::NoSuchItem) }
}

/// What is wanted of a member that has no place of its own in the text.
fn new_member(
    node: &Node,
    inherited: Option<&Value>,
    want: &Want,
) -> Result<Option<Value>, EditError> {
    let value = want
        .apply(inherited.cloned())
        .map_err(|misfit| EditError::Misfit { line: node.line, misfit })?;
    match (value, inherited) {
        (value, None) => Ok(value),
        (Some(value), Some(inherited)) if value == *inherited => Ok(None),
        (Some(value), Some(_)) if !want.keeps() => Ok(Some(value)),
        _ => Err(EditError::ThroughMerge { line: node.line }),
    }
}
