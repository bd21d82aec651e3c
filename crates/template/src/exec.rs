//! Runs a [`Program`]: a machine with its stacks on the heap.

mod call;
mod field;
mod range;

use std::collections::BTreeMap;

use self::range::Iteration;
use crate::context::{Budget, Context, World};
use crate::error::Fault;
use crate::limits;
use crate::printf;
use crate::program::{Body, Name, Op, Program};
use crate::value::{Counted, StringMap, Value, wipe};

/// Why a render ended early, and where in the text.
pub(crate) struct Failure {
    pub(crate) at: u32,
    pub(crate) fault: Fault,
    /// The function that refused.
    pub(crate) function: Option<&'static str>,
}

pub(crate) fn render(
    program: &Program,
    text: &str,
    data: &BTreeMap<String, Vec<u8>>,
    world: &mut dyn World,
    budget: &mut Budget,
) -> Result<Vec<u8>, Failure> {
    let mut machine = Machine::new(program, text, data, world, budget);
    match machine.run() {
        Ok(()) => {
            machine.context.wrote(machine.out.len());
            Ok(machine.out)
        }
        Err(fault) => {
            wipe(&mut machine.out);
            Err(machine.failure(fault))
        }
    }
}

struct Machine<'r, 'world> {
    program: &'r Program,
    text: &'r str,
    data: &'r BTreeMap<String, Vec<u8>>,
    /// `data` as a value. It is filled when something asks for more than single fields.
    root: StringMap,
    root_is_filled: bool,
    context: Context<'world>,
    out: Vec<u8>,

    body: &'r Body,
    /// The operation that comes next.
    next: usize,
    dot: Value,
    /// Operands.
    stack: Counted<Value>,
    /// Variables by number; those of the current body begin at `variables_from`.
    variables: Counted<(u32, Value)>,
    variables_from: usize,
    scopes: Counted<Scope>,
    /// Bodies that wait for the one they render.
    waiting: Counted<Waiting<'r>>,
    /// The function that is being called, for errors.
    function: Option<&'static str>,
    /// Bytes of values that were copied out of the root before it was filled.
    copied: usize,
}

struct Scope {
    /// How many variables there were before.
    variables: usize,
    /// Dot before, if the scope changed it.
    dot: Option<Value>,
    iteration: Option<Box<Iteration>>,
}

struct Waiting<'r> {
    body: &'r Body,
    next: usize,
    dot: Value,
    variables_from: usize,
}

/// What an entry of the root takes beside long texts.
const ENTRY: usize = 160;

const EMPTY: &str = "every operation finds the operands that those before it pushed";

impl<'r, 'world> Machine<'r, 'world> {
    fn new(
        program: &'r Program,
        text: &'r str,
        data: &'r BTreeMap<String, Vec<u8>>,
        world: &'world mut dyn World,
        budget: &'world mut Budget,
    ) -> Self {
        let context = Context::new(world, budget);
        let root = StringMap::from(BTreeMap::new());
        let dot = Value::StringMap(root.clone());
        Self {
            program,
            text,
            data,
            root,
            root_is_filled: false,
            context,
            out: Vec::with_capacity(text.len()),
            body: &program.bodies[program.main as usize],
            next: 0,
            stack: Vec::with_capacity(8).into(),
            variables: vec![(0, dot.clone())].into(),
            dot,
            variables_from: 0,
            scopes: Counted::default(),
            waiting: Counted::default(),
            function: None,
            copied: 0,
        }
    }

    fn failure(&self, fault: Fault) -> Failure {
        let at = self.body.at.get(self.next.saturating_sub(1)).copied().unwrap_or_default();
        Failure { at, fault, function: self.function }
    }

    fn run(&mut self) -> Result<(), Fault> {
        loop {
            let op = self.body.ops[self.next];
            self.next += 1;
            self.context.spend(1)?;
            match op {
                Op::Return => {
                    if !self.finish() {
                        return Ok(());
                    }
                }
                Op::Write(text) => self.write(self.name(text).as_bytes())?,
                Op::Jump(to) => self.next = to as usize,
                Op::Enter => self.enter()?,
                Op::Leave(count) => (0..count).for_each(|_| self.leave()),
                Op::If(otherwise) => {
                    if !self.pop().truth() {
                        self.next = otherwise as usize;
                    }
                }
                Op::With(otherwise) => self.with(otherwise),
                Op::Range { variables, empty } => self.range(variables, empty)?,
                Op::Next(end) => self.iterate(end)?,
                Op::Render(body) => self.render(body)?,
                Op::Fail(why) => return Err(Fault::new(why)),
                Op::Decide { or, piped, end } => self.decide(or, piped, end)?,
                Op::Call { function, count, piped } => self.call(function, count, piped)?,
                Op::Method { name, arguments, piped } => self.method(name, arguments, piped)?,
                Op::Print => {
                    let value = self.pop();
                    self.print(&value)?;
                }
                Op::PrintField(name) => self.print_field(name)?,
                Op::Declare(variable) => self.declare(variable)?,
                Op::Assign(variable) => {
                    let value = self.top();
                    self.assign(variable, value)?;
                }
                Op::Pop => drop(self.pop()),
                Op::Unwrap => {
                    if let Some(top @ Value::Nil) = self.stack.last_mut() {
                        *top = Value::Invalid;
                    }
                }
                operand => {
                    let value = self.operand(operand)?;
                    self.stack.push(&self.context, value)?;
                }
            }
        }
    }

    /// Operations that push one value.
    fn operand(&mut self, op: Op) -> Result<Value, Fault> {
        Ok(match op {
            Op::Bool(value) => Value::Bool(value),
            Op::Int(value) => Value::Int(value),
            Op::Float(value) => Value::Float64(value),
            Op::Text(index) => Value::Text(self.program.texts[index as usize].clone()),
            Op::Nil => Value::Nil,
            Op::Literal(index, wanted) => self.program.literals[index as usize]
                .typed(*wanted, &self.program.texts)
                .map_err(|why| Fault::new(why))?,
            Op::Dot => {
                let dot = self.dot.clone();
                self.whole(&dot)?;
                dot
            }
            Op::Variable(variable) => {
                let value = self.variable(variable)?;
                self.whole(&value)?;
                value
            }
            Op::DotField(name) => {
                let dot = self.dot.clone();
                self.field(&dot, name)?
            }
            Op::VariableField(variable, name) => {
                let receiver = self.variable(variable)?;
                self.field(&receiver, name)?
            }
            Op::Field(name) => {
                let receiver = self.pop();
                self.field(&receiver, name)?
            }
            _ => Value::Invalid,
        })
    }

    fn name(&self, name: Name) -> &'r str {
        &self.text[name.from as usize..(name.from + name.length) as usize]
    }

    fn pop(&mut self) -> Value {
        self.stack.pop().expect(EMPTY)
    }

    /// The value at the top, as the end of a pipeline: a nil `interface{}` is nothing.
    fn top(&self) -> Value {
        match self.stack.last().expect(EMPTY) {
            Value::Nil => Value::Invalid,
            value => value.clone(),
        }
    }

    fn print(&mut self, value: &Value) -> Result<(), Fault> {
        match value {
            Value::Text(text) => self.write(text),
            Value::Invalid | Value::Nil => self.write(b"<no value>"),
            value => {
                self.context.room(value.object_size())?;
                let before = self.out.len();
                printf::print(&mut self.context, &mut self.out, value)?;
                let written = self.out.len() - before;
                self.check_output(0)?;
                self.context.spend(written as u64 / 64)
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.check_output(bytes.len())?;
        self.context.spend(bytes.len() as u64 / 256)?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn check_output(&self, more: usize) -> Result<(), Fault> {
        let length = self.out.len().saturating_add(more);
        if length > self.context.output_left() { Err(Fault::OUTPUT) } else { Ok(()) }
    }

    /// `and`, `or`
    fn decide(&mut self, or: bool, piped: bool, end: u32) -> Result<(), Fault> {
        let value = self.pop();
        if value.truth() == or {
            if piped {
                self.stack.pop();
            }
            self.stack.push(&self.context, value)?;
            self.next = end as usize;
        }
        Ok(())
    }

    fn enter(&mut self) -> Result<(), Fault> {
        if self.scopes.len() >= limits::NESTED {
            return Err(Fault::NESTED);
        }
        let variables = self.variables.len();
        self.scopes.push(&self.context, Scope { variables, dot: None, iteration: None })
    }

    fn leave(&mut self) {
        if let Some(scope) = self.scopes.pop() {
            self.variables.truncate(scope.variables);
            if let Some(dot) = scope.dot {
                self.dot = dot;
            }
        }
    }

    fn with(&mut self, otherwise: u32) {
        let value = self.pop();
        if !value.truth() {
            self.next = otherwise as usize;
        } else if let Some(scope) = self.scopes.last_mut() {
            scope.dot = Some(std::mem::replace(&mut self.dot, value));
        }
    }

    /// Renders another body, which sees no variables but `$`, its dot.
    fn render(&mut self, body: u32) -> Result<(), Fault> {
        if self.waiting.len() >= limits::RENDERS {
            return Err(Fault::NESTED);
        }
        let dot = self.top();
        self.stack.pop();
        let waiting = Waiting {
            body: self.body,
            next: self.next,
            dot: std::mem::replace(&mut self.dot, dot),
            variables_from: self.variables_from,
        };
        self.waiting.push(&self.context, waiting)?;
        self.variables_from = self.variables.len();
        self.body = &self.program.bodies[body as usize];
        self.next = 0;
        self.push_variable(0, self.dot.clone())
    }

    /// The end of a body; false if none waits for it.
    fn finish(&mut self) -> bool {
        let Some(waiting) = self.waiting.pop() else { return false };
        self.variables.truncate(self.variables_from);
        self.variables_from = waiting.variables_from;
        self.body = waiting.body;
        self.next = waiting.next;
        self.dot = waiting.dot;
        true
    }

    fn declare(&mut self, variable: u32) -> Result<(), Fault> {
        let value = self.top();
        self.push_variable(variable, value)
    }

    fn push_variable(&mut self, variable: u32, value: Value) -> Result<(), Fault> {
        if self.variables.len() >= limits::NESTED {
            return Err(Fault::NESTED);
        }
        self.variables.push(&self.context, (variable, value))
    }

    /// Where the variable is that was declared last under that name. It may be missing: a
    /// declaration may stand where it is not reached.
    fn find(&mut self, variable: u32) -> Result<usize, Fault> {
        let own = &self.variables[self.variables_from..];
        let found = own.iter().rposition(|(declared, _)| *declared == variable);
        let at = found.ok_or(Fault::new("undefined variable"))?;
        self.context.spend((own.len() - at) as u64 / 16)?;
        Ok(self.variables_from + at)
    }

    fn variable(&mut self, variable: u32) -> Result<Value, Fault> {
        let at = self.find(variable)?;
        Ok(self.variables[at].1.clone())
    }

    fn assign(&mut self, variable: u32, value: Value) -> Result<(), Fault> {
        let at = self.find(variable)?;
        self.variables[at].1 = value;
        Ok(())
    }

    /// Fills the root if `value` is it and goes where all of it may be read.
    fn whole(&mut self, value: &Value) -> Result<(), Fault> {
        if self.is_bare_root(value) { self.fill_root() } else { Ok(()) }
    }

    fn is_bare_root(&self, value: &Value) -> bool {
        !self.root_is_filled
            && matches!(value, Value::StringMap(map) if map.address() == self.root.address())
    }

    /// Each template of an object has a root of its own, so each pays for the copy.
    fn fill_root(&mut self) -> Result<(), Fault> {
        let bytes: usize = self.data.iter().map(|(key, value)| key.len() + value.len()).sum();
        self.context.check(bytes.saturating_add(self.data.len().saturating_mul(ENTRY)))?;
        self.context.spend(bytes as u64 / 256 + self.data.len() as u64 * 4)?;
        let filled: StringMap =
            self.data.iter().map(|(key, value)| (key.as_str().into(), value[..].into())).collect();
        self.root.replace_with(&filled);
        self.root_is_filled = true;
        Ok(())
    }
}

#[cfg(test)]
mod paid;
#[cfg(test)]
pub(crate) mod testing;
