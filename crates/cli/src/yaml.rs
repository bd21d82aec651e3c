//! YAML as Kubernetes' Go libraries (`sigs.k8s.io/yaml`) read and write it.
//!
//! The readers and writers around us are all that one library: YAML 1.1 booleans, octal numbers,
//! its choice of quotes, its order of keys. Where it writes what it could not read again, ours
//! quotes instead.

mod edit;
mod order;
mod read;
mod resolve;
mod scalar;
mod unclear;
mod write;

pub(crate) use edit::{Change, Step, edit, line_of, repeated_key};
pub(crate) use read::{BooleanKey, read};
pub(crate) use resolve::number_text;
pub(crate) use unclear::{Unclear, unclear};
pub(crate) use write::write;
