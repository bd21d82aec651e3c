//! SealedSecrets in, the same out with their values sealed anew: by the controller, or without a
//! cluster where the private keys are at hand.

use sealwright_api::SealedSecret;
use sealwright_crypto::{Keyring, PublicKey};
use sealwright_sealing::{Anew, UnsealOptions, VerifyError, diagnose, rotate, unseal};
use serde_json::Value;

use crate::args::Args;
use crate::certificate;
use crate::cluster::Controller;
use crate::error::{Error, Result};
use crate::keys;
use crate::manifest::{self, Document};
use crate::object::{at, at_mut, scope_of, sealed_values};
use crate::output::Output;
use crate::sealed_file::SealedFile;
use crate::yaml::Step;

pub(crate) fn run(args: &Args, output: &Output) -> Result<()> {
    let resealer = Resealer::choose(args)?;
    match args.secret_file.path() {
        Some(path) if args.sealed_secret_file.path().is_none() => {
            let mut file = SealedFile::read(path)?;
            for (place, document) in file.sealed_secrets()? {
                let resealed = resealer.resealed(&document)?;
                for path in sealed_values(&resealed) {
                    if let Some(value) = at(&resealed, &path).cloned() {
                        file.set(place, path, value);
                    }
                }
            }
            file.write(output)
        }
        path => {
            let documents = manifest::read_sealed_secrets(path)?;
            let resealed = documents.iter().map(|document| resealer.resealed(document));
            output.write_objects(&resealed.collect::<Result<Vec<_>>>()?)
        }
    }
}

/// Who seals anew.
enum Resealer<'a> {
    Controller(Box<Controller<'a>>),
    Here { keyring: Keyring, newest: PublicKey },
}

impl<'a> Resealer<'a> {
    fn choose(args: &'a Args) -> Result<Self> {
        if args.recovery_private_key.is_empty() {
            return Controller::connect(&args.cluster).map(Box::new).map(Self::Controller);
        }
        let keyring = keys::read(&args.recovery_private_key)?;
        Ok(Self::Here { keyring, newest: certificate::to_seal_with(&args.cert, &args.cluster)? })
    }

    /// The object with its values sealed anew, and nothing else changed.
    fn resealed(&self, document: &Document) -> Result<Value> {
        let mut object = document.value.clone();
        match self {
            Self::Controller(controller) => {
                let answer = controller.rotate(&document.value, Anew::All)?;
                take_values(&mut object, &answer, Anew::All)
                    .map_err(|reason| Error::new(format!("{}: {reason}", document.place)))?;
            }
            Self::Here { keyring, newest } => {
                rotate(
                    &mut object,
                    keyring,
                    newest,
                    Anew::All,
                    UnsealOptions::default(),
                    &mut || {},
                )
                .map_err(|error| refusal(error, document, keyring))?;
            }
        }
        Ok(object)
    }
}

/// Takes the sealed values of the controller's answer and nothing else: upstream's drops labels of
/// the template, and adds what it rendered.
pub(crate) fn take_values(object: &mut Value, answer: &Value, which: Anew) -> Result<(), String> {
    if scope_of(object) != scope_of(answer) {
        return Err("the controller's answer has another scope: it is not taken".to_owned());
    }
    for path in sealed_values(object) {
        let is_new = |new: &Value| which == Anew::Outdated || Some(new) != at(object, &path);
        let new = at(answer, &path).filter(|new| new.is_string() && is_new(new));
        let (Some(new), Some(old)) = (new.cloned(), at_mut(object, &path)) else {
            return Err(format!("the controller's answer has no new value for {}", item(&path)));
        };
        *old = new;
    }
    Ok(())
}

fn item(path: &[Step]) -> &str {
    match path.last() {
        Some(Step::Key(key)) => key,
        _ => "data",
    }
}

/// Says what can be known: here nobody listens who should not.
fn refusal(error: VerifyError, document: &Document, keyring: &Keyring) -> Error {
    let place = &document.place;
    let sealed = serde_json::from_value::<SealedSecret>(document.value.clone());
    let (VerifyError::Refused, Ok(sealed)) = (error, sealed) else {
        return Error::new(format!("{place}: not a valid SealedSecret"))
            .hint("a value is not base64 or cut short, or a field has the wrong type");
    };
    let explained = unseal(&sealed, keyring, UnsealOptions::default())
        .map_err(|error| diagnose(error, &sealed, keyring).to_string());
    let reason = explained.err().unwrap_or_else(|| error.to_string());
    Error::new(format!("{place}: {reason}"))
        .hint("give the key that sealed it; name, namespace and scope must be as they were then")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(annotations: Value, items: Value) -> Value {
        json!({
            "metadata": { "name": "db", "annotations": annotations },
            "spec": { "encryptedData": items, "template": { "metadata": { "labels": { "l": "1" } } } },
        })
    }

    #[test]
    fn only_sealed_values_are_taken_from_an_answer() {
        let mut sealed = object(Value::Null, json!({ "a": "old" }));
        let mut answer = object(Value::Null, json!({ "a": "new", "rendered": "x" }));
        answer["spec"]["template"] = json!({});
        take_values(&mut sealed, &answer, Anew::All).unwrap();
        assert_eq!(sealed, object(Value::Null, json!({ "a": "new" })));
    }

    #[test]
    fn an_answer_with_another_scope_or_without_an_item_is_refused_whole() {
        let wide = json!({ "sealedsecrets.bitnami.com/cluster-wide": "true" });
        for answer in [
            object(wide, json!({ "a": "new" })),
            object(Value::Null, json!({ "b": "new" })),
            object(Value::Null, json!({ "a": 5 })),
            object(Value::Null, json!({ "a": "old" })),
            json!("nonsense"),
        ] {
            let mut sealed = object(Value::Null, json!({ "a": "old" }));
            assert!(take_values(&mut sealed, &answer, Anew::All).is_err(), "{answer}");
        }
    }
}
