//! The SealedSecrets of a cluster, and the keys that they need.

use clap::Args;
use sealwright_api::RECORDED;
use sealwright_crypto::{Fingerprint, Hints, Keyring};
use sealwright_sealing::label;
use serde_json::Value;

use crate::cluster::{Api, check_name};
use crate::error::{Cause, Error, Result, say};
use crate::keys::open_value;
use crate::object::{at, scope_of, sealed_values};
use crate::verb::in_order::{cores, in_order};
use crate::verb::progress::Progress;
use crate::yaml::Step;

const GROUP: &str = "/apis/bitnami.com/v1alpha1";

/// Which objects are looked at.
#[derive(Debug, Args)]
pub(super) struct Objects {
    /// Look at objects in these namespaces only: those that this controller serves, if others serve
    /// the rest
    #[arg(long, value_name = "NAMESPACE,…", value_delimiter = ',')]
    only_namespace: Vec<String>,
}

/// What an object needs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Need {
    /// `namespace/name`.
    pub(super) object: String,
    /// Keys that opened its items, each once.
    pub(super) keys: Vec<Fingerprint>,
    /// Items that no key opened.
    pub(super) unopened: Vec<String>,
}

impl Objects {
    /// The SealedSecrets, of all namespaces or of those that were named.
    ///
    /// # Errors
    /// When they may not be listed, or the cluster does not know what they are.
    pub(super) fn list(&self, api: &Api) -> Result<Vec<Value>> {
        self.list_if_known(api)?.ok_or_else(|| {
            Error::new("the cluster knows no SealedSecrets")
                .hint("is the resource definition installed?")
                .of(Cause::Remote)
        })
    }

    /// The same; `None` where the cluster does not know what they are.
    ///
    /// # Errors
    /// When they may not be listed, or a namespace is not there.
    pub(super) fn list_if_known(&self, api: &Api) -> Result<Option<Vec<Value>>> {
        let named: Vec<_> = self.named().collect();
        if named.is_empty() {
            let path = format!("{GROUP}/sealedsecrets");
            return api.list_if_known(&path, "", "list the SealedSecrets of all namespaces");
        }
        let mut objects = Vec::new();
        for namespace in named {
            check_name("--only-namespace", namespace)?;
            let path = format!("{GROUP}/namespaces/{namespace}/sealedsecrets");
            let to = format!("list the SealedSecrets in {namespace}");
            let Some(found) = api.list_if_known(&path, "", &to)? else { return Ok(None) };
            if found.is_empty() {
                check_that_it_is_there(api, namespace)?;
            }
            objects.extend(found);
        }
        Ok(Some(objects))
    }

    /// How many objects were looked at, and where: "all 3 SealedSecrets of this cluster".
    pub(super) fn told(&self, count: usize) -> String {
        let named: Vec<_> = self.named().map(String::as_str).collect();
        let place = match named.as_slice() {
            [] => "of this cluster".to_owned(),
            named => format!("in {}", named.join(", ")),
        };
        match count {
            1 => format!("the only SealedSecret {place}"),
            _ => format!("all {count} SealedSecrets {place}"),
        }
    }

    fn named(&self) -> impl Iterator<Item = &String> {
        self.only_namespace.iter().filter(|name| !name.is_empty())
    }
}

/// An API server lists what is in a namespace that does not exist: nothing.
fn check_that_it_is_there(api: &Api, namespace: &str) -> Result<()> {
    let path = format!("/api/v1/namespaces/{namespace}");
    match api.get(&path, &format!("read the namespace {namespace}")) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(Error::new(format!("there is no namespace {namespace}"))
            .hint("check --only-namespace")
            .of(Cause::Remote)),
        Err(error) if error.cause() == Cause::Forbidden => {
            say(format_args!(
                "note: there is no SealedSecret in {namespace}; whether there is such a namespace \
                 cannot be seen"
            ));
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// What each object needs, in their order. Every value is opened, on all cores, and forgotten.
pub(super) fn needs(objects: &[Value], keyring: &Keyring) -> Vec<Need> {
    let progress = Progress::begin(objects.len(), "objects");
    let needs = in_order(objects, cores(), |object| {
        let need = need(object, keyring);
        progress.step();
        need
    });
    progress.end();
    needs
}

fn need(object: &Value, keyring: &Keyring) -> Need {
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
    let (namespace, name) = (text("namespace"), text("name"));
    let label = label(scope_of(object), namespace, name);
    let remembered = remembered(object);
    let mut need = Need { object: format!("{namespace}/{name}"), ..Need::default() };
    for path in sealed_values(object) {
        let hints =
            Hints { remembered: &remembered, previous: need.keys.last().copied(), changed: None };
        let opened = at(object, &path).and_then(|value| open_value(keyring, &label, value, hints));
        match opened {
            Some(opened) if need.keys.contains(&opened.key) => {}
            Some(opened) => need.keys.push(opened.key),
            None => need.unopened.push(path.last().and_then(Step::name).unwrap_or_default()),
        }
    }
    need
}

/// Keys that the controller says it opened the object with. Whoever may write its status can say
/// anything: that costs no more than a try in vain.
fn remembered(object: &Value) -> Vec<Fingerprint> {
    let conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    let records = conditions.filter(|condition| condition["type"] == RECORDED);
    let words = records
        .filter_map(|record| record["message"].as_str())
        .flat_map(|text| text.split([' ', ',', '=']).filter_map(Fingerprint::parse));
    let told = object["status"]["keys"].as_array().into_iter().flatten();
    let told = told.filter_map(|key| Fingerprint::parse(key.as_str()?));
    let mut keys: Vec<_> = words.chain(told).collect();
    // As many as any object has, whatever stands there.
    keys.truncate(8);
    keys
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sealwright_crypto::{KeySize, Plaintext, PrivateKey, SealingKey, seal};
    use serde_json::json;

    use super::*;

    fn sealed(key: &PrivateKey, label: &str) -> String {
        STANDARD.encode(seal(key.public(), label.as_bytes(), &Plaintext::new(b"value".to_vec())))
    }

    #[test]
    fn each_key_that_opens_an_item_is_needed() {
        let keys = [0, 1, 2].map(|_| PrivateKey::generate(KeySize::Rsa2048));
        let [first, second, foreign] = &keys;
        let names = [first, second].map(|key| key.public().fingerprint());
        let objects = [
            json!({ "metadata": { "namespace": "shop", "name": "db" }, "spec": { "encryptedData": {
                "a": sealed(first, "shop/db"),
                "b": sealed(second, "shop/db"),
                "c": sealed(second, "shop/db"),
            }}}),
            json!({ "metadata": { "namespace": "shop", "name": "web" }, "spec": { "encryptedData": {
                "foreign": sealed(foreign, "shop/web"),
                "moved": sealed(first, "shop/db"),
                "broken": "AA",
                "number": 7,
            }}, "status": { "keys": [names[0].to_string(), 7], "conditions": "none" }}),
            json!({ "metadata": 7 }),
        ];
        let [first, second, _] = keys;
        let found = needs(&objects, &Keyring::new([first, second].map(SealingKey::opening)));
        assert_eq!(found[0].object, "shop/db");
        assert_eq!(found[0].keys, names);
        assert!(found[0].unopened.is_empty());
        assert!(found[1].keys.is_empty());
        assert_eq!(found[1].unopened, ["broken", "foreign", "moved", "number"]);
        assert_eq!(found[2], Need { object: "/".to_owned(), ..Need::default() });
    }

    #[test]
    fn what_status_says_is_a_hint() {
        let name = PrivateKey::generate(KeySize::Rsa2048).public().fingerprint();
        let message = format!("v1 by={name} keys={name},junk secret=u@1 tag=AA");
        let condition = json!({ "type": RECORDED, "message": message });
        let object = json!({ "status": { "conditions": [condition] } });
        assert_eq!(remembered(&object), [name, name]);
    }
}
