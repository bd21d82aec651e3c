//! Holds a renderer against recorded cases.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::case::{Case, Phase, decode};
use crate::renderer::Renderer;
use crate::{Context, Result};

#[derive(Deserialize)]
struct Record {
    name: String,
    template: String,
    #[serde(default)]
    data: BTreeMap<String, String>,
    #[serde(default)]
    data_b64: BTreeMap<String, String>,
    phase: Phase,
    #[serde(default)]
    out: String,
    out_b64: Option<String>,
    #[serde(default = "yes")]
    stable: bool,
}

fn yes() -> bool {
    true
}

/// How many cases were recorded, and those that the renderer does otherwise.
///
/// # Errors
/// When the file or the program cannot be read or run.
pub fn check(renderer: &mut Renderer, file: &Path) -> Result<(usize, Vec<String>)> {
    let step = || format!("cannot read {}", file.display());
    let text = std::fs::read_to_string(file).context(step)?;
    let records: Vec<Record> = serde_json::from_str(&text).context(step)?;
    let count = records.len();
    let mut complaints = Vec::new();
    for record in records.into_iter().filter(|record| record.stable) {
        complaints.extend(complaint(renderer, record)?);
    }
    Ok((count, complaints))
}

fn complaint(renderer: &mut Renderer, record: Record) -> Result<Option<String>> {
    let mut data: BTreeMap<String, Vec<u8>> =
        record.data.into_iter().map(|(key, value)| (key, value.into_bytes())).collect();
    for (key, value) in record.data_b64 {
        data.insert(key, decode(&value)?);
    }
    let out = match record.out_b64 {
        Some(out) => decode(&out)?,
        None => record.out.into_bytes(),
    };
    let case = Case { name: record.name, template: record.template, data };
    let outcome = renderer.render(&case)?;
    if outcome.phase == record.phase && (outcome.phase != Phase::Ok || outcome.out == out) {
        return Ok(None);
    }
    Ok(Some(format!(
        "{}: {}\n  recorded {} {}\n  rendered {} {} {}",
        case.name,
        case.template,
        record.phase.name(),
        String::from_utf8_lossy(&out),
        outcome.phase.name(),
        String::from_utf8_lossy(&outcome.out),
        outcome.error,
    )))
}
