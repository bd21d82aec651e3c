//! For whom values are sealed that go into a file which is there.

use sealwright_api::Scope;
use sealwright_sealing::{OpenSecret, set_scope};

use crate::args::{ClusterArgs, Given};
use crate::error::{Error, Result, say};
use crate::manifest::Document;
use crate::namespace::Namespaces;
use crate::object::scope_of;

/// An empty Secret of the name, namespace and scope of a SealedSecret.
///
/// # Errors
/// When it has no name, or the form of before 2018, beside which items cannot stand.
pub(super) fn addressee(
    document: &Document,
    namespace: &Given,
    cluster: &ClusterArgs,
) -> Result<OpenSecret> {
    let Document { place, value: object } = document;
    if !object["spec"]["data"].is_null() {
        return Err(Error::new(format!("{place}: items cannot stand beside spec.data"))
            .hint("the file has the deprecated form: recover it and seal it anew"));
    }
    let text = |field: &str| {
        let text = object["metadata"][field].as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned)
    };
    let name = text("name")
        .ok_or_else(|| Error::new(format!("{place}: metadata.name is missing")).hint("name it"))?;
    let scope = scope_of(object);
    let mut secret = OpenSecret::default();
    secret.metadata.name = Some(name);
    secret.metadata.namespace = text("namespace");
    set_scope(&mut secret.metadata, scope);
    let is_named = secret.metadata.namespace.is_some();
    Namespaces::new(namespace, cluster).place(&mut secret.metadata)?;
    if let Some(namespace) = secret.metadata.namespace.as_ref().filter(|_| !is_named)
        && scope != Scope::ClusterWide
    {
        say(format_args!("note: sealed for the namespace {namespace}: {place} names none"));
    }
    Ok(secret)
}
