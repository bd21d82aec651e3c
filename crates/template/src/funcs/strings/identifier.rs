//! snake_case, kebab-case and CamelCase, as xstrings has them.

use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Args;
use crate::funcs::runes::{
    self, BAD, is_letter, is_number, is_punct, is_space, is_upper, to_lower, to_upper,
};
use crate::value::Value;

pub(super) fn snakecase(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    pay(context, args.text(0))?;
    Ok(Words::new(args.text(0), b'_').joined().into())
}

pub(super) fn kebabcase(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    pay(context, args.text(0))?;
    Ok(Words::new(args.text(0), b'-').joined().into())
}

/// Connectors in front stay, those between words go (of several all but one stay), and each word
/// begins with a capital. Of capitals in a row the first stays.
pub(super) fn camelcase(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = args.text(0);
    pay(context, text)?;
    let mut out = Vec::with_capacity(text.len());
    let mut chars = runes::chars(text).peekable();
    while let Some(char) = chars.next_if(|&char| connects(char)) {
        runes::encode(&mut out, char);
    }
    let Some(first) = chars.next() else {
        // Nothing but connectors: the last is written twice.
        out.extend_from_slice(&text[text.len() - runes::decode_last(text).1..]);
        return Ok(out.into());
    };
    let mut capitals = is_upper(first);
    let mut before = to_upper(first);
    for char in chars {
        let mut now = char;
        match (connects(before), connects(char)) {
            (true, true) => {}
            (true, false) => {
                capitals = is_upper(char);
                before = to_upper(char);
                continue;
            }
            (false, _) => {
                capitals = capitals && is_upper(char);
                if capitals {
                    now = to_lower(char);
                }
            }
        }
        runes::encode(&mut out, before);
        before = now;
    }
    runes::encode(&mut out, before);
    Ok(out.into())
}

/// Each byte may become a character of three bytes and a connector, in a vector that doubles.
fn pay(context: &mut Context<'_>, text: &[u8]) -> Result<(), Fault> {
    context.room(text.len() * 8)?;
    context.spend(text.len() as u64 * 4)
}

fn connects(char: char) -> bool {
    matches!(char, '-' | '_') || is_space(char)
}

/// A letter outside the commoner ideographs, which have no case.
fn alphabetic(char: char) -> bool {
    let ideograph = matches!(
        char,
        '\u{3400}'..='\u{4d85}' | '\u{4e00}'..='\u{9fcc}' | '\u{20000}'..='\u{2b81d}'
    );
    is_letter(char) && !ideograph
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Nothing is left, or nothing that is UTF-8.
    Invalid,
    Number,
    /// One capital or several, or one that small letters follow.
    Upper,
    Alphabet,
    Connector,
    Punct,
    Other,
}

/// A text cut into words, and what was made of it.
struct Words<'t> {
    rest: &'t [u8],
    kind: Kind,
    word: &'t [u8],
    connector: u8,
    out: Vec<u8>,
}

impl<'t> Words<'t> {
    fn new(text: &'t [u8], connector: u8) -> Self {
        let out = Vec::with_capacity(text.len() * 2);
        let mut words = Self { rest: text, kind: Kind::Invalid, word: b"", connector, out };
        words.advance();
        words
    }

    /// The words in small letters with connectors between; a number stays with what it follows,
    /// unless small letters come after it.
    fn joined(mut self) -> Vec<u8> {
        while !self.rest.is_empty() {
            let (before, word) = (self.kind, self.word);
            if before != Kind::Connector {
                self.write(before, word);
            }
            self.advance();
            match before {
                Kind::Number => self.after_number(),
                Kind::Connector => self.write(before, word),
                Kind::Punct => {}
                _ if self.kind != Kind::Number => self.connect(false),
                _ if self.rest.is_empty() => {}
                _ => self.number(),
            }
        }
        self.write(self.kind, self.word);
        self.out
    }

    /// Decides on which side of the number the connector goes.
    fn number(&mut self) {
        let number = self.word;
        self.advance();
        if self.kind == Kind::Alphabet {
            self.out.push(self.connector);
            self.write(Kind::Number, number);
            self.after_number();
        } else {
            self.write(Kind::Number, number);
            self.connect(false);
        }
    }

    /// Small letters and numbers go on without a connector.
    fn after_number(&mut self) {
        while matches!(self.kind, Kind::Alphabet | Kind::Number) {
            self.write(self.kind, self.word);
            self.advance();
        }
        self.connect(true);
    }

    /// Writes a connector, where the word that comes next is none and no punctuation.
    fn connect(&mut self, not_at_the_end: bool) {
        let none = matches!(self.kind, Kind::Connector | Kind::Punct)
            || not_at_the_end && self.kind == Kind::Invalid;
        if !none {
            self.out.push(self.connector);
        }
    }

    fn write(&mut self, kind: Kind, word: &[u8]) {
        if !matches!(kind, Kind::Upper | Kind::Connector) {
            return self.out.extend_from_slice(word);
        }
        for char in runes::chars(word) {
            if connects(char) {
                self.out.push(self.connector);
            } else {
                let lower = if is_upper(char) { to_lower(char) } else { char };
                runes::encode(&mut self.out, lower);
            }
        }
    }

    /// Cuts off the next word.
    fn advance(&mut self) {
        let (kind, length) = first_word(self.rest);
        self.kind = kind;
        (self.word, self.rest) = self.rest.split_at(length);
    }
}

/// The kind and the length of the first word.
fn first_word(text: &[u8]) -> (Kind, usize) {
    let (first, width) = valid(text, BAD);
    let run = |goes: &dyn Fn(char) -> bool| width + run(&text[width..], first, goes).0;
    let small = |char| alphabetic(char) && !is_upper(char);
    match first {
        BAD => (Kind::Invalid, width),
        _ if connects(first) => (Kind::Connector, run(&connects)),
        _ if is_punct(first) => (Kind::Punct, run(&is_punct)),
        _ if is_upper(first) => {
            let rest = &text[width..];
            let (second, _) = valid(rest, first);
            if !rest.is_empty() && is_upper(second) {
                (Kind::Upper, width + capitals(rest, first))
            } else {
                (Kind::Upper, run(&small))
            }
        }
        _ if alphabetic(first) => (Kind::Alphabet, run(&small)),
        _ if is_number(first) => (Kind::Number, run(&is_number)),
        _ => {
            let ends =
                |char| connects(char) || alphabetic(char) || is_number(char) || is_punct(char);
            (Kind::Other, run(&|char| !ends(char)))
        }
    }
}

/// The length of the capitals; the last begins the next word if it goes on with small letters.
fn capitals(text: &[u8], before: char) -> usize {
    let (length, last) = run(text, before, &is_upper);
    let rest = &text[length..];
    if !rest.is_empty() && alphabetic(valid(rest, before).0) { length - last } else { length }
}

/// The length of the characters that go along, and of the last of them.
fn run(text: &[u8], first: char, goes: &dyn Fn(char) -> bool) -> (usize, usize) {
    let (mut length, mut before, mut last) = (0, first, 0);
    while length < text.len() {
        let (char, width) = valid(&text[length..], before);
        if !goes(char) {
            break;
        }
        (before, last) = (char, width);
        length += width;
    }
    (length, last)
}

/// The first character that is valid, with the length of what is invalid before it; where there
/// is none, the one before and all that is left.
fn valid(text: &[u8], before: char) -> (char, usize) {
    let mut length = 0;
    while let (char, width @ 1..) = runes::decode(&text[length..]) {
        length += width;
        if char != BAD {
            return (char, length);
        }
    }
    (before, length)
}
