//! `unset`: items taken out of a file. Everything else in it stays, byte for byte.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::Ending;
use super::target::{in_place, target};
use crate::args::Given;
use crate::error::{Error, Result, say};
use crate::object::{at, path};

/// What to take out, and of which file.
#[derive(Debug, Args)]
pub(crate) struct Unset {
    /// The file to change
    file: PathBuf,

    /// What to take out
    #[arg(required = true, value_name = "KEY")]
    keys: Vec<String>,

    /// Which of several SealedSecrets in the file
    #[arg(long)]
    name: Given,

    /// Which of several that have the same name
    #[arg(short, long)]
    namespace: Given,
}

impl Unset {
    pub(super) fn run(&self) -> Result<Ending> {
        let mut file = in_place(&self.file)?;
        let (place, document) = target(&file, &self.file, &self.name, &self.namespace)?;
        for key in &self.keys {
            let item = path(["spec", "encryptedData", key]);
            if at(&document.value, &item).is_none() {
                return Err(Error::new(format!("{}: there is no item {key}", document.place))
                    .hint("see their names with `kubeseal inspect`"));
            }
            if at(&document.value, &path(["spec", "template", "data", key])).is_some() {
                say(format_args!(
                    "note: spec.template.data.{key} stays: the Secret will have that key all the same"
                ));
            }
            for template in templates_of(&document.value, key) {
                say(format_args!("note: spec.template.data.{template} uses {key}, which is gone"));
            }
            file.remove(place, item);
        }
        file.save()?;
        Ok(Ending::Clean)
    }
}

/// The templates in which an item is named, as a field or as the argument of a function.
fn templates_of<'a>(object: &'a Value, item: &str) -> Vec<&'a str> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let field = format!(".{item}");
    let uses = |text: &str| {
        let mut actions = text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
        actions.any(|action| {
            let mut fields = action.match_indices(&field);
            let is_field =
                |(at, _): (usize, &str)| !action[at + field.len()..].starts_with(is_of_name);
            fields.any(is_field) || action.contains(&format!("\"{item}\""))
        })
    };
    let templates = object["spec"]["template"]["data"].as_object().into_iter().flatten();
    let templates = templates.filter(|(key, text)| *key != item && text.as_str().is_some_and(uses));
    templates.map(|(key, _)| key.as_str()).collect()
}
