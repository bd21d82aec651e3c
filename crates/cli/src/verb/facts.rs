//! What can be told of a SealedSecret without any key.

use sealwright_api::Scope;
use sealwright_crypto::Envelope;
use sealwright_sealing::decode_base64;
use serde_json::{Value, json};

use crate::object::scope_of;

/// A SealedSecret, as far as it can be read.
pub(super) struct Facts {
    pub(super) name: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) scope: Scope,
    pub(super) items: Vec<Item>,
    /// Whether it is of the form of before 2018, one value for the whole Secret.
    pub(super) is_deprecated: bool,
}

/// One of its values.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) value: Result<Sealed, Broken>,
}

/// A value that could be opened, had one the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sealed {
    /// Bytes of the value that was sealed.
    pub(super) bytes: usize,
    /// Bits of the RSA key that it was sealed with.
    pub(super) key_bits: usize,
}

/// Why no key could open a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    #[error("no text")]
    NoText,
    #[error("not base64")]
    NotBase64,
    #[error("cut short")]
    CutShort,
}

impl Facts {
    /// Reads them.
    pub(super) fn of(object: &Value) -> Self {
        let text = |field: &str| {
            let text = object["metadata"][field].as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let items = object["spec"]["encryptedData"].as_object().into_iter().flatten();
        let items = items.map(|(name, value)| Item { name: name.clone(), value: sealed(value) });
        let whole = &object["spec"]["data"];
        let is_deprecated = !whole.is_null();
        let whole =
            is_deprecated.then(|| Item { name: "spec.data".to_owned(), value: sealed(whole) });
        Self {
            name: text("name"),
            namespace: text("namespace"),
            scope: scope_of(object),
            items: items.chain(whole).collect(),
            is_deprecated,
        }
    }

    /// `namespace/name`, as far as it is there.
    pub(super) fn title(&self) -> String {
        let name = self.name.as_deref().unwrap_or("(no name)");
        match &self.namespace {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name.to_owned(),
        }
    }
}

impl Item {
    /// For programs.
    pub(super) fn json(&self) -> Value {
        match &self.value {
            Ok(Sealed { bytes, key_bits }) => {
                json!({ "name": self.name, "bytes": bytes, "keyBits": key_bits })
            }
            Err(broken) => json!({ "name": self.name, "broken": broken.to_string() }),
        }
    }
}

fn sealed(value: &Value) -> Result<Sealed, Broken> {
    let text = value.as_str().ok_or(Broken::NoText)?;
    let bytes = decode_base64(text).ok_or(Broken::NotBase64)?;
    let envelope = Envelope::parse(&bytes).map_err(|_| Broken::CutShort)?;
    Ok(Sealed { bytes: envelope.value_len(), key_bits: envelope.rsa.len() * 8 })
}
