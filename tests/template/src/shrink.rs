//! Cuts a case down while something about it stays true.

use std::collections::BTreeMap;

use crate::Result;
use crate::case::Case;

/// How many smaller cases are tried for one that is shown.
const PROBES: usize = 3000;

/// The smallest case found for which `holds`.
pub(crate) fn shrink(case: Case, holds: impl FnMut(&Case) -> Result<bool>) -> Result<Case> {
    let mut search = Search { best: case, holds, left: PROBES };
    loop {
        let before = search.best.clone();
        search.values()?;
        search.parts(nodes)?;
        search.blocks()?;
        search.parts(tokens)?;
        search.groups()?;
        search.tokens_replaced()?;
        if search.best.template.chars().count() < 80 {
            search.parts(characters)?;
        }
        if search.best == before || search.left == 0 {
            return Ok(search.best);
        }
    }
}

struct Search<F> {
    best: Case,
    holds: F,
    left: usize,
}

impl<F: FnMut(&Case) -> Result<bool>> Search<F> {
    fn try_case(&mut self, case: Case) -> Result<bool> {
        if self.left == 0 || case == self.best {
            return Ok(false);
        }
        self.left -= 1;
        let holds = (self.holds)(&case)?;
        if holds {
            self.best = case;
        }
        Ok(holds)
    }

    fn try_template(&mut self, template: String) -> Result<bool> {
        let data = self.best.data.clone();
        self.try_case(Case { name: self.best.name.clone(), template, data })
    }

    /// Leaves out runs of parts, from half of all down to single ones.
    fn parts(&mut self, split: fn(&str) -> Vec<&str>) -> Result<()> {
        let mut size = split(&self.best.template).len().div_ceil(2);
        while size > 0 {
            let mut at = 0;
            loop {
                let template = self.best.template.clone();
                let parts = split(&template);
                if at >= parts.len() {
                    break;
                }
                let end = (at + size).min(parts.len());
                let rest = [&parts[..at], &parts[end..]].concat().concat();
                if !self.try_template(rest)? {
                    at += size;
                }
            }
            size /= 2;
        }
        Ok(())
    }

    /// Leaves out an `if` or the like with its `end`, and what is between them or not.
    fn blocks(&mut self) -> Result<()> {
        let mut number = 0;
        loop {
            let template = self.best.template.clone();
            let parts = nodes(&template);
            let Some((open, end)) = blocks(&parts).into_iter().nth(number) else { return Ok(()) };
            let (before, body, after) = (&parts[..open], &parts[open + 1..end], &parts[end + 1..]);
            let found = self.try_template([before, after].concat().concat())?
                || self.try_template([before, body, after].concat().concat())?;
            number += usize::from(!found);
        }
    }

    /// Puts what stands in parentheses in the place of all around it, or something plain into
    /// theirs.
    fn groups(&mut self) -> Result<()> {
        let mut number = 0;
        loop {
            let template = self.best.template.clone();
            let Some(group) = groups(&template).into_iter().nth(number) else { return Ok(()) };
            let (before, inside, after) =
                (&template[..group.0], &template[group.0 + 1..group.1 - 1], &template[group.1..]);
            let mut tries = vec![format!("{{{{ {inside} }}}}"), format!("{before}{inside}{after}")];
            tries.extend(
                ["1", "\"a\"", "nil", "list", "dict", "true"]
                    .map(|plain| format!("{before}{plain}{after}")),
            );
            let mut found = false;
            for smaller in tries {
                found = found || (smaller.len() < template.len() && self.try_template(smaller)?);
            }
            number += usize::from(!found);
        }
    }

    /// Puts something plain in the place of each literal.
    fn tokens_replaced(&mut self) -> Result<()> {
        let count = tokens(&self.best.template).len();
        for number in 0..count {
            for plain in ["\"\"", "\"a\"", "1", "nil"] {
                let template = self.best.template.clone();
                let mut parts = tokens(&template);
                if number < parts.len()
                    && parts[number].len() > plain.len()
                    && is_literal(parts[number])
                {
                    parts[number] = plain;
                    self.try_template(parts.concat())?;
                }
            }
        }
        Ok(())
    }

    /// Leaves out values, then halves of them, then bytes.
    fn values(&mut self) -> Result<()> {
        let none = Case { data: BTreeMap::new(), ..self.best.clone() };
        if self.try_case(none)? {
            return Ok(());
        }
        for key in self.best.data.keys().cloned().collect::<Vec<_>>() {
            let mut without = self.best.clone();
            without.data.remove(&key);
            if !self.try_case(without)? {
                self.value(&key)?;
            }
        }
        Ok(())
    }

    fn value(&mut self, key: &str) -> Result<()> {
        let mut size = self.best.data[key].len().div_ceil(2);
        while size > 0 {
            let mut at = 0;
            while at < self.best.data[key].len() {
                let mut smaller = self.best.clone();
                let value = smaller.data.get_mut(key).expect("the key is there");
                let end = (at + size).min(value.len());
                value.drain(at..end);
                if !self.try_case(smaller)? {
                    at += size;
                }
            }
            size /= 2;
        }
        Ok(())
    }
}

fn is_literal(token: &str) -> bool {
    token.starts_with(['"', '`', '\'', '-', '+', '.'])
        || token.starts_with(|first: char| first.is_ascii_digit())
}

/// Actions and the text between them.
pub(crate) fn nodes(template: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let end = match rest.strip_prefix("{{") {
            Some(inside) => action_end(inside).map(|at| at + 4),
            None => rest.find("{{"),
        };
        let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
        parts.push(part);
        rest = after;
    }
    parts
}

/// Where an action ends: behind its comment, and not inside of a string.
fn action_end(inside: &str) -> Option<usize> {
    let comment = inside.strip_prefix('-').unwrap_or(inside).trim_start().starts_with("/*");
    let mut at = if comment { inside.find("*/")? } else { 0 };
    while let Some(&byte) = inside.as_bytes().get(at) {
        at += match byte {
            b'}' if inside[at..].starts_with("}}") => return Some(at),
            b'"' | b'`' | b'\'' => quoted(&inside[at..], char::from(byte)),
            _ => 1,
        };
    }
    None
}

/// The numbers of nodes that open a block, and of those that end it.
fn blocks(nodes: &[&str]) -> Vec<(usize, usize)> {
    let (mut open, mut found) = (Vec::new(), Vec::new());
    for (number, node) in nodes.iter().enumerate() {
        let Some(inside) = node.strip_prefix("{{") else { continue };
        let word = inside.trim_start_matches(['-', ' ', '\n', '\t']);
        let word = word.split(|character: char| !character.is_alphabetic()).next();
        match word.unwrap_or_default() {
            "if" | "with" | "range" | "block" | "define" => open.push(number),
            "end" => found.extend(open.pop().map(|from| (from, number))),
            _ => {}
        }
    }
    found.sort_unstable();
    found
}

/// Words, strings, and single characters of all else.
fn tokens(template: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' | '`' | '\'' => quoted(rest, first),
            _ if is_word(first) => rest.find(|other| !is_word(other)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    parts
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.' | '$' | '-' | '+')
}

/// How long the string is that the text begins with; only its quote if it has no end.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if character == quote && !escaped {
            return at + 1;
        }
        escaped = character == '\\' && quote != '`' && !escaped;
    }
    1
}

fn characters(template: &str) -> Vec<&str> {
    template
        .char_indices()
        .map(|(at, character)| &template[at..at + character.len_utf8()])
        .collect()
}

/// Where parentheses open, and behind where they close; the outer ones first.
fn groups(template: &str) -> Vec<(usize, usize)> {
    let (mut open, mut found, mut at) = (Vec::new(), Vec::new(), 0);
    for token in tokens(template) {
        match token {
            "(" => open.push(at),
            ")" => found.extend(open.pop().map(|from| (from, at + 1))),
            _ => {}
        }
        at += token.len();
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_goes() {
        let case = Case {
            template: "x {{ $a := list (upper \"b\" | lower) }}{{ if $a }}{{ printf \"%d é\" (max 3 (add 1 2)) }}{{ end }} y".into(),
            data: [("k".to_owned(), b"abc".to_vec()), ("l".to_owned(), b"d".to_vec())].into(),
            ..Case::default()
        };
        let holds = |case: &Case| {
            Ok(case.template.contains("add")
                && case.data.get("k").is_some_and(|value| value.contains(&b'b')))
        };
        let small = shrink(case, holds).unwrap();
        assert_eq!(small.template, "add");
        assert_eq!(small.data, [("k".to_owned(), b"b".to_vec())].into());
    }

    #[test]
    fn parts_make_up_the_whole() {
        for text in ["", "a{{ b }}c", "{{", "\"a", "{{ \"\\\"\" `x` 'é' }}é", "(a (b) c) )"] {
            for split in [nodes, tokens, characters] {
                assert_eq!(split(text).concat(), text);
            }
        }
        assert_eq!(groups("(a (b) c) )"), [(0, 9), (3, 6)]);
        let parts = nodes("{{- if 1}}a{{with(2)}}b{{else}}{{end}}{{end -}}");
        assert_eq!(blocks(&parts), [(0, 6), (2, 5)]);
        let quoted =
            ["{{ `}}{{\\` }}", "a", "{{- /* }} ' */ -}}", "{{ '}' \"\\\"}}\" }}", "{{ \"b }}"];
        assert_eq!(nodes(&quoted.concat()), quoted);
    }
}
