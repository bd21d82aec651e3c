//! Reads a template into a [`Program`], in one pass and without recursion.

mod building;
mod control;
mod operand;
mod pipeline;
#[cfg(test)]
mod tests;
pub(crate) mod work;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use self::building::Building;
use self::pipeline::Level;
use crate::lexer::{Lexer, Piece, Token, TokenKind};
use crate::limits;
use crate::program::{Name, Op, Program};
use crate::value::Text;

/// Why a text is no template, and where.
pub(crate) struct SyntaxError {
    pub(crate) at: u32,
    pub(crate) text: Cow<'static, str>,
    pub(crate) unknown_function: bool,
    pub(crate) limit: bool,
}

type Parsed<T> = Result<T, SyntaxError>;

pub(crate) fn parse(name: &str, text: &str) -> Parsed<Program> {
    if text.len() > limits::TEMPLATE {
        return Err(SyntaxError {
            at: 0,
            text: "template is too large".into(),
            unknown_function: false,
            limit: true,
        });
    }
    Parser::new(name, text).program()
}

/// What a variable's name takes in a table.
const VARIABLE: usize = 48;

/// How many tokens are kept: more than the parser ever goes back.
const WINDOW: usize = 8;

struct Parser<'t> {
    text: &'t str,
    lexer: Lexer<'t>,
    /// The last tokens of the action that is being read: an action may have millions. How many it
    /// had so far, and which is next.
    tokens: [Token; WINDOW],
    lexed: usize,
    next: usize,
    program: Program,
    /// How many bytes the program takes.
    size: usize,
    /// Bodies by name, and whether they are empty.
    names: BTreeMap<Text, (u32, bool)>,
    /// The text's own body, and the definitions within it that are open.
    building: Vec<Building>,
    /// Pipelines in parentheses that are open.
    levels: Vec<Level>,
    variables: HashMap<&'t str, u32>,
    /// Calls of templates by name: in which body, which operation.
    renders: Vec<(u32, u32, Text)>,
}

impl<'t> Parser<'t> {
    fn new(name: &str, text: &'t str) -> Self {
        Self {
            text,
            lexer: Lexer::new(text),
            tokens: [Token { kind: TokenKind::End, from: 0, to: 0 }; WINDOW],
            lexed: 0,
            next: 0,
            program: Program::default(),
            size: 0,
            names: BTreeMap::new(),
            building: vec![Building::new(name.into())],
            levels: Vec::new(),
            variables: HashMap::new(),
            renders: Vec::new(),
        }
    }

    fn program(mut self) -> Parsed<Program> {
        while let Some(piece) = self.lexer.next() {
            match piece {
                Piece::Text { from, to } => self.write(from, to),
                Piece::Action(at) => {
                    self.action(at)?;
                    self.within_memory(at)?;
                }
                Piece::Bad(at, why) => return Err(wrong(at, why)),
            }
        }
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let main = self.building.pop().expect("the text's own body is never closed before its end");
        if !self.building.is_empty() || !main.open.is_empty() {
            return Err(wrong(end, "unexpected end of the template: an {{end}} is missing"));
        }
        let name = main.name.clone();
        self.add(main, end)?;
        self.program.main = self.named(&name).map_or(0, |(main, _)| main);
        self.resolve();
        Ok(self.program)
    }

    fn write(&mut self, from: u32, to: u32) {
        if !self.text[from as usize..to as usize].trim().is_empty() {
            self.body().empty = false;
        }
        self.emit(from, Op::Write(Name { from, length: to - from }));
    }

    /// Keeps a finished body under its name. One that is empty gives way to one that is not.
    fn add(&mut self, building: Building, at: u32) -> Parsed<()> {
        let index = u32::try_from(self.program.bodies.len()).unwrap_or(u32::MAX);
        match self.named(&building.name) {
            Some((_, false)) if !building.empty => {
                return Err(wrong(at, "multiple definition of a template"));
            }
            Some((_, false)) => {}
            _ => {
                self.names.insert(building.name, (index, building.empty));
            }
        }
        let mut body = building.body;
        body.ops.push(Op::Return);
        body.at.push(at);
        self.renders.extend(building.renders.into_iter().map(|(op, name)| (index, op, name)));
        self.program.bodies.push(body);
        Ok(())
    }

    /// Puts the bodies for the names of the templates that are called.
    fn resolve(&mut self) {
        for (body, op, name) in std::mem::take(&mut self.renders) {
            self.program.bodies[body as usize].ops[op as usize] = match self.named(&name) {
                Some((body, _)) => Op::Render(body),
                None => Op::Fail(&"template is not defined"),
            };
        }
    }

    /// The body of that name, and whether it is empty. Some comparisons, each of which may read all
    /// of the name.
    fn named(&self, name: &Text) -> Option<(u32, bool)> {
        work::count((name.len() + 1) * self.names.len().max(2).ilog2() as usize);
        self.names.get(name).copied()
    }

    fn body(&mut self) -> &mut Building {
        self.building.last_mut().expect("the text's own body stays until the end")
    }

    fn emit(&mut self, at: u32, op: Op) -> u32 {
        self.keep(size_of::<(Op, u32)>());
        self.body().emit(at, op)
    }

    /// Counts what the program takes.
    fn keep(&mut self, bytes: usize) {
        self.size += bytes;
    }

    /// A few patterns take sixty times the memory of their text.
    fn within_memory(&self, at: u32) -> Parsed<()> {
        if self.size <= limits::PROGRAM {
            return Ok(());
        }
        let text = "template takes too much memory".into();
        Err(SyntaxError { at, text, unknown_function: false, limit: true })
    }

    fn peek(&mut self) -> Token {
        while self.next >= self.lexed {
            // Nobody passes the last token, an end or an error.
            if let Some(last) = self.lexed.checked_sub(1).map(|last| self.tokens[last % WINDOW])
                && last.is_last()
            {
                return last;
            }
            self.tokens[self.lexed % WINDOW] = self.lexer.token();
            self.lexed += 1;
        }
        self.tokens[self.next % WINDOW]
    }

    fn peek_non_space(&mut self) -> Token {
        if self.peek().kind == TokenKind::Space {
            self.next += 1;
        }
        self.peek()
    }

    fn next_non_space(&mut self) -> Token {
        let token = self.peek_non_space();
        self.next += 1;
        token
    }

    fn slice(&self, token: Token) -> &'t str {
        &self.text[token.from as usize..token.to as usize]
    }

    /// Expects the end of the action.
    fn end_of_action(&mut self, otherwise: &'static str) -> Parsed<()> {
        let token = self.next_non_space();
        if token.kind == TokenKind::End { Ok(()) } else { Err(unexpected(token, otherwise)) }
    }

    fn keep_text(&mut self, text: Text) -> u32 {
        self.keep(size_of::<Text>() + text.len());
        self.program.texts.push(text);
        u32::try_from(self.program.texts.len() - 1).unwrap_or(u32::MAX)
    }

    /// The number of a variable's name.
    fn variable(&mut self, token: Token) -> u32 {
        match self.slice(token) {
            "$" => building::DOLLAR,
            name => {
                let new = u32::try_from(self.variables.len() + 1).unwrap_or(u32::MAX);
                let number = *self.variables.entry(name).or_insert(new);
                self.size += if number == new { VARIABLE } else { 0 };
                number
            }
        }
    }
}

fn wrong(at: u32, text: &'static str) -> SyntaxError {
    SyntaxError { at, text: text.into(), unknown_function: false, limit: false }
}

/// What to say about a token that does not belong there; the lexer knows better why it is bad.
fn unexpected(token: Token, otherwise: &'static str) -> SyntaxError {
    match token.kind {
        TokenKind::Bad(why) => wrong(token.from, why),
        _ => wrong(token.from, otherwise),
    }
}
