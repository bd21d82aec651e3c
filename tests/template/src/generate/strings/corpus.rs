//! Words, separators, layouts and the like to draw from.

use std::sync::LazyLock;

use serde::Deserialize;

/// What corpus.json holds.
#[derive(Deserialize)]
pub(super) struct Corpus {
    pub(super) texts: Vec<String>,
    pub(super) invalid: Vec<String>,
    pub(super) words: Vec<String>,
    pub(super) letters: Vec<String>,
    pub(super) separators: Vec<String>,
    pub(super) keys: Vec<String>,
    pub(super) zones: Vec<String>,
    pub(super) kind_names: Vec<String>,
    pub(super) type_names: Vec<String>,
    pub(super) numbers: Vec<String>,
    pub(super) layouts: Vec<String>,
    pub(super) layout_parts: Vec<String>,
    pub(super) b64: Vec<String>,
    pub(super) b32: Vec<String>,
    pub(super) urls: Vec<String>,
    pub(super) url_schemes: Vec<String>,
    pub(super) url_users: Vec<String>,
    pub(super) url_hosts: Vec<String>,
    pub(super) url_paths: Vec<String>,
    pub(super) url_queries: Vec<String>,
    pub(super) url_fragments: Vec<String>,
    pub(super) paths: Vec<String>,
    pub(super) path_parts: Vec<String>,
    pub(super) versions: Vec<String>,
    pub(super) prereleases: Vec<String>,
    pub(super) identifiers: Vec<String>,
    pub(super) operators: Vec<String>,
    pub(super) bounds: Vec<String>,
    pub(super) constraints: Vec<String>,
    pub(super) spans: Vec<String>,
    pub(super) replacements: Vec<String>,
    pub(super) regex_texts: Vec<String>,
    /// Layouts with what they parse, mostly.
    pub(super) dated: Vec<(String, String)>,
}

pub(super) static CORPUS: LazyLock<Corpus> = LazyLock::new(|| {
    serde_json::from_str(include_str!("corpus.json")).expect("corpus.json is sound")
});

/// Bytes written in hexadecimal, as those have to be that are not UTF-8.
pub(super) fn bytes(hexadecimal: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).expect("two digits");
    (0..hexadecimal.len()).step_by(2).map(byte).collect()
}
