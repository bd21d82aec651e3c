//! Go's syntax of regular expressions, with the flags of `syntax.Perl`.

mod escape;
mod group;
mod set;

use super::ast::{self, Inner, Kind, Look, Node, Repeat};
use super::class::{Builder, Class};
use crate::error::Fault;

/// Go's `maxHeight`.
const HEIGHT: usize = 1000;
/// How often counted repetitions may repeat the innermost node, as in Go.
const COPIES: u32 = 1000;
/// Instructions of a pattern: Go stops at 3.3 million.
const SIZE: usize = 1 << 20;
/// Ranges of all sets: Go stops at 16 million.
const RANGES: usize = 2 << 20;

/// Bytes that a byte of a pattern can take while it is read, but for sets: a group that is open
/// takes the most.
pub(super) const READING: usize = 2 * (size_of::<Open>() + size_of::<String>());

pub(super) struct Parsed {
    pub(super) tree: Node,
    pub(super) classes: Vec<Class>,
    /// The names of the groups, from group 0; empty for those without.
    pub(super) names: Vec<String>,
    /// Bytes that the sets take.
    pub(super) bytes: usize,
}

/// Pays for steps, and asks for the bytes that are taken in all, beside [`READING`].
pub(super) type Pay<'p> = dyn FnMut(u64, usize) -> Result<(), Fault> + 'p;

/// Reads a pattern.
///
/// # Errors
/// When Go rejects it, when it is too large, or when it is not paid for.
pub(super) fn parse<'p>(pattern: &'p str, pay: &'p mut Pay<'p>) -> Result<Parsed, Fault> {
    let mut parser = Parser::new(pattern, pay);
    while !parser.rest.is_empty() {
        parser.repeated = parser.token()?;
    }
    if parser.open.len() != 1 {
        return Err("missing closing ) in a regular expression".into());
    }
    let top = parser.open.remove(0);
    let tree = parser.closed(top)?;
    let Parser { classes, names, bytes, .. } = parser;
    Ok(Parsed { tree, classes, names, bytes })
}

/// Go's flags `i`, `m`, `s`, `U`.
#[derive(Clone, Copy, Default)]
struct Flags {
    fold: bool,
    multi_line: bool,
    dot_newline: bool,
    lazy: bool,
}

struct Parser<'p> {
    rest: &'p str,
    flags: Flags,
    /// The groups that are open, the whole pattern first.
    open: Vec<Open>,
    /// Whether the last token was a repetition, which cannot be repeated.
    repeated: bool,
    classes: Vec<Class>,
    ranges: usize,
    /// Bytes that the sets take.
    bytes: usize,
    /// Whether the name of a set, `[:…:]`, can still come.
    may_name: bool,
    names: Vec<String>,
    pay: &'p mut Pay<'p>,
}

/// A group that is not closed yet.
#[derive(Default)]
struct Open {
    /// Its number, if it captures.
    number: Option<usize>,
    /// The flags to go back to.
    flags: Flags,
    branches: Vec<Node>,
    nodes: Vec<Node>,
}

impl<'p> Parser<'p> {
    fn new(pattern: &'p str, pay: &'p mut Pay<'p>) -> Self {
        Self {
            rest: pattern,
            flags: Flags::default(),
            open: vec![Open::default()],
            repeated: false,
            classes: Vec::new(),
            ranges: 0,
            bytes: 0,
            may_name: true,
            names: vec![String::new()],
            pay,
        }
    }

    /// Pays for steps, and for bytes beside those that the sets take.
    fn pay(&mut self, steps: u64, bytes: usize) -> Result<(), Fault> {
        (self.pay)(steps, self.bytes + bytes)
    }

    /// Reads what comes next; true if it was a repetition.
    fn token(&mut self) -> Result<bool, Fault> {
        let (first, after) = split_first(self.rest).ok_or("an empty token")?;
        match first {
            '(' => return self.open_group().map(|()| false),
            '[' => return self.set().map(|()| false),
            '\\' => return self.escape().map(|()| false),
            '*' | '+' | '?' => return self.operator(first, after).map(|()| true),
            '{' => return self.braces(after),
            _ => self.rest = after,
        }
        match first {
            '|' => {
                let nodes = std::mem::take(&mut self.top().nodes);
                let branch = self.concat(nodes)?;
                self.top().branches.push(branch);
            }
            ')' => self.close_group()?,
            '^' if self.flags.multi_line => self.look(Look::LineStart),
            '^' => self.look(Look::TextStart),
            '$' if self.flags.multi_line => self.look(Look::LineEnd),
            '$' => self.look(Look::TextEnd),
            '.' if self.flags.dot_newline => self.push(Node::leaf(Kind::Any)),
            '.' => self.push(Node::leaf(Kind::AnyButNewline)),
            other => self.literal(other.into())?,
        }
        Ok(false)
    }

    fn operator(&mut self, operator: char, after: &'p str) -> Result<(), Fault> {
        let (min, max) = match operator {
            '*' => (0, None),
            '+' => (1, None),
            _ => (0, Some(1)),
        };
        self.rest = after;
        self.repeat(min, max, false)
    }

    /// `{2}`, `{2,}`, `{2,3}`; any other brace stands for itself.
    fn braces(&mut self, after: &'p str) -> Result<bool, Fault> {
        let Some((min, max, rest)) = bounds(after) else {
            self.rest = after;
            self.literal('{'.into())?;
            return Ok(false);
        };
        if min > COPIES || max.is_some_and(|max| max > COPIES || min > max) {
            return Err("invalid repeat count in a regular expression".into());
        }
        self.rest = rest;
        self.repeat(min, max, true)?;
        Ok(true)
    }

    fn repeat(&mut self, min: u32, max: Option<u32>, counted: bool) -> Result<(), Fault> {
        let mut greedy = !self.flags.lazy;
        if let Some(rest) = self.rest.strip_prefix('?') {
            self.rest = rest;
            greedy = !greedy;
        }
        if self.repeated {
            return Err("invalid nested repetition operator in a regular expression".into());
        }
        let inner = self.top().nodes.pop();
        let inner = inner.ok_or("missing argument to repetition operator")?;
        let node = Node::repeat(Repeat { min, max, greedy, counted }, inner);
        if counted && (min >= 2 || max.is_some_and(|max| max >= 2)) && node.copies > COPIES {
            return Err("invalid repeat count in a regular expression".into());
        }
        check(&node)?;
        self.push(node);
        Ok(())
    }

    /// The innermost group that is open.
    fn top(&mut self) -> &mut Open {
        self.open.last_mut().expect("the whole pattern stays open to the end")
    }

    fn push(&mut self, node: Node) {
        self.top().nodes.push(node);
    }

    fn look(&mut self, look: Look) {
        self.push(Node::leaf(Kind::Look(look)));
    }

    /// One character, or with `i` those that equal it.
    fn literal(&mut self, point: u32) -> Result<(), Fault> {
        if self.flags.fold {
            let mut set = Builder::default();
            set.add_folded(point, point);
            if set.len() > 1 {
                return self.push_set(set);
            }
        }
        self.push(Node::leaf(Kind::Char(point)));
        Ok(())
    }

    fn push_set(&mut self, set: Builder) -> Result<(), Fault> {
        self.ranges += set.len();
        if self.ranges > RANGES {
            return Err(Fault::HELD);
        }
        self.pay(4 + set.len() as u64 * 2, set.bytes())?;
        self.push(Node::leaf(Kind::Class(self.classes.len())));
        let set = set.build();
        self.bytes += size_of::<Class>() + set.bytes();
        self.classes.push(set);
        Ok(())
    }

    fn concat(&mut self, mut nodes: Vec<Node>) -> Result<Node, Fault> {
        self.pay_for_joining(&mut nodes, ast::sequence)?;
        Ok(Node::concat(nodes))
    }

    /// What an open group becomes.
    fn closed(&mut self, mut group: Open) -> Result<Node, Fault> {
        let last = self.concat(group.nodes)?;
        group.branches.push(last);
        self.pay_for_joining(&mut group.branches, ast::branches)?;
        let inner = Node::alternate(group.branches);
        let node = match group.number {
            Some(number) => Node::group(number, inner),
            None => inner,
        };
        check(&node)?;
        Ok(node)
    }

    /// Nodes inside of one of the same kind are moved, once for each group around them.
    fn pay_for_joining(&mut self, nodes: &mut [Node], inner: Inner) -> Result<(), Fault> {
        let count = |node: &mut Node| inner(&mut node.kind).map_or(1, |nodes| nodes.len());
        let joined = nodes.iter_mut().map(count).sum::<usize>();
        let moved = if joined > nodes.len() { joined * size_of::<Node>() } else { 0 };
        self.pay(joined as u64, moved)
    }
}

/// Refuses a tree that is too high or takes too many instructions.
fn check(node: &Node) -> Result<(), Fault> {
    if node.height > HEIGHT {
        return Err("a regular expression nests too deeply".into());
    }
    if node.size > SIZE { Err(Fault::HELD) } else { Ok(()) }
}

fn split_first(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    chars.next().map(|first| (first, chars.as_str()))
}

/// What is between braces, and the text after them.
fn bounds(text: &str) -> Option<(u32, Option<u32>, &str)> {
    let (min, rest) = number(text)?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((min, Some(min), rest));
    }
    let rest = rest.strip_prefix(',')?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((min, None, rest));
    }
    let (max, rest) = number(rest)?;
    rest.strip_prefix('}').map(|rest| (min, Some(max), rest))
}

/// A decimal number without leading zeros; what is too large for any use is `u32::MAX`.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    Some((digits.parse().unwrap_or(u32::MAX), rest))
}
