//! The kubeconfig: one file that is named, or several that are merged, or the pod's own account.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use kube::config::{
    AuthInfo, Cluster, Context, Kubeconfig, KubeconfigError, NamedAuthInfo, NamedCluster,
    NamedContext,
};

use crate::args::ClusterArgs;
use crate::error::{Error, Result, io_reason};
use crate::manifest;

/// Where a pod finds the token and the authority of its service account.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The kubeconfig that counts.
#[derive(Default)]
pub(super) struct Found {
    /// What the files say together; `None` where there is no file.
    pub(super) merged: Option<Kubeconfig>,
    /// Those files.
    pub(super) files: Vec<PathBuf>,
    /// Files that `$KUBECONFIG` names and that are not there. kubectl skips them, and so do we.
    pub(super) missing: Vec<PathBuf>,
}

/// Reads the file of `--kubeconfig`, else those of `$KUBECONFIG`, else `~/.kube/config`.
///
/// # Errors
/// When a file is no kubeconfig or cannot be read, or the one that the flag names is not there.
pub(super) fn read(flags: &ClusterArgs) -> Result<Found> {
    if let Some(path) = flags.kubeconfig.path() {
        let kubeconfig = read_file(path).map_err(|error| {
            let named = path.to_string_lossy();
            if manifest::is_content(&named) {
                return manifest::no_path(&named).about("--kubeconfig");
            }
            unusable(&format!("kubeconfig {}", path.display()), &error)
                .hint("check the path given with --kubeconfig")
        })?;
        let files = vec![path.to_owned()];
        return Ok(Found { merged: Some(kubeconfig), files, missing: Vec::new() });
    }
    of_environment()
}

fn of_environment() -> Result<Found> {
    let listed = std::env::var_os("KUBECONFIG").unwrap_or_default();
    // As CI jobs have it whose variable holds the file instead of its name.
    let whole = listed.to_string_lossy();
    if manifest::is_content(&whole) {
        return Err(manifest::no_path(&whole).about("KUBECONFIG"));
    }
    let listed = std::env::split_paths(&listed).filter(|path| !path.as_os_str().is_empty());
    let listed: Vec<PathBuf> = listed.collect();
    if listed.is_empty() {
        let default = std::env::home_dir().map(|home| home.join(".kube").join("config"));
        let mut found = merge(default.as_slice())?;
        found.missing.clear();
        return Ok(found);
    }
    merge(&listed)
}

/// The names of the contexts.
///
/// # Errors
/// When a file is no kubeconfig or cannot be read.
pub(crate) fn context_names(flags: &ClusterArgs) -> Result<Vec<String>> {
    let contexts = read(flags)?.merged.map(|kubeconfig| kubeconfig.contexts);
    Ok(contexts.into_iter().flatten().map(|context| context.name).collect())
}

/// The namespace of the kubeconfig's context, or `None` where there is no kubeconfig.
///
/// # Errors
/// When a kubeconfig or a context was named and cannot be used.
pub(crate) fn context_namespace(flags: &ClusterArgs) -> Result<Option<String>> {
    let Some(kubeconfig) = read(flags)?.merged else { return Ok(None) };
    let context = match flags.context.text() {
        Some(name) => Some(named_context(&kubeconfig, name)?),
        None => {
            let current = kubeconfig.current_context.as_deref().unwrap_or_default();
            context(&kubeconfig, current)
        }
    };
    let namespace = context.and_then(|context| context.namespace.clone());
    Ok(namespace.filter(|namespace| !namespace.is_empty()))
}

/// The context of that name.
///
/// # Errors
/// When there is none.
pub(super) fn named_context<'a>(kubeconfig: &'a Kubeconfig, name: &str) -> Result<&'a Context> {
    context(kubeconfig, name).ok_or_else(|| {
        Error::new(format!("the kubeconfig has no context {name:?}"))
            .hint("list them with `kubectl config get-contexts`")
    })
}

/// The context of that name, if there is one.
pub(super) fn context<'a>(kubeconfig: &'a Kubeconfig, name: &str) -> Option<&'a Context> {
    let mut contexts = kubeconfig.contexts.iter();
    contexts.find(|entry| entry.name == name).and_then(|entry| entry.context.as_ref())
}

/// The service account of the pod that this runs in, if it does.
pub(super) fn of_pod() -> Option<Kubeconfig> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    let host = variable("KUBERNETES_SERVICE_HOST")?;
    let port = variable("KUBERNETES_SERVICE_PORT")?;
    let folder = Path::new(ACCOUNT);
    folder.join("token").is_file().then(|| of_account(&host, &port, folder))
}

/// A service account in the form of a kubeconfig, so that flags change it in the same way.
fn of_account(host: &str, port: &str, folder: &Path) -> Kubeconfig {
    let file = |name: &str| Some(folder.join(name).to_string_lossy().into_owned());
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let cluster = Cluster {
        server: Some(format!("https://{host}:{port}")),
        certificate_authority: file("ca.crt"),
        ..Cluster::default()
    };
    let user = AuthInfo { token_file: file("token"), ..AuthInfo::default() };
    let name = || "pod".to_owned();
    let context = Context { cluster: name(), user: Some(name()), ..Context::default() };
    let other = BTreeMap::new;
    Kubeconfig {
        clusters: vec![NamedCluster { name: name(), cluster: Some(cluster), other: other() }],
        auth_infos: vec![NamedAuthInfo { name: name(), auth_info: Some(user), other: other() }],
        contexts: vec![NamedContext { name: name(), context: Some(context), other: other() }],
        current_context: Some(name()),
        ..Kubeconfig::default()
    }
}

/// The files as one. The first to say something wins; an empty current context says nothing.
fn merge(paths: &[PathBuf]) -> Result<Found> {
    let mut found = Found::default();
    for path in paths {
        let next = match read_file(path) {
            Ok(kubeconfig) => kubeconfig,
            Err(KubeconfigError::ReadConfig(error, _)) if error.kind() == ErrorKind::NotFound => {
                found.missing.push(path.clone());
                continue;
            }
            Err(error) => return Err(unusable_of_several(path, &error)),
        };
        let merged = found.merged.take().unwrap_or_default();
        let merged = merged.merge(next).map_err(|error| unusable_of_several(path, &error))?;
        found.merged = Some(merged);
        found.files.push(path.clone());
    }
    Ok(found)
}

fn read_file(path: &Path) -> Result<Kubeconfig, KubeconfigError> {
    let mut kubeconfig = Kubeconfig::read_from(path)?;
    kubeconfig.current_context = kubeconfig.current_context.filter(|name| !name.is_empty());
    Ok(kubeconfig)
}

fn unusable_of_several(path: &Path, error: &KubeconfigError) -> Error {
    unusable(&format!("the kubeconfig {}", path.display()), error)
        .hint("see $KUBECONFIG and ~/.kube/config")
}

fn unusable(what: &str, error: &KubeconfigError) -> Error {
    let why = match error {
        KubeconfigError::ReadConfig(error, _) => io_reason(error),
        other => discreet(&other.to_string()),
    };
    Error::new(format!("cannot use {what}: {why}"))
}

/// The first line of what a parser says, without the values that it quotes: a kubeconfig holds
/// credentials, and a path may lead to something else that does.
fn discreet(said: &str) -> String {
    let line = said.lines().next().unwrap_or_default().to_lowercase();
    let mut quiet = String::new();
    for (at, part) in line.split(['"', '`']).enumerate() {
        let is_quoted = at % 2 == 1;
        let is_name = quiet.ends_with("field ");
        if is_quoted && !is_name {
            quiet.push('…');
        } else {
            quiet.push_str(part);
        }
    }
    quiet
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(texts: &[&str]) -> (tempfile::TempDir, Vec<PathBuf>) {
        let folder = tempfile::tempdir().unwrap();
        let paths = texts.iter().enumerate().map(|(at, text)| {
            let path = folder.path().join(at.to_string());
            std::fs::write(&path, text).unwrap();
            path
        });
        let paths = paths.collect();
        (folder, paths)
    }

    #[test]
    fn of_several_files_the_first_wins_and_a_missing_one_is_skipped() {
        let (folder, mut paths) = files(&[
            "{current-context: '', users: [{name: u, user: {tokenFile: t}}]}",
            "{current-context: b, users: [{name: u, user: {token: x}}, {name: v, user: {}}]}",
        ]);
        let missing = folder.path().join("missing");
        paths.insert(1, missing.clone());
        let found = merge(&paths).unwrap();
        let merged = found.merged.unwrap();
        assert_eq!(merged.current_context.as_deref(), Some("b"));
        let names: Vec<_> = merged.auth_infos.iter().map(|user| user.name.as_str()).collect();
        assert_eq!(names, ["u", "v"]);
        let token_file = merged.auth_infos[0].auth_info.as_ref().unwrap().token_file.clone();
        assert_eq!(token_file, folder.path().join("t").to_str().map(str::to_owned));
        assert_eq!(found.missing, [missing]);
    }

    #[test]
    fn where_no_file_is_there_is_no_kubeconfig() {
        let found = merge(&[PathBuf::from("/no/such"), PathBuf::from("/nor/such")]).unwrap();
        assert!(found.merged.is_none());
        assert_eq!(found.missing.len(), 2);
    }

    #[test]
    fn a_file_that_is_no_kubeconfig_is_named_and_not_quoted() {
        for text in [
            "hunter2",
            "- hunter2",
            "users: hunter2",
            "users: [{name: u, user: {exec: {interactiveMode: hunter2}}}]",
            "users: [{name: u, user: {token: [hunter2]}}]",
            "clusters: [{cluster: {insecure-skip-tls-verify: hunter2}}]",
            "users: [{token: hunter2",
            "users: {hunter2: *hunter2}",
            "\"hunter2",
        ] {
            let (_folder, paths) = files(&[text]);
            let error = merge(&paths).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(paths[0].to_str().unwrap()), "{text}: {error}");
            assert!(!error.contains("hunter2"), "{text}: {error}");
        }
    }

    #[test]
    fn a_parser_may_name_fields_but_not_values() {
        for (said, expected) in [
            (
                "Error: line 3 column 4: unclosed bracket '{'\n  | x",
                "error: line 3 column 4: unclosed bracket '{'",
            ),
            (
                "invalid type: string \"s\", expected a map",
                "invalid type: string …, expected a map",
            ),
            (
                "invalid type: integer `7`, expected a map",
                "invalid type: integer …, expected a map",
            ),
            ("missing field `name`", "missing field name"),
        ] {
            assert_eq!(discreet(said), expected);
        }
    }

    #[test]
    fn a_pod_has_an_account() {
        for (host, server) in
            [("10.96.0.1", "https://10.96.0.1:443"), ("fd00::1", "https://[fd00::1]:443")]
        {
            let kubeconfig = of_account(host, "443", Path::new("/account"));
            let cluster = kubeconfig.clusters[0].cluster.as_ref().unwrap();
            assert_eq!(cluster.server.as_deref(), Some(server));
            assert_eq!(cluster.certificate_authority.as_deref(), Some("/account/ca.crt"));
            let user = kubeconfig.auth_infos[0].auth_info.as_ref().unwrap();
            assert_eq!(user.token_file.as_deref(), Some("/account/token"));
        }
    }
}
