//! The values of a Secret while they are gathered.

use std::collections::BTreeMap;

use sealwright_crypto::Plaintext;
use sealwright_sealing::is_key_name;

use crate::error::{Error, Result};
use crate::table::printable;
use crate::verb::item::KEYS;
use crate::verb::secret_type;

/// Values by key, each given once.
#[derive(Default)]
pub(super) struct Values {
    by_key: BTreeMap<String, Plaintext>,
    /// Bytes of all of them: a folder may have more files than fit, and each is kept.
    total: usize,
}

impl Values {
    /// Adds one.
    ///
    /// # Errors
    /// When no Secret can have such a key, it is there already, or all together have no room in one.
    pub(super) fn add(&mut self, key: &str, value: Plaintext) -> Result<()> {
        self.check_new(key)?;
        self.total += value.expose().len();
        secret_type::check_size(self.total)?;
        self.by_key.insert(key.to_owned(), value);
        Ok(())
    }

    /// Whether a value can have that key.
    ///
    /// # Errors
    /// When no Secret can have it, or another value has it.
    pub(super) fn check_new(&self, key: &str) -> Result<()> {
        if !is_key_name(key) {
            let key = printable(key.to_owned());
            return Err(Error::usage(format!("{key}: no Secret can have such a key")).hint(KEYS));
        }
        match self.by_key.contains_key(key) {
            true => Err(Error::usage(format!("{key} is given twice"))),
            false => Ok(()),
        }
    }

    /// The keys so far.
    pub(super) fn has(&self, key: &str) -> bool {
        self.by_key.contains_key(key)
    }

    /// All of them.
    pub(super) fn into_data(self) -> BTreeMap<String, Plaintext> {
        self.by_key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verb::secret_type::MAX_SECRET;

    #[test]
    fn all_values_together_have_room_for_1_mib() {
        for (last, is_taken) in [(0, true), (1, true), (2, false)] {
            let mut values = Values::default();
            values.add("a", Plaintext::new(vec![b'x'; MAX_SECRET - 1])).unwrap();
            assert_eq!(
                values.add("b", Plaintext::new(vec![b'x'; last])).is_ok(),
                is_taken,
                "{last}"
            );
        }
    }
}
