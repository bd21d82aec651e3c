//! A page of the documentation as a reader follows it: its blocks of commands, in their order.
//!
//! A `sh` block is a script, which must succeed. A `console` block is a session: each line after `$ `
//! is a command, and what stands beneath it is what it prints, see [`is_shown`]. A block that cannot
//! be run beside a test control plane says why in a comment before it: `<!-- not run: reason -->`.
//! What happens in between, unseen by the reader, is a script too, from a line `<!-- run` to `-->`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Context, Error, Result};

const MARK: &str = "<!-- not run:";
const HIDDEN: &str = "<!-- run";
/// In what a command prints: anything within a line, or, alone on a line, any number of lines.
const ANYTHING: char = '…';

/// The folder that README is in.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A page and its blocks of commands.
#[derive(Debug)]
pub struct Page {
    /// Its path, seen from [`root`].
    pub path: String,
    /// In their order.
    pub blocks: Vec<Block>,
}

/// A fenced block of commands.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// Where it begins.
    pub line: usize,
    /// What it is.
    pub kind: Kind,
    /// What stands in it.
    pub text: String,
    /// Why it is not run, if it is not.
    pub not_run: Option<String>,
}

/// What a block of commands is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A shell script.
    Script,
    /// Commands and what they print.
    Session,
}

/// A command of a session, and the lines that it prints.
#[derive(Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What is typed.
    pub command: String,
    /// What is answered.
    pub shown: Vec<String>,
}

impl Page {
    /// Reads a page by its path from [`root`].
    ///
    /// # Errors
    /// When it is not there, or a block or a mark in it is not as said above.
    pub fn read(path: &str) -> Result<Self> {
        let text =
            fs::read_to_string(root().join(path)).context(|| format!("cannot read {path}"))?;
        let blocks =
            blocks(&text).map_err(|(line, why)| Error::new(format!("{path}:{line}: {why}")))?;
        Ok(Self { path: path.to_owned(), blocks })
    }

    /// The blocks to run.
    pub fn to_run(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(|block| block.not_run.is_none())
    }
}

impl Block {
    /// The commands of a session.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        let mut exchanges: Vec<Exchange> = Vec::new();
        let mut goes_on = false;
        for line in self.text.lines() {
            if let (true, Some(last)) = (goes_on, exchanges.last_mut()) {
                last.command += "\n";
                last.command += line;
            } else if let Some(command) = line.strip_prefix("$ ") {
                exchanges.push(Exchange { command: command.to_owned(), shown: Vec::new() });
            } else {
                if let Some(last) = exchanges.last_mut() {
                    last.shown.push(line.to_owned());
                }
                continue;
            }
            goes_on = line.ends_with(['\\', '|']);
        }
        exchanges
    }
}

impl Exchange {
    /// Whether the command is shown to fail: its answer is an error, or no.
    #[must_use]
    pub fn fails(&self) -> bool {
        let is_error = |line: &String| line.to_lowercase().starts_with("error") || line == "no";
        self.shown.iter().any(is_error)
    }
}

/// README, its neighbours and all of `docs`, by their paths from [`root`].
///
/// # Errors
/// When a folder cannot be read.
pub fn all() -> Result<Vec<String>> {
    let mut pages = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let step = || format!("cannot read {}", folder.display());
        for entry in fs::read_dir(root().join(&folder)).context(step)? {
            let path = folder.join(entry.context(step)?.file_name());
            if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path.display().to_string());
            } else if path.starts_with("docs") && root().join(&path).is_dir() {
                folders.push(path);
            }
        }
    }
    pages.sort();
    Ok(pages)
}

/// Whether a page may show `said` as `shown`. Blanks count as one, wherever columns begin; `…` stands
/// for anything within a line, and a line of `…` for any lines.
#[must_use]
pub fn is_shown(said: &str, shown: &[String]) -> bool {
    let said: Vec<&str> = said.trim_end().lines().collect();
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    lines_match(&shown, &said)
}

fn lines_match(shown: &[&str], said: &[&str]) -> bool {
    match shown.split_first() {
        None => said.is_empty(),
        Some((line, rest)) if line.trim() == ANYTHING.to_string() => {
            (0..=said.len()).any(|skipped| lines_match(rest, &said[skipped..]))
        }
        Some((line, rest)) => said
            .split_first()
            .is_some_and(|(first, others)| line_matches(line, first) && lines_match(rest, others)),
    }
}

fn line_matches(shown: &str, said: &str) -> bool {
    let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let (shown, said) = (squeezed(shown), squeezed(said));
    let mut parts = shown.split(ANYTHING);
    let beginning = parts.next().unwrap_or_default();
    let Some(mut rest) = said.strip_prefix(beginning) else { return false };
    let Some(end) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(end)
}

/// A line and what is wrong there.
type Fault = (usize, String);

fn blocks(text: &str) -> Result<Vec<Block>, Fault> {
    let mut blocks = Vec::new();
    let mut mark: Option<(usize, String)> = None;
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let number = number + 1;
        if line == HIDDEN {
            let text = until("-->", 0, &mut lines).ok_or((number, "no end".to_owned()))?;
            blocks.push(Block { line: number, kind: Kind::Script, text, not_run: None });
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let Some(language) = line.trim_start().strip_prefix("```") else {
            mark = match mark {
                Some(mark) if !line.trim().is_empty() => return Err(stray(&mark)),
                Some(mark) => Some(mark),
                None => reason(line).map(|reason| (number, reason)),
            };
            continue;
        };
        let text = until("```", indent, &mut lines).ok_or((number, "no end".to_owned()))?;
        let Some(kind) = kind(language.trim()).map_err(|why| (number, why))? else {
            mark.take().map_or(Ok(()), |mark| Err(stray(&mark)))?;
            continue;
        };
        let not_run = mark.take().map(|(_, reason)| reason);
        let block = Block { line: number, kind, text, not_run };
        if kind == Kind::Session && !block.text.starts_with("$ ") {
            return Err((number, "a session begins with `$ `".to_owned()));
        }
        blocks.push(block);
    }
    mark.map_or(Ok(blocks), |mark| Err(stray(&mark)))
}

/// The lines up to one that is the end.
fn until<'a>(
    end: &str,
    indent: usize,
    lines: &mut impl Iterator<Item = (usize, &'a str)>,
) -> Option<String> {
    let mut text = String::new();
    loop {
        let (_, line) = lines.next()?;
        if line.trim() == end {
            return Some(text);
        }
        text += line.get(indent..).unwrap_or_default();
        text.push('\n');
    }
}

fn stray((line, reason): &(usize, String)) -> Fault {
    (*line, format!("no commands follow this mark: {reason}"))
}

fn reason(line: &str) -> Option<String> {
    let reason = line.trim().strip_prefix(MARK)?.strip_suffix("-->")?.trim();
    Some(reason.to_owned())
}

/// `None` for what is no commands. A block without a language could be either.
fn kind(language: &str) -> Result<Option<Kind>, String> {
    match language {
        "sh" => Ok(Some(Kind::Script)),
        "console" => Ok(Some(Kind::Session)),
        "text" | "yaml" | "toml" | "rust" | "json" | "promql" => Ok(None),
        other => Err(format!("a block is one of sh, console, text, yaml …, and not {other:?}")),
    }
}

#[cfg(test)]
mod tests;
