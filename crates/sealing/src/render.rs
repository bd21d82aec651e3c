//! The templates of a Secret's values.

use std::collections::{BTreeMap, BTreeSet};

use sealwright_api::SecretTemplate;
use sealwright_crypto::{Plaintext, fill_random};
use sealwright_template::{Budget, NoRandomness, Template, TemplateError, Timestamp, World};
use zeroize::Zeroize;

use crate::ItemError;

/// What came of an object's templates.
pub(crate) struct Rendered {
    /// The values, those that were opened among them.
    pub(crate) values: BTreeMap<String, Plaintext>,
    /// Keys whose value would be another one the next time.
    pub(crate) unsteady: BTreeSet<String>,
}

/// Adds the rendered `template.data` to the opened values; where a sealed item has the same key, that
/// one wins. The templates of an object share one budget.
pub(crate) fn rendered(
    values: BTreeMap<String, Plaintext>,
    template: &SecretTemplate,
    now: Timestamp,
) -> Result<Rendered, Vec<(String, ItemError)>> {
    let texts = template.data.iter().flatten();
    let texts = texts.filter_map(|(key, text)| Some((key, text.as_ref()?)));
    let texts: Vec<_> = texts.filter(|(key, _)| !values.contains_key(*key)).collect();
    let dot = if texts.is_empty() { Dot::default() } else { Dot::of(&values, &texts) };
    let mut rendered = Rendered { values, unsteady: BTreeSet::new() };
    let (mut failed, mut budget) = (Vec::new(), Budget::default());
    for (key, text) in texts {
        match render(key, text, &dot, now, &mut budget) {
            Ok((value, is_steady)) => {
                rendered.values.insert(key.clone(), value);
                if !is_steady {
                    rendered.unsteady.insert(key.clone());
                }
            }
            Err(error) => failed.push((key.clone(), ItemError::Template(error))),
        }
    }
    if failed.is_empty() { Ok(rendered) } else { Err(failed) }
}

fn render(
    key: &str,
    text: &str,
    dot: &Dot,
    now: Timestamp,
    budget: &mut Budget,
) -> Result<(Plaintext, bool), TemplateError> {
    let template = Template::parse(key, text)?;
    let value = template.render_within(&dot.0, &mut Surroundings { now }, budget)?;
    Ok((Plaintext::new(value), template.is_steady()))
}

/// Whether a text of `spec.template.data` is a template at all.
///
/// # Errors
/// When it is none: what it gives is known only with the values.
pub fn check_template(key: &str, text: &str) -> Result<(), TemplateError> {
    Template::parse(key, text).map(drop)
}

/// What templates see: the opened values, and the texts of the templates beside them as they stand.
/// It wipes itself.
#[derive(Default)]
struct Dot(BTreeMap<String, Vec<u8>>);

impl Dot {
    fn of(values: &BTreeMap<String, Plaintext>, texts: &[(&String, &String)]) -> Self {
        let copies = values.iter().map(|(key, value)| (key.clone(), value.expose().to_vec()));
        let texts = texts.iter().map(|(key, text)| ((*key).clone(), text.as_bytes().to_vec()));
        Self(texts.chain(copies).collect())
    }
}

impl Drop for Dot {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
    }
}

/// The time is the caller's.
struct Surroundings {
    now: Timestamp,
}

impl World for Surroundings {
    fn now(&mut self) -> Timestamp {
        self.now
    }

    fn random(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        fill_random(bytes);
        Ok(())
    }
}
