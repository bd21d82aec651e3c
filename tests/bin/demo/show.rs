//! What the demo prints: steps in order, short enough to read.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a demo is for")]

use std::io::IsTerminal;

use k8s_openapi::api::core::v1::{Event, Secret};
use sealwright_api::RECORDED;
use serde_json::{Value, json};

/// Longer lines are wrapped.
const WIDTH: usize = 90;
/// Longer words, which are ciphertext, are cut for the eye.
const LONGEST_WORD: usize = 64;

fn paint(code: &str, text: &str) -> String {
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

pub(crate) fn step(title: &str, explanation: &str) {
    println!("\n{} {}\n  {explanation}\n", paint("1;36", "▸"), paint("1", title));
}

pub(crate) fn command(line: &str) {
    println!("    {}", paint("33", &format!("$ {line}")));
}

pub(crate) fn text(text: &str) {
    for line in text.lines().flat_map(fitted) {
        println!("    {}", paint("2", &line));
    }
}

/// A line in lines that fit, the further ones indented a little more.
fn fitted(line: &str) -> Vec<String> {
    let width = |text: &str| text.chars().count();
    if width(line) <= WIDTH {
        return vec![line.to_owned()];
    }
    let indent = width(line) - width(line.trim_start());
    let (mut lines, mut current) = (Vec::new(), " ".repeat(indent));
    for word in line.split_whitespace() {
        let gap = if current.trim().is_empty() { "" } else { " " };
        let room = WIDTH.saturating_sub(width(&current) + gap.len());
        if width(word) > LONGEST_WORD {
            let start: String = word.chars().take(room.saturating_sub(1)).collect();
            current += &format!("{gap}{start}…");
        } else if width(word) > room {
            lines.push(std::mem::replace(&mut current, " ".repeat(indent + 2) + word));
        } else {
            current += &format!("{gap}{word}");
        }
    }
    lines.push(current);
    lines
}

/// A status, without what is for the controller's next start alone.
pub(crate) fn status(mut status: Value) {
    if let Some(conditions) = status["conditions"].as_array_mut() {
        conditions.retain(|condition| condition["type"] != RECORDED);
    }
    // Lines are wrapped here.
    let whole = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    let status = json!({ "status": status });
    text(&serde_saphyr::to_string_with_options(&status, whole).unwrap_or_default());
}

/// The Secret with its values decoded: this is a demo, and its password is well known.
pub(crate) fn secret(secret: &Secret) {
    text("secret:");
    for owner in secret.metadata.owner_references.iter().flatten() {
        text(&format!("  owner: {}/{}", owner.kind, owner.name));
    }
    for (key, value) in secret.data.iter().flatten() {
        text(&format!("  {key}: {}", String::from_utf8_lossy(&value.0)));
    }
}

pub(crate) fn event(event: &Event) {
    let field = |field: &Option<String>| field.clone().unwrap_or_default();
    let (type_, reason) = (field(&event.type_), field(&event.reason));
    text(&format!("event: {type_} {reason}: {}", field(&event.message)));
}

#[expect(clippy::use_debug, reason = "the harness's errors print their whole chain as Debug")]
pub(crate) fn failure(error: &harness::Error) {
    eprintln!("{} {error:?}", paint("31", "the demo failed:"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_wrapped_and_ciphertexts_are_cut() {
        let sentence = format!("  message: {}", "no key opens it ".repeat(12));
        let lines = fitted(&sentence);
        assert!(lines.len() > 1 && lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert_eq!(lines[0].trim_start(), lines[0][2..].to_owned());
        assert!(lines[1].starts_with("    "));
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&lines.join(" ")), words(&sentence));

        let sealed = fitted(&format!("  password: {}", "Ag".repeat(300)));
        assert_eq!(sealed.len(), 1);
        assert!(sealed[0].starts_with("  password: AgAg") && sealed[0].ends_with('…'));
        assert_eq!(sealed[0].chars().count(), WIDTH);
    }
}
