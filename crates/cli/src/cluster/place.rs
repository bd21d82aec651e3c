//! What tells a cluster from others.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::Uri;
use sha2::{Digest, Sha256};

use super::address::shown;

/// A cluster as the kubeconfig has it. The address alone does not tell it: one cluster after the
/// other may be at 127.0.0.1.
pub(super) struct Place {
    pub(super) context: Option<String>,
    /// Its URL.
    pub(super) server: String,
    /// Digest of the certificates that its own has to come from.
    authority: Option<String>,
}

impl Place {
    pub(super) fn new(
        context: Option<String>,
        server: &Uri,
        authority: Option<&[Vec<u8>]>,
    ) -> Self {
        Self { context, server: shown(&server.to_string()), authority: authority.map(digest) }
    }

    /// The name of a controller there: `kind at https://127.0.0.1:6443 (CA SHA256:…),
    /// kube-system/sealed-secrets-controller`.
    pub(super) fn name(&self, controller: &str) -> String {
        let context = self.context.as_ref().map(|context| format!("{context} at "));
        let authority = self.authority.as_ref().map(|authority| format!(" (CA {authority})"));
        let (context, authority) = (context.unwrap_or_default(), authority.unwrap_or_default());
        format!("{context}{}{authority}, {controller}", self.server)
    }
}

/// For people: `the context dev`, or the URL where there is none.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.context {
            Some(context) => write!(f, "the context {context}"),
            None => f.write_str(&self.server),
        }
    }
}

/// `SHA-256(DER ‖ …)`, in base64 as fingerprints are.
fn digest(certificates: &[Vec<u8>]) -> String {
    let mut hash = Sha256::new();
    certificates.iter().for_each(|certificate| hash.update(certificate));
    format!("SHA256:{}", STANDARD_NO_PAD.encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTROLLER: &str = "kube-system/sealed-secrets-controller";

    fn place(context: &str, server: &str, authority: Option<&[u8]>) -> String {
        let context = Some(context.to_owned()).filter(|context| !context.is_empty());
        let authority = authority.map(|der| vec![der.to_vec()]);
        Place::new(context, &server.parse().unwrap(), authority.as_deref()).name(CONTROLLER)
    }

    #[test]
    fn names_can_be_read() {
        let whole = "dev at https://127.0.0.1:6443 \
                     (CA SHA256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0), \
                     kube-system/sealed-secrets-controller";
        assert_eq!(place("dev", "https://127.0.0.1:6443", Some(b"abc")), whole);
        let least = "https://127.0.0.1:6443, kube-system/sealed-secrets-controller";
        assert_eq!(place("", "https://127.0.0.1:6443/", None), least);
    }

    #[test]
    fn clusters_at_the_same_address_have_names_of_their_own() {
        let here = "https://127.0.0.1:6443";
        let dev = place("dev", here, Some(b"one"));
        assert_eq!(place("dev", here, Some(b"one")), dev);
        for other in [
            place("test", here, Some(b"one")),
            place("dev", here, Some(b"two")),
            place("dev", here, None),
            place("dev", "https://127.0.0.1:6444", Some(b"one")),
        ] {
            assert_ne!(other, dev);
        }
    }
}
