//! Go's maps from strings: references, so a change is seen by all who hold them; or nil.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use super::grave::{Remains, bury};
use super::{Counted, Text, Value, meter};
use crate::context::Context;
use crate::error::Fault;

/// `map[string]interface {}`
pub(crate) type Dict = Map<Value>;
/// `map[string]string`
pub(crate) type StringMap = Map<Text>;

/// A map that may be nil. Keys come sorted wherever they come in an order.
#[derive(Clone)]
pub(crate) struct Map<V: Content>(Option<Rc<Entries<V>>>);

/// A dict that does not keep its entries alive.
pub(crate) struct WeakDict(Weak<Entries<Value>>);

struct Entries<V: Content> {
    entries: RefCell<BTreeMap<Text, V>>,
    metered: Cell<usize>,
    /// Whether the render knows that it may contain itself.
    noted: Cell<bool>,
}

/// What one entry takes beside the bytes of its strings.
const ENTRY: usize = 96;
/// Entries for which there is room as soon as there is one, about: a node of the tree.
const NODE: usize = 6;

/// What a map may hold.
pub(crate) trait Content: Sized + Clone {
    fn discard(entries: BTreeMap<Text, Self>) {
        drop(entries);
    }
}

impl Content for Text {}
impl Content for Value {
    fn discard(entries: BTreeMap<Text, Self>) {
        bury(Remains::Entries(entries));
    }
}

impl<V: Content> Drop for Entries<V> {
    fn drop(&mut self) {
        meter::shrink(self.metered.get());
        V::discard(std::mem::take(self.entries.get_mut()));
    }
}

impl<V: Content> Map<V> {
    /// The nil map: empty, and nothing can be inserted.
    pub(crate) const NIL: Self = Self(None);

    pub(crate) fn is_nil(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |map| map.entries.borrow().len())
    }

    /// The value under a key.
    ///
    /// # Errors
    /// When the key is so long that comparing it takes more steps than are left.
    pub(crate) fn get(&self, context: &mut Context<'_>, key: &[u8]) -> Result<Option<V>, Fault> {
        self.seek(context, key)?;
        Ok(self.0.as_ref().and_then(|map| map.entries.borrow().get(key).cloned()))
    }

    /// Whether there is such a key.
    ///
    /// # Errors
    /// As [`Map::get`].
    pub(crate) fn contains(&self, context: &mut Context<'_>, key: &[u8]) -> Result<bool, Fault> {
        self.seek(context, key)?;
        Ok(self.0.as_ref().is_some_and(|map| map.entries.borrow().contains_key(key)))
    }

    /// Pays for finding a key: where keys are long and alike, each comparison reads all of it.
    fn seek(&self, context: &mut Context<'_>, key: &[u8]) -> Result<(), Fault> {
        let comparisons = u64::from(self.len().max(1).ilog2()) + 1;
        context.spend(comparisons * (1 + key.len() as u64 / 64))
    }

    /// Whether it is so of any entry, as far as they have to be looked at.
    pub(crate) fn any(&self, mut holds: impl FnMut(&Text, &V) -> bool) -> bool {
        self.0
            .as_ref()
            .is_some_and(|map| map.entries.borrow().iter().any(|(key, value)| holds(key, value)))
    }

    /// The keys, sorted.
    pub(crate) fn keys(&self) -> Vec<Text> {
        self.0.as_ref().map_or_else(Vec::new, |map| map.entries.borrow().keys().cloned().collect())
    }

    /// The entries, sorted by key.
    pub(crate) fn entries(&self) -> Vec<(Text, V)> {
        self.0.as_ref().map_or_else(Vec::new, |map| {
            map.entries.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
        })
    }

    /// A copy of the entries, sorted by key, that counts while it lives.
    ///
    /// # Errors
    /// When there is no room for it.
    pub(crate) fn copied(&self, context: &mut Context<'_>) -> Result<Counted<(Text, Value)>, Fault>
    where
        V: Into<Value>,
    {
        context.room(self.len() * size_of::<(Text, Value)>())?;
        context.spend(self.len() as u64 / 2)?;
        let mut copy = Vec::with_capacity(self.len());
        if let Some(map) = &self.0 {
            let entries = map.entries.borrow();
            copy.extend(entries.iter().map(|(key, value)| (key.clone(), value.clone().into())));
        }
        Ok(copy.into())
    }

    /// Removes the entry, if it is there.
    ///
    /// # Errors
    /// As [`Map::get`].
    pub(crate) fn remove(&self, context: &mut Context<'_>, key: &[u8]) -> Result<(), Fault> {
        self.seek(context, key)?;
        if let Some(map) = &self.0 {
            // The old value is dropped after the borrow: its drop may come back here.
            let _old = map.entries.borrow_mut().remove(key);
            map.meter();
        }
        Ok(())
    }

    /// A number that only this map has while it lives; 0 is nil.
    pub(crate) fn address(&self) -> usize {
        self.0.as_ref().map_or(0, |map| Rc::as_ptr(map).addr())
    }

    fn put(&self, context: &mut Context<'_>, key: Text, value: V) -> Result<(), Fault> {
        self.seek(context, &key)?;
        let map = self.0.as_ref().ok_or(Fault::new("assignment to entry in nil map"))?;
        // The old value is dropped after the borrow: its drop may come back here.
        let _old = map.entries.borrow_mut().insert(key, value);
        map.meter();
        Ok(())
    }
}

impl<V: Content> Entries<V> {
    fn meter(&self) {
        let entries = match self.entries.borrow().len() {
            0 => 0,
            entries => entries.max(NODE),
        };
        let now = entries * ENTRY + meter::OVERHEAD;
        meter::shrink(self.metered.replace(now));
        meter::grow(now);
    }
}

impl Map<Value> {
    /// Sets an entry.
    ///
    /// # Errors
    /// When the map is nil, or the key too long.
    pub(crate) fn insert(
        &self,
        context: &mut Context<'_>,
        key: Text,
        value: Value,
    ) -> Result<(), Fault> {
        let container = matches!(value, Value::List(_) | Value::Lists(_) | Value::Dict(_));
        if container && self.0.as_ref().is_some_and(|map| !map.noted.replace(true)) {
            context.may_contain_itself(self);
        }
        self.put(context, key, value)
    }

    pub(crate) fn downgrade(&self) -> Option<WeakDict> {
        self.0.as_ref().map(|map| WeakDict(Rc::downgrade(map)))
    }
}

impl Map<Text> {
    /// Whether the entries are the same.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => *one.entries.borrow() == *other.entries.borrow(),
            (one, other) => one.is_none() == other.is_none(),
        }
    }

    /// Sets an entry.
    ///
    /// # Errors
    /// When the map is nil, or the key too long.
    pub(crate) fn insert(
        &self,
        context: &mut Context<'_>,
        key: Text,
        value: Text,
    ) -> Result<(), Fault> {
        self.put(context, key, value)
    }
}

impl<V: Content> Map<V> {
    /// Takes over the entries of another map.
    pub(crate) fn replace_with(&self, other: &Self) {
        if let (Some(map), Some(other)) = (&self.0, &other.0) {
            let _old = map.entries.replace(other.entries.take());
            map.meter();
            other.meter();
        }
    }
}

impl WeakDict {
    pub(crate) fn is_alive(&self) -> bool {
        self.0.strong_count() > 0
    }

    /// Takes everything out: what contained itself is let go.
    pub(crate) fn clear(&self) {
        if let Some(map) = self.0.upgrade() {
            let entries = map.entries.take();
            Value::discard(entries);
        }
    }
}

impl<V: Content> From<BTreeMap<Text, V>> for Map<V> {
    fn from(entries: BTreeMap<Text, V>) -> Self {
        let entries = RefCell::new(entries);
        let map = Entries { entries, metered: Cell::new(0), noted: Cell::new(false) };
        map.meter();
        Self(Some(Rc::new(map)))
    }
}

impl<V: Content> FromIterator<(Text, V)> for Map<V> {
    fn from_iter<I: IntoIterator<Item = (Text, V)>>(entries: I) -> Self {
        entries.into_iter().collect::<BTreeMap<_, _>>().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Budget;
    use crate::context::testing::Still;
    use crate::printf;
    use crate::value::{deep_equal, meter};

    fn dict() -> Dict {
        BTreeMap::new().into()
    }

    #[test]
    fn a_dict_that_contains_itself_is_an_error_and_is_let_go() {
        let before = meter::live();
        let mut still = Still;
        let mut budget = Budget::default();
        let mut context = Context::new(&mut still, &mut budget);
        let (outer, inner) = (dict(), dict());
        outer
            .insert(&mut context, "in".into(), Value::from(vec![Value::from(inner.clone())]))
            .unwrap();
        inner.insert(&mut context, "out".into(), outer.clone().into()).unwrap();
        inner.insert(&mut context, "text".into(), vec![b'x'; 1000].into()).unwrap();
        let printed = printf::display(&mut context, &outer.clone().into());
        assert_eq!(printed, Err(Fault::CYCLE));
        let equal = deep_equal(&mut context, &outer.clone().into(), &inner.clone().into());
        assert_eq!(equal, Ok(false));
        drop((outer, inner));
        assert!(meter::live() > before + 1000, "the cycle holds it");
        drop(context);
        assert_eq!(meter::live(), before);
    }

    #[test]
    fn the_same_dict_twice_is_no_cycle() {
        let mut still = Still;
        let mut budget = Budget::default();
        let mut context = Context::new(&mut still, &mut budget);
        let (outer, inner) = (dict(), dict());
        for key in ["a", "b"] {
            outer.insert(&mut context, key.into(), inner.clone().into()).unwrap();
        }
        inner.insert(&mut context, "k".into(), Value::Int(1)).unwrap();
        let printed = printf::display(&mut context, &outer.into()).unwrap();
        assert_eq!(String::from_utf8(printed).unwrap(), "map[a:map[k:1] b:map[k:1]]");
    }

    #[test]
    fn a_dict_that_doubles_at_each_step_is_not_printed_whole() {
        let mut still = Still;
        let mut budget = Budget::default();
        let mut context = Context::new(&mut still, &mut budget);
        let mut value = Value::Int(1);
        for _ in 0..64 {
            let next = dict();
            next.insert(&mut context, "a".into(), value.clone()).unwrap();
            next.insert(&mut context, "b".into(), value).unwrap();
            value = next.into();
        }
        assert!(printf::display(&mut context, &value).is_err_and(|fault| fault.limit));
    }

    #[test]
    fn nothing_is_inserted_into_nil() {
        let mut still = Still;
        let mut budget = Budget::default();
        let mut context = Context::new(&mut still, &mut budget);
        assert!(Dict::NIL.insert(&mut context, "a".into(), Value::Nil).is_err());
        assert_eq!(Dict::NIL.len(), 0);
        assert!(Dict::NIL.get(&mut context, b"a").is_ok_and(|found| found.is_none()));
    }

    #[test]
    fn dicts_nested_deeply_are_printed_and_dropped() {
        let mut still = Still;
        let mut budget = Budget::default();
        let mut context = Context::new(&mut still, &mut budget);
        let mut value = Value::Int(1);
        for _ in 0..50_000 {
            let next = dict();
            next.insert(&mut context, "k".into(), value).unwrap();
            value = next.into();
        }
        assert!(printf::display(&mut context, &value).is_ok_and(|text| text.len() == 350_001));
        assert_eq!(deep_equal(&mut context, &value.clone(), &value), Ok(true));
    }
}
