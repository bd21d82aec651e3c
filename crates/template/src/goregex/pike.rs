//! The machine for large searches: all ways at once, one character after the other.

use super::compile::{Inst, Pc, Program};
use super::rune;
use super::search::{NONE, skip};
use crate::context::Context;
use crate::error::Fault;

/// Bytes that an instruction takes in both sets of threads, and while it waits.
const INSTRUCTION: usize = 6 * size_of::<Pc>() + size_of::<Frame>();

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
    /// Bytes that all else takes.
    beside: usize,
}

enum Frame {
    Go(Pc),
    Restore(u32, u32),
}

impl Threads {
    fn prepare(&mut self, insts: usize, beside: usize) {
        self.index.resize(insts, 0);
        self.seen.reserve_exact(insts);
        self.ready.reserve_exact(insts);
        self.beside = beside;
    }

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

    /// Adds a thread that takes a character or matches.
    fn add(&mut self, context: &Context<'_>, pc: Pc, slots: &[u32]) -> Result<(), Fault> {
        if self.slots.capacity() - self.slots.len() < slots.len() {
            // Twice as many once they are moved, and as many in the other set.
            let slots = 4 * (self.slots.len() + slots.len());
            context.check(self.beside + slots * size_of::<u32>())?;
        }
        self.ready.push(pc);
        self.slots.extend_from_slice(slots);
        Ok(())
    }
}

impl Pike {
    /// Searches from `from` on and fills `slots`.
    ///
    /// # Errors
    /// When steps or memory run out.
    pub(super) fn search(
        &mut self,
        context: &mut Context<'_>,
        program: &Program,
        text: &[u8],
        from: usize,
        slots: &mut [u32],
    ) -> Result<bool, Fault> {
        if self.now.index.is_empty() {
            let insts = program.insts.len();
            let beside = program.bytes() + insts * INSTRUCTION;
            context.room(beside)?;
            self.now.prepare(insts, beside);
            self.next.prepare(insts, beside);
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
                self.begin(context, program, text, at)?;
            }
            let (point, width) = rune::decode(text, at);
            let copied = self.slots.len() + self.now.slots.len();
            context.spend((1 + width / 2 + self.now.seen.len() + copied / 16) as u64)?;
            found |= self.step(context, program, text, (at, point, width), slots)?;
            if (found && slots.is_empty()) || width == 0 {
                break;
            }
            std::mem::swap(&mut self.now, &mut self.next);
            at += width;
        }
        Ok(found)
    }

    /// Adds the threads of a match that begins here, with the lowest priority.
    fn begin(
        &mut self,
        context: &Context<'_>,
        program: &Program,
        text: &[u8],
        at: usize,
    ) -> Result<(), Fault> {
        self.slots.fill(NONE);
        if let Some(start) = self.slots.first_mut() {
            *start = place(at);
        }
        let from = (program.start, text, at);
        follow(context, &mut self.waiting, &mut self.slots, &mut self.now, program, from)
    }

    /// Takes the character at `at` with every thread; true if one has matched, which ends those
    /// of lower priority.
    fn step(
        &mut self,
        context: &Context<'_>,
        program: &Program,
        text: &[u8],
        (at, point, width): (usize, u32, usize),
        slots: &mut [u32],
    ) -> Result<bool, Fault> {
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
                    return Ok(true);
                }
                Inst::Char(_, next)
                | Inst::Class(_, next)
                | Inst::Any(next)
                | Inst::AnyButNewline(next)
                    if width > 0 && program.takes(inst, point) =>
                {
                    self.slots.copy_from_slice(&self.now.slots[own]);
                    let to = (next, text, at + width);
                    let Self { waiting, next, slots, .. } = self;
                    follow(context, waiting, slots, next, program, to)?;
                }
                _ => {}
            }
        }
        Ok(false)
    }
}

/// Adds the threads that come from `pc` without taking a character.
fn follow(
    context: &Context<'_>,
    waiting: &mut Vec<Frame>,
    slots: &mut [u32],
    threads: &mut Threads,
    program: &Program,
    (pc, text, at): (Pc, &[u8], usize),
) -> Result<(), Fault> {
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
                    threads.add(context, pc, slots)?;
                    break;
                }
            };
        }
    }
    Ok(())
}

fn place(at: usize) -> u32 {
    u32::try_from(at).expect("texts are smaller than the memory of a render")
}
