//! The tree of a regular expression.

/// A node, and what the parser must know of all that is below it.
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Instructions that it takes.
    pub(super) size: usize,
    /// Nodes from here down to the deepest.
    pub(super) height: usize,
    /// How often the innermost node comes, by counted repetitions.
    pub(super) copies: u32,
    /// Whether it can match without taking a character, as Go's compiler judges.
    pub(super) nullable: bool,
}

pub(super) enum Kind {
    Empty,
    Char(u32),
    /// A set, by its number.
    Class(usize),
    Any,
    AnyButNewline,
    Look(Look),
    Group(usize, Box<Node>),
    Repeat(Repeat, Box<Node>),
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
}

/// A condition on a place in the subject.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    WordBoundary,
    NoWordBoundary,
}

#[derive(Clone, Copy)]
pub(super) struct Repeat {
    pub(super) min: u32,
    /// None is without end.
    pub(super) max: Option<u32>,
    pub(super) greedy: bool,
    /// Whether it was written with braces.
    pub(super) counted: bool,
}

impl Node {
    pub(super) fn leaf(kind: Kind) -> Self {
        let nullable = matches!(kind, Kind::Empty | Kind::Look(_));
        Self { kind, size: 1, height: 1, copies: 1, nullable }
    }

    pub(super) fn group(number: usize, inner: Self) -> Self {
        let size = inner.size.saturating_add(2);
        let (height, copies, nullable) = (inner.height + 1, inner.copies, inner.nullable);
        Self { kind: Kind::Group(number, Box::new(inner)), size, height, copies, nullable }
    }

    pub(super) fn repeat(repeat: Repeat, inner: Self) -> Self {
        let times = |count: u32| inner.size.saturating_mul(count as usize);
        let size = match (repeat.min, repeat.max) {
            (0, None) => inner.size.saturating_add(2),
            (min, None) => times(min).saturating_add(1),
            (min, Some(max)) => times(max).saturating_add((max - min) as usize),
        };
        let copies = match repeat {
            Repeat { counted: false, .. } => inner.copies,
            Repeat { max: Some(0), .. } => 1,
            Repeat { min, max, .. } => inner.copies.saturating_mul(max.unwrap_or(min).max(1)),
        };
        let nullable = repeat.min == 0 || inner.nullable;
        let height = inner.height + 1;
        let kind = Kind::Repeat(repeat, Box::new(inner));
        Self { kind, size: size.max(1), height, copies, nullable }
    }

    /// One node after the other.
    pub(super) fn concat(nodes: Vec<Self>) -> Self {
        let mut nodes = flatten(nodes, sequence);
        match nodes.len() {
            0 => Self::leaf(Kind::Empty),
            1 => nodes.remove(0),
            _ => {
                let nullable = nodes.iter().all(|node| node.nullable);
                Self { nullable, ..Self::of(nodes, Kind::Concat) }
            }
        }
    }

    /// One node or the other, the first that matches.
    pub(super) fn alternate(nodes: Vec<Self>) -> Self {
        let mut nodes = flatten(nodes, branches);
        if nodes.len() == 1 {
            return nodes.remove(0);
        }
        let nullable = nodes.iter().any(|node| node.nullable);
        let branches = nodes.len() - 1;
        let node = Self { nullable, ..Self::of(nodes, Kind::Alternate) };
        Self { size: node.size.saturating_add(branches), ..node }
    }

    fn of(nodes: Vec<Self>, kind: fn(Vec<Self>) -> Kind) -> Self {
        let size = nodes.iter().fold(0, |sum: usize, node| sum.saturating_add(node.size));
        // Characters side by side are one node in Go's tree.
        let literal = nodes.iter().all(|node| matches!(node.kind, Kind::Char(_)));
        let below = nodes.iter().map(|node| node.height).max().unwrap_or(0);
        let height = if literal { 1 } else { below + 1 };
        let copies = nodes.iter().map(|node| node.copies).max().unwrap_or(1);
        Self { kind: kind(nodes), size, height, copies, nullable: false }
    }
}

/// What reaches the nodes inside of a node of one kind.
pub(super) type Inner = fn(&mut Kind) -> Option<&mut Vec<Node>>;

pub(super) fn sequence(kind: &mut Kind) -> Option<&mut Vec<Node>> {
    if let Kind::Concat(nodes) = kind { Some(nodes) } else { None }
}

pub(super) fn branches(kind: &mut Kind) -> Option<&mut Vec<Node>> {
    if let Kind::Alternate(nodes) = kind { Some(nodes) } else { None }
}

/// The nodes, with those inside of a node of the same kind in its place: `a(?:bc)` is `abc`.
fn flatten(mut nodes: Vec<Node>, inner: Inner) -> Vec<Node> {
    if nodes.iter_mut().all(|node| inner(&mut node.kind).is_none()) {
        return nodes;
    }
    let mut flat = Vec::with_capacity(nodes.len());
    for mut node in nodes {
        match inner(&mut node.kind) {
            Some(nodes) => flat.append(nodes),
            None => flat.push(node),
        }
    }
    flat
}
