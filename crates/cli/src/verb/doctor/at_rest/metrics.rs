//! What the API server counts since its start, when it writes to etcd and reads from there. Without an
//! encryption configuration it counts nothing.

use std::collections::BTreeSet;

const METRIC: &str = "apiserver_storage_transformation_operations_total";
/// What encrypted values begin with in etcd; what is not encrypted begins with nothing.
const ENCRYPTED: &str = "k8s:enc:";

/// What it comes to, for Secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// Encrypted, by this.
    Encrypted(String),
    /// Written encrypted by this, and some are read that are not.
    Both(String),
    /// Written as they are.
    Plain,
    /// Nothing is counted.
    Nothing,
}

/// Reads it out of all metrics (Prometheus' text format).
pub(super) fn counted(text: &str) -> Counted {
    let (mut encrypted, mut written_plain, mut read_plain) = (BTreeSet::new(), false, false);
    let samples: Vec<_> = text.lines().filter_map(sample).collect();
    for labels in &samples {
        let label = |name: &str| {
            let found = labels.iter().find(|(found, _)| found == name);
            found.map(|(_, value)| value.as_str())
        };
        // Older API servers do not tell which resource it was.
        let is_of_secrets =
            label("resource").is_none_or(|resource| matches!(resource, "secrets" | ""));
        if !is_of_secrets || label("status").is_some_and(|status| status != "OK") {
            continue;
        }
        let is_writing = label("transformation_type") == Some("to_storage");
        match label("transformer_prefix") {
            Some("") if is_writing => written_plain = true,
            Some("") => read_plain |= label("resource") == Some("secrets"),
            // Encryption counts a second time, by the name of its key.
            prefix => encrypted.extend(prefix.and_then(|prefix| prefix.strip_prefix(ENCRYPTED))),
        }
    }
    let how = encrypted.iter().map(|how| how.trim_end_matches(':'));
    let how = how.collect::<Vec<_>>().join(", ");
    match (how.is_empty(), written_plain, read_plain) {
        (_, true, _) => Counted::Plain,
        (false, false, false) => Counted::Encrypted(how),
        (false, false, true) => Counted::Both(how),
        (true, false, true) => Counted::Plain,
        (true, false, false) => Counted::Nothing,
    }
}

/// The labels of a line that counts something.
fn sample(line: &str) -> Option<Vec<(String, String)>> {
    let (labels, value) = line.strip_prefix(METRIC)?.strip_prefix('{')?.rsplit_once('}')?;
    let value: f64 = value.split_whitespace().next()?.parse().ok()?;
    (value > 0.0).then(|| read(labels))?
}

/// `a="b",c="d"`, in which a backslash takes what follows as it is.
fn read(mut rest: &str) -> Option<Vec<(String, String)>> {
    let mut labels = Vec::new();
    while let Some((name, after)) = rest.split_once("=\"") {
        let mut value = String::new();
        let mut end = None;
        let mut characters = after.char_indices();
        while let Some((index, c)) = characters.next() {
            match c {
                '"' => {
                    end = Some(index + 1);
                    break;
                }
                '\\' => value.extend(characters.next().map(|(_, c)| c)),
                c => value.push(c),
            }
        }
        labels.push((name.trim_start_matches(',').trim().to_owned(), value));
        rest = &after[end?..];
    }
    Some(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(resource: &str, way: &str, prefix: &str, value: &str) -> String {
        format!(
            "{METRIC}{{resource=\"{resource}\",status=\"OK\",transformation_type=\"{way}\",\
             transformer_prefix=\"{prefix}\"}} {value}\n"
        )
    }

    #[test]
    fn what_is_counted_of_secrets_tells() {
        let written = |prefix| line("secrets", "to_storage", prefix, "5");
        let read = |prefix| line("secrets", "from_storage", prefix, "1.2e+02");
        let aes = "k8s:enc:aescbc:v1:";
        let encrypted = Counted::Encrypted("aescbc:v1".to_owned());
        for (text, expected) in [
            (written(aes), encrypted.clone()),
            (read(aes), encrypted.clone()),
            (written(aes) + &read(aes), encrypted.clone()),
            (written(aes) + &read(""), Counted::Both("aescbc:v1".to_owned())),
            (written("") + &read(aes), Counted::Plain),
            (written(""), Counted::Plain),
            (read(""), Counted::Plain),
            (written(aes) + &written("key1:") + &read(aes) + &read("key1:"), encrypted.clone()),
            // Nothing, nothing of Secrets, nothing yet, nothing that came off.
            (String::new(), Counted::Nothing),
            (line("configmaps", "to_storage", aes, "5"), Counted::Nothing),
            (line("secrets", "to_storage", aes, "0"), Counted::Nothing),
            (written(aes).replace("OK", "Internal"), Counted::Nothing),
            (format!("# HELP {METRIC} Total\n# TYPE {METRIC} counter\n"), Counted::Nothing),
            ("apiserver_storage_objects{resource=\"secrets\"} 5".to_owned(), Counted::Nothing),
            // Torn lines.
            (
                format!("{METRIC}{{resource=\"secrets\n{METRIC}{{}} x\n{METRIC}{{a=\"\\\"}} 1"),
                Counted::Nothing,
            ),
        ] {
            assert_eq!(counted(&text), expected, "{text}");
        }
        // As it was before the label of the resource came.
        let older = written(aes).replace("resource=\"secrets\",", "");
        assert_eq!(counted(&older), encrypted);
    }

    #[test]
    fn labels_may_hold_anything() {
        let labels = read(r#"a="x,y=\"z\"}",b="\\""#).unwrap();
        let expected = [("a", r#"x,y="z"}"#), ("b", "\\")];
        assert_eq!(labels, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
