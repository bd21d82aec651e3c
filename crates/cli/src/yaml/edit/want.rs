//! Changes, sorted into what is wanted of each value.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Step;

/// What is wanted of one value: first something in its stead, then changes below it.
#[derive(Default)]
pub(super) struct Want {
    instead: Instead,
    below: BTreeMap<Step, Want>,
    /// When it was first asked for: new keys are added in this order.
    turn: usize,
}

#[derive(Default)]
enum Instead {
    #[default]
    Keep,
    Remove,
    Set(Value),
}

/// Why a value cannot be as wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Misfit {
    #[error("not a map, so it can hold no key")]
    NotAMap,
    #[error("not a list, so it can hold no items")]
    NotASequence,
    #[error("the list is shorter")]
    NoSuchItem,
}

impl Want {
    pub(super) fn add(&mut self, turn: usize, path: &[Step], value: Option<Value>) {
        match path.split_first() {
            Some((step, rest)) => {
                let below = self.below.entry(step.clone());
                below.or_insert_with(|| Self { turn, ..Self::default() }).add(turn, rest, value);
            }
            None => {
                self.instead = value.map_or(Instead::Remove, Instead::Set);
                self.below.clear();
            }
        }
    }

    /// Whether what is there is kept, but for what is below it.
    pub(super) fn keeps(&self) -> bool {
        matches!(self.instead, Instead::Keep)
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.keeps() && self.below.is_empty()
    }

    /// Whether nothing is left in its place.
    pub(super) fn removes(&self) -> bool {
        matches!(self.instead, Instead::Remove) && !self.is_something()
    }

    /// Why a collection cannot be as wanted, whatever is in it.
    pub(super) fn misfit(&self, is_map: bool) -> Option<Misfit> {
        match is_map {
            true => self.brings(Step::is_index).then_some(Misfit::NotASequence),
            false => self.brings(Step::is_key).then_some(Misfit::NotAMap),
        }
    }

    /// What is wanted of entries or of items, as they were asked for or as they stand.
    pub(super) fn below_in_turn(&self, is_map: bool) -> Vec<(&Step, &Self)> {
        let mut below: Vec<_> =
            self.below.iter().filter(|(step, _)| step.is_key() == is_map).collect();
        if is_map {
            below.sort_by_key(|(_, want)| want.turn);
        }
        below
    }

    /// The value as wanted; None where there is none, before or after.
    pub(super) fn apply(&self, old: Option<Value>) -> Result<Option<Value>, Misfit> {
        let value = match &self.instead {
            Instead::Keep => old,
            Instead::Remove => None,
            Instead::Set(value) => Some(value.clone()),
        };
        let (keys, indexes) = (self.brings(Step::is_key), self.brings(Step::is_index));
        match value {
            Some(Value::Object(_)) if indexes => Err(Misfit::NotASequence),
            Some(Value::Object(map)) => self.apply_to_map(map).map(Some),
            Some(Value::Array(_)) if keys => Err(Misfit::NotAMap),
            Some(Value::Array(items)) => self.apply_to_sequence(items).map(Some),
            None | Some(Value::Null) if keys && indexes => Err(Misfit::NotASequence),
            None | Some(Value::Null) if keys => self.apply_to_map(Map::new()).map(Some),
            None | Some(Value::Null) if indexes => self.apply_to_sequence(Vec::new()).map(Some),
            Some(_) if keys => Err(Misfit::NotAMap),
            Some(_) if indexes => Err(Misfit::NotASequence),
            scalar => Ok(scalar),
        }
    }

    /// Whether something below it comes to be where nothing was.
    fn brings(&self, is_concerned: fn(&Step) -> bool) -> bool {
        let mut below = self.below.iter();
        below.any(|(step, want)| is_concerned(step) && want.is_something())
    }

    fn is_something(&self) -> bool {
        matches!(self.instead, Instead::Set(_)) || self.brings(|_| true)
    }

    fn apply_to_map(&self, mut map: Map<String, Value>) -> Result<Value, Misfit> {
        for (step, want) in &self.below {
            if let Step::Key(key) = step {
                let old = map.remove(key);
                map.extend(want.apply(old)?.map(|value| (key.clone(), value)));
            }
        }
        Ok(Value::Object(map))
    }

    /// Indexes count the items as they were; new ones follow the last.
    fn apply_to_sequence(&self, items: Vec<Value>) -> Result<Value, Misfit> {
        let mut items: Vec<Option<Value>> = items.into_iter().map(Some).collect();
        for (step, want) in &self.below {
            let Step::Index(index) = step else { continue };
            let count = items.len();
            match items.get_mut(*index) {
                Some(item) => *item = want.apply(item.take())?,
                None if !want.is_something() => {}
                None if *index == count => items.push(want.apply(None)?),
                None => return Err(Misfit::NoSuchItem),
            }
        }
        Ok(Value::Array(items.into_iter().flatten().collect()))
    }
}
