//! What the demo prints: steps in order, short enough to read.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a demo is for")]

use std::io::IsTerminal;

use k8s_openapi::api::core::v1::{Event, Secret};
use serde_json::Value;

/// Longer lines, which are ciphertext, are cut for the eye.
const WIDTH: usize = 90;

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
    for line in text.lines() {
        let short: String = line.chars().take(WIDTH).collect();
        let more = if short.len() < line.len() { "…" } else { "" };
        println!("    {}", paint("2", &format!("{short}{more}")));
    }
}

pub(crate) fn value(value: &Value) {
    text(&serde_saphyr::to_string(value).unwrap_or_default());
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
