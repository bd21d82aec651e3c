//! Secrets in a text: as documents, in Lists, and wherever else an object stands in another. What is no
//! YAML is read line by line instead.

use std::collections::HashSet;
use std::ops::Range;

use sealwright_api::annotations::KEY_LABEL;

use super::embedded;
use super::lines;
use super::located::{self, Document, Kind, Node};

/// A Secret that is not sealed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Secret {
    /// `shop/db`.
    pub(super) name: String,
    /// Where its `kind` stands.
    pub(super) kind_at: usize,
    /// Where its document begins, or the object in it.
    pub(super) document: Option<usize>,
    /// Whether it is a key of a controller.
    pub(super) is_sealing_key: bool,
    pub(super) values: Vec<Value>,
}

/// An entry of `data` or `stringData`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) key: String,
    /// Where its key stands.
    pub(super) key_at: usize,
    /// The bytes of what stands behind the key.
    pub(super) range: Range<usize>,
    pub(super) text: String,
    /// Whether it is in base64.
    pub(super) is_data: bool,
}

/// All Secrets of a text.
pub(super) fn secrets(text: &str) -> Vec<Secret> {
    if !speaks_of_secrets(text) {
        return Vec::new();
    }
    let mut secrets = of_documents(text, located::documents(text), 0);
    embedded::add(text, &mut secrets);
    secrets
}

/// The Secrets of an object that stands in a text which is none.
pub(super) fn of_object(text: &str, range: Range<usize>) -> Vec<Secret> {
    let read = located::of_yaml(&text[range.clone()], range.start);
    of_documents(&text[..range.end], read, MAX_LEVELS)
}

fn of_documents(text: &str, read: (Vec<Document>, Option<usize>), level: usize) -> Vec<Secret> {
    let (documents, failed) = read;
    let (mut secrets, mut scalars) = (Vec::new(), HashSet::new());
    for document in &documents {
        let mut search = Search { text, document, left: MAX_NODES, secrets: Vec::new(), scalars };
        search.visit(&document.root, 0);
        secrets.extend(search.secrets);
        scalars = search.scalars;
    }
    if let Some(start) = failed {
        secrets.extend(lines::secrets(text, start));
    }
    let mut scalars: Vec<_> = scalars.into_iter().collect();
    scalars.sort_unstable();
    for (start, end, said) in scalars {
        if level < MAX_LEVELS {
            secrets.extend(in_scalar(text, start..end, &said, level + 1));
        }
    }
    secrets
}

/// Secrets in a text that is a value: a step of a workflow, or a file in a ConfigMap. In a block it stands
/// as it is, only indented; what is quoted has no places of its own.
fn in_scalar(text: &str, range: Range<usize>, said: &str, level: usize) -> Vec<Secret> {
    let raw = &text[range.clone()];
    let is_block = raw.contains('\n') && !raw.starts_with(['"', '\'']);
    if is_block {
        // The block's sign may be a part of it, and the blanks of its first line may not.
        let start = match raw.find('\n') {
            Some(end) if raw.starts_with(['|', '>']) => range.start + end + 1,
            _ => text[..range.start].rfind('\n').map_or(0, |end| end + 1),
        };
        let read = located::of_yaml(&text[start..range.end], start);
        return of_documents(&text[..range.end], read, level);
    }
    let mut secrets = of_documents(said, located::documents(said), level);
    for secret in &mut secrets {
        (secret.kind_at, secret.document) = (range.start, None);
        for value in &mut secret.values {
            (value.key_at, value.range) = (range.start, range.clone());
        }
    }
    secrets
}

/// Whether both words stand there: most files are done with that. What stands between them may be quotes,
/// an anchor, a tag or a line break.
fn speaks_of_secrets(text: &str) -> bool {
    text.contains("Secret") && text.contains("kind")
}

/// Nodes that are looked at in one document: aliases can make more of them than memory holds.
const MAX_NODES: usize = 1_000_000;
/// Texts in texts.
const MAX_LEVELS: usize = 3;
/// Levels of nesting, aliases followed.
const MAX_DEPTH: usize = 200;

struct Search<'a> {
    text: &'a str,
    document: &'a Document,
    left: usize,
    secrets: Vec<Secret>,
    /// Values that speak of Secrets themselves, each with its place.
    scalars: HashSet<(usize, usize, String)>,
}

impl Search<'_> {
    fn visit(&mut self, node: &Node, depth: usize) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 || depth > MAX_DEPTH {
            return;
        }
        match &node.kind {
            Kind::Scalar(said) if speaks_of_secrets(said) => {
                self.scalars.insert((node.range.start, node.range.end, said.clone()));
            }
            Kind::Scalar(_) => {}
            Kind::Sequence(items) => items.iter().for_each(|item| self.visit(item, depth + 1)),
            Kind::Map(members) => {
                if let Some(secret) = self.secret(node, false) {
                    self.secrets.push(secret);
                    return self.besides_values(node, depth);
                }
                let is_list = node.get("kind").and_then(Node::text) == Some("SecretList");
                if let Some(Kind::Sequence(items)) =
                    node.get("items").filter(|_| is_list).map(|items| &items.kind)
                {
                    let secrets = items.iter().filter_map(|item| self.secret(item, true));
                    let secrets: Vec<_> = secrets.collect();
                    return self.secrets.extend(secrets);
                }
                members.iter().for_each(|(_, value)| self.visit(value, depth + 1));
            }
        }
    }

    /// What is no value is looked through as anything else is: annotations, of which one has the Secret once
    /// more as it was applied, and values that are maps, which belong to something else.
    fn besides_values(&mut self, node: &Node, depth: usize) {
        for field in ["data", "stringData"] {
            let members = node.get(field).map(Node::members).unwrap_or_default();
            let is_object = members.iter().any(|(key, value)| is_of_object(key, value));
            if let Some(object) = node.get(field).filter(|_| is_object) {
                self.visit(object, depth + 1);
                continue;
            }
            for (_, value) in members.iter().filter(|(_, value)| value.text().is_none()) {
                self.visit(value, depth + 2);
            }
        }
        if let Some(annotations) = node.get("metadata").and_then(|all| all.get("annotations")) {
            self.visit(annotations, depth + 2);
        }
    }

    /// In a SecretList an item needs no kind.
    fn secret(&self, node: &Node, is_item: bool) -> Option<Secret> {
        let kind = match node.get("kind") {
            Some(kind) if kind.text() == Some("Secret") => kind,
            None if is_item => node,
            _ => return None,
        };
        let version = node.get("apiVersion");
        let is_ours =
            |version: &Node| version.text() == Some("v1") || action(self.text, version).is_some();
        if !version.is_none_or(is_ours) {
            return None;
        }
        let is_root = std::ptr::eq(node, &raw const *self.document.root);
        // An item of a List has a first line too, but no head.
        let start = if is_root { self.document.start } else { node.range.start };
        let mut values = Vec::new();
        for (field, is_data) in [("data", true), ("stringData", false)] {
            let mut members = node.get(field).map(Node::members).unwrap_or_default();
            if members.iter().any(|(key, value)| is_of_object(key, value)) {
                members.clear();
            }
            let entry = |(key, value): &(&Node, &Node)| entry(self.text, key, value, is_data);
            values.extend(members.iter().filter_map(entry));
        }
        let metadata = node.get("metadata");
        let field = |name: &str| metadata.and_then(|metadata| metadata.get(name)?.text());
        let labels = metadata.and_then(|metadata| metadata.get("labels"));
        let has_label = labels.is_some_and(|labels| labels.get(KEY_LABEL).is_some());
        Some(Secret {
            name: title(field("namespace"), field("name").or(field("generateName"))),
            kind_at: kind.range.start,
            document: Some(start),
            is_sealing_key: has_label || field("name").is_some_and(is_name_of_sealing_key),
            values,
        })
    }
}

/// Whether a member says that its map is an object, as in a policy that makes Secrets, and holds no values.
fn is_of_object(key: &Node, value: &Node) -> bool {
    const FIELDS: [&str; 4] = ["metadata", "data", "stringData", "spec"];
    matches!(value.kind, Kind::Map(_)) && key.text().is_some_and(|key| FIELDS.contains(&key))
}

fn entry(text: &str, key: &Node, value: &Node, is_data: bool) -> Option<Value> {
    Some(Value {
        key: key.text().or(action(text, key))?.to_owned(),
        key_at: key.range.start,
        range: value.range.clone(),
        text: value.text().or(action(text, value))?.to_owned(),
        is_data,
    })
}

/// An action of a template, which may be YAML by chance: a map in a map.
fn action<'t>(text: &'t str, node: &Node) -> Option<&'t str> {
    let raw = text.get(node.range.clone())?.trim();
    (raw.starts_with("{{") && raw.ends_with("}}")).then_some(raw)
}

/// What the controller calls its keys, if it is told nothing else.
pub(super) fn is_name_of_sealing_key(name: &str) -> bool {
    name.starts_with("sealed-secrets-key")
}

/// A Secret's name, with its namespace if it has one.
pub(super) fn title(namespace: Option<&str>, name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    match namespace {
        Some(namespace) if !namespace.is_empty() => format!("{namespace}/{name}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names, keys and values.
    fn found(text: &str) -> Vec<(String, Vec<(String, String)>)> {
        let values = |secret: &Secret| {
            let values = secret.values.iter();
            values.map(|value| (value.key.clone(), value.text.clone())).collect()
        };
        secrets(text).iter().map(|secret| (secret.name.clone(), values(secret))).collect()
    }

    fn one(name: &str, values: &[(&str, &str)]) -> Vec<(String, Vec<(String, String)>)> {
        let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        vec![(name.to_owned(), values.collect())]
    }

    #[test]
    fn wherever_a_secret_may_stand() {
        let flow = "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {k: hunter2}}";
        let json = r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"stringData":{"k":"hunter2"}}"#;
        let tabs = json.replace(',', ",\n\t").replace('{', "{\n\t");
        for text in [
            flow.to_owned(),
            json.to_owned(),
            tabs,
            format!("{json}{{\"a\": 1}}"),
            format!("{{\"a\": 1}}\n{json}"),
            format!("[{json}]"),
            format!("\u{feff}{json}"),
            "kind: Secret\nmetadata:\n  name: a\nstringData:\n  k: hunter2\n".to_owned(),
            "kind: 'Secret'\nmetadata:\n  name: a\nstringData:\n  k: \"hunter2\" # x\n".to_owned(),
            format!("a: 1\n---\n{flow}\n...\n---\nb: 2\n"),
            format!("apiVersion: v1\nkind: List\nitems:\n- {flow}\n"),
            format!("extraObjects:\n  - a: 1\n  - {flow}\n"),
            "x: &x {k: hunter2}\ns: {kind: Secret, metadata: {name: a}, stringData: *x}".to_owned(),
            "x: &x {k: hunter2}\ns: {kind: Secret, metadata: {name: a}, stringData: {<<: *x}}"
                .to_owned(),
        ] {
            assert_eq!(found(&text), one("a", &[("k", "hunter2")]), "{text}");
        }
    }

    #[test]
    fn what_is_no_secret() {
        for text in [
            "",
            "kind: SealedSecret\nspec: {encryptedData: {a: b}}\n",
            "apiVersion: secrets.example.com/v1\nkind: Secret\nstringData: {k: hunter2}\n",
            "kind: SecretList\nitems: []\n",
            "kind: Secrets\nstringData: {k: hunter2}\n",
            "kind: ConfigMap\ndata: {kind: hunter2, text: 'it is a kind: Secret'}\n",
            "Secret: kind\n",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn a_value_that_is_a_manifest_itself() {
        let secret = "kind: Secret\nmetadata:\n  name: a\nstringData:\n  k: hunter2\n";
        let indented =
            |by: &str| secret.lines().map(|line| format!("{by}{line}\n")).collect::<String>();
        let (two, four) = (indented("  "), indented("    "));
        for text in [
            format!("data:\n  s.yaml: |\n{four}"),
            format!("data:\n  s.yaml: |-\n{four}  other: 1\n"),
            format!("run: |\n  kubectl apply -f - <<EOF\n{two}  EOF\nother: 1\n"),
            format!("run: |\n  a: 1\n  ---\n{two}"),
            format!("- |\n  apiVersion: v1\n{two}"),
            "a: |\n  {\"kind\": \"Secret\", \"metadata\": {\"name\": \"a\"}, \"stringData\": {\"k\": \"hunter2\"}}\n".to_owned(),
        ] {
            assert_eq!(found(&text), one("a", &[("k", "hunter2")]), "{text}");
            let value = &secrets(&text)[0].values[0];
            assert_eq!(text[value.range.clone()].trim_matches('"'), "hunter2", "{text}");
        }
        let quoted = format!("a: {}", serde_json::to_string(secret).unwrap());
        assert_eq!(found(&quoted), one("a", &[("k", "hunter2")]));
        assert_eq!(secrets(&quoted)[0].values[0].range, 3..quoted.len());
    }

    #[test]
    fn a_secret_without_values_is_one_all_the_same() {
        for text in
            ["kind: Secret\n", "kind: Secret\ndata:\n", "kind: Secret\ndata: [a]\nstringData: x\n"]
        {
            assert_eq!(found(text), one("", &[]), "{text}");
        }
    }

    #[test]
    fn a_map_among_values_hides_no_others() {
        for text in [
            "kind: Secret\nmetadata: {name: a}\nstringData: {k: hunter2, q: {a: b}}\n",
            "kind: Secret\nmetadata: {name: a}\nstringData:\n  q: {a: [b]}\n  k: hunter2\n",
        ] {
            assert_eq!(found(text), one("a", &[("k", "hunter2")]), "{text}");
        }
        let action = "kind: Secret\nmetadata: {name: a}\nstringData:\n  k: {{ print .x }}\n";
        assert_eq!(found(action), one("a", &[("k", "{{ print .x }}")]));
    }

    #[test]
    fn a_secret_as_it_was_applied_stands_in_an_annotation() {
        let json = r#"{"kind":"Secret","metadata":{"name":"a"},"stringData":{"k":"hunter2"}}"#;
        for text in [
            format!(
                "kind: Secret\nmetadata:\n  name: a\n  annotations:\n    last: |\n      {json}\n"
            ),
            format!("kind: Secret\nmetadata:\n  name: a\n  annotations:\n    last: '{json}'\n"),
            format!(
                "{{\"kind\":\"Secret\",\"metadata\":{{\"name\":\"a\",\"annotations\":{{\"last\":{}}}}}}}",
                serde_json::to_string(json).unwrap()
            ),
        ] {
            let found = found(&text);
            assert_eq!(found[1..], one("a", &[("k", "hunter2")]), "{text}");
        }
    }

    #[test]
    fn keys_of_the_controller() {
        for (metadata, is_key) in [
            ("{labels: {sealedsecrets.bitnami.com/sealed-secrets-key: active}}", true),
            ("{labels: {sealedsecrets.bitnami.com/sealed-secrets-key: }}", true),
            ("{name: sealed-secrets-keyx7f2q}", true),
            ("{name: db, labels: {app: x}}", false),
            ("{name: my-sealed-secrets-key}", false),
        ] {
            let text = format!("kind: Secret\nmetadata: {metadata}\ndata: {{tls.key: YQ==}}\n");
            assert_eq!(secrets(&text)[0].is_sealing_key, is_key, "{metadata}");
        }
    }

    #[test]
    fn aliases_that_explode_end() {
        let bomb: String =
            (1..40).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)).collect();
        let text = format!("a0: &a0 x\n{bomb}s: {{kind: Secret, stringData: {{k: hunter2}}}}\n");
        secrets(&text);
        let merges: String =
            (1..40).map(|n| format!("a{n}: &a{n} {{<<: [*a{0}, *a{0}]}}\n", n - 1)).collect();
        let text =
            format!("a0: &a0 {{k: hunter2}}\n{merges}s: {{kind: Secret, stringData: *a39}}\n");
        secrets(&text);
        let deep = format!("{}kind: Secret{}", "{a: ".repeat(5000), "}".repeat(5000));
        secrets(&deep);
    }
}
