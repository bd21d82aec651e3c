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
mod tests;
