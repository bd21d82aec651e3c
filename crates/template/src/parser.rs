//! Reads a template into a [`Program`], in one pass and without recursion.

mod building;
mod control;
mod operand;
mod pipeline;

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

struct Parser<'t> {
    text: &'t str,
    lexer: Lexer<'t>,
    /// The tokens of the action that is being read, and which is next.
    tokens: Vec<Token>,
    next: usize,
    program: Program,
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
            tokens: Vec::with_capacity(16),
            next: 0,
            program: Program::default(),
            names: BTreeMap::new(),
            building: vec![Building::new(name.into())],
            levels: Vec::new(),
            variables: HashMap::new(),
            renders: Vec::new(),
        }
    }

    fn program(mut self) -> Parsed<Program> {
        while let Some(piece) = self.lexer.next(&mut self.tokens) {
            match piece {
                Piece::Text { from, to } => self.write(from, to),
                Piece::Action(at) => self.action(at)?,
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
        self.program.main = self.names.get(&name).map_or(0, |(main, _)| *main);
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
        match self.names.get(&building.name) {
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
            let target = self.names.get(&name);
            self.program.bodies[body as usize].ops[op as usize] =
                target.map_or(Op::Fail(&"template is not defined"), |(body, _)| Op::Render(*body));
        }
    }

    fn body(&mut self) -> &mut Building {
        self.building.last_mut().expect("the text's own body stays until the end")
    }

    fn emit(&mut self, at: u32, op: Op) -> u32 {
        self.body().emit(at, op)
    }

    fn peek(&self) -> Token {
        // The last token is an end or an error, which nobody passes.
        self.tokens[self.next.min(self.tokens.len() - 1)]
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
        self.program.texts.push(text);
        u32::try_from(self.program.texts.len() - 1).unwrap_or(u32::MAX)
    }

    /// The number of a variable's name.
    fn variable(&mut self, token: Token) -> u32 {
        match self.slice(token) {
            "$" => building::DOLLAR,
            name => {
                let new = u32::try_from(self.variables.len() + 1).unwrap_or(u32::MAX);
                *self.variables.entry(name).or_insert(new)
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
