//! The annotations and labels that steer the controller.

/// `"true"`: sealed for every name in the namespace.
pub const NAMESPACE_WIDE: &str = "sealedsecrets.bitnami.com/namespace-wide";
/// `"true"`: sealed for every name in every namespace. Wins over [`NAMESPACE_WIDE`].
pub const CLUSTER_WIDE: &str = "sealedsecrets.bitnami.com/cluster-wide";
/// `"true"` on an existing Secret: the controller may take it over whole.
pub const MANAGED: &str = "sealedsecrets.bitnami.com/managed";
/// `"true"` on an existing Secret: the controller merges its items in and leaves the rest.
pub const PATCH: &str = "sealedsecrets.bitnami.com/patch";
/// `"true"` in the template: the Secret gets no owner reference and outlives the SealedSecret.
pub const SKIP_SET_OWNER_REFERENCES: &str = "sealedsecrets.bitnami.com/skip-set-owner-references";
/// Label of the key Secrets; [`KEY_ACTIVE`] is the value that counts.
pub const KEY_LABEL: &str = "sealedsecrets.bitnami.com/sealed-secrets-key";
/// Value of [`KEY_LABEL`] on keys that open; any other retires the key.
pub const KEY_ACTIVE: &str = "active";

/// On a key Secret: the word of the key before it for its certificate.
pub const ENDORSEMENT: &str = "sealwright.dev/endorsement";

/// On a Secret with values that a template made by chance or by the clock: `uid/generation` of the
/// SealedSecret that they were made for.
pub const MADE_FOR: &str = "sealwright.dev/made-for";

/// Whether `annotations` set `name` to `"true"`, the only value that counts.
pub fn is_true<'a>(
    annotations: impl IntoIterator<Item = (&'a String, &'a String)>,
    name: &str,
) -> bool {
    annotations.into_iter().any(|(key, value)| key == name && value == "true")
}
