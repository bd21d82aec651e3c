//! From flags and kubeconfig to a client's configuration.
//!
//! kube can make one of a kubeconfig itself, but differs from kubectl in what it does about proxies,
//! plugins, token files and empty entries: see the modules that do these.

use std::path::PathBuf;

use kube::Config;
use kube::config::Cluster;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::choice::{Choice, choose, is_secure};
use super::credentials::{bytes_of, obtained};
use super::kubeconfig::{self, Found};
use super::limits::Limits;
use super::place::Place;
use super::proxy::proxy_for;
use crate::args::ClusterArgs;
use crate::error::{Cause, Error, Result};

/// A configuration, with the name of the context that it comes from.
pub(super) struct Configured {
    pub(super) context: Option<String>,
    pub(super) config: Config,
    /// What the server's certificate is checked against, if the kubeconfig or a flag says.
    pub(super) authority: Option<Vec<Vec<u8>>>,
    pub(super) limits: Limits,
}

/// What flags, kubeconfig and environment say about the cluster.
///
/// # Errors
/// When they lead to no cluster, or not to a user.
pub(super) fn configured(flags: &ClusterArgs) -> Result<Configured> {
    let limits = Limits::of(flags.request_timeout.text())?;
    let (Choice { context, server, cluster, user }, files) = chosen(flags)?;
    let variable = |name: &str| std::env::var(name).ok();
    let proxy = proxy_for(&server, cluster.proxy_url.as_deref(), variable)?;
    let authority = authority(&cluster)?;
    let user = obtained(user, &cluster, &files)?;

    let mut config = Config::new(server);
    let is_tls = is_secure(&config.cluster_url) || proxy.as_ref().is_some_and(is_secure);
    config.root_cert = roots(is_tls, &cluster, authority.clone());
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or_default();
    config.tls_server_name = cluster.tls_server_name;
    config.disable_compression = cluster.disable_compression.unwrap_or_default();
    config.proxy_url = proxy;
    config.auth_info = user;
    config.connect_timeout = limits.connect;
    config.read_timeout = limits.read;
    // Somebody waits: what is not there now is told now.
    config.default_retry = false;
    Ok(Configured { context, config, authority, limits })
}

/// Which cluster that is. Nobody is asked for credentials.
///
/// # Errors
/// When they lead to no cluster, or cannot be meant.
pub(super) fn place(flags: &ClusterArgs) -> Result<Place> {
    Limits::of(flags.request_timeout.text())?;
    let (Choice { context, server, cluster, .. }, _) = chosen(flags)?;
    Ok(Place::new(context, &server, authority(&cluster)?.as_deref()))
}

/// The kubeconfig's cluster, with the kubeconfig's files; else the one whose pod this is.
fn chosen(flags: &ClusterArgs) -> Result<(Choice, Vec<PathBuf>)> {
    let Found { merged, files, missing } = kubeconfig::read(flags)?;
    let is_there = merged.is_some();
    if let Some(choice) = choose(&merged.unwrap_or_default(), flags)? {
        return Ok((choice, files));
    }
    if let Some(pod) = kubeconfig::of_pod()
        && let Some(choice) = choose(&pod, flags)?
    {
        return Ok((Choice { context: None, ..choice }, Vec::new()));
    }
    let missing: Vec<_> = missing.iter().map(|path| path.display().to_string()).collect();
    let why = match (is_there, missing.is_empty()) {
        (true, _) => "the kubeconfig has no current context".to_owned(),
        (false, true) => "there is no kubeconfig, and this is not a pod".to_owned(),
        (false, false) => format!("KUBECONFIG names {}, which is not there", missing.join(" and ")),
    };
    let hint = if is_there {
        "choose a context with --context, or seal with --cert and no cluster"
    } else {
        "set KUBECONFIG, give --server, or seal with --cert and no cluster"
    };
    Err(Error::new(format!("no cluster: {why}")).hint(hint).of(Cause::Remote))
}

/// The certificates that the server's has to come from.
fn authority(cluster: &Cluster) -> Result<Option<Vec<Vec<u8>>>> {
    let what = "the certificate authority";
    let (data, path) =
        (cluster.certificate_authority_data.as_deref(), cluster.certificate_authority.as_deref());
    let Some(pem) = bytes_of(what, data, path)? else { return Ok(None) };
    let certificates = CertificateDer::pem_slice_iter(&pem);
    let certificates = certificates.map(|found| found.map(|der| der.to_vec()));
    match certificates.collect::<Result<Vec<_>, _>>() {
        Ok(certificates) if !certificates.is_empty() => Ok(Some(certificates)),
        _ => {
            let place = if data.is_some() { "in the kubeconfig" } else { path.unwrap_or_default() };
            Err(Error::new(format!("{what} {place} is no certificate"))
                .hint("give a file that holds certificates in PEM"))
        }
    }
}

/// As kube takes them: without any, it asks the system for its own, which may have none. That is
/// no reason to fail where nothing is checked.
fn roots(is_tls: bool, cluster: &Cluster, authority: Option<Vec<Vec<u8>>>) -> Option<Vec<Vec<u8>>> {
    let is_checked = is_tls && cluster.insecure_skip_tls_verify != Some(true);
    if is_checked { authority } else { Some(Vec::new()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_authority_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, "hunter2").unwrap();
        let file = file.to_str().unwrap();
        for (data, path, expected) in [
            (
                Some("aHVudGVyMg=="),
                None,
                "authority in the kubeconfig is no certificate".to_owned(),
            ),
            (Some("hunter2!"), None, "authority in the kubeconfig is not base64".to_owned()),
            (None, Some(file), format!("authority {file} is no certificate")),
            (None, Some("/no/such"), "authority /no/such: no such file".to_owned()),
        ] {
            let cluster = Cluster {
                certificate_authority_data: data.map(str::to_owned),
                certificate_authority: path.map(str::to_owned),
                ..Cluster::default()
            };
            let error = authority(&cluster).unwrap_err().to_string();
            assert!(error.contains(&expected) && error.contains("\nhint: "), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn without_a_check_no_roots_are_needed() {
        let insecure = Cluster { insecure_skip_tls_verify: Some(true), ..Cluster::default() };
        let some = || Some(vec![vec![1]]);
        for (is_tls, cluster, authority, expected) in [
            (true, Cluster::default(), some(), some()),
            (true, Cluster::default(), None, None),
            (true, insecure, None, Some(Vec::new())),
            (false, Cluster::default(), None, Some(Vec::new())),
        ] {
            assert_eq!(roots(is_tls, &cluster, authority), expected);
        }
    }
}
