//! Pipelines: commands, operands, and parentheses to any depth Go allows.

use super::operand::{Head, Term};
use super::{Parsed, Parser, SyntaxError, unexpected, wrong};
use crate::funcs::{Function, Special};
use crate::lexer::{Token, TokenKind};
use crate::limits;
use crate::program::Op;

/// Where a pipeline stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Command,
    If,
    With,
    Range,
    Template,
    Block,
    Parentheses,
}

/// The variables that a pipeline declares or assigns.
#[derive(Clone, Copy, Default)]
pub(super) struct Declared {
    pub(super) variables: [u32; 2],
    pub(super) count: usize,
    pub(super) assigns: bool,
}

/// A pipeline that is being read.
pub(super) struct Level {
    context: Context,
    declared: Declared,
    at: u32,
    /// Commands that are complete.
    pub(super) commands: u32,
    pub(super) command: Option<Command>,
}

/// A command that is being read: its first operand, and how many follow it so far.
pub(super) struct Command {
    pub(super) head: Head,
    pub(super) at: u32,
    pub(super) count: u16,
    /// Operations of `and` and `or` that jump to the end.
    pub(super) decisions: Vec<u32>,
    /// Which arguments of a method call are constants.
    pub(super) literals: Vec<Option<u32>>,
}

impl Parser<'_> {
    /// Reads up to the end of the action. The value is left on the stack.
    pub(super) fn pipeline(&mut self, context: Context) -> Parsed<Declared> {
        self.levels.clear();
        self.begin_level(context)?;
        loop {
            let token = self.peek_non_space();
            self.within_memory(token.from)?;
            if self.level().command.is_none() {
                let end = self.level().end();
                if token.kind == end {
                    self.next += 1;
                    let declared = self.end_level(token)?;
                    if self.levels.is_empty() {
                        return Ok(declared);
                    }
                    self.operand(token, Term::Pushed)?;
                    self.after_operand()?;
                    continue;
                }
                self.begin_command(token)?;
            }
            match token.kind {
                TokenKind::Pipe => {
                    self.next += 1;
                    self.end_command();
                }
                TokenKind::End | TokenKind::RightParen => self.end_command(),
                TokenKind::LeftParen => {
                    self.next += 1;
                    self.before_operand(token.from);
                    self.begin_level(Context::Parentheses)?;
                }
                _ => {
                    self.next += 1;
                    let term = self.term(token)?;
                    self.before_operand(token.from);
                    self.operand(token, term)?;
                    self.after_operand()?;
                }
            }
        }
    }

    pub(super) fn level(&mut self) -> &mut Level {
        self.levels.last_mut().expect("the outermost level ends the loop")
    }

    fn begin_level(&mut self, context: Context) -> Parsed<()> {
        let at = self.peek_non_space().from;
        if self.levels.len() > limits::PARENTHESES {
            let text = "expressions are nested too deeply".into();
            return Err(SyntaxError { at, text, unknown_function: false, limit: true });
        }
        let declared = self.declarations(context)?;
        self.levels.push(Level { context, declared, at, commands: 0, command: None });
        Ok(())
    }

    /// `$x :=`, `$x =`, or in a range `$i, $x :=`.
    fn declarations(&mut self, context: Context) -> Parsed<Declared> {
        let mut declared = Declared::default();
        loop {
            let variable = self.peek_non_space();
            if variable.kind != TokenKind::Variable {
                return Ok(declared);
            }
            let back = self.next;
            self.next += 1;
            let sign = self.next_non_space();
            let comma = sign.kind == TokenKind::Other && self.slice(sign) == ",";
            if !comma && !matches!(sign.kind, TokenKind::Assign | TokenKind::Declare) {
                // An operand, not a declaration.
                self.next = back;
                return Ok(declared);
            }
            let number = self.variable(variable);
            self.body().declare(number);
            declared.variables[declared.count.min(1)] = number;
            declared.count += 1;
            if !comma {
                declared.assigns = sign.kind == TokenKind::Assign;
                return Ok(declared);
            }
            if context != Context::Range || declared.count > 1 {
                return Err(wrong(sign.from, "too many declarations"));
            }
            let next = self.peek_non_space();
            let goes_on = [TokenKind::Variable, TokenKind::End, TokenKind::RightParen];
            if !goes_on.contains(&next.kind) {
                return Err(unexpected(next, "range can only initialize variables"));
            }
        }
    }

    fn end_level(&mut self, token: Token) -> Parsed<Declared> {
        let level = self.levels.pop().expect("the outermost level ends the loop");
        if level.commands == 0 {
            return Err(wrong(token.from, "missing value"));
        }
        for variable in &level.declared.variables[..level.declared.count] {
            let declare = if level.declared.assigns { Op::Assign } else { Op::Declare };
            self.emit(level.at, declare(*variable));
        }
        if level.context == Context::Parentheses {
            self.emit(level.at, Op::Unwrap);
        }
        Ok(level.declared)
    }

    fn begin_command(&mut self, token: Token) -> Parsed<()> {
        use TokenKind as Kind;
        match token.kind {
            Kind::Bool
            | Kind::Character
            | Kind::Complex
            | Kind::Dot
            | Kind::Field
            | Kind::Identifier
            | Kind::Number
            | Kind::Nil
            | Kind::RawText
            | Kind::Text
            | Kind::Variable
            | Kind::LeftParen => {}
            _ => return Err(unexpected(token, "unexpected token in a pipeline")),
        }
        self.level().command = Some(Command {
            head: Head::Nothing,
            at: token.from,
            count: 0,
            decisions: Vec::new(),
            literals: Vec::new(),
        });
        Ok(())
    }

    /// Only a space, a pipe or an end may follow an operand.
    fn after_operand(&mut self) -> Parsed<()> {
        let token = self.peek();
        match token.kind {
            TokenKind::Space | TokenKind::Pipe | TokenKind::End | TokenKind::RightParen => Ok(()),
            _ => Err(unexpected(token, "unexpected token after an operand")),
        }
    }

    fn end_command(&mut self) {
        let level = self.level();
        let piped = level.commands > 0;
        level.commands += 1;
        let Some(command) = level.command.take() else { return };
        let Command { head, at, count, mut decisions, literals } = command;
        match head {
            Head::Function(function) => match function.decides() {
                Some(_) if count == 0 && !piped => {
                    self.emit(at, Op::Fail(&"wrong number of arguments"));
                }
                Some(or) => {
                    if piped && count > 0 {
                        decisions.push(self.emit(at, Op::Decide { or, piped, end: 0 }));
                    }
                    for decision in decisions {
                        self.body().land(decision);
                    }
                }
                None => self.call(at, function, count, piped),
            },
            Head::Field { receiver, name } if count == 0 && !piped => {
                self.read_field(at, receiver, name);
            }
            Head::Field { receiver, name } => {
                self.push_receiver(at, receiver);
                let mut literals = literals;
                literals.resize(usize::from(count), None);
                self.keep(size_of_val(&*literals) + size_of_val(&literals));
                self.program.arguments.push(literals);
                let arguments = self.program.arguments.len() as u32 - 1;
                self.emit(at, Op::Method { name, arguments, piped });
            }
            Head::Value if count == 0 && !piped => {}
            Head::Value => {
                self.emit(at, Op::Fail(&"arguments for what is no function"));
            }
            Head::Nil | Head::Nothing => {
                self.emit(at, Op::Fail(&"nil is not a command"));
            }
        }
    }

    pub(super) fn call(&mut self, at: u32, function: &'static Function, count: u16, piped: bool) {
        let fits = function.takes(usize::from(count) + usize::from(piped));
        if fits && function.special == Special::None {
            self.emit(at, Op::Call { function, count, piped });
        } else {
            self.emit(at, Op::Fail(&"wrong number of arguments"));
        }
    }
}

impl Level {
    fn end(&self) -> TokenKind {
        if self.context == Context::Parentheses { TokenKind::RightParen } else { TokenKind::End }
    }
}
