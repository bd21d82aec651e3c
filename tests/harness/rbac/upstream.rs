//! The rules of upstream's chart.

use serde_json::{Value, json};

/// No leases, no events.k8s.io, no patch on Secrets or status, no ConfigMaps.
pub(super) fn unsealer() -> Value {
    json!([
        {
            "apiGroups": ["bitnami.com"],
            "resources": ["sealedsecrets"],
            "verbs": ["get", "list", "watch"],
        },
        {
            "apiGroups": ["bitnami.com"],
            "resources": ["sealedsecrets/status"],
            "verbs": ["update"],
        },
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "verbs": ["get", "list", "create", "update", "delete", "watch"],
        },
        { "apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"] },
    ])
}

pub(super) fn key_admin() -> Value {
    json!([
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "resourceNames": ["sealed-secrets-key"],
            "verbs": ["get"],
        },
        { "apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "list"] },
    ])
}

pub(super) fn service_proxier(service: &str) -> Value {
    json!([
        {
            "apiGroups": [""],
            "resources": ["services"],
            "resourceNames": [service],
            "verbs": ["get"],
        },
        {
            "apiGroups": [""],
            "resources": ["services/proxy"],
            "resourceNames": [
                format!("http:{service}:"),
                format!("http:{service}:http"),
                service,
            ],
            "verbs": ["create", "get"],
        },
    ])
}
