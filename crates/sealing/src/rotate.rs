//! Sealing anew with the newest key, nothing else changed.

use sealwright_api::SealedSecret;
use sealwright_crypto::{Keyring, PublicKey};
use serde_json::Value;

use crate::base64::encode_base64;
use crate::open::{OpenItems, check_form, object_label, open_items};
use crate::{UnsealOptions, VerifyError};

/// Which items are sealed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anew {
    /// Every one, as upstream does.
    All,
    /// Those that the newest key does not open: the others stay as they were written.
    Outdated,
}

/// Seals the items of `object` with `newest`. The scope is the object's own, never its
/// template's (a template is not protected by the encryption), and everything that is not a sealed
/// value stays as it was written: no template is rendered.
///
/// `turn` is called before each item is opened: the place to let others do theirs first.
///
/// # Errors
/// As [`crate::verify()`]: what cannot be read is told from what does not open, and no more.
pub fn rotate(
    object: &mut Value,
    keyring: &Keyring,
    newest: &PublicKey,
    which: Anew,
    options: UnsealOptions<'_>,
    turn: &mut dyn FnMut(),
) -> Result<(), VerifyError> {
    let sealed: SealedSecret =
        serde_json::from_value(object.clone()).map_err(|_| VerifyError::Malformed)?;
    check_form(&sealed, options)?;
    let field = "data".to_owned();
    let items = sealed.spec.encrypted_data.iter();
    let whole = sealed.spec.data.iter().map(|value| (&field, value));
    // Never both: that is a malformed object. Both are opened, so that every refusal costs the same.
    let items = items.inspect(|_| turn());
    let items = open_items(&sealed.metadata, items, keyring, options.remembered);
    let whole = whole.inspect(|_| turn());
    let whole = open_items(&sealed.metadata, whole, keyring, options.remembered);
    let (Ok(items), Ok(whole)) = (items, whole) else { return Err(VerifyError::Refused) };
    let label = object_label(&sealed.metadata);
    let seal_anew = |value| {
        Value::from(encode_base64(&sealwright_crypto::seal(newest, label.as_bytes(), value)))
    };
    let is_kept = |open: &OpenItems, item: &String| {
        which == Anew::Outdated && open.opened_by.get(item) == Some(&newest.fingerprint())
    };
    for (item, value) in items.values.iter().filter(|(item, _)| !is_kept(&items, item)) {
        object["spec"]["encryptedData"][item] = seal_anew(value);
    }
    for (_, value) in whole.values.iter().filter(|(item, _)| !is_kept(&whole, item)) {
        object["spec"]["data"] = seal_anew(value);
    }
    Ok(())
}
