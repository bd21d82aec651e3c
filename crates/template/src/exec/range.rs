//! `range`.

use super::Machine;
use crate::error::Fault;
use crate::program::Declared;
use crate::value::meter::{Held, OVERHEAD};
use crate::value::{Left, Text, Value};

/// What is iterated over, and how far it got.
pub(super) struct Iteration {
    over: Over,
    declared: Declared,
    /// How many variables there are when an iteration begins.
    variables: usize,
    _held: Held,
}

enum Over {
    /// From a number up to another: integers of one type.
    Signed(i64, i64, fn(i64) -> Value),
    Unsigned(u64, u64, fn(u64) -> Value),
    List(Value, usize),
    /// A map's entries as they were when the range began.
    Entries(Left<(Text, Value)>),
}

impl Machine<'_, '_> {
    pub(super) fn range(&mut self, variables: u32, empty: u32) -> Result<(), Fault> {
        let value = self.pop();
        let declared = self.program.ranges[variables as usize];
        let two = matches!(declared, Declared::Two | Declared::AssignedTwo(..));
        let over = match value {
            Value::Invalid | Value::Nil => None,
            Value::StringMap(map) => {
                Some(Over::Entries(map.copied(&mut self.context)?.into_iter()))
            }
            Value::Dict(map) => Some(Over::Entries(map.copied(&mut self.context)?.into_iter())),
            Value::Text(_) => return Err("range over what has no elements".into()),
            list if list.len().is_some() => Some(Over::List(list, 0)),
            number => {
                let over = Over::numbers(&number).ok_or("range over what has no elements")?;
                if two {
                    return Err("range over an integer with two variables".into());
                }
                Some(over)
            }
        };
        let Some(over) = over.filter(|over| !over.is_empty()) else {
            self.next = empty as usize;
            return Ok(());
        };
        let variables = self.variables.len();
        let held = self.context.hold(size_of::<Iteration>() + OVERHEAD)?;
        if let Some(scope) = self.scopes.last_mut() {
            scope.dot = Some(self.dot.clone());
            scope.iteration = Some(Box::new(Iteration { over, declared, variables, _held: held }));
        }
        Ok(())
    }

    /// Begins the next iteration of the innermost scope.
    pub(super) fn iterate(&mut self, end: u32) -> Result<(), Fault> {
        let iteration = self.scopes.last_mut().and_then(|scope| scope.iteration.as_mut());
        let Some((iteration, (index, element))) =
            iteration.and_then(|iteration| iteration.over.next().map(|next| (iteration, next)))
        else {
            self.next = end as usize;
            return Ok(());
        };
        let declared = iteration.declared;
        self.variables.truncate(iteration.variables);
        let last = self.variables.len();
        match declared {
            Declared::None => {}
            Declared::One => self.variables[last - 1].1 = element.clone(),
            Declared::Two => {
                self.variables[last - 1].1 = element.clone();
                self.variables[last - 2].1 = index;
            }
            Declared::Assigned(variable) => self.assign(variable, element.clone())?,
            Declared::AssignedTwo(first, second) => {
                self.assign(first, index)?;
                self.assign(second, element.clone())?;
            }
        }
        self.dot = element;
        Ok(())
    }
}

impl Over {
    fn numbers(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Int(end) => Self::Signed(0, *end, Value::Int),
            Value::Int64(end) => Self::Signed(0, *end, Value::Int64),
            Value::Uint8(end) => {
                Self::Unsigned(0, u64::from(*end), |at| Value::Uint8(at.try_into().unwrap_or(0)))
            }
            Value::Uint32(end) => {
                Self::Unsigned(0, u64::from(*end), |at| Value::Uint32(at.try_into().unwrap_or(0)))
            }
            Value::Uint64(end) => Self::Unsigned(0, *end, Value::Uint64),
            Value::Object(object) => Self::Signed(0, object.int()?, object.object_type().integer?),
            _ => return None,
        })
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Signed(at, end, _) => at >= end,
            Self::Unsigned(at, end, _) => at >= end,
            Self::List(list, _) => list.len() == Some(0),
            Self::Entries(entries) => entries.len() == 0,
        }
    }

    /// The next index or key, and element.
    fn next(&mut self) -> Option<(Value, Value)> {
        if let Self::List(list, at) = self {
            let element = list.element(*at)?;
            *at += 1;
            return Some((Value::Int(i64::try_from(*at - 1).ok()?), element));
        }
        if self.is_empty() {
            return None;
        }
        match self {
            Self::Signed(at, _, make) => {
                *at += 1;
                Some((Value::Invalid, make(*at - 1)))
            }
            Self::Unsigned(at, _, make) => {
                *at += 1;
                Some((Value::Invalid, make(*at - 1)))
            }
            Self::Entries(entries) => {
                let (key, value) = entries.next()?;
                Some((Value::Text(key), value))
            }
            Self::List(..) => None,
        }
    }
}
