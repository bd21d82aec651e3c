//! Go's slices: parts of a shared row of elements, or nil.

use std::cell::RefCell;
use std::ops::{Deref, Range};
use std::rc::Rc;

use super::grave::{Remains, bury};
use super::text::wipe;
use super::{Text, Value, meter};

/// `[]interface {}`, `[]int`, `[]uint8`, `[][]interface {}`: nothing in a template changes their elements,
/// so they are read as a slice.
#[derive(Clone)]
pub(crate) struct List<T: Element> {
    items: Option<Rc<Items<T>>>,
    from: u32,
    to: u32,
}

struct Items<T: Element>(Vec<T>);

/// What a list may hold.
pub(crate) trait Element: Sized {
    fn discard(items: Vec<Self>) {
        drop(items);
    }
}

impl Element for i64 {}
impl Element for u8 {
    fn discard(mut items: Vec<Self>) {
        wipe(&mut items);
    }
}
impl Element for List<Value> {}
impl Element for Value {
    fn discard(items: Vec<Self>) {
        bury(Remains::Values(items));
    }
}

impl<T: Element> Drop for Items<T> {
    fn drop(&mut self) {
        meter::shrink(self.0.capacity() * size_of::<T>() + meter::OVERHEAD);
        T::discard(std::mem::take(&mut self.0));
    }
}

impl<T: Element> List<T> {
    /// The nil slice: of length 0, but JSON's `null`.
    pub(crate) const NIL: Self = Self { items: None, from: 0, to: 0 };

    pub(crate) fn is_nil(&self) -> bool {
        self.items.is_none()
    }

    /// The part of this list, which must lie within; it shares the elements.
    pub(crate) fn part(&self, range: Range<usize>) -> Option<Self> {
        self.get(range.clone())?;
        let at = |offset: usize| self.from + u32::try_from(offset).unwrap_or(u32::MAX);
        Some(Self { items: self.items.clone(), from: at(range.start), to: at(range.end) })
    }

    /// The part that Go's `list[from:to]` is: it may reach behind the end, to the end of the row.
    pub(crate) fn reslice(&self, range: Range<usize>) -> Option<Self> {
        let to = self.from + u32::try_from(self.capacity()).ok()?;
        let whole = Self { items: self.items.clone(), from: self.from, to };
        whole.part(range)
    }

    /// How many elements the row has from the start of this part on.
    pub(crate) fn capacity(&self) -> usize {
        self.items.as_ref().map_or(0, |items| items.0.len() - self.from as usize)
    }

    /// Whether both are the same part of the same row.
    pub(crate) fn same(&self, other: &Self) -> bool {
        let address = |list: &Self| list.items.as_ref().map(Rc::as_ptr);
        (address(self), self.from, self.to) == (address(other), other.from, other.to)
    }
}

impl<T: Element> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.items.as_ref().map_or(&[], |items| &items.0[self.from as usize..self.to as usize])
    }
}

impl<T: Element> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        meter::grow(items.capacity() * size_of::<T>() + meter::OVERHEAD);
        let to = u32::try_from(items.len()).expect("the budget is less than 4 G elements");
        Self { items: Some(Rc::new(Items(items))), from: 0, to }
    }
}

impl From<Vec<Vec<Value>>> for List<List<Value>> {
    fn from(items: Vec<Vec<Value>>) -> Self {
        items.into_iter().map(List::from).collect::<Vec<_>>().into()
    }
}

/// `[]string`. Unlike the others it can change: `sortAlpha` sorts in place, for all who share it.
#[derive(Clone)]
pub(crate) struct Strings {
    items: Option<Rc<Row>>,
    from: u32,
    to: u32,
}

struct Row(RefCell<Vec<Text>>);

impl Drop for Row {
    fn drop(&mut self) {
        meter::shrink(self.0.get_mut().capacity() * size_of::<Text>() + meter::OVERHEAD);
    }
}

impl Strings {
    /// The nil slice.
    pub(crate) const NIL: Self = Self { items: None, from: 0, to: 0 };

    pub(crate) fn is_nil(&self) -> bool {
        self.items.is_none()
    }

    pub(crate) fn len(&self) -> usize {
        (self.to - self.from) as usize
    }

    pub(crate) fn get(&self, at: usize) -> Option<Text> {
        if at >= self.len() {
            return None;
        }
        self.items.as_ref().map(|row| row.0.borrow()[self.from as usize + at].clone())
    }

    /// As [`List::capacity`].
    pub(crate) fn capacity(&self) -> usize {
        self.items.as_ref().map_or(0, |row| row.0.borrow().len() - self.from as usize)
    }

    /// How many bytes the elements hold, with something for each.
    pub(crate) fn size(&self) -> usize {
        self.items
            .as_ref()
            .map_or(0, |row| row.0.borrow()[self.range()].iter().map(|text| 64 + text.len()).sum())
    }

    /// Whether the elements are the same.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        match (&self.items, &other.items) {
            (Some(one), Some(two)) => one.0.borrow()[self.range()] == two.0.borrow()[other.range()],
            _ => self.len() == other.len(),
        }
    }

    /// The elements, copied.
    pub(crate) fn to_vec(&self) -> Vec<Text> {
        self.items.as_ref().map_or_else(Vec::new, |row| row.0.borrow()[self.range()].to_vec())
    }

    /// The part of this list, which must lie within; it shares the elements.
    pub(crate) fn part(&self, range: Range<usize>) -> Option<Self> {
        if range.start > range.end || range.end > self.len() {
            return None;
        }
        let at = |offset: usize| self.from + u32::try_from(offset).unwrap_or(u32::MAX);
        Some(Self { items: self.items.clone(), from: at(range.start), to: at(range.end) })
    }

    /// The part that Go's `list[from:to]` is: it may reach behind the end, to the end of the row.
    pub(crate) fn reslice(&self, range: Range<usize>) -> Option<Self> {
        let row = self.items.as_ref().map_or(0, |row| row.0.borrow().len());
        Self { to: u32::try_from(row).ok()?, ..self.clone() }.part(range)
    }

    /// Sorts by bytes, in place.
    pub(crate) fn sort(&self) {
        if let Some(row) = &self.items {
            row.0.borrow_mut()[self.range()].sort_unstable();
        }
    }

    fn range(&self) -> Range<usize> {
        self.from as usize..self.to as usize
    }
}

impl From<Vec<Text>> for Strings {
    fn from(items: Vec<Text>) -> Self {
        meter::grow(items.capacity() * size_of::<Text>() + meter::OVERHEAD);
        let to = u32::try_from(items.len()).expect("the budget is less than 4 G elements");
        Self { items: Some(Rc::new(Row(RefCell::new(items)))), from: 0, to }
    }
}
