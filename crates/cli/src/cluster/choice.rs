//! Which cluster, and as whom: what the kubeconfig says, and kubectl's flags over it.
//!
//! The rules are those of client-go's `clientcmd`, which kubectl has. Where a flag and the
//! kubeconfig contradict each other, and kubectl of some versions stops, the flag counts here.

use http::Uri;
use kube::config::{AuthInfo, Cluster, Context, Kubeconfig};

use super::address::shown;
use super::kubeconfig::{context, named_context};
use crate::args::ClusterArgs;
use crate::error::{Error, Result};

/// A cluster and a user.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// The name of the kubeconfig's context.
    pub(super) context: Option<String>,
    pub(super) server: Uri,
    pub(super) cluster: Cluster,
    pub(super) user: AuthInfo,
}

/// What flags and kubeconfig say together; `None` when they say nothing of any cluster.
///
/// # Errors
/// When something that is named does not exist, or what is said cannot be meant.
pub(super) fn choose(kubeconfig: &Kubeconfig, flags: &ClusterArgs) -> Result<Option<Choice>> {
    let (context_name, context) = chosen_context(kubeconfig, flags)?;
    let cluster = changed_cluster(chosen_cluster(kubeconfig, flags, context)?, flags);
    let user = changed_user(chosen_user(kubeconfig, flags, context)?, flags);
    let Some(server) = cluster.server.clone() else {
        return match context_name {
            Some(name) => Err(no_server(&name, context, flags)),
            None => Ok(None),
        };
    };
    check_cluster(&cluster)?;
    check_user(&user, flags)?;
    let server = parsed(&server)?;
    if !is_secure(&server) {
        let user = without_credentials(user);
        return Ok(Some(Choice { context: context_name, server, cluster, user }));
    }
    if !has_credentials(&user) && flags.user.text().is_none() {
        check_named_user(kubeconfig, context)?;
    }
    Ok(Some(Choice { context: context_name, server, cluster, user }))
}

/// Whether what is sent there is encrypted.
pub(super) fn is_secure(server: &Uri) -> bool {
    server.scheme_str() == Some("https")
}

fn chosen_context<'a>(
    kubeconfig: &'a Kubeconfig,
    flags: &ClusterArgs,
) -> Result<(Option<String>, Option<&'a Context>)> {
    if let Some(name) = flags.context.text() {
        return Ok((Some(name.to_owned()), Some(named_context(kubeconfig, name)?)));
    }
    let Some(name) = kubeconfig.current_context.as_deref().filter(|name| !name.is_empty()) else {
        return Ok((None, None));
    };
    match context(kubeconfig, name) {
        Some(found) => Ok((Some(name.to_owned()), Some(found))),
        None => Err(Error::new(format!(
            "the kubeconfig has no context {name:?}, which it says is the current one"
        ))
        .hint("choose another with --context, or with `kubectl config use-context`")),
    }
}

fn chosen_cluster(
    kubeconfig: &Kubeconfig,
    flags: &ClusterArgs,
    context: Option<&Context>,
) -> Result<Cluster> {
    let named = flags.cluster.text();
    let name = named.or(context.map(|context| context.cluster.as_str()));
    let mut clusters = kubeconfig.clusters.iter();
    let found = clusters.find(|entry| Some(entry.name.as_str()) == name);
    match (found.and_then(|entry| entry.cluster.clone()), named) {
        (Some(cluster), _) => Ok(tidied_cluster(cluster)),
        (None, None) => Ok(Cluster::default()),
        (None, Some(named)) => Err(Error::new(format!("the kubeconfig has no cluster {named:?}"))
            .hint("list them with `kubectl config get-clusters`")),
    }
}

fn chosen_user(
    kubeconfig: &Kubeconfig,
    flags: &ClusterArgs,
    context: Option<&Context>,
) -> Result<AuthInfo> {
    let named = flags.user.text();
    let name = named.or(context.and_then(|context| context.user.as_deref()));
    let mut users = kubeconfig.auth_infos.iter();
    let found = users.find(|entry| Some(entry.name.as_str()) == name);
    match (found.and_then(|entry| entry.auth_info.clone()), named) {
        (Some(user), _) => Ok(tidied_user(user)),
        (None, None) => Ok(AuthInfo::default()),
        (None, Some(named)) => Err(Error::new(format!("the kubeconfig has no user {named:?}"))
            .hint("list them with `kubectl config get-users`")),
    }
}

fn changed_cluster(mut cluster: Cluster, flags: &ClusterArgs) -> Cluster {
    let authority = flags.certificate_authority.text();
    if flags.insecure_skip_tls_verify || authority.is_some() {
        // Each of them replaces all that the kubeconfig says about trust.
        cluster.insecure_skip_tls_verify = Some(flags.insecure_skip_tls_verify);
        cluster.certificate_authority = authority.map(str::to_owned);
        cluster.certificate_authority_data = None;
    }
    if flags.server.text().is_some() || flags.tls_server_name.text().is_some() {
        // The kubeconfig's name is that of the kubeconfig's server.
        cluster.tls_server_name = flags.tls_server_name.text().map(str::to_owned);
    }
    replace(&mut cluster.server, flags.server.text());
    replace(&mut cluster.proxy_url, flags.proxy_url.text());
    if flags.disable_compression {
        cluster.disable_compression = Some(true);
    }
    cluster
}

fn changed_user(mut user: AuthInfo, flags: &ClusterArgs) -> AuthInfo {
    if let Some(token) = flags.token.text() {
        user.token = Some(token.to_owned().into());
        user.token_file = None;
    }
    replace(&mut user.username, flags.username.text());
    if let Some(password) = flags.password.text() {
        user.password = Some(password.to_owned().into());
    }
    if let Some(file) = flags.client_certificate.text() {
        user.client_certificate = Some(file.to_owned());
        user.client_certificate_data = None;
    }
    if let Some(file) = flags.client_key.text() {
        user.client_key = Some(file.to_owned());
        user.client_key_data = None;
    }
    replace(&mut user.impersonate, flags.impersonate.text());
    replace(&mut user.impersonate_uid, flags.impersonate_uid.text());
    if !flags.impersonate_groups.is_empty() {
        user.impersonate_groups = Some(flags.impersonate_groups.clone());
    }
    // Whoever says who he is needs no plugin, which might not even be installed here.
    let is_authorized = has_token(&user) || has_password(&user);
    if is_authorized {
        user.auth_provider = None;
    }
    if is_authorized || has_certificate(&user) {
        user.exec = None;
    }
    user
}

fn replace(field: &mut Option<String>, flag: Option<&str>) {
    if let Some(flag) = flag {
        *field = Some(flag.to_owned());
    }
}

/// To kubectl, an empty text is as good as none.
fn tidied_cluster(mut cluster: Cluster) -> Cluster {
    tidy(&mut cluster.server);
    tidy(&mut cluster.tls_server_name);
    tidy(&mut cluster.proxy_url);
    tidy(&mut cluster.certificate_authority_data);
    tidy_path(&mut cluster.certificate_authority);
    cluster
}

fn tidied_user(mut user: AuthInfo) -> AuthInfo {
    tidy(&mut user.username);
    tidy(&mut user.client_certificate_data);
    tidy(&mut user.impersonate);
    tidy(&mut user.impersonate_uid);
    tidy_path(&mut user.token_file);
    tidy_path(&mut user.client_certificate);
    tidy_path(&mut user.client_key);
    for secret in [&mut user.token, &mut user.password, &mut user.client_key_data] {
        *secret = secret.take().filter(|text| !exposed(text).is_empty());
    }
    user.impersonate_groups = user.impersonate_groups.filter(|groups| !groups.is_empty());
    user.impersonate_user_extra = user.impersonate_user_extra.filter(|extra| !extra.is_empty());
    user
}

fn tidy(field: &mut Option<String>) {
    *field = field.take().filter(|text| !text.is_empty());
}

/// Reading the file, kube made an empty path the kubeconfig's own folder.
fn tidy_path(field: &mut Option<String>) {
    let is_folder = |text: &String| text.is_empty() || text.ends_with(std::path::MAIN_SEPARATOR);
    *field = field.take().filter(|text| !is_folder(text));
}

pub(super) fn exposed(secret: &secrecy::SecretString) -> &str {
    secrecy::ExposeSecret::expose_secret(secret)
}

fn has_token(user: &AuthInfo) -> bool {
    user.token.is_some() || user.token_file.is_some()
}

fn has_password(user: &AuthInfo) -> bool {
    user.username.is_some() || user.password.is_some()
}

pub(super) fn has_certificate(user: &AuthInfo) -> bool {
    user.client_certificate.is_some() || user.client_certificate_data.is_some()
}

fn has_credentials(user: &AuthInfo) -> bool {
    let is_asked_for = user.exec.is_some() || user.auth_provider.is_some();
    has_token(user) || has_password(user) || has_certificate(user) || is_asked_for
}

/// Where nobody else is named, kubectl would ask for a name and a password, which no API server
/// knows any more.
fn check_named_user(kubeconfig: &Kubeconfig, context: Option<&Context>) -> Result<()> {
    let name = context.and_then(|context| context.user.as_deref()).unwrap_or_default();
    if name.is_empty() || kubeconfig.auth_infos.iter().any(|entry| entry.name == name) {
        return Ok(());
    }
    Err(Error::new(format!("the kubeconfig has no user {name:?}, whom its context names"))
        .hint("choose another with --user or --context, or give --token"))
}

fn check_cluster(cluster: &Cluster) -> Result<()> {
    let has_authority =
        cluster.certificate_authority.is_some() || cluster.certificate_authority_data.is_some();
    if cluster.insecure_skip_tls_verify == Some(true) && has_authority {
        return Err(Error::new(
            "the server's certificate cannot both be checked against an authority and not be checked",
        )
        .hint("give --certificate-authority or --insecure-skip-tls-verify, not both"));
    }
    Ok(())
}

fn check_user(user: &AuthInfo, flags: &ClusterArgs) -> Result<()> {
    if user.token.is_some() && has_password(user) {
        return Err(Error::new("two ways to log in: a token, and a name with a password")
            .hint("leave --token or --username and --password out, or choose another --user"));
    }
    let has_key = user.client_key.is_some() || user.client_key_data.is_some();
    if has_certificate(user) && !has_key {
        return Err(Error::new("the client certificate has no key").hint("give --client-key"));
    }
    if flags.client_key.text().is_some() && !has_certificate(user) {
        return Err(
            Error::new("the client key has no certificate").hint("give --client-certificate")
        );
    }
    let acts_as_some = user.impersonate_uid.is_some()
        || user.impersonate_groups.is_some()
        || user.impersonate_user_extra.is_some();
    if acts_as_some && user.impersonate.is_none() {
        return Err(Error::new("a uid or groups to act as, but no user").hint("give --as"));
    }
    if user.exec.is_some() && user.auth_provider.is_some() {
        return Err(Error::new("two ways to log in: a credential plugin, and an auth provider")
            .hint("leave one of them out of the kubeconfig's user"));
    }
    Ok(())
}

/// kubectl sends none in the open, either.
fn without_credentials(user: AuthInfo) -> AuthInfo {
    AuthInfo {
        impersonate: user.impersonate,
        impersonate_uid: user.impersonate_uid,
        impersonate_groups: user.impersonate_groups,
        impersonate_user_extra: user.impersonate_user_extra,
        ..AuthInfo::default()
    }
}

/// A URL, or `host:port`, which is plain HTTP to kubectl.
fn parsed(server: &str) -> Result<Uri> {
    let wrong = || {
        Error::new(format!("{} is no address of an API server", shown(server)))
            .hint("write it as https://host:port, in --server or the kubeconfig")
    };
    let whole = if server.contains("://") { server.to_owned() } else { format!("http://{server}") };
    let uri: Uri = whole.parse().map_err(|_| wrong())?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    if is_http && has_host { Ok(uri) } else { Err(wrong()) }
}

fn no_server(name: &str, context: Option<&Context>, flags: &ClusterArgs) -> Error {
    let of_context = context.map(|context| context.cluster.as_str());
    let cluster = flags.cluster.text().or(of_context).unwrap_or_default();
    Error::new(format!(
        "the kubeconfig has no server for the cluster {cluster:?} of the context {name:?}"
    ))
    .hint("choose another with --context or --cluster, or give --server")
}

#[cfg(test)]
mod tests;
