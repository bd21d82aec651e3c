//! The machine for small searches: backtracking that comes to no place twice.

use super::compile::{Inst, Pc, Program};
use super::rune;
use super::search::NONE;

/// Places (instructions times bytes) that are worth remembering.
const PLACES: usize = 64 << 10;

/// What is kept from one search to the next.
#[derive(Default)]
pub(super) struct Backtracker {
    visited: Vec<u64>,
    jobs: Vec<Job>,
}

enum Job {
    Go(Pc, u32),
    /// Puts back what a slot held.
    Restore(u32, u32),
}

enum Next {
    Go(Pc, usize),
    Dead,
    Matched,
}

/// Whether the search is small enough.
pub(super) fn fits(program: &Program, length: usize) -> bool {
    length < PLACES && program.insts.len() * (length + 1) <= PLACES
}

impl Backtracker {
    /// Searches from `from` on; fills `slots` and counts the steps.
    pub(super) fn search(
        &mut self,
        program: &Program,
        text: &[u8],
        from: usize,
        slots: &mut [u32],
        steps: &mut u64,
    ) -> bool {
        let places = program.insts.len() * (text.len() - from + 1);
        self.visited.clear();
        self.visited.resize(places.div_ceil(64), 0);
        *steps += places as u64 / 64;
        let mut start = from;
        while !program.anchored || start == 0 {
            if let Some(first) = &program.first {
                let at = super::search::skip(text, start, first);
                *steps += (at - start) as u64 / 8;
                start = at;
                if start == text.len() {
                    return false;
                }
            }
            slots.fill(NONE);
            *steps += slots.len() as u64 / 8;
            if self.try_at(program, text, from, start, slots, steps) {
                return true;
            }
            let (_, width) = rune::decode(text, start);
            if width == 0 {
                return false;
            }
            start += width;
        }
        false
    }

    fn try_at(
        &mut self,
        program: &Program,
        text: &[u8],
        from: usize,
        start: usize,
        slots: &mut [u32],
        steps: &mut u64,
    ) -> bool {
        let row = text.len() - from + 1;
        self.jobs.clear();
        self.jobs.push(Job::Go(program.start, place(start)));
        while let Some(job) = self.jobs.pop() {
            let (mut pc, mut at) = match job {
                Job::Go(pc, at) => (pc, at as usize),
                Job::Restore(slot, old) => {
                    slots[slot as usize] = old;
                    continue;
                }
            };
            while self.visit(pc as usize * row + (at - from)) {
                *steps += 1;
                match self.step(program, text, (pc, at), slots) {
                    Next::Go(next, to) => (pc, at) = (next, to),
                    Next::Dead => break,
                    Next::Matched => {
                        if let [first, second, ..] = slots {
                            (*first, *second) = (place(start), place(at));
                        }
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Notes the visit; false if it is not the first.
    fn visit(&mut self, visit: usize) -> bool {
        let (word, bit) = (&mut self.visited[visit / 64], 1 << (visit % 64));
        let first = *word & bit == 0;
        *word |= bit;
        first
    }

    /// Runs one instruction.
    fn step(
        &mut self,
        program: &Program,
        text: &[u8],
        (pc, at): (Pc, usize),
        slots: &mut [u32],
    ) -> Next {
        match program.insts[pc as usize] {
            Inst::Match => Next::Matched,
            Inst::Alt(one, other) => {
                self.jobs.push(Job::Go(other, place(at)));
                Next::Go(one, at)
            }
            Inst::Save(slot, next) => {
                if let Some(old) = slots.get_mut(slot as usize) {
                    self.jobs.push(Job::Restore(slot, *old));
                    *old = place(at);
                }
                Next::Go(next, at)
            }
            Inst::Look(look, next) if look.holds(text, at) => Next::Go(next, at),
            Inst::Look(..) => Next::Dead,
            inst @ (Inst::Char(_, next)
            | Inst::Class(_, next)
            | Inst::Any(next)
            | Inst::AnyButNewline(next)) => {
                let (point, width) = rune::decode(text, at);
                if width > 0 && program.takes(inst, point) {
                    Next::Go(next, at + width)
                } else {
                    Next::Dead
                }
            }
        }
    }
}

fn place(at: usize) -> u32 {
    u32::try_from(at).expect("texts are smaller than the memory of a render")
}
