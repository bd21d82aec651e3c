//! SARIF 2.1.0, which GitHub and others show beside the code.

use std::collections::HashMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::finding::Finding;
use super::rules::{RULES, Rule};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const HELP: &str = "https://github.com/sealwright/sealwright/blob/main/docs/scan.md";
const SRCROOT: &str =
    "The root of the repository, or the current folder where files of several were looked at.";

/// The log of one run.
pub(super) fn log(findings: &[Finding]) -> Value {
    let mut counts = HashMap::new();
    let results: Vec<_> = findings.iter().map(|finding| result(finding, &mut counts)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "kubeseal",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": HELP,
                "rules": RULES.iter().copied().map(rule).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {
                "SRCROOT": { "description": { "text": SRCROOT } },
            },
            "results": results,
        }],
    })
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": sentence(rule.title) },
        "help": { "text": sentence(rule.remedy) },
        "helpUri": HELP,
        "defaultConfiguration": { "level": rule.weight.level() },
        "properties": { "security-severity": rule.weight.score(), "tags": ["security"] },
    })
}

fn result(finding: &Finding, counts: &mut HashMap<String, usize>) -> Value {
    let place = finding.place;
    let since = finding.commit.as_ref().map(|commit| format!(", since {}", commit.id));
    let message = format!("{}{}", finding.description(), since.unwrap_or_default());
    // The name of a key begins as it does.
    let message = if finding.item.is_some() { message + "." } else { sentence(&message) };
    json!({
        "ruleId": finding.rule.id,
        "ruleIndex": RULES.iter().position(|rule| *rule == finding.rule),
        "level": finding.rule.weight.level(),
        "message": { "text": message },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&finding.path), "uriBaseId": "SRCROOT" },
            "region": {
                "startLine": place.line,
                "startColumn": place.column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
            },
        } }],
        "partialFingerprints": { "sealwright/v1": fingerprint(finding, counts) },
    })
}

/// What a finding is known by from run to run (§3.27.17): everything but where in the file it stands and
/// what it says. A digest of the value would be one to try passwords against.
fn fingerprint(finding: &Finding, counts: &mut HashMap<String, usize>) -> String {
    let item = finding.item.as_ref().map_or(["", ""], |item| [&item.secret, &item.key]);
    let digest = Sha256::digest(
        [finding.rule.id.as_bytes(), &finding.path, item[0].as_bytes(), item[1].as_bytes()]
            .join(&0),
    );
    let digest: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let count = counts.entry(digest.clone()).or_default();
    *count += 1;
    format!("{digest}:{count}")
}

/// A relative reference (RFC 3986 §4.2), in which only what needs no escape stands as it is.
fn uri(path: &[u8]) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.iter().fold(String::new(), |uri, byte| match is_plain(*byte) {
        true => uri + &char::from(*byte).to_string(),
        false => uri + &format!("%{byte:02X}"),
    })
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_references() {
        for (path, expected) in [
            (&b"a/b-c_d.e~f"[..], "a/b-c_d.e~f"),
            (b"a b/%:#?", "a%20b/%25%3A%23%3F"),
            ("ü".as_bytes(), "%C3%BC"),
            (b"\xff", "%FF"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
