//! Lists, maps and structs, walked without recursion.

use std::collections::HashSet;
use std::vec::IntoIter;

use super::Printer;
use crate::error::Fault;
use crate::value::{Counted, Kind, Left, Text, Value};

/// A container whose elements are being printed.
struct Walk {
    elements: Elements,
    first: bool,
    /// The dict, lest it contains itself.
    address: usize,
}

enum Elements {
    List(Value, usize),
    Entries(Left<(Text, Value)>),
    Fields(IntoIter<(&'static str, Value)>),
}

impl Printer<'_, '_> {
    /// Prints a container and all within, as `%v` or any other verb for the elements.
    pub(super) fn nested(&mut self, value: &Value, verb: char) -> Result<(), Fault> {
        let mut walks = Counted::default();
        let mut within = HashSet::new();
        self.open(value, &mut walks, &mut within)?;
        while let Some(walk) = walks.last_mut() {
            self.context.spend(2)?;
            let Some(element) = self.next(walk, verb)? else {
                within.remove(&walk.address);
                let brace = self.flags.sharp_v || matches!(walk.elements, Elements::Fields(_));
                self.put(if brace { b"}" } else { b"]" })?;
                walks.pop();
                continue;
            };
            match &element {
                Value::Invalid | Value::Nil if self.flags.sharp_v => {
                    self.put(b"interface {}(nil)")?;
                }
                Value::Invalid | Value::Nil => self.put(b"<nil>")?,
                Value::Bytes(bytes) if matches!(verb, 's' | 'q' | 'x' | 'X') => {
                    self.bytes(bytes, verb)?;
                }
                element if self.leaf(element, verb)? => {}
                Value::Object(object) if object.object_type().kind == Kind::Ptr => {
                    self.address(&element, super::ADDRESS, verb)?;
                }
                element => self.open(element, &mut walks, &mut within)?,
            }
        }
        Ok(())
    }

    /// Writes what comes before the first element.
    fn open(
        &mut self,
        value: &Value,
        walks: &mut Counted<Walk>,
        within: &mut HashSet<usize>,
    ) -> Result<(), Fault> {
        self.context.spend(16 + value.len().unwrap_or(0) as u64)?;
        if walks.is_empty() && value.kind() == Kind::Ptr {
            self.put(b"&")?;
        }
        if self.flags.sharp_v {
            self.put(value.type_name().trim_start_matches('*').as_bytes())?;
            if value.is_nil() {
                return self.put(b"(nil)");
            }
        }
        let mut address = 0;
        let (elements, first): (_, &[u8]) = match value {
            Value::Dict(map) => {
                address = map.address();
                if address != 0 && !within.insert(address) {
                    return Err(Fault::CYCLE);
                }
                (Elements::Entries(map.copied(self.context)?.into_iter()), b"map[")
            }
            Value::StringMap(map) => {
                (Elements::Entries(map.copied(self.context)?.into_iter()), b"map[")
            }
            Value::Object(object) => (Elements::Fields(object.fields().into_iter()), b"{"),
            list => (Elements::List(list.clone(), 0), b"["),
        };
        self.put(if self.flags.sharp_v { b"{" } else { first })?;
        walks.push(self.context, Walk { elements, first: true, address })
    }

    /// The next element, after what separates it and its name.
    fn next(&mut self, walk: &mut Walk, verb: char) -> Result<Option<Value>, Fault> {
        let (name, element) = match &mut walk.elements {
            Elements::List(list, at) => {
                *at += 1;
                (None, list.element(*at - 1))
            }
            Elements::Entries(entries) => match entries.next() {
                Some((key, value)) => (Some(key), Some(value)),
                None => (None, None),
            },
            Elements::Fields(fields) => match fields.next() {
                Some((name, value)) => (Some(Text::literal(name)), Some(value)),
                None => (None, None),
            },
        };
        if element.is_none() {
            return Ok(None);
        }
        if !std::mem::take(&mut walk.first) {
            self.put(if self.flags.sharp_v { b", " } else { b" " })?;
        }
        match (name, &walk.elements) {
            (Some(name), Elements::Fields(_)) if self.flags.plus_v || self.flags.sharp_v => {
                self.put(&name)?;
                self.put(b":")?;
            }
            (Some(key), Elements::Entries(_)) => {
                self.leaf(&Value::Text(key), verb)?;
                self.put(b":")?;
            }
            _ => {}
        }
        Ok(element)
    }
}
