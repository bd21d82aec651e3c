//! A parsed template: operations for a machine with a stack, in the order they run.
//!
//! There is no tree. Nesting in the text becomes jumps and entries on stacks that the machine
//! keeps on the heap, so that no template, however deep, can exhaust the program's own stack; and
//! one flat list is quick to make and to run.

use crate::funcs::Function;
use crate::number::Number;
use crate::value::{Text, Type, Value};

/// Everything that one text defines. The body at 0 is where a render begins, once parsing is done.
#[derive(Default)]
pub(crate) struct Program {
    pub(crate) bodies: Vec<Body>,
    /// Which body is rendered first.
    pub(crate) main: u32,
    /// String constants.
    pub(crate) texts: Vec<Text>,
    /// Constants whose type is known only when they are used.
    pub(crate) literals: Vec<Literal>,
    /// The arguments of each method call: which of them are constants.
    pub(crate) arguments: Vec<Vec<Option<u32>>>,
    /// The variables of each `range`.
    pub(crate) ranges: Vec<Declared>,
}

impl Program {
    /// Whether no body that a render can reach calls a function whose result varies.
    pub(crate) fn is_steady(&self) -> bool {
        let mut reached = vec![false; self.bodies.len()];
        let mut waiting = vec![self.main];
        while let Some(body) = waiting.pop() {
            if std::mem::replace(&mut reached[body as usize], true) {
                continue;
            }
            for op in &self.bodies[body as usize].ops {
                match op {
                    Op::Call { function, .. } if !function.steady => return false,
                    Op::Render(body) => waiting.push(*body),
                    _ => {}
                }
            }
        }
        true
    }
}

/// The operations of one template: of the text itself, a `define` or a `block`.
#[derive(Default)]
pub(crate) struct Body {
    pub(crate) ops: Vec<Op>,
    /// Where in the text each operation comes from.
    pub(crate) at: Vec<u32>,
}

/// A slice of the template's text, which is where names of fields are.
#[derive(Clone, Copy)]
pub(crate) struct Name {
    pub(crate) from: u32,
    pub(crate) length: u32,
}

/// What the machine does. "Top" is the top of the operand stack; what is consumed is popped.
/// Jumps name an operation of the same body.
#[derive(Clone, Copy)]
pub(crate) enum Op {
    /// Writes a part of the template's text.
    Write(Name),
    /// Consumes and writes the top.
    Print,
    /// Reads a field of dot and writes it: `{{ .name }}`.
    PrintField(Name),

    /// Pushes a constant.
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(u32),
    Nil,
    Invalid,
    /// Pushes a constant as a value of that type.
    Literal(u32, &'static Type),
    /// Pushes dot.
    Dot,
    /// Pushes a field of dot.
    DotField(Name),
    /// Pushes a variable.
    Variable(u32),
    /// Pushes a field of a variable.
    VariableField(u32, Name),
    /// Consumes a receiver, pushes its field.
    Field(Name),
    /// The end of a pipeline that is an operand: an `interface{}` that is nil becomes nothing.
    Unwrap,

    /// Calls with `count` arguments from the top, behind which waits the value that was piped in,
    /// if `piped`. Consumes all, pushes the result.
    Call {
        function: &'static Function,
        count: u16,
        piped: bool,
    },
    /// Calls a method or reads a field. From the top: arguments, the receiver, what was piped in.
    Method {
        name: Name,
        arguments: u32,
        piped: bool,
    },
    /// `and`, `or` after an argument that another follows: if the top decides, keeps it and jumps,
    /// else consumes it. With `piped`, a value that was piped in waits below, which is the last
    /// argument, and which goes if the top stays.
    Decide {
        or: bool,
        piped: bool,
        end: u32,
    },
    Jump(u32),

    /// Declares a variable with the top, or assigns it.
    Declare(u32),
    Assign(u32),
    /// Consumes the top: the end of an action that declares.
    Pop,

    /// Begins a scope: variables declared from here on end with it, and dot comes back.
    Enter,
    /// Ends so many scopes.
    Leave(u32),
    /// `if`: consumes the top, jumps if it is false.
    If(u32),
    /// `with`: consumes the top; makes it dot, or jumps if it is false.
    With(u32),
    /// `range`: consumes the top; jumps if there is nothing to iterate over.
    Range {
        variables: u32,
        empty: u32,
    },
    /// Begins the next iteration, or jumps if there is none. Belongs to the innermost scope.
    Next(u32),
    /// Consumes the top; renders another body with it as dot.
    Render(u32),
    /// The end of a body.
    Return,
    /// An error of the template that shows when it is reached.
    Fail(&'static &'static str),
}

/// The variables of a `range`.
#[derive(Clone, Copy)]
pub(crate) enum Declared {
    None,
    /// The element.
    One,
    /// Index or key, and element.
    Two,
    /// As above, but existing variables are assigned.
    Assigned(u32),
    AssignedTwo(u32, u32),
}

/// A constant as an argument.
#[derive(Clone, Copy)]
pub(crate) enum Literal {
    Bool(bool),
    Number(Number),
    Text(u32),
    Nil,
}

impl Literal {
    /// The constant as a value of type `wanted`, or why it cannot be one.
    pub(crate) fn typed(
        self,
        wanted: Type,
        texts: &[Text],
    ) -> Result<Value, &'static &'static str> {
        let any = matches!(wanted, Type::Any | Type::Reflect);
        match self {
            Self::Nil => wanted.nil().ok_or(&"nil for an argument that cannot be nil"),
            Self::Bool(value) if any || wanted == Type::Bool => Ok(Value::Bool(value)),
            Self::Text(at) if any || wanted == Type::Text => {
                Ok(Value::Text(texts[at as usize].clone()))
            }
            Self::Number(number) if any => ideal(number),
            Self::Number(number) => {
                as_number(number, wanted).ok_or(&"wrong type for a constant argument")
            }
            Self::Bool(_) | Self::Text(_) => Err(&"wrong type for a constant argument"),
        }
    }
}

/// A number where nothing says which type it is to be.
pub(crate) fn ideal(number: Number) -> Result<Value, &'static &'static str> {
    if let Some((real, imaginary)) = number.complex {
        return Ok(Value::Complex128(real, imaginary));
    }
    match (number.float, number.int) {
        (Some(float), _) if number.is_float_by_syntax => Ok(Value::Float64(float)),
        (_, Some(int)) => Ok(Value::Int(int)),
        _ => Err(&"constant overflows int"),
    }
}

/// Narrow integers wrap around, as `reflect` sets them.
#[expect(clippy::cast_possible_truncation, reason = "reflect's SetUint truncates")]
fn as_number(number: Number, wanted: Type) -> Option<Value> {
    Some(match wanted {
        Type::Int => Value::Int(number.int?),
        Type::Int64 => Value::Int64(number.int?),
        Type::Uint8 => Value::Uint8(number.uint? as u8),
        Type::Uint32 => Value::Uint32(number.uint? as u32),
        Type::Uint64 => Value::Uint64(number.uint?),
        Type::Float64 => Value::Float64(number.float?),
        Type::Complex128 => {
            let (real, imaginary) = number.complex?;
            Value::Complex128(real, imaginary)
        }
        Type::Object(object) => object.integer?(number.int?),
        _ => return None,
    })
}
