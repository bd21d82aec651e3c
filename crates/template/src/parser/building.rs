//! A body while it is read.

use std::collections::BTreeMap;

use super::work;
use crate::program::{Body, Op};
use crate::value::Text;

/// The number of the variable `$`.
pub(super) const DOLLAR: u32 = 0;

/// The body of a text, a `define` or a `block`, as far as it is read.
pub(super) struct Building {
    pub(super) name: Text,
    pub(super) body: Body,
    /// Whether there is nothing but space so far.
    pub(super) empty: bool,
    pub(super) open: Vec<Open>,
    /// Calls of templates by name, to be resolved when all are known.
    pub(super) renders: Vec<(u32, Text)>,
    /// Variables that may be used beside `$`, in order of declaration; and how often each is among
    /// them. A number of the whole text's would be too long a list for each body.
    visible: Vec<u32>,
    counts: BTreeMap<u32, u32>,
}

/// A control structure that has not met its `end`.
pub(super) struct Open {
    pub(super) control: Control,
    /// Whether it began as `else if` or `else with`, and ends with what is around it.
    pub(super) chained: bool,
    pub(super) in_else: bool,
    /// The operation that jumps when there is nothing to do.
    pub(super) empty: u32,
    /// Operations that jump to the end.
    pub(super) to_end: Vec<u32>,
    /// How many variables were visible before.
    pub(super) visible: usize,
    /// For `range`: where the next iteration begins.
    pub(super) next: u32,
    /// Which of the open structures is the innermost `range`, this one included; and which that is
    /// not in its `else`.
    pub(super) range: Option<u32>,
    pub(super) repeating: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    If,
    With,
    Range,
}

impl Building {
    pub(super) fn new(name: Text) -> Self {
        Self {
            name,
            body: Body::default(),
            empty: true,
            open: Vec::new(),
            renders: Vec::new(),
            visible: Vec::new(),
            counts: BTreeMap::new(),
        }
    }

    pub(super) fn emit(&mut self, at: u32, op: Op) -> u32 {
        self.body.ops.push(op);
        self.body.at.push(at);
        self.here() - 1
    }

    /// The number of the operation that comes next.
    pub(super) fn here(&self) -> u32 {
        u32::try_from(self.body.ops.len()).expect("a template of 4 MiB has fewer operations")
    }

    /// Makes the operation jump to what comes next.
    pub(super) fn land(&mut self, jump: u32) {
        work::count(1);
        let here = self.here();
        match &mut self.body.ops[jump as usize] {
            Op::Jump(to)
            | Op::If(to)
            | Op::With(to)
            | Op::Next(to)
            | Op::Range { empty: to, .. }
            | Op::Decide { end: to, .. } => *to = here,
            _ => {}
        }
    }

    /// Opens a control structure within those that are open.
    pub(super) fn open(&mut self, mut open: Open) {
        let around = self.open.last();
        let own = (open.control == Control::Range).then_some(self.open.len() as u32);
        open.range = own.or(around.and_then(|around| around.range));
        open.repeating = own.or(around.and_then(|around| around.repeating));
        self.open.push(open);
    }

    /// The innermost structure goes on with its `else`, which a `range` does not repeat.
    pub(super) fn begin_else(&mut self) {
        if let [around @ .., open] = &mut self.open[..] {
            open.in_else = true;
            if open.control == Control::Range {
                open.repeating = around.last().and_then(|around| around.repeating);
            }
        }
    }

    pub(super) fn declare(&mut self, variable: u32) {
        *self.counts.entry(variable).or_default() += 1;
        self.visible.push(variable);
    }

    pub(super) fn is_visible(&self, variable: u32) -> bool {
        variable == DOLLAR || self.counts.get(&variable).is_some_and(|count| *count > 0)
    }

    pub(super) fn visible(&self) -> usize {
        self.visible.len()
    }

    /// Forgets the variables that were declared since there were `count`.
    pub(super) fn forget(&mut self, count: usize) {
        work::count(self.visible.len() - count);
        for variable in self.visible.drain(count..) {
            if let Some(count) = self.counts.get_mut(&variable) {
                *count -= 1;
            }
        }
    }
}
