//! The modes, one file each.

pub(crate) mod fetch_cert;
pub(crate) mod merge;
pub(crate) mod raw;
pub(crate) mod recover;
pub(crate) mod reencrypt;
pub(crate) mod seal;
mod secret;
pub(crate) mod validate;
