//! What tells one cluster from another, without a right to ask the API server for it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kube::Config;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The same for all replicas of a controller, and another in another cluster: the UID of the service
/// account, which changes with its namespace as well; outside of a pod, the certificate authority of
/// the API server, or else its address.
pub(crate) fn mark_of_cluster(config: &Config) -> String {
    let file = config.auth_info.token_file.as_ref();
    let account = file.and_then(|file| std::fs::read_to_string(file).ok());
    if let Some(uid) = account.and_then(|token| uid_of_account(&token)) {
        return uid;
    }
    match &config.root_cert {
        Some(authorities) => URL_SAFE_NO_PAD.encode(Sha256::digest(authorities.concat())),
        None => config.cluster_url.to_string(),
    }
}

/// What a token of a service account says: a bound one (Kubernetes 1.22), or one from a Secret.
fn uid_of_account(token: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(token.trim().split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let uid = claims
        .pointer("/kubernetes.io/serviceaccount/uid")
        .or_else(|| claims.get("kubernetes.io/serviceaccount/service-account.uid"))?;
    uid.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(claims: &Value) -> String {
        format!("header.{}.signature\n", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    #[test]
    fn a_token_names_its_service_account() {
        let bound = json!({ "kubernetes.io": { "serviceaccount": { "uid": "u1" } } });
        assert_eq!(uid_of_account(&token(&bound)).as_deref(), Some("u1"));
        let of_secret = json!({ "kubernetes.io/serviceaccount/service-account.uid": "u2" });
        assert_eq!(uid_of_account(&token(&of_secret)).as_deref(), Some("u2"));
        for other in ["", "opaque", "a.b.c", &token(&json!({ "sub": "u" })), &token(&json!(7))] {
            assert_eq!(uid_of_account(other), None, "{other}");
        }
    }

    #[test]
    fn outside_of_a_pod_the_authority_counts_and_else_the_address() {
        let mut config = Config::new("https://one.example:6443".parse().unwrap());
        let one = mark_of_cluster(&config);
        config.cluster_url = "https://other.example:6443".parse().unwrap();
        assert_ne!(mark_of_cluster(&config), one);
        config.root_cert = Some(vec![b"authority".to_vec()]);
        let other = mark_of_cluster(&config);
        config.cluster_url = "https://10.0.0.1".parse().unwrap();
        assert_eq!(mark_of_cluster(&config), other);
        config.root_cert = Some(vec![b"another".to_vec()]);
        assert_ne!(mark_of_cluster(&config), other);
        let file = std::env::temp_dir().join(format!("sealwright-token-{}", std::process::id()));
        let claims = json!({ "kubernetes.io": { "serviceaccount": { "uid": "u1" } } });
        std::fs::write(&file, token(&claims)).unwrap();
        config.auth_info.token_file = Some(file.to_string_lossy().into_owned());
        assert_eq!(mark_of_cluster(&config), "u1");
        std::fs::remove_file(file).unwrap();
    }
}
