//! Actions: control structures, definitions, and pipelines that are printed.

use super::building::{Building, Control, Open};
use super::pipeline::Context;
use super::{Parsed, Parser, unexpected, wrong};
use crate::lexer::{Keyword, Token, TokenKind};
use crate::program::{Declared, Op};
use crate::quote::unquote;
use crate::value::Text;

/// What a body takes beside its operations.
const BODY: usize = 256;

impl Parser<'_> {
    pub(super) fn action(&mut self, at: u32) -> Parsed<()> {
        (self.lexed, self.next) = (0, 0);
        let token = self.peek_non_space();
        let TokenKind::Keyword(keyword) = token.kind else {
            self.body().empty = false;
            return self.command(at);
        };
        self.next += 1;
        if keyword == Keyword::Define {
            return self.define(token);
        }
        match keyword {
            Keyword::End => return self.end(token),
            Keyword::Else => return self.otherwise(token),
            _ => self.body().empty = false,
        }
        match keyword {
            Keyword::If => self.control(at, Control::If, false),
            Keyword::With => self.control(at, Control::With, false),
            Keyword::Range => self.control(at, Control::Range, false),
            Keyword::Template => self.template(at),
            Keyword::Block => self.block(at),
            Keyword::Break => self.leave_range(token, true),
            Keyword::Continue => self.leave_range(token, false),
            Keyword::Define | Keyword::Else | Keyword::End => Ok(()),
        }
    }

    /// A pipeline: printed, unless it declares or assigns.
    fn command(&mut self, at: u32) -> Parsed<()> {
        let first = self.body().here();
        let declared = self.pipeline(Context::Command)?;
        if declared.count > 0 {
            self.emit(at, Op::Pop);
            return Ok(());
        }
        let ops = &mut self.body().body.ops;
        // Only where it is alone, so that no jump lands behind it.
        if let [Op::DotField(name)] = ops[first as usize..] {
            ops[first as usize] = Op::PrintField(name);
        } else {
            self.emit(at, Op::Print);
        }
        Ok(())
    }

    fn control(&mut self, at: u32, control: Control, chained: bool) -> Parsed<()> {
        let visible = self.body().visible();
        self.emit(at, Op::Enter);
        let context = match control {
            Control::If => Context::If,
            Control::With => Context::With,
            Control::Range => Context::Range,
        };
        let declared = self.pipeline(context)?;
        let mut open = Open {
            control,
            chained,
            in_else: false,
            empty: 0,
            to_end: Vec::new(),
            visible,
            next: 0,
            range: None,
            repeating: None,
        };
        match control {
            Control::If => open.empty = self.emit(at, Op::If(0)),
            Control::With => open.empty = self.emit(at, Op::With(0)),
            Control::Range => {
                let variables = self.program.ranges.len() as u32;
                self.program.ranges.push(match (declared.count, declared.assigns) {
                    (0, _) => Declared::None,
                    (1, false) => Declared::One,
                    (_, false) => Declared::Two,
                    (1, true) => Declared::Assigned(declared.variables[0]),
                    (_, true) => {
                        Declared::AssignedTwo(declared.variables[0], declared.variables[1])
                    }
                });
                open.empty = self.emit(at, Op::Range { variables, empty: 0 });
                open.next = self.emit(at, Op::Next(0));
                open.to_end.push(open.next);
            }
        }
        self.keep(size_of::<Open>());
        self.body().open(open);
        Ok(())
    }

    fn otherwise(&mut self, token: Token) -> Parsed<()> {
        let chain = match self.peek_non_space().kind {
            TokenKind::Keyword(Keyword::If) => Some(Control::If),
            TokenKind::Keyword(Keyword::With) => Some(Control::With),
            _ => {
                self.end_of_action("unexpected token in else")?;
                None
            }
        };
        let body = self.body();
        let Some(open) = body.open.last_mut() else {
            return Err(wrong(token.from, "unexpected {{else}}"));
        };
        if open.in_else {
            return Err(wrong(token.from, "expected end, found {{else}}"));
        }
        if chain.is_some_and(|chain| chain != open.control) {
            return Err(wrong(token.from, "unexpected keyword after else"));
        }
        let (empty, to) = (open.empty, if open.control == Control::Range { open.next } else { 0 });
        body.begin_else();
        let jump = self.emit(token.from, Op::Jump(to));
        let body = self.body();
        if let Some(open) = body.open.last_mut().filter(|open| open.control != Control::Range) {
            open.to_end.push(jump);
        }
        body.land(empty);
        if let Some(chain) = chain {
            self.next += 1;
            self.control(token.from, chain, true)?;
        }
        Ok(())
    }

    fn end(&mut self, token: Token) -> Parsed<()> {
        self.end_of_action("unexpected token in end")?;
        if self.body().open.is_empty() {
            return self.end_of_definition(token);
        }
        while let Some(open) = self.body().open.pop() {
            if open.control == Control::Range && !open.in_else {
                self.emit(token.from, Op::Jump(open.next));
            }
            let body = self.body();
            if !open.in_else {
                body.land(open.empty);
            }
            for jump in open.to_end {
                body.land(jump);
            }
            body.forget(open.visible);
            self.emit(token.from, Op::Leave(1));
            if !open.chained {
                break;
            }
        }
        Ok(())
    }

    /// `break` or `continue`: out of the scopes within the innermost `range`. In Go, `break` ends
    /// a `range` from its `else` too, if only there is another one around it.
    fn leave_range(&mut self, token: Token, breaks: bool) -> Parsed<()> {
        self.end_of_action("unexpected token after break or continue")?;
        let open = &self.body().open;
        let innermost = open.last();
        let Some(repeating) = innermost.and_then(|open| open.repeating) else {
            return Err(wrong(token.from, "{{break}} or {{continue}} outside {{range}}"));
        };
        let left = if breaks { innermost.and_then(|open| open.range) } else { None };
        let range = left.unwrap_or(repeating) as usize;
        let (inner, next) = (open.len() - 1 - range, open[range].next);
        if inner > 0 {
            self.emit(token.from, Op::Leave(inner as u32));
        }
        let jump = self.emit(token.from, Op::Jump(next));
        if breaks {
            self.body().open[range].to_end.push(jump);
        }
        Ok(())
    }

    fn define(&mut self, token: Token) -> Parsed<()> {
        if self.building.len() > 1 || !self.body().open.is_empty() {
            return Err(wrong(token.from, "unexpected {{define}} inside another action"));
        }
        let name = self.template_name("unexpected token in define clause")?;
        self.end_of_action("unexpected token in define clause")?;
        self.build(name);
        Ok(())
    }

    fn end_of_definition(&mut self, token: Token) -> Parsed<()> {
        if self.building.len() == 1 {
            return Err(wrong(token.from, "unexpected {{end}}"));
        }
        let building = self.building.pop().expect("there are two or more");
        self.add(building, token.from)
    }

    /// `template "name" pipeline`, the pipeline being optional.
    fn template(&mut self, at: u32) -> Parsed<()> {
        let name = self.template_name("unexpected token in template clause")?;
        if self.peek_non_space().kind == TokenKind::End {
            self.emit(at, Op::Invalid);
        } else {
            self.pipeline(Context::Template)?;
        }
        self.render(at, name);
        Ok(())
    }

    /// `block "name" pipeline`: a definition, and a call of it.
    fn block(&mut self, at: u32) -> Parsed<()> {
        let name = self.template_name("unexpected token in block clause")?;
        self.pipeline(Context::Block)?;
        self.render(at, name.clone());
        self.build(name);
        Ok(())
    }

    /// Begins a body.
    fn build(&mut self, name: Text) {
        self.keep(BODY);
        self.building.push(Building::new(name));
    }

    fn render(&mut self, at: u32, name: Text) {
        self.keep(size_of::<(u32, u32, Text)>());
        let op = self.emit(at, Op::Render(0));
        self.body().renders.push((op, name));
    }

    fn template_name(&mut self, otherwise: &'static str) -> Parsed<Text> {
        let token = self.next_non_space();
        if !matches!(token.kind, TokenKind::Text | TokenKind::RawText) {
            return Err(unexpected(token, otherwise));
        }
        let name = unquote(self.slice(token)).ok_or(wrong(token.from, "invalid string literal"))?;
        Ok(name.into())
    }
}
