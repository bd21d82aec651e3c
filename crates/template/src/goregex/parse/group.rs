//! `(…)`, `(?:…)`, `(?P<name>…)`, `(?<name>…)`, `(?flags)` and `(?flags:…)`.

use super::{Flags, Open, Parser, split_first};
use crate::error::Fault;

const SYNTAX: Fault = Fault::new("invalid or unsupported Perl syntax in a regular expression");
const NAME: Fault = Fault::new("invalid named capture in a regular expression");

impl Parser<'_> {
    pub(super) fn open_group(&mut self) -> Result<(), Fault> {
        let Some(perl) = self.rest.strip_prefix("(?") else {
            self.rest = &self.rest[1..];
            self.open_capture(String::new());
            return Ok(());
        };
        let named = perl.strip_prefix("P<").or_else(|| perl.strip_prefix('<'));
        match named {
            Some(named) if !named.is_empty() => {
                let (name, rest) = named.split_once('>').ok_or(NAME)?;
                let word = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
                if name.is_empty() || !name.bytes().all(word) {
                    return Err(NAME);
                }
                self.rest = rest;
                self.open_capture(name.to_owned());
                Ok(())
            }
            _ => {
                self.rest = perl;
                self.change_flags()
            }
        }
    }

    fn open_capture(&mut self, name: String) {
        let number = Some(self.names.len());
        self.names.push(name);
        self.open.push(Open { number, flags: self.flags, ..Open::default() });
    }

    /// What follows `(?`: letters, then `:` for a group or `)` for the rest of this one.
    fn change_flags(&mut self) -> Result<(), Fault> {
        let mut flags = self.flags;
        let mut value = true;
        let mut seen = false;
        loop {
            let (letter, rest) = split_first(self.rest).ok_or(SYNTAX)?;
            self.rest = rest;
            match letter {
                '-' if value => {
                    value = false;
                    seen = false;
                    continue;
                }
                ':' | ')' if !value && !seen => return Err(SYNTAX),
                ':' => {
                    self.open.push(Open { flags: self.flags, ..Open::default() });
                    self.flags = flags;
                    return Ok(());
                }
                ')' => {
                    self.flags = flags;
                    return Ok(());
                }
                other => *flags.named(other).ok_or(SYNTAX)? = value,
            }
            seen = true;
        }
    }

    pub(super) fn close_group(&mut self) -> Result<(), Fault> {
        if self.open.len() < 2 {
            return Err("unexpected ) in a regular expression".into());
        }
        let group = self.open.pop().ok_or(SYNTAX)?;
        self.flags = group.flags;
        let node = self.closed(group)?;
        self.push(node);
        Ok(())
    }
}

impl Flags {
    fn named(&mut self, letter: char) -> Option<&mut bool> {
        match letter {
            'i' => Some(&mut self.fold),
            'm' => Some(&mut self.multi_line),
            's' => Some(&mut self.dot_newline),
            'U' => Some(&mut self.lazy),
            _ => None,
        }
    }
}
