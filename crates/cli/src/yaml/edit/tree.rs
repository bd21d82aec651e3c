//! Where the parts of a document stand in its text.

mod build;
mod members;

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::ScalarStyle;

pub(super) use build::documents;

/// One document that is not empty.
pub(super) struct Document {
    pub(super) root: Node,
    /// Behind `---`.
    pub(super) slot: Option<usize>,
    /// Lines of the anchored nodes and where they are defined, by anchor.
    pub(super) anchors: HashMap<usize, Mark>,
    pub(super) aliases: Vec<(usize, Mark)>,
    /// By how much it indents a map inside a map, and a sequence inside one.
    pub(super) map_step: Option<usize>,
    pub(super) sequence_step: Option<usize>,
}

/// A place: its byte and, for people, its line.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) at: usize,
    pub(super) line: usize,
}

/// A value, with the anchor and tag before it.
pub(super) struct Node {
    /// The value alone; of a block scalar, from its `|` to the start of the next line.
    pub(super) body: Range<usize>,
    pub(super) line: usize,
    /// Characters before the body on its line.
    pub(super) column: usize,
    pub(super) anchor: Option<(usize, Range<usize>)>,
    pub(super) tag: Option<Tagged>,
    pub(super) kind: Kind,
}

/// A tag, with its name if it is one of YAML's own (`!!str`).
pub(super) struct Tagged {
    pub(super) range: Range<usize>,
    pub(super) name: Option<String>,
}

pub(super) enum Kind {
    /// Nothing stands there, as behind `key:`.
    Missing,
    Scalar(ScalarStyle),
    /// With the place of its `|` and what belongs to it.
    BlockScalar(Range<usize>),
    Alias,
    Collection(Collection),
}

pub(super) struct Collection {
    pub(super) shape: Shape,
    pub(super) is_map: bool,
    pub(super) members: Vec<Member>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Block,
    Flow,
    /// `[key: value]`: a map without its braces.
    Pair,
}

/// An entry of a map or an item of a sequence.
pub(super) struct Member {
    /// From its key, `?` or `-` to the end of its value.
    pub(super) range: Range<usize>,
    /// What its key means. None for items, and for `<<`.
    pub(super) key: Option<String>,
    pub(super) key_end: usize,
    pub(super) has_json_key: bool,
    /// Behind its `:` or `-`.
    pub(super) slot: Option<usize>,
    pub(super) comma: Option<usize>,
    pub(super) value: Node,
}

impl Node {
    /// Where it begins, anchor and tag included.
    pub(super) fn start(&self) -> usize {
        self.properties().map(|range| range.start).chain([self.body.start]).min().unwrap_or(0)
    }

    pub(super) fn end(&self) -> usize {
        self.body.end
    }

    pub(super) fn properties_end(&self) -> Option<usize> {
        self.properties().map(|range| range.end).max()
    }

    fn properties(&self) -> impl Iterator<Item = &Range<usize>> {
        let anchor = self.anchor.iter().map(|(_, range)| range);
        anchor.chain(self.tag.iter().map(|tag| &tag.range))
    }

    pub(super) fn is_alias(&self) -> bool {
        matches!(self.kind, Kind::Alias)
    }

    pub(super) fn style(&self) -> Option<ScalarStyle> {
        match self.kind {
            Kind::Scalar(style) => Some(style),
            _ => None,
        }
    }

    pub(super) fn collection(&self) -> Option<&Collection> {
        match &self.kind {
            Kind::Collection(collection) => Some(collection),
            _ => None,
        }
    }
}

impl Member {
    /// Its end, with the comma behind it.
    pub(super) fn past_comma(&self) -> usize {
        self.comma.map_or(self.range.end, |comma| comma + 1)
    }
}

impl Collection {
    /// The last member of each key, which is the one that counts.
    pub(super) fn keys(&self) -> HashMap<&str, usize> {
        let members = self.members.iter().enumerate();
        members.filter_map(|(at, member)| Some((member.key.as_deref()?, at))).collect()
    }

    pub(super) fn has_merge(&self) -> bool {
        self.is_map && self.members.iter().any(|member| member.key.is_none())
    }
}
