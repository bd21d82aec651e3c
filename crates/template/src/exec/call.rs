//! Calls of functions and methods.

use super::Machine;
use crate::error::Fault;
use crate::funcs::{Args, Function};
use crate::value::Value;

/// Bytes of a text, or elements of a list. Of maps functions pay for what they look at: most look at
/// one entry of many.
fn length(value: &Value) -> usize {
    match value {
        Value::Dict(_) | Value::StringMap(_) => 0,
        value => value.len().unwrap_or(0),
    }
}

impl Machine<'_, '_> {
    pub(super) fn call(
        &mut self,
        function: &'static Function,
        count: u16,
        piped: bool,
    ) -> Result<(), Fault> {
        let from = self.stack.len() - usize::from(count) - usize::from(piped);
        if piped {
            // What was piped in is the last argument.
            let last = &mut self.stack[from];
            if matches!(last, Value::Nil) {
                *last = Value::Invalid;
            }
            self.stack[from..].rotate_left(1);
        }
        self.invoke(function, from, 0)
    }

    /// Calls with the operands from `from` on, of which the first `receivers` are no arguments.
    /// They are replaced by the result.
    pub(super) fn invoke(
        &mut self,
        function: &'static Function,
        from: usize,
        receivers: usize,
    ) -> Result<(), Fault> {
        self.function = Some(function.name);
        let arguments = &mut self.stack[from + receivers..];
        if !function.takes(arguments.len()) {
            return Err("wrong number of arguments".into());
        }
        let (mut read, mut objects) = (0, 0);
        for (at, argument) in arguments.iter_mut().enumerate() {
            let wanted = function.param(at).ok_or(Fault::new("wrong number of arguments"))?;
            let value = std::mem::replace(argument, Value::Invalid);
            read += length(&value);
            objects += value.object_size();
            *argument = wanted.accept(value).ok_or(Fault::new("wrong type for an argument"))?;
        }
        // At the speed of copying; what is slower pays more, by itself.
        self.context.spend(4 + read as u64 / 1024)?;
        for receiver in &self.stack[from..from + receivers] {
            objects += receiver.object_size();
        }
        // Of an object, each byte is looked at, and copied.
        self.context.check(objects.saturating_mul(2))?;
        self.context.spend(objects as u64 / 16)?;
        let result = (function.body)(&mut self.context, &mut Args(&mut self.stack[from..]))?;
        debug_assert!(function.returns(&result), "{} returned another type", function.name);
        self.context.spend(length(&result) as u64 / 256)?;
        self.context.check(0)?;
        self.stack.truncate(from);
        self.stack.push(&self.context, result)?;
        self.function = None;
        Ok(())
    }

    /// Gives the constants among a method's arguments the types that it wants.
    pub(super) fn type_literals(
        &mut self,
        method: &Function,
        from: usize,
        literals: &[Option<u32>],
    ) -> Result<(), Fault> {
        for (at, literal) in literals.iter().enumerate() {
            let (Some(literal), Some(wanted)) = (literal, method.param(at)) else { continue };
            let literal = self.program.literals[*literal as usize];
            let value = literal.typed(*wanted, &self.program.texts);
            self.stack[from + at] = value.map_err(|why| Fault::new(why))?;
        }
        Ok(())
    }
}
