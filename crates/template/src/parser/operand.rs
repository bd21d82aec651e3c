//! Operands: terms with the fields behind them, as the head of a command or an argument.

use super::{Parsed, Parser, SyntaxError, unexpected, work, wrong};
use crate::funcs::{self, Function};
use crate::lexer::{Token, TokenKind};
use crate::number::Number;
use crate::program::{Literal, Name, Op, ideal};
use crate::quote::{unquote, unquote_constant};
use crate::value::{Type, Value};

/// The first operand of a command.
#[derive(Clone, Copy)]
pub(super) enum Head {
    Nothing,
    Function(&'static Function),
    /// A field, which may turn out a method with arguments, of what `receiver` pushes.
    Field {
        receiver: Receiver,
        name: Name,
    },
    /// A value, which takes no arguments.
    Value,
    /// `nil`, which is no command.
    Nil,
}

#[derive(Clone, Copy)]
pub(super) enum Receiver {
    Pushed,
    Dot,
    Variable(u32),
}

/// An operand without the fields behind it.
pub(super) enum Term {
    Function(&'static Function),
    Dot,
    Field(Name),
    Variable(u32),
    Literal(Literal),
    /// A pipeline in parentheses, whose value is on the stack.
    Pushed,
}

impl Parser<'_> {
    pub(super) fn term(&mut self, token: Token) -> Parsed<Term> {
        let text = self.slice(token);
        let number = |number: Option<Number>| {
            let number = number.ok_or(wrong(token.from, "illegal number syntax"))?;
            Ok(Term::Literal(Literal::Number(number)))
        };
        match token.kind {
            TokenKind::Identifier => match funcs::lookup(text) {
                Some(function) => Ok(Term::Function(function)),
                None => Err(SyntaxError {
                    at: token.from,
                    text: format!("function {text:?} not defined").into(),
                    unknown_function: true,
                    limit: false,
                }),
            },
            TokenKind::Dot => Ok(Term::Dot),
            TokenKind::Nil => Ok(Term::Literal(Literal::Nil)),
            TokenKind::Bool => Ok(Term::Literal(Literal::Bool(text == "true"))),
            TokenKind::Field => Ok(Term::Field(field(token))),
            TokenKind::Variable => {
                let variable = self.variable(token);
                if !self.body().is_visible(variable) {
                    return Err(wrong(token.from, "undefined variable"));
                }
                Ok(Term::Variable(variable))
            }
            TokenKind::Number => number(Number::parse(text)),
            TokenKind::Complex => number(Number::parse_complex(text)),
            TokenKind::Character => number(unquote_constant(text).map(Number::character)),
            TokenKind::Text | TokenKind::RawText => {
                let text = unquote(text).ok_or(wrong(token.from, "invalid string literal"))?;
                Ok(Term::Literal(Literal::Text(self.keep_text(text.into()))))
            }
            _ => Err(unexpected(token, "unexpected token in an operand")),
        }
    }

    /// What comes before an argument: the decision of `and` and `or` on the one before, and the
    /// receiver of what turned out to be a method call.
    pub(super) fn before_operand(&mut self, at: u32) {
        let piped = self.level().commands > 0;
        let Some(command) = &self.level().command else { return };
        match command.head {
            Head::Function(function) if command.count > 0 => {
                if let Some(or) = function.decides() {
                    self.decide(at, or, piped);
                }
            }
            Head::Field { receiver, name } => {
                self.push_receiver(at, receiver);
                if let Some(command) = &mut self.level().command {
                    command.head = Head::Field { receiver: Receiver::Pushed, name };
                }
            }
            _ => {}
        }
    }

    fn decide(&mut self, at: u32, or: bool, piped: bool) {
        let op = self.emit(at, Op::Decide { or, piped, end: 0 });
        if let Some(command) = &mut self.level().command {
            command.decisions.push(op);
        }
    }

    pub(super) fn push_receiver(&mut self, at: u32, receiver: Receiver) {
        match receiver {
            Receiver::Pushed => {}
            Receiver::Dot => self.push(at, Op::Dot),
            Receiver::Variable(variable) => self.push(at, Op::Variable(variable)),
        }
    }

    /// Takes an operand with the fields behind it into the command.
    pub(super) fn operand(&mut self, token: Token, term: Term) -> Parsed<()> {
        let chained = self.peek().kind == TokenKind::Field;
        let constant = matches!(term, Term::Literal(_) | Term::Dot);
        if constant && chained {
            return Err(wrong(token.from, "unexpected . after a constant or dot"));
        }
        let level = self.level();
        let (piped, at) = (level.commands > 0, token.from);
        let command = level.command.as_mut().expect("an operand is read inside a command");
        if matches!(command.head, Head::Nothing) {
            if constant && piped {
                return Err(wrong(at, "non executable command in a pipeline"));
            }
            let head = self.head(at, term)?;
            if let Some(command) = &mut self.level().command {
                command.head = head;
                command.at = at;
            }
            return Ok(());
        }
        if command.count == u16::MAX {
            return Err(wrong(at, "too many arguments"));
        }
        self.argument(at, term)?;
        if let Some(command) = &mut self.level().command {
            command.count += 1;
        }
        Ok(())
    }

    /// The first operand: its last field waits, as it may be a method that gets arguments.
    fn head(&mut self, at: u32, term: Term) -> Parsed<Head> {
        let mut head = match term {
            Term::Function(function) if self.peek().kind != TokenKind::Field => {
                return Ok(Head::Function(function));
            }
            Term::Function(function) => {
                self.call(at, function, 0, false);
                Head::Value
            }
            Term::Field(name) => Head::Field { receiver: Receiver::Dot, name },
            Term::Dot => {
                self.emit(at, Op::Dot);
                Head::Value
            }
            Term::Variable(variable) if self.peek().kind == TokenKind::Field => {
                let name = field(self.peek());
                self.next += 1;
                Head::Field { receiver: Receiver::Variable(variable), name }
            }
            Term::Variable(variable) => {
                self.emit(at, Op::Variable(variable));
                Head::Value
            }
            Term::Literal(Literal::Nil) => Head::Nil,
            Term::Literal(literal) => {
                self.constant(at, literal, Some(&Type::Any));
                Head::Value
            }
            Term::Pushed => Head::Value,
        };
        while self.peek().kind == TokenKind::Field {
            self.within_memory(at)?;
            if let Head::Field { receiver, name } = head {
                self.read_field(at, receiver, name);
            }
            head = Head::Field { receiver: Receiver::Pushed, name: field(self.peek()) };
            self.next += 1;
        }
        Ok(head)
    }

    fn argument(&mut self, at: u32, term: Term) -> Parsed<()> {
        match term {
            Term::Literal(literal) => self.literal_argument(at, literal),
            Term::Function(function) => self.call(at, function, 0, false),
            Term::Dot => self.push(at, Op::Dot),
            Term::Field(name) => self.read_field(at, Receiver::Dot, name),
            Term::Variable(variable) if self.peek().kind == TokenKind::Field => {
                let name = field(self.peek());
                self.next += 1;
                self.read_field(at, Receiver::Variable(variable), name);
            }
            Term::Variable(variable) => self.push(at, Op::Variable(variable)),
            Term::Pushed => {}
        }
        while self.peek().kind == TokenKind::Field {
            self.within_memory(at)?;
            let name = field(self.peek());
            self.read_field(at, Receiver::Pushed, name);
            self.next += 1;
        }
        Ok(())
    }

    pub(super) fn read_field(&mut self, at: u32, receiver: Receiver, name: Name) {
        let op = match receiver {
            Receiver::Pushed => Op::Field(name),
            Receiver::Dot => Op::DotField(name),
            Receiver::Variable(variable) => Op::VariableField(variable, name),
        };
        self.emit(at, op);
    }

    /// A constant takes the type of the parameter; for a method that is known when it is called.
    fn literal_argument(&mut self, at: u32, literal: Literal) {
        let command = self.level().command.as_ref().expect("an argument is read inside a command");
        let count = usize::from(command.count);
        match command.head {
            Head::Function(function) => self.constant(at, literal, function.param(count)),
            Head::Field { .. } => {
                let index = self.keep_literal(literal);
                if let Some(command) = &mut self.level().command {
                    work::count(count + 1 - command.literals.len());
                    command.literals.resize(count, None);
                    command.literals.push(Some(index));
                }
                self.emit(at, Op::Invalid);
            }
            Head::Nothing | Head::Value | Head::Nil => self.push(at, Op::Invalid),
        }
    }

    fn push(&mut self, at: u32, op: Op) {
        self.emit(at, op);
    }

    fn keep_literal(&mut self, literal: Literal) -> u32 {
        self.keep(size_of::<Literal>());
        self.program.literals.push(literal);
        self.program.literals.len() as u32 - 1
    }

    fn constant(&mut self, at: u32, literal: Literal, wanted: Option<&'static Type>) {
        // One argument too many: the call fails.
        let Some(wanted) = wanted else { return self.push(at, Op::Invalid) };
        let value = match literal {
            Literal::Number(number) if matches!(wanted, Type::Any | Type::Reflect) => ideal(number),
            literal => literal.typed(*wanted, &self.program.texts),
        };
        let op = match (value, literal) {
            (Err(why), _) => Op::Fail(why),
            (Ok(Value::Text(_)), Literal::Text(index)) => Op::Text(index),
            (Ok(Value::Bool(value)), _) => Op::Bool(value),
            (Ok(Value::Int(value)), _) => Op::Int(value),
            (Ok(Value::Float64(value)), _) => Op::Float(value),
            (Ok(Value::Nil), _) => Op::Nil,
            (Ok(Value::Invalid), _) => Op::Invalid,
            (Ok(_), literal) => Op::Literal(self.keep_literal(literal), wanted),
        };
        self.emit(at, op);
    }
}

/// `.name` without the dot.
fn field(token: Token) -> Name {
    Name { from: token.from + 1, length: token.to - token.from - 1 }
}
