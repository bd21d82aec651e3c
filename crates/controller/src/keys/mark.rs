//! What tells one cluster from another, without a right to ask the API server for it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kube::Config;
use sha2::{Digest, Sha256};

/// The certificate authority of the API server, of which each cluster has its own: the same for all
/// replicas of a controller, whichever way they go. Nothing where none is named, which in a cluster
/// never is.
pub(crate) fn mark_of_cluster(config: &Config) -> String {
    let authorities = config.root_cert.iter().flatten();
    let authorities = authorities.flatten().copied().collect::<Vec<_>>();
    if authorities.is_empty() {
        return String::new();
    }
    URL_SAFE_NO_PAD.encode(Sha256::digest(authorities))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_counts_and_not_the_address() {
        let mut config = Config::new("https://one.example:6443".parse().unwrap());
        assert_eq!(mark_of_cluster(&config), "");
        config.root_cert = Some(vec![b"authority".to_vec()]);
        let one = mark_of_cluster(&config);
        config.cluster_url = "https://10.0.0.1".parse().unwrap();
        assert_eq!(mark_of_cluster(&config), one);
        config.root_cert = Some(vec![b"another".to_vec()]);
        assert_ne!(mark_of_cluster(&config), one);
    }
}
