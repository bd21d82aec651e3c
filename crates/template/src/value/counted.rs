//! Rows that are being made, stacks and queues: their memory counts while they live.

use std::ops::{Deref, DerefMut};
use std::vec::IntoIter;

use super::meter::Held;
use crate::context::Context;
use crate::error::Fault;

/// A vector that asks for room before it grows.
pub(crate) struct Counted<T> {
    items: Vec<T>,
    held: Held,
}

/// What is left of a row that is being taken apart.
pub(crate) struct Left<T> {
    items: IntoIter<T>,
    _held: Held,
}

impl<T> Counted<T> {
    /// Adds an item.
    pub(crate) fn push(&mut self, context: &Context<'_>, item: T) -> Result<(), Fault> {
        if self.items.len() == self.items.capacity() {
            self.grow(context, self.items.len() * 2)?;
        }
        self.items.push(item);
        Ok(())
    }

    /// Moves all items of another row to the end.
    pub(crate) fn append(&mut self, context: &Context<'_>, mut other: Self) -> Result<(), Fault> {
        let length = self.items.len().saturating_add(other.items.len());
        if length > self.items.capacity() {
            self.grow(context, length.max(self.items.len() * 2))?;
        }
        self.items.append(&mut other.items);
        Ok(())
    }

    /// Makes room for so many more, and no further.
    pub(crate) fn reserve(&mut self, context: &Context<'_>, more: usize) -> Result<(), Fault> {
        let length = self.items.len().saturating_add(more);
        if length > self.items.capacity() { self.grow(context, length) } else { Ok(()) }
    }

    /// The old row still counts while it is copied.
    #[cold]
    fn grow(&mut self, context: &Context<'_>, capacity: usize) -> Result<(), Fault> {
        let capacity = capacity.max(4);
        context.check(capacity.saturating_mul(size_of::<T>()))?;
        self.items.reserve_exact(capacity - self.items.len());
        self.held.set(self.items.capacity() * size_of::<T>());
        Ok(())
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        self.items.pop()
    }

    pub(crate) fn truncate(&mut self, length: usize) {
        self.items.truncate(length);
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.items.retain(keep);
    }

    /// The bare row: whoever makes a value of it counts it from then on.
    pub(crate) fn into_vec(self) -> Vec<T> {
        self.items
    }
}

impl<T> Default for Counted<T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

/// Whoever made the row has asked for room.
impl<T> From<Vec<T>> for Counted<T> {
    fn from(items: Vec<T>) -> Self {
        let held = Held::new(items.capacity() * size_of::<T>());
        Self { items, held }
    }
}

impl<T> Deref for Counted<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> DerefMut for Counted<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items
    }
}

impl<T> IntoIterator for Counted<T> {
    type Item = T;
    type IntoIter = Left<T>;

    fn into_iter(self) -> Left<T> {
        Left { items: self.items.into_iter(), _held: self.held }
    }
}

impl<T> Iterator for Left<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.items.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

impl<T> ExactSizeIterator for Left<T> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Budget;
    use crate::context::testing::Still;
    use crate::limits;
    use crate::value::meter;

    #[test]
    fn a_row_counts_while_it_lives_and_ends_at_the_limit() {
        let (mut still, mut budget) = (Still, Budget::default());
        let context = Context::new(&mut still, &mut budget);
        let before = meter::live();
        let mut row = Counted::default();
        for item in 0..1000_u64 {
            row.push(&context, item).unwrap();
        }
        assert_eq!(meter::live() - before, 1024 * 8);
        let mut left = row.into_iter();
        assert_eq!(left.next(), Some(0));
        assert_eq!(meter::live() - before, 1024 * 8);
        drop(left);
        assert_eq!(meter::live(), before);
        assert_eq!(Counted::<u64>::default().reserve(&context, limits::HELD), Err(Fault::HELD));
        assert_eq!(Counted::<u64>::default().reserve(&context, usize::MAX), Err(Fault::HELD));
    }
}
