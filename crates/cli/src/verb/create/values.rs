//! The values of a Secret while they are gathered.

use std::collections::BTreeMap;

use sealwright_crypto::Plaintext;
use sealwright_sealing::is_key_name;

use crate::error::{Error, Result};
use crate::table::printable;

/// Values by key, each given once.
#[derive(Default)]
pub(super) struct Values(BTreeMap<String, Plaintext>);

impl Values {
    /// Adds one.
    ///
    /// # Errors
    /// When no Secret can have such a key, or it is there already.
    pub(super) fn add(&mut self, key: &str, value: Plaintext) -> Result<()> {
        if !is_key_name(key) {
            let key = printable(key.to_owned());
            return Err(Error::usage(format!("{key}: no Secret can have such a key"))
                .hint("letters, digits, '-', '_' and '.' only, 253 at most"));
        }
        if self.0.contains_key(key) {
            return Err(Error::usage(format!("{key} is given twice")));
        }
        self.0.insert(key.to_owned(), value);
        Ok(())
    }

    /// All of them.
    pub(super) fn into_data(self) -> BTreeMap<String, Plaintext> {
        self.0
    }
}
