//! Why a template was not rendered. No error holds a value, nor text that was made from one.

use std::borrow::Cow;
use std::fmt;

use crate::exec::Failure;
use crate::parser::SyntaxError;

/// Why a template was not parsed or not rendered, and where.
///
/// It says what Go's error says, but for values: what a template works on are secrets, and errors
/// go to logs, events and conditions.
///
/// ```
/// # use sealwright_template::{ErrorKind, NoRandomness, Template, Timestamp, World};
/// # struct Still;
/// # impl World for Still {
/// #     fn now(&mut self) -> Timestamp { Timestamp { seconds: 0, nanoseconds: 0 } }
/// #     fn random(&mut self, _: &mut [u8]) -> Result<(), NoRandomness> { Err(NoRandomness) }
/// # }
/// let template = Template::parse("item", "{{ .pw }}\n{{ fail .pw }}")?;
/// let data = [("pw".to_owned(), b"S3CRET".to_vec())].into();
/// let error = template.render(&data, &mut Still).expect_err("the template calls fail");
/// assert_eq!((error.kind(), error.line(), error.column()), (ErrorKind::Execution, 2, 4));
/// assert!(!error.to_string().contains("S3CRET"));
/// # Ok::<(), sealwright_template::TemplateError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    kind: ErrorKind,
    template: Box<str>,
    line: usize,
    column: usize,
    text: Cow<'static, str>,
    function: Option<&'static str>,
}

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is no template.
    Syntax,
    /// The text calls a function that does not exist.
    UnknownFunction,
    /// Something failed while rendering: a function refused its arguments, a type is wrong.
    Execution,
    /// The template asks for more than a render may take.
    Limit,
}

impl TemplateError {
    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The name of the template, as given to the parser.
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    pub(crate) fn syntax(template: &str, text: &str, error: SyntaxError) -> Self {
        let kind = match error {
            SyntaxError { limit: true, .. } => ErrorKind::Limit,
            SyntaxError { unknown_function: true, .. } => ErrorKind::UnknownFunction,
            _ => ErrorKind::Syntax,
        };
        let (line, column) = position(text, error.at);
        Self { kind, template: template.into(), line, column, text: error.text, function: None }
    }

    pub(crate) fn execution(template: &str, text: &str, failure: Failure) -> Self {
        let Failure { at, fault, function } = failure;
        let kind = if fault.limit { ErrorKind::Limit } else { ErrorKind::Execution };
        let (line, column) = position(text, at);
        Self { kind, template: template.into(), line, column, text: fault.text.into(), function }
    }
}

fn position(text: &str, at: u32) -> (usize, usize) {
    let before = text.get(..at as usize).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { template, line, column, text, .. } = self;
        write!(f, "template {template}, line {line}, column {column}: ")?;
        if let Some(function) = self.function {
            write!(f, "{function}: ")?;
        }
        write!(f, "{text}")
    }
}

impl std::error::Error for TemplateError {}

/// Why a function refused. Made of constants only, so that no value can get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) text: &'static str,
    pub(crate) limit: bool,
}

impl Fault {
    pub(crate) const STEPS: Self = Self::limit("too many steps");
    pub(crate) const HELD: Self = Self::limit("too much memory");
    pub(crate) const COSTLY: Self = Self::limit("too many costly calls");
    pub(crate) const OUTPUT: Self = Self::limit("output is too large");
    pub(crate) const NESTED: Self = Self::limit("nested too deeply");
    pub(crate) const CYCLE: Self = Self::limit("a dict contains itself");

    /// What a function has to say against its arguments, without quoting them.
    pub(crate) const fn new(text: &'static str) -> Self {
        Self { text, limit: false }
    }

    const fn limit(text: &'static str) -> Self {
        Self { text, limit: true }
    }
}

impl From<&'static str> for Fault {
    fn from(text: &'static str) -> Self {
        Self::new(text)
    }
}
