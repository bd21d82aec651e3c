//! Go's maps from strings: references, so a change is seen by all who hold them; or nil.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use super::grave::{Remains, bury};
use super::{Text, Value, meter};
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
}

/// What one entry takes beside the bytes of its strings.
const ENTRY: usize = 96;

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

    pub(crate) fn get(&self, key: &[u8]) -> Option<V> {
        self.0.as_ref()?.entries.borrow().get(key).cloned()
    }

    pub(crate) fn contains(&self, key: &[u8]) -> bool {
        self.0.as_ref().is_some_and(|map| map.entries.borrow().contains_key(key))
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

    /// Removes the entry, if it is there.
    pub(crate) fn remove(&self, key: &[u8]) {
        if let Some(map) = &self.0 {
            map.entries.borrow_mut().remove(key);
            map.meter();
        }
    }

    /// A number that only this map has while it lives; 0 is nil.
    pub(crate) fn address(&self) -> usize {
        self.0.as_ref().map_or(0, |map| Rc::as_ptr(map).addr())
    }

    fn put(&self, key: Text, value: V) -> Result<(), Fault> {
        let map = self.0.as_ref().ok_or(Fault::new("assignment to entry in nil map"))?;
        // The old value is dropped after the borrow: its drop may come back here.
        let _old = map.entries.borrow_mut().insert(key, value);
        map.meter();
        Ok(())
    }
}

impl<V: Content> Entries<V> {
    fn meter(&self) {
        let now = self.entries.borrow().len() * ENTRY + meter::OVERHEAD;
        let before = self.metered.replace(now);
        meter::grow(now);
        meter::shrink(before);
    }
}

impl Map<Value> {
    /// Sets an entry.
    ///
    /// # Errors
    /// When the map is nil.
    pub(crate) fn insert(
        &self,
        context: &mut Context<'_>,
        key: Text,
        value: Value,
    ) -> Result<(), Fault> {
        if matches!(value, Value::List(_) | Value::Lists(_) | Value::Dict(_)) {
            context.may_contain_itself(self);
        }
        self.put(key, value)
    }

    pub(crate) fn downgrade(&self) -> Option<WeakDict> {
        self.0.as_ref().map(|map| WeakDict(Rc::downgrade(map)))
    }
}

impl Map<Text> {
    /// Sets an entry.
    ///
    /// # Errors
    /// When the map is nil.
    pub(crate) fn insert(&self, key: Text, value: Text) -> Result<(), Fault> {
        self.put(key, value)
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
        let map = Entries { entries: RefCell::new(entries), metered: Cell::new(0) };
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
        assert_eq!((Dict::NIL.len(), Dict::NIL.get(b"a").is_some()), (0, false));
    }

    #[test]
    fn dicts_nested_deeply_are_printed_and_dropped() {
        let mut still = Still;
        let mut budget = Budget::default();
        let mut context = Context::new(&mut still, &mut budget);
        let mut value = Value::Int(1);
        for _ in 0..100_000 {
            let next = dict();
            next.insert(&mut context, "k".into(), value).unwrap();
            value = next.into();
        }
        assert!(printf::display(&mut context, &value).is_ok_and(|text| text.len() == 700_001));
        assert_eq!(deep_equal(&mut context, &value.clone(), &value), Ok(true));
    }
}
