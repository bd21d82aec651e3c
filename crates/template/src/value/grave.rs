//! Drops nested values without recursion: a list may be nested a million deep.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::{Text, Value};

/// What a container leaves behind.
pub(super) enum Remains {
    Values(Vec<Value>),
    Entries(BTreeMap<Text, Value>),
}

impl Remains {
    /// What is nested further is buried in turn.
    fn drop_one_level(self) {
        match self {
            Self::Values(values) => drop(values),
            Self::Entries(entries) => drop(entries),
        }
    }
}

thread_local! {
    static BURYING: Cell<bool> = const { Cell::new(false) };
    static WAITING: RefCell<Vec<Remains>> = const { RefCell::new(Vec::new()) };
}

/// Drops `remains`; containers inside come to their turn when this level is done.
pub(super) fn bury(remains: Remains) {
    if BURYING.try_with(|burying| burying.replace(true)).unwrap_or(false) {
        let _ = WAITING.try_with(|waiting| waiting.borrow_mut().push(remains));
        return;
    }
    remains.drop_one_level();
    while let Ok(Some(next)) = WAITING.try_with(|waiting| waiting.borrow_mut().pop()) {
        next.drop_one_level();
    }
    // The thread outlives the render: room for a million levels is not kept.
    let _ = WAITING.try_with(RefCell::take);
    let _ = BURYING.try_with(|burying| burying.set(false));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_list_is_dropped_without_recursion() {
        let mut value = Value::Nil;
        for _ in 0..300_000 {
            value = Value::from(vec![value]);
        }
        drop(value);
    }
}
