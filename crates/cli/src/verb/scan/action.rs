//! Values in the actions of templates: `{{ "hunter2" | b64enc }}`, `{{ default "hunter2" .x }}`.

use super::address::{GAP, is_address};
use super::placeholder::is_placeholder;

/// Functions that give back what they are given, or one of it. Literals that others take are names,
/// patterns and messages.
const GIVE_BACK: [&str; 21] = [
    "b64enc",
    "default",
    "quote",
    "squote",
    "coalesce",
    "ternary",
    "toString",
    "trim",
    "lower",
    "upper",
    "nospace",
    "title",
    "toJson",
    "toYaml",
    "b32enc",
    "sha256sum",
    "htpasswd",
    "bcrypt",
    "indent",
    "nindent",
    "trunc",
];
/// Functions that put their arguments together.
const PUT_TOGETHER: [&str; 4] = ["print", "println", "cat", "printf"];
/// Parentheses in parentheses.
const MAX_DEPTH: usize = 20;

/// Whether an action of the text has a value in itself.
pub(super) fn says_something(text: &str) -> bool {
    text.split("{{").skip(1).any(|rest| {
        let action = rest.split("}}").next().unwrap_or_default();
        let terms = terms(action.trim_matches(['-', ' ', '\t', '\n', '\r']));
        // What is put into a variable is not printed.
        let is_printed = !terms.iter().any(|term| matches!(term, Term::Word(":=" | "=")));
        is_printed && gives(&terms, 0)
    })
}

/// A part of an action.
enum Term<'a> {
    Literal(&'a str),
    Word(&'a str),
    Pipe,
    Open,
    Close,
}

fn terms(action: &str) -> Vec<Term<'_>> {
    let mut terms = Vec::new();
    let mut rest = action.trim_start();
    while let Some(first) = rest.chars().next() {
        let (term, length) = match first {
            '|' => (Term::Pipe, 1),
            '(' => (Term::Open, 1),
            ')' => (Term::Close, 1),
            '"' | '`' | '\'' => {
                let length = quoted(&rest[1..], first);
                (Term::Literal(&rest[1..=length]), length + 2)
            }
            _ => {
                let is_end = |c: char| c.is_whitespace() || matches!(c, '|' | '(' | ')');
                let length = rest.find(is_end).unwrap_or(rest.len());
                (Term::Word(&rest[..length]), length)
            }
        };
        terms.push(term);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    terms
}

/// The bytes before the quote that ends a literal.
fn quoted(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    let end = rest.find(|c| {
        let is_end = c == quote && !is_escaped;
        is_escaped = c == '\\' && !is_escaped && quote == '"';
        is_end
    });
    end.unwrap_or(rest.len())
}

/// Whether one of the steps of a pipeline has a value in itself.
fn gives(terms: &[Term<'_>], depth: usize) -> bool {
    depth < MAX_DEPTH && steps(terms).into_iter().any(|step| step_gives(step, depth))
}

fn step_gives(step: &[Term<'_>], depth: usize) -> bool {
    let arguments = match step.first() {
        Some(Term::Literal(_) | Term::Open) => step,
        Some(Term::Word(name)) if GIVE_BACK.contains(name) => &step[1..],
        Some(Term::Word(name)) if PUT_TOGETHER.contains(name) => {
            return puts_together(&step[1..], *name == "printf");
        }
        _ => return false,
    };
    let mut at = 0;
    while let Some(term) = arguments.get(at) {
        let length = group(&arguments[at..]);
        let is_value = match term {
            Term::Literal(literal) => says(literal),
            Term::Open => gives(&arguments[at + 1..at + length], depth + 1),
            _ => false,
        };
        if is_value {
            return true;
        }
        at += length;
    }
    false
}

/// Steps between pipes that stand in no parentheses.
fn steps<'t, 'a>(terms: &'t [Term<'a>]) -> Vec<&'t [Term<'a>]> {
    let mut depth = 0_usize;
    let steps = terms.split(|term| {
        match term {
            Term::Open => depth += 1,
            Term::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(term, Term::Pipe)
    });
    steps.collect()
}

/// How many terms the argument takes that these begin with.
fn group(terms: &[Term<'_>]) -> usize {
    let mut depth = 0_usize;
    for (at, term) in terms.iter().enumerate() {
        match term {
            Term::Open => depth += 1,
            Term::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    terms.len()
}

/// Whether `print` and `printf` put a value together out of literals. With gaps in it, it is a name more
/// often than not, but for a password in an address.
fn puts_together(arguments: &[Term<'_>], is_format: bool) -> bool {
    let (mut text, mut at) = (String::new(), 0);
    while let Some(term) = arguments.get(at) {
        match term {
            Term::Literal(format) if at == 0 && is_format => text = with_gaps(format),
            Term::Literal(literal) if is_format && says(literal) => return true,
            Term::Literal(literal) if !is_format => text += literal,
            Term::Close => {}
            _ if is_format => {}
            _ => text.push(GAP),
        }
        at += group(&arguments[at..]);
    }
    if text.contains(GAP) { text.contains("://") && !is_address(&text) } else { says(&text) }
}

/// A format with a gap in the place of each verb.
fn with_gaps(format: &str) -> String {
    let mut parts = format.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let verb = part.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
        format!("{text}{GAP}{}", verb.get(1..).unwrap_or_default())
    })
}

fn says(literal: &str) -> bool {
    !is_placeholder(literal.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_with_a_value_in_them() {
        for action in [
            r#""hunter2""#,
            r#"- "hunter2" | b64enc -"#,
            "- `hunter2` ",
            " 'hunter2' ",
            r#"("hunter2") | b64enc"#,
            r#"(("hunter2"))"#,
            r#"b64enc "hunter2""#,
            r#"default "hunter2" .x"#,
            r#".x | default "hunter2" | b64enc"#,
            r#"coalesce .Values.p "hunter2" | b64enc"#,
            r#"print "hunter2" | b64enc"#,
            r#"printf "hunter2""#,
            r#"printf "%s" "hunter2""#,
            r#"printf "postgres://app:hunter2@%s" .host"#,
            r#"ternary "hunter2" .x .y"#,
            r#"(coalesce .x ("hunter2")) | quote"#,
            r#"default (print "hunter2") .x"#,
        ] {
            assert!(says_something(&format!("{{{{ {action} }}}}")), "{action}");
        }
    }

    #[test]
    fn actions_whose_literals_are_no_values() {
        for action in [
            ".Values.password",
            r#"include "app.password" . | b64enc"#,
            r#"index .Values "password""#,
            r#"default "" .x"#,
            r#"default "changeme" .x"#,
            r#"required "a password is missing" .x"#,
            r#"printf "%s-%s" .a .b | b64enc"#,
            r#"printf "postgres://%s:%s@db" .a .b"#,
            r#"print "postgres://" .user ":" .pw "@db""#,
            r#"if eq .x "hunter2""#,
            r#"$x := "hunter2""#,
            r#".Files.Get "a/b" | b64enc"#,
            r#"ternary (index .x "a") .y .z"#,
            r#".x | replace "a" "b""#,
            "((((",
        ] {
            assert!(!says_something(&format!("{{{{ {action} }}}}")), "{action}");
        }
        let deep = format!("{{{{ {}\"hunter2\"{} }}}}", "(".repeat(90_000), ")".repeat(90_000));
        assert!(!says_something(&deep));
    }
}
