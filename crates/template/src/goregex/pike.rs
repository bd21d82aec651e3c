//! The machine for large searches: all ways at once, one character after the other.

use super::compile::{Inst, Pc, Program};
use super::rune;
use super::search::{NONE, skip};
use crate::context::Context;
use crate::error::Fault;

/// Slots of all threads: more is not for honest patterns.
const SLOTS: usize = 4 << 20;

/// What is kept from one search to the next.
#[derive(Default)]
pub(super) struct Pike {
    now: Threads,
    next: Threads,
    waiting: Vec<Frame>,
    /// The slots of the thread that is being followed.
    slots: Vec<u32>,
}

/// Threads in order of priority; each instruction once.
#[derive(Default)]
struct Threads {
    /// For each instruction, where `seen` names it.
    index: Vec<u32>,
    seen: Vec<Pc>,
    /// Those that take a character or match.
    ready: Vec<Pc>,
    slots: Vec<u32>,
}

enum Frame {
    Go(Pc),
    Restore(u32, u32),
}

impl Threads {
    fn clear(&mut self) {
        self.seen.clear();
        self.ready.clear();
        self.slots.clear();
    }

    /// Notes the instruction; false if it was there.
    fn insert(&mut self, pc: Pc) -> bool {
        let index = &mut self.index[pc as usize];
        if self.seen.get(*index as usize) == Some(&pc) {
            return false;
        }
        *index = u32::try_from(self.seen.len()).expect("no more than instructions");
        self.seen.push(pc);
        true
    }
}

impl Pike {
    /// Searches from `from` on and fills `slots`.
    ///
    /// # Errors
    /// When the steps run out.
    pub(super) fn search(
        &mut self,
        context: &mut Context<'_>,
        program: &Program,
        text: &[u8],
        from: usize,
        slots: &mut [u32],
    ) -> Result<bool, Fault> {
        if self.now.index.is_empty() {
            context.room(program.insts.len() * 2 * size_of::<u32>())?;
            self.now.index.resize(program.insts.len(), 0);
            self.next.index.resize(program.insts.len(), 0);
        }
        self.now.clear();
        self.slots.resize(slots.len(), NONE);
        let mut at = from;
        let mut found = false;
        loop {
            let may_begin = !program.anchored || at == 0;
            if self.now.ready.is_empty() {
                if found || !may_begin {
                    break;
                }
                let start = match &program.first {
                    Some(first) => skip(text, at, first),
                    None => at,
                };
                context.spend((start - at) as u64 / 16)?;
                at = start;
                if at == text.len() && program.first.is_some() {
                    break;
                }
            }
            if !found && may_begin {
                self.begin(program, text, at);
            }
            context.spend(1 + self.now.seen.len() as u64 / 4)?;
            if self.now.slots.len() > SLOTS {
                return Err(Fault::HELD);
            }
            let (point, width) = rune::decode(text, at);
            found |= self.step(program, text, (at, point, width), slots);
            if (found && slots.is_empty()) || width == 0 {
                break;
            }
            std::mem::swap(&mut self.now, &mut self.next);
            at += width;
        }
        Ok(found)
    }

    /// Adds the threads of a match that begins here, with the lowest priority.
    fn begin(&mut self, program: &Program, text: &[u8], at: usize) {
        self.slots.fill(NONE);
        if let Some(start) = self.slots.first_mut() {
            *start = place(at);
        }
        let from = (program.start, text, at);
        follow(&mut self.waiting, &mut self.slots, &mut self.now, program, from);
    }

    /// Takes the character at `at` with every thread; true if one has matched, which ends those
    /// of lower priority.
    fn step(
        &mut self,
        program: &Program,
        text: &[u8],
        (at, point, width): (usize, u32, usize),
        slots: &mut [u32],
    ) -> bool {
        self.next.clear();
        for (thread, &pc) in self.now.ready.iter().enumerate() {
            let own = thread * slots.len()..(thread + 1) * slots.len();
            let inst = program.insts[pc as usize];
            match inst {
                Inst::Match => {
                    slots.copy_from_slice(&self.now.slots[own]);
                    if let Some(end) = slots.get_mut(1) {
                        *end = place(at);
                    }
                    return true;
                }
                Inst::Char(_, next)
                | Inst::Class(_, next)
                | Inst::Any(next)
                | Inst::AnyButNewline(next)
                    if width > 0 && program.takes(inst, point) =>
                {
                    self.slots.copy_from_slice(&self.now.slots[own]);
                    let to = (next, text, at + width);
                    follow(&mut self.waiting, &mut self.slots, &mut self.next, program, to);
                }
                _ => {}
            }
        }
        false
    }
}

/// Adds the threads that come from `pc` without taking a character.
fn follow(
    waiting: &mut Vec<Frame>,
    slots: &mut [u32],
    threads: &mut Threads,
    program: &Program,
    (pc, text, at): (Pc, &[u8], usize),
) {
    waiting.push(Frame::Go(pc));
    while let Some(frame) = waiting.pop() {
        let mut pc = match frame {
            Frame::Go(pc) => pc,
            Frame::Restore(slot, old) => {
                slots[slot as usize] = old;
                continue;
            }
        };
        while threads.insert(pc) {
            pc = match program.insts[pc as usize] {
                Inst::Alt(one, other) => {
                    waiting.push(Frame::Go(other));
                    one
                }
                Inst::Save(slot, next) => {
                    if let Some(old) = slots.get_mut(slot as usize) {
                        waiting.push(Frame::Restore(slot, *old));
                        *old = place(at);
                    }
                    next
                }
                Inst::Look(look, next) if look.holds(text, at) => next,
                Inst::Look(..) => break,
                _ => {
                    threads.ready.push(pc);
                    threads.slots.extend_from_slice(slots);
                    break;
                }
            };
        }
    }
}

fn place(at: usize) -> u32 {
    u32::try_from(at).expect("texts are smaller than the memory of a render")
}
