//! What a value is bound to besides its key.

use sealwright_api::Scope;

/// The OAEP label: `"<namespace>/<name>"`, `"<namespace>"` or `""` by scope.
pub fn label(scope: Scope, namespace: &str, name: &str) -> String {
    match scope {
        Scope::Strict => format!("{namespace}/{name}"),
        Scope::NamespaceWide => namespace.to_owned(),
        Scope::ClusterWide => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_scopes_bind_to_less() {
        assert_eq!(label(Scope::Strict, "prod", "db"), "prod/db");
        assert_eq!(label(Scope::NamespaceWide, "prod", "db"), "prod");
        assert_eq!(label(Scope::ClusterWide, "prod", "db"), "");
    }
}
