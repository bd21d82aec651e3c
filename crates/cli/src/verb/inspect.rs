//! `inspect`: what SealedSecrets hold, by name and size. No key is needed, and none is asked.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::Ending;
use super::facts::{Facts, Item};
use super::format::Format;
use crate::error::Result;
use crate::manifest::Document;
use crate::output;
use crate::sealed_file::SealedFile;
use crate::table::{Table, printable};

/// What to look at.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// Files with SealedSecrets; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// How to tell it
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

impl Inspect {
    pub(super) fn run(&self) -> Result<Ending> {
        let mut documents = Vec::new();
        for file in &self.files {
            documents.extend(SealedFile::read(file)?.sealed_secrets()?);
        }
        let documents: Vec<_> = documents.into_iter().map(|(_, document)| document).collect();
        let told = documents.iter().map(told).collect();
        let text = self.output.text(&Value::Array(told), || {
            documents.iter().map(table).collect::<Vec<_>>().join("\n")
        });
        output::print(text.as_bytes())?;
        Ok(Ending::Clean)
    }
}

/// What is in the template besides its scope, in the words of the manifest.
struct Template<'a> {
    type_: Option<&'a str>,
    is_immutable: bool,
    labels: Vec<&'a str>,
    annotations: Vec<&'a str>,
    data: Vec<&'a str>,
}

impl<'a> Template<'a> {
    fn of(object: &'a Value) -> Self {
        let template = &object["spec"]["template"];
        let keys = |value: &'a Value| {
            let keys = value.as_object().into_iter().flatten();
            keys.map(|(key, _)| key.as_str()).collect::<Vec<_>>()
        };
        Self {
            type_: template["type"].as_str(),
            is_immutable: template["immutable"] == true,
            labels: keys(&template["metadata"]["labels"]),
            annotations: keys(&template["metadata"]["annotations"]),
            data: keys(&template["data"]),
        }
    }

    fn lines(&self) -> Vec<String> {
        let named = |what: &str, names: &[&str]| {
            (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")))
        };
        let lines = [
            self.type_.map(|type_| format!("type {type_}")),
            self.is_immutable.then(|| "immutable".to_owned()),
            named("labels", &self.labels),
            named("annotations", &self.annotations),
            named("templates of", &self.data),
        ];
        lines.into_iter().flatten().collect()
    }
}

fn told(document: &Document) -> Value {
    let (facts, template) = (Facts::of(&document.value), Template::of(&document.value));
    json!({
        "place": document.place,
        "name": facts.name,
        "namespace": facts.namespace,
        "scope": facts.scope.to_string(),
        "items": facts.items.iter().map(Item::json).collect::<Vec<_>>(),
        "keys": keys(&document.value),
        "template": {
            "type": template.type_,
            "immutable": template.is_immutable,
            "labels": template.labels,
            "annotations": template.annotations,
            "data": template.data,
        },
    })
}

/// The keys that opened it, where the controller said so: a value does not name its own.
fn keys(object: &Value) -> Vec<&str> {
    let keys = object["status"]["keys"].as_array().into_iter().flatten();
    keys.filter_map(Value::as_str).collect()
}

fn table(document: &Document) -> String {
    let facts = Facts::of(&document.value);
    let count = match facts.items.len() {
        1 => "1 item".to_owned(),
        count => format!("{count} items"),
    };
    let head = format!("{}  {}  {count}  {}", facts.title(), facts.scope, document.place);
    let mut items = Table::new(&["ITEM", "BYTES", "SEALED WITH"], 2);
    for item in &facts.items {
        let (bytes, key) = match item.value {
            Ok(sealed) => (sealed.bytes.to_string(), format!("RSA, {} bits", sealed.key_bits)),
            Err(broken) => ("?".to_owned(), broken.to_string()),
        };
        items.row([item.name.clone(), bytes, key]);
    }
    let template = Template::of(&document.value).lines();
    let opened = keys(&document.value);
    let more = template.into_iter().map(|line| format!("template: {line}"));
    let more =
        more.chain((!opened.is_empty()).then(|| format!("opened by: {}", opened.join(", "))));
    let more: String = more.map(|line| format!("  {}\n", printable(line))).collect();
    let items = if facts.items.is_empty() { String::new() } else { items.text() };
    format!("{}\n{items}{more}", printable(head))
}
