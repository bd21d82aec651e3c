//! Kubeconfigs: written for whoever talks to the API server, and read back by ourselves.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kube::{Client, Config};
use serde_json::{Value, json};

use crate::{Context, Result};

/// What a kubeconfig says: one cluster, one user.
pub(crate) struct Kubeconfig {
    pub(crate) server: String,
    pub(crate) ca_pem: String,
    pub(crate) namespace: String,
    pub(crate) credential: Credential,
}

/// Who the user is.
pub(crate) enum Credential {
    Certificate { pem: String, key_pem: String },
    Token(String),
}

impl Kubeconfig {
    pub(crate) fn to_yaml(&self) -> Result<String> {
        let user = match &self.credential {
            Credential::Certificate { pem, key_pem } => json!({
                "client-certificate-data": STANDARD.encode(pem),
                "client-key-data": STANDARD.encode(key_pem),
            }),
            Credential::Token(token) => json!({ "token": token }),
        };
        // Folded, certificates would be hard to take out again for other tools.
        let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
        let written = serde_saphyr::to_string_with_options(&self.with(user), options);
        written.context(|| "cannot write a kubeconfig")
    }

    fn with(&self, user: Value) -> Value {
        let ca = STANDARD.encode(&self.ca_pem);
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "sealwright",
            "clusters": [{
                "name": "sealwright",
                "cluster": { "server": self.server, "certificate-authority-data": ca },
            }],
            "users": [{ "name": "sealwright", "user": user }],
            "contexts": [{
                "name": "sealwright",
                "context": {
                    "cluster": "sealwright",
                    "user": "sealwright",
                    "namespace": self.namespace,
                },
            }],
        })
    }
}

/// A client that is whom the file says.
pub(crate) async fn client(path: &Path) -> Result<Client> {
    let step = || format!("cannot use {}", path.display());
    let read = kube::config::Kubeconfig::read_from(path).context(step)?;
    let config = Config::from_custom_kubeconfig(read, &Default::default()).await.context(step)?;
    Client::try_from(config).context(step)
}
