//! The modes, one file each.

pub(crate) mod fetch_cert;
pub(crate) mod recover;
pub(crate) mod seal;
pub(crate) mod validate;
