//! The certificate as the controller publishes it in a ConfigMap, and what may be believed of that.
//!
//! Whoever may write ConfigMaps in the controller's namespace could put in a certificate of their
//! own, and a self-signed one proves nothing. So each certificate is endorsed by the key before it,
//! and whoever trusts one of them may follow the endorsements to the newest.

use std::collections::BTreeMap;

use sealwright_crypto::{Certificate, Endorsement, Fingerprint, Keyring};
use serde::{Deserialize, Serialize};

/// Name of the ConfigMap, in the controller's namespace.
pub const CONFIG_MAP: &str = "sealed-secrets-cert";
/// Its key with the newest certificate, in PEM.
const NEWEST: &str = "tls.crt";
/// Its key with all certificates, newest first, and their endorsements, in JSON.
const CHAIN: &str = "chain.json";

#[derive(Serialize, Deserialize)]
struct Link {
    certificate: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endorsement: Option<String>,
}

/// The data of the ConfigMap; `None` while there is no certificate.
pub fn publish(keyring: &Keyring) -> Option<BTreeMap<String, String>> {
    let newest = keyring.newest_certificate()?;
    let links = keyring.iter().filter_map(|key| {
        let certificate = key.certificate.as_ref()?.to_pem().to_owned();
        Some(Link { certificate, endorsement: key.endorsement.as_ref().map(ToString::to_string) })
    });
    let chain = serde_json::to_string_pretty(&links.collect::<Vec<_>>()).ok()?;
    let newest = (NEWEST.to_owned(), newest.to_pem().to_owned());
    Some(BTreeMap::from([newest, (CHAIN.to_owned(), chain)]))
}

/// What a ConfigMap says, and whether it is to be believed.
#[derive(Debug)]
pub struct Published {
    /// The newest certificate.
    pub newest: Certificate,
    links: Vec<(Certificate, Option<Endorsement>)>,
}

impl Published {
    /// Reads the data of the ConfigMap; `None` when there is no usable certificate in it.
    pub fn read(data: &BTreeMap<String, String>) -> Option<Self> {
        let newest = Certificate::from_pem(data.get(NEWEST)?).ok()?;
        let links: Vec<Link> =
            data.get(CHAIN).and_then(|chain| serde_json::from_str(chain).ok()).unwrap_or_default();
        let links = links.into_iter().filter_map(|link| {
            let certificate = Certificate::from_pem(&link.certificate).ok()?;
            Some((certificate, link.endorsement.as_deref().and_then(Endorsement::parse)))
        });
        Some(Self { newest, links: links.collect() })
    }

    /// Whether the newest certificate is the pinned one, or endorsements lead from that to it.
    pub fn follows_from(&self, pinned: Fingerprint) -> bool {
        let mut current = &self.newest;
        // Each step leads to an older certificate, so a circle ends with the number of links.
        for _ in 0..=self.links.len() {
            if current.fingerprint() == pinned {
                return true;
            }
            let endorsed = self.links.iter().find(|(certificate, endorsement)| {
                certificate.der() == current.der() && endorsement.is_some()
            });
            let Some((_, Some(endorsement))) = endorsed else { return false };
            let predecessor = self.links.iter().find(|(certificate, _)| {
                certificate.fingerprint() == endorsement.by()
                    && endorsement.holds(certificate.public_key(), current)
            });
            let Some((predecessor, _)) = predecessor else { return false };
            current = predecessor;
        }
        false
    }
}

#[cfg(test)]
mod tests;
