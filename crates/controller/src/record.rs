//! What was brought about, as it is remembered in status: so that a restart costs no RSA operation,
//! no read and no write.
//!
//! Others may write status too, so the record carries a tag that only the holder of a sealing key
//! can make. It binds everything that the outcome depends on: another spec, another Secret or
//! another flag voids it, and so does the loss of a key that opened an item. An object that can no
//! longer be opened must not look healthy until the day of the disaster.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealwright_api::annotations::{self, CLUSTER_WIDE, NAMESPACE_WIDE};
use sealwright_api::{ConditionStatus, RECORDED, SealedSecret};
use sealwright_crypto::{Fingerprint, Keyring};
use sha2::{Digest, Sha256};

use crate::secrets::SecretVersion;

/// The form of the record; another one is not read.
const VERSION: &str = "v1";

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The keys that opened the object.
    pub(crate) keys: Vec<Fingerprint>,
    /// The Secret as it was then.
    pub(crate) secret: SecretVersion,
}

impl Record {
    /// `v1 by=KEY keys=KEY,… secret=UID@VERSION tag=BASE64`; `None` without a key to sign with.
    pub(crate) fn write(
        &self,
        sealed: &SealedSecret,
        keyring: &Keyring,
        accepts_data: bool,
    ) -> Option<String> {
        let by = keyring.newest()?;
        let keys: Vec<String> = self.keys.iter().map(ToString::to_string).collect();
        let SecretVersion { uid, version } = &self.secret;
        let (name, keys) = (by.fingerprint(), keys.join(","));
        let text = format!("{VERSION} by={name} keys={keys} secret={uid}@{version}");
        let tag = by.private.tag(&message(&text, sealed, accepts_data));
        Some(format!("{text} tag={}", STANDARD.encode(tag)))
    }

    /// What status remembers of the object, if it is ours and every key it needs is still there.
    pub(crate) fn read(
        sealed: &SealedSecret,
        keyring: &Keyring,
        accepts_data: bool,
    ) -> Option<Self> {
        let conditions = &sealed.status.as_ref()?.conditions;
        let recorded = conditions.iter().find(|found| found.type_ == RECORDED)?;
        let text = recorded.message.as_deref()?;
        if recorded.status != ConditionStatus::True {
            return None;
        }
        let (text, tag) = text.rsplit_once(" tag=")?;
        let mut words = text.split(' ');
        (words.next()? == VERSION).then_some(())?;
        let by = Fingerprint::parse(words.next()?.strip_prefix("by=")?)?;
        let keys = words.next()?.strip_prefix("keys=")?.split(',').filter(|key| !key.is_empty());
        let keys: Vec<_> = keys.map(Fingerprint::parse).collect::<Option<_>>()?;
        let (uid, version) = words.next()?.strip_prefix("secret=")?.split_once('@')?;
        let secret = SecretVersion { uid: uid.to_owned(), version: version.to_owned() };
        let is_known = keyring
            .get(by)?
            .private
            .knows(&message(text, sealed, accepts_data), &STANDARD.decode(tag).ok()?);
        let opens = keys.iter().all(|key| keyring.contains(*key));
        (is_known && opens).then_some(Self { keys, secret })
    }
}

/// What is signed: the text, and all that it is about.
fn message(text: &str, sealed: &SealedSecret, accepts_data: bool) -> Vec<u8> {
    let metadata = &sealed.metadata;
    let scope = [CLUSTER_WIDE, NAMESPACE_WIDE].map(|name| {
        metadata.annotations.as_ref().is_some_and(|all| annotations::is_true(all, name))
    });
    let spec = serde_json::to_vec(&sealed.spec).unwrap_or_default();
    let of = |part: &Option<String>| part.clone().unwrap_or_default();
    let about = serde_json::json!([
        text,
        of(&metadata.namespace),
        of(&metadata.name),
        of(&metadata.uid),
        scope,
        STANDARD.encode(Sha256::digest(spec)),
        accepts_data,
    ]);
    about.to_string().into_bytes()
}

#[cfg(test)]
mod tests;
