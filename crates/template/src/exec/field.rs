//! Fields of maps and of values with methods.

use super::Machine;
use crate::error::Fault;
use crate::program::Name;
use crate::value::{Text, Value};

/// Longer values are copied once for all readers instead of for each.
const SHORT: usize = 4096;
/// So are all, once copies of short ones come to so many bytes.
const COPIED: usize = 64 << 10;

impl Machine<'_, '_> {
    pub(super) fn field(&mut self, receiver: &Value, name: Name) -> Result<Value, Fault> {
        let name = self.name(name);
        match receiver {
            Value::Invalid => Ok(Value::Invalid),
            Value::Nil => Err("nil pointer evaluating a field of interface {}".into()),
            Value::StringMap(map) => {
                if self.is_bare_root(receiver) {
                    match self.data.get(name) {
                        None => return Ok(Value::Invalid),
                        Some(value) if value.len() <= SHORT && self.copied < COPIED => {
                            self.context.room(value.len())?;
                            self.copied += value.len();
                            return Ok(Text::from(&value[..]).into());
                        }
                        Some(_) => self.fill_root()?,
                    }
                }
                let found = map.get(&mut self.context, name.as_bytes())?;
                Ok(found.map_or(Value::Invalid, Value::Text))
            }
            Value::Dict(map) => {
                let found = map.get(&mut self.context, name.as_bytes())?;
                Ok(found.unwrap_or(Value::Invalid))
            }
            Value::Object(object) => match object.method(name) {
                Some(method) => {
                    let from = self.stack.len();
                    self.stack.push(&self.context, receiver.clone())?;
                    self.invoke(method, from, 1)?;
                    Ok(self.pop())
                }
                None => {
                    let fields = object.fields().into_iter();
                    let found = fields.into_iter().find(|(field, _)| {
                        *field == name && name.starts_with(|first: char| first.is_uppercase())
                    });
                    found.map(|(_, value)| value).ok_or(Fault::new("no such field or method"))
                }
            },
            _ => Err("field of a value that has none".into()),
        }
    }

    pub(super) fn print_field(&mut self, name: Name) -> Result<(), Fault> {
        let dot = self.dot.clone();
        if self.is_bare_root(&dot) {
            let value = self.data.get(self.name(name));
            return self.write(value.map_or(&b"<no value>"[..], |value| &value[..]));
        }
        let value = self.field(&dot, name)?;
        self.print(&value)
    }

    /// A field with arguments: it must be a method.
    pub(super) fn method(&mut self, name: Name, arguments: u32, piped: bool) -> Result<(), Fault> {
        let program = self.program;
        let literals = &program.arguments[arguments as usize];
        let at = self.stack.len() - literals.len() - 1;
        let from = at - usize::from(piped);
        if piped {
            self.stack[from..].rotate_left(1);
        }
        let receiver = self.stack[from].clone();
        let name = self.name(name);
        match &receiver {
            Value::Invalid => {
                self.stack.truncate(from);
                return self.stack.push(&self.context, Value::Invalid);
            }
            Value::Object(object) => {
                if let Some(method) = object.method(name) {
                    self.type_literals(method, from + 1, literals)?;
                    return self.invoke(method, from, 1);
                }
            }
            _ => {}
        }
        Err("arguments for what is no method".into())
    }
}
