//! From the tree to instructions, in the shape that Go's compiler gives them.

use super::ast::{Kind, Look, Node, Repeat};
use super::class::Class;
use super::rune;

/// Where an instruction is.
pub(super) type Pc = u32;

/// Bytes that an instruction takes.
pub(super) const INSTRUCTION: usize = size_of::<Inst>();

#[derive(Clone, Copy)]
pub(super) enum Inst {
    Match,
    /// First this way, then that.
    Alt(Pc, Pc),
    /// Notes the place in a slot.
    Save(u32, Pc),
    Look(Look, Pc),
    Char(u32, Pc),
    Class(u32, Pc),
    Any(Pc),
    AnyButNewline(Pc),
}

pub(super) struct Program {
    pub(super) insts: Vec<Inst>,
    pub(super) classes: Vec<Class>,
    pub(super) start: Pc,
    /// Whether a match can begin at the beginning of the text only.
    pub(super) anchored: bool,
    /// The bytes that a match can begin with; none if it can be empty.
    pub(super) first: Option<Box<[bool; 256]>>,
}

/// Ways to begin that are followed to find the first bytes.
const WAYS: usize = 256;

/// What it takes to compile a tree of that size.
pub(super) fn steps(size: usize) -> u64 {
    (size + 8 * size.min(WAYS)) as u64
}

pub(super) fn compile(tree: &Node, classes: Vec<Class>) -> Program {
    let mut insts = Vec::with_capacity(tree.size + 1);
    insts.push(Inst::Match);
    let mut program = Program { insts, classes, start: 0, anchored: false, first: None };
    program.start = program.emit(tree, 0);
    program.anchored = program.is_anchored();
    program.first = program.first_bytes();
    program
}

impl Program {
    fn push(&mut self, inst: Inst) -> Pc {
        let at = Pc::try_from(self.insts.len()).expect("the parser bounds the size");
        self.insts.push(inst);
        at
    }

    /// Writes the instructions of `node`, to go on at `next`; answers where they begin.
    fn emit(&mut self, node: &Node, next: Pc) -> Pc {
        match &node.kind {
            Kind::Empty => next,
            Kind::Char(point) => self.push(Inst::Char(*point, next)),
            Kind::Class(number) => {
                self.push(Inst::Class(u32::try_from(*number).expect("fewer than ranges"), next))
            }
            Kind::Any => self.push(Inst::Any(next)),
            Kind::AnyButNewline => self.push(Inst::AnyButNewline(next)),
            Kind::Look(look) => self.push(Inst::Look(*look, next)),
            Kind::Group(number, inner) => {
                let slot = u32::try_from(number * 2).expect("no more groups than bytes");
                let end = self.push(Inst::Save(slot + 1, next));
                let start = self.emit(inner, end);
                self.push(Inst::Save(slot, start))
            }
            Kind::Concat(nodes) => {
                nodes.iter().rev().fold(next, |next, node| self.emit(node, next))
            }
            Kind::Alternate(nodes) => {
                let starts: Vec<Pc> = nodes.iter().map(|node| self.emit(node, next)).collect();
                let (last, others) = starts.split_last().expect("at least two branches");
                others.iter().rev().fold(*last, |rest, start| self.push(Inst::Alt(*start, rest)))
            }
            Kind::Repeat(repeat, inner) => self.repeat(*repeat, inner, next),
        }
    }

    fn repeat(&mut self, repeat: Repeat, inner: &Node, next: Pc) -> Pc {
        if matches!(inner.kind, Kind::Empty) {
            return next;
        }
        let Repeat { min, max, greedy, .. } = repeat;
        let (mut start, copies) = match max {
            // x{2,5} is xx(x(x(x)?)?)?
            Some(max) => {
                ((min..max).fold(next, |rest, _| self.optional(inner, rest, next, greedy)), min)
            }
            // x{3,} is xxx+, and x* is (x+)? where x can be empty, for the order of priority.
            None if min > 0 => (self.plus(inner, next, greedy).0, min - 1),
            None if inner.nullable => {
                let (start, _) = self.plus(inner, next, greedy);
                (self.alt(start, next, greedy), 0)
            }
            None => (self.plus(inner, next, greedy).1, 0),
        };
        for _ in 0..copies {
            start = self.emit(inner, start);
        }
        start
    }

    /// `x?` that goes on at `rest` with x, at `next` without.
    fn optional(&mut self, inner: &Node, rest: Pc, next: Pc, greedy: bool) -> Pc {
        let start = self.emit(inner, rest);
        self.alt(start, next, greedy)
    }

    /// A loop: where x begins, and where it is decided whether to go round once more.
    fn plus(&mut self, inner: &Node, next: Pc, greedy: bool) -> (Pc, Pc) {
        let choice = self.push(Inst::Match);
        let start = self.emit(inner, choice);
        self.insts[choice as usize] = ways(start, next, greedy);
        (start, choice)
    }

    fn alt(&mut self, start: Pc, next: Pc, greedy: bool) -> Pc {
        self.push(ways(start, next, greedy))
    }

    fn is_anchored(&self) -> bool {
        let mut at = self.start;
        while let Inst::Save(_, next) = self.insts[at as usize] {
            at = next;
        }
        matches!(self.insts[at as usize], Inst::Look(Look::TextStart, _))
    }

    /// Gives up, as if the match could be empty, where there are many ways to begin.
    fn first_bytes(&self) -> Option<Box<[bool; 256]>> {
        let mut first = Box::new([false; 256]);
        let mut seen = Vec::new();
        let mut waiting = vec![self.start];
        while let Some(at) = waiting.pop() {
            if seen.contains(&at) {
                continue;
            }
            if seen.len() == WAYS {
                return None;
            }
            seen.push(at);
            match self.insts[at as usize] {
                Inst::Match => return None,
                Inst::Alt(one, other) => waiting.extend([one, other]),
                Inst::Save(_, next) | Inst::Look(_, next) => waiting.push(next),
                inst => self.mark_first(inst, &mut first),
            }
        }
        Some(first)
    }

    fn mark_first(&self, inst: Inst, first: &mut [bool; 256]) {
        let (mut ascii, beyond) = match inst {
            Inst::Char(point @ ..0x80, _) => (1 << point, false),
            Inst::Char(..) => (0, true),
            Inst::Class(number, _) => {
                let class = &self.classes[number as usize];
                (class.ascii(), class.reaches_beyond_ascii())
            }
            Inst::AnyButNewline(_) => (!(1 << 0x0a), true),
            _ => (u128::MAX, true),
        };
        while ascii != 0 {
            first[ascii.trailing_zeros() as usize] = true;
            ascii &= ascii - 1;
        }
        if beyond {
            first[0x80..].fill(true);
        }
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        let classes = self.classes.iter().map(Class::bytes).sum::<usize>();
        self.insts.capacity() * INSTRUCTION + classes
    }

    /// Whether an instruction that takes characters takes this one.
    pub(super) fn takes(&self, inst: Inst, point: u32) -> bool {
        match inst {
            Inst::Char(wanted, _) => wanted == point,
            Inst::Class(number, _) => self.classes[number as usize].contains(point),
            Inst::Any(_) => true,
            Inst::AnyButNewline(_) => point != 0x0a,
            Inst::Match | Inst::Alt(..) | Inst::Save(..) | Inst::Look(..) => false,
        }
    }
}

fn ways(start: Pc, next: Pc, greedy: bool) -> Inst {
    if greedy { Inst::Alt(start, next) } else { Inst::Alt(next, start) }
}

impl Look {
    /// Whether the condition holds between the bytes before and after `at`.
    pub(super) fn holds(self, text: &[u8], at: usize) -> bool {
        let before = at.checked_sub(1).map(|before| text[before]);
        let after = text.get(at).copied();
        let word = |byte: Option<u8>| byte.is_some_and(rune::is_word);
        match self {
            Self::TextStart => before.is_none(),
            Self::TextEnd => after.is_none(),
            Self::LineStart => before.is_none_or(|byte| byte == b'\n'),
            Self::LineEnd => after.is_none_or(|byte| byte == b'\n'),
            Self::WordBoundary => word(before) != word(after),
            Self::NoWordBoundary => word(before) == word(after),
        }
    }
}
