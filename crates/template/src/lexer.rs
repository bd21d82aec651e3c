//! Splits a template into text and actions, and an action into tokens.

use crate::parser::work;
use crate::unicode::{is_digit, is_letter};

/// A token and where it stands in the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

impl Token {
    /// Whether no other comes after it.
    pub(crate) fn is_last(&self) -> bool {
        matches!(self.kind, TokenKind::End | TokenKind::Bad(_))
    }
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Space,
    Assign,
    Declare,
    Pipe,
    LeftParen,
    RightParen,
    Bool,
    Number,
    Complex,
    Character,
    Text,
    RawText,
    /// A single `.`
    Dot,
    /// `.name`
    Field,
    /// `$` or `$name`
    Variable,
    Identifier,
    Nil,
    Keyword(Keyword),
    /// Any other printable ASCII character.
    Other,
    /// The end of the action.
    End,
    /// What cannot be read.
    Bad(&'static str),
}

/// The words that begin an action of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text to write as it is.
    Text { from: u32, to: u32 },
    /// An action, whose tokens come next; the last is `End` or `Bad`. Where it began.
    Action(u32),
    /// A comment that is not closed as it should be.
    Bad(u32, &'static str),
}

/// Reads a template piece by piece.
pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// Parentheses that are open.
    parens: u32,
}

const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

impl<'t> Lexer<'t> {
    /// `text` must be shorter than 4 GiB.
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: 0, parens: 0 }
    }

    /// The next piece, or none at the end. The tokens of an action must have been taken before.
    pub(crate) fn next(&mut self) -> Option<Piece> {
        loop {
            let from = self.at;
            let delimiter = find_delimiter(self.rest());
            work::count(delimiter.unwrap_or(self.rest().len()));
            let text = &self.rest()[..delimiter.unwrap_or(self.rest().len())];
            let Some(delimiter) = delimiter else {
                self.at = self.text.len();
                return (!text.is_empty()).then(|| self.text_piece(from, text.len()));
            };
            let inside = &self.rest()[delimiter + 2..];
            let trim = inside.starts_with('-') && inside[1..].starts_with(SPACES);
            let kept = if trim { text.trim_end_matches(SPACES) } else { text };
            if !kept.is_empty() {
                // The action comes next time, when there is no text before it.
                self.at += delimiter;
                return Some(self.text_piece(from, kept.len()));
            }
            self.at += delimiter + 2 + if trim { 2 } else { 0 };
            if self.rest().starts_with("/*") {
                match self.comment() {
                    Ok(()) => continue,
                    Err(why) => return Some(Piece::Bad(offset(from + delimiter), why)),
                }
            }
            self.parens = 0;
            return Some(Piece::Action(offset(from + delimiter)));
        }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn text_piece(&self, from: usize, length: usize) -> Piece {
        Piece::Text { from: offset(from), to: offset(from + length) }
    }

    fn comment(&mut self) -> Result<(), &'static str> {
        let end = self.rest()[2..].find("*/").ok_or("unclosed comment")?;
        work::count(end);
        self.at += 2 + end + 2;
        self.closing().map(|trim| self.close(trim)).ok_or("comment ends before closing delimiter")
    }

    /// Whether the action ends here, and if so, whether the text behind is trimmed.
    fn closing(&self) -> Option<bool> {
        let rest = self.rest().as_bytes();
        match rest {
            [b'}', b'}', ..] => Some(false),
            [b' ' | b'\t' | b'\r' | b'\n', b'-', b'}', b'}', ..] => Some(true),
            _ => None,
        }
    }

    fn close(&mut self, trim: bool) {
        self.at += 2;
        if trim {
            self.at += 2;
            let trimmed = self.rest().trim_start_matches(SPACES);
            work::count(self.rest().len() - trimmed.len());
            self.at = self.text.len() - trimmed.len();
        }
    }

    /// The next token of an action.
    pub(crate) fn token(&mut self) -> Token {
        let from = self.at;
        let kind = self.kind();
        let to = if kind == TokenKind::End { from } else { self.at };
        work::count(self.at - from);
        Token { kind, from: offset(from), to: offset(to) }
    }

    fn kind(&mut self) -> TokenKind {
        if let Some(trim) = self.closing() {
            if self.parens > 0 {
                return TokenKind::Bad("unclosed left paren");
            }
            self.close(trim);
            return TokenKind::End;
        }
        let Some(first) = self.rest().chars().next() else {
            return TokenKind::Bad("unclosed action");
        };
        match first {
            ' ' | '\t' | '\r' | '\n' => self.space(),
            '"' => self.quoted('"', "unterminated quoted string", TokenKind::Text),
            '\'' => self.quoted('\'', "unterminated character constant", TokenKind::Character),
            '`' => self.raw(),
            '$' => self.name(TokenKind::Variable),
            '.' if !self.rest()[1..].starts_with(|next: char| next.is_ascii_digit()) => {
                self.name(TokenKind::Field)
            }
            '.' | '+' | '-' | '0'..='9' => self.number(),
            '_' => self.identifier(),
            letter if is_letter(letter) || is_digit(letter) => self.identifier(),
            other => self.sign(other),
        }
    }

    fn sign(&mut self, first: char) -> TokenKind {
        self.at += first.len_utf8();
        match first {
            '=' => TokenKind::Assign,
            '|' => TokenKind::Pipe,
            ':' if self.rest().starts_with('=') => {
                self.at += 1;
                TokenKind::Declare
            }
            ':' => TokenKind::Bad("expected :="),
            '(' => {
                self.parens += 1;
                TokenKind::LeftParen
            }
            ')' if self.parens == 0 => TokenKind::Bad("unexpected right paren"),
            ')' => {
                self.parens -= 1;
                TokenKind::RightParen
            }
            '!'..='~' => TokenKind::Other,
            _ => TokenKind::Bad("unrecognized character in action"),
        }
    }

    /// A run of spaces, but for one that belongs to a trimming delimiter.
    fn space(&mut self) -> TokenKind {
        while self.rest().starts_with(SPACES) && self.closing().is_none() {
            self.at += 1;
        }
        TokenKind::Space
    }

    fn quoted(&mut self, quote: char, unterminated: &'static str, kind: TokenKind) -> TokenKind {
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, found)) = characters.next() {
            let found =
                if found == '\\' { characters.next().map(|(_, next)| next) } else { Some(found) };
            match found {
                None | Some('\n') => break,
                Some(next) if next == quote && self.rest()[at..].starts_with(quote) => {
                    self.at += at + 1;
                    return kind;
                }
                Some(_) => {}
            }
        }
        TokenKind::Bad(unterminated)
    }

    fn raw(&mut self) -> TokenKind {
        match self.rest()[1..].find('`') {
            Some(end) => {
                self.at += end + 2;
                TokenKind::RawText
            }
            None => TokenKind::Bad("unterminated raw quoted string"),
        }
    }

    /// What follows a dot or dollar.
    fn name(&mut self, kind: TokenKind) -> TokenKind {
        self.at += 1;
        if self.at_terminator() {
            return if kind == TokenKind::Field { TokenKind::Dot } else { kind };
        }
        self.word();
        self.terminated(kind)
    }

    fn identifier(&mut self) -> TokenKind {
        let word = self.word();
        let kind = match word {
            "true" | "false" => TokenKind::Bool,
            "nil" => TokenKind::Nil,
            "block" => TokenKind::Keyword(Keyword::Block),
            "break" => TokenKind::Keyword(Keyword::Break),
            "continue" => TokenKind::Keyword(Keyword::Continue),
            "define" => TokenKind::Keyword(Keyword::Define),
            "else" => TokenKind::Keyword(Keyword::Else),
            "end" => TokenKind::Keyword(Keyword::End),
            "if" => TokenKind::Keyword(Keyword::If),
            "range" => TokenKind::Keyword(Keyword::Range),
            "template" => TokenKind::Keyword(Keyword::Template),
            "with" => TokenKind::Keyword(Keyword::With),
            _ => TokenKind::Identifier,
        };
        self.terminated(kind)
    }

    fn word(&mut self) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|next| !is_alphanumeric(next)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn terminated(&self, kind: TokenKind) -> TokenKind {
        if self.at_terminator() { kind } else { TokenKind::Bad("bad character") }
    }

    /// Whether a word may end here.
    fn at_terminator(&self) -> bool {
        matches!(
            self.rest().as_bytes(),
            [] | [b' ' | b'\t' | b'\r' | b'\n' | b'.' | b',' | b'|' | b':' | b')' | b'(', ..]
                | [b'}', b'}', ..]
        )
    }

    fn number(&mut self) -> TokenKind {
        const BAD: TokenKind = TokenKind::Bad("bad number syntax");
        if !self.scan_number() {
            return BAD;
        }
        if !self.rest().starts_with(['+', '-']) {
            return TokenKind::Number;
        }
        let complex = self.scan_number() && self.text[..self.at].ends_with('i');
        if complex { TokenKind::Complex } else { BAD }
    }

    /// Passes what looks like a number; the parser finds out whether it is one.
    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        while self.accept(digits) {}
        if self.accept(".") {
            while self.accept(digits) {}
        }
        let exponent = match digits.len() {
            11 => "eE",
            23 => "pP",
            _ => "",
        };
        if self.accept(exponent) {
            self.accept("+-");
            while self.accept("0123456789_") {}
        }
        self.accept("i");
        !self.rest().starts_with(is_alphanumeric)
    }

    fn accept(&mut self, any: &str) -> bool {
        let found = self.rest().bytes().next().is_some_and(|byte| any.as_bytes().contains(&byte));
        self.at += usize::from(found);
        found
    }
}

fn is_alphanumeric(character: char) -> bool {
    character == '_' || is_letter(character) || is_digit(character)
}

/// Where the next `{{` is.
fn find_delimiter(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(brace) = bytes[from..].iter().position(|byte| *byte == b'{') {
        let at = from + brace;
        if bytes.get(at + 1) == Some(&b'{') {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("the parser refuses templates of 4 GiB")
}
