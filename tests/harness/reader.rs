//! Somebody who follows a page of the documentation, as an administrator of a cluster, in a folder
//! that holds what a clone of the repository has for users.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};
use kube::Api;
use kube::api::ListParams;
use tempfile::TempDir;
use tokio::process::Command;

use crate::page::{Block, Exchange, Kind, is_shown, root};
use crate::{Cluster, Context, Error, Page, Result, binaries, eventually, program};

/// No command may take longer.
const LIMIT: Duration = Duration::from_secs(300);
/// What of the repository a page may name.
const OF_REPOSITORY: [&str; 2] = ["charts", "deploy"];
/// Whoever commits something has a name.
const GIT: [(&str, &str); 4] = [
    ("GIT_AUTHOR_NAME", "Reader"),
    ("GIT_AUTHOR_EMAIL", "reader@example.com"),
    ("GIT_COMMITTER_NAME", "Reader"),
    ("GIT_COMMITTER_EMAIL", "reader@example.com"),
];

/// A person, their files and their terminal.
pub struct Reader {
    clusters: Vec<Cluster>,
    kubeconfig: OsString,
    /// Holds the home folder too.
    files: TempDir,
    /// The folders of kubeseal and of others' tools.
    programs: Vec<PathBuf>,
    variables: Vec<(String, String)>,
}

/// What a command left behind.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Reader {
    /// One whose kubeconfig knows these clusters; the first is the current one.
    ///
    /// # Errors
    /// When no folder can be made, or the programs are not built.
    pub fn new(clusters: &[&Cluster]) -> Result<Self> {
        let step = || "cannot make a folder for the reader";
        let files = tempfile::tempdir().context(step)?;
        for folder in ["home", "clone"] {
            fs::create_dir(files.path().join(folder)).context(step)?;
        }
        let repository = root().canonicalize().context(step)?;
        for name in OF_REPOSITORY {
            symlink(repository.join(name), files.path().join("clone").join(name)).context(step)?;
        }
        let kubeconfigs = clusters.iter().map(|cluster| cluster.kubeconfig());
        let kubeconfig = std::env::join_paths(kubeconfigs).context(step)?;
        let ours = program::built("kubeseal")?.parent().map(Path::to_owned).unwrap_or_default();
        let programs = vec![ours, binaries::HELM.folder()?, binaries::AGE.folder()?];
        let clusters = clusters.iter().copied().cloned().collect();
        Ok(Self { clusters, kubeconfig, files, programs, variables: Vec::new() })
    }

    /// The same with a variable in the environment of every command.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Where commands are run.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.files.path().join("clone")
    }

    /// The text of a file there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn text(&self, file: &str) -> Result<String> {
        let text = fs::read_to_string(self.folder().join(file));
        text.context(|| format!("cannot read {file}"))
    }

    /// Follows a page from its beginning to its end.
    ///
    /// # Errors
    /// When a command does not end as the page shows, or prints something else.
    pub async fn follows(&self, page: &Page) -> Result<()> {
        for block in page.to_run() {
            let place = format!("{}:{}", page.path, block.line);
            self.does(block).await.map_err(|error| Error::new(format!("{place}: {error:#}")))?;
        }
        Ok(())
    }

    async fn does(&self, block: &Block) -> Result<()> {
        // A reader takes longer than the API server to learn where a new pod is.
        for cluster in &self.clusters {
            settled(cluster).await?;
        }
        match block.kind {
            Kind::Script => self.runs(&block.text).await.map(drop),
            Kind::Session => {
                for exchange in block.exchanges() {
                    self.sees(&exchange).await?;
                }
                Ok(())
            }
        }
    }

    async fn sees(&self, exchange: &Exchange) -> Result<()> {
        let Exchange { command, shown } = exchange;
        // As on a terminal, where both come in their order.
        let ran = self.tries(&format!("{{ {command}\n}} 2>&1"), &[]).await?;
        let has_failed = ran.code != Some(0);
        if has_failed == exchange.fails() && is_shown(&ran.stdout, shown) {
            return Ok(());
        }
        let Ran { code, stdout, .. } = ran;
        let shown = shown.join("\n");
        Err(Error::new(format!("{code:?} from\n{command}\n--- is\n{stdout}\n--- shown\n{shown}")))
    }

    /// Runs commands that must succeed; what they print.
    ///
    /// # Errors
    /// When they fail.
    pub async fn runs(&self, commands: &str) -> Result<String> {
        let Ran { code, stdout, stderr } = self.tries(commands, &[]).await?;
        match code {
            Some(0) => Ok(stdout),
            _ => Err(Error::new(format!("{code:?} from\n{commands}\n{stdout}\n{stderr}"))),
        }
    }

    /// Runs commands as a shell script, with further variables.
    ///
    /// # Errors
    /// When they cannot be run or do not end; not when they fail.
    pub async fn tries(&self, commands: &str, variables: &[(&str, &str)]) -> Result<Ran> {
        let ours = std::env::vars_os()
            .filter(|(name, _)| !name.to_string_lossy().starts_with("SEALED_SECRETS_"))
            .filter(|(name, _)| !name.to_string_lossy().starts_with("XDG_"));
        let ended = Command::new("bash")
            .args(["-euo", "pipefail", "-c", commands])
            .env_clear()
            .envs(ours)
            .env("PATH", self.path()?)
            .env("HOME", self.files.path().join("home"))
            .env("KUBECONFIG", &self.kubeconfig)
            .envs(GIT)
            .envs(self.variables.iter().cloned())
            .envs(variables.iter().copied())
            .current_dir(self.folder())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let ended = tokio::time::timeout(LIMIT, ended).await;
        let output = ended.context(|| format!("no end within {LIMIT:?}: {commands}"))?;
        let output = output.context(|| "cannot run bash")?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        Ok(Ran { code: output.status.code(), stdout, stderr })
    }

    fn path(&self) -> Result<OsString> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = self.programs.iter().cloned().chain(std::env::split_paths(&path));
        std::env::join_paths(folders).context(|| "cannot put kubeseal into PATH")
    }
}

/// Waits until Services lead to all pods that are ready, and to no other.
async fn settled(cluster: &Cluster) -> Result<()> {
    let pods = Api::<Pod>::all(cluster.client());
    let slices = Api::<EndpointSlice>::all(cluster.client());
    let all = ListParams::default();
    eventually("Services lead to the pods that are ready", LIMIT, async || {
        let pods = pods.list(&all).await.map_err(|error| error.to_string())?;
        let slices = slices.list(&all).await.map_err(|error| error.to_string())?;
        let ready: BTreeSet<_> = pods.into_iter().filter_map(address).collect();
        let reached: BTreeSet<_> = slices.into_iter().flat_map(addresses).collect();
        if ready == reached { Ok(()) } else { Err(format!("{reached:?} and not {ready:?}")) }
    })
    .await
}

fn address(pod: Pod) -> Option<String> {
    let status = pod.status.filter(|_| pod.metadata.deletion_timestamp.is_none())?;
    let mut conditions = status.conditions.iter().flatten();
    let is_ready = conditions.any(|found| found.type_ == "Ready" && found.status == "True");
    status.pod_ip.filter(|_| is_ready)
}

/// But for the API server's own.
fn addresses(slice: EndpointSlice) -> Vec<String> {
    let is_of_pods = slice.metadata.owner_references.is_some();
    let endpoints = slice.endpoints.into_iter().filter(|_| is_of_pods);
    let is_ready = |endpoint: &Endpoint| {
        endpoint.conditions.as_ref().is_none_or(|conditions| conditions.ready != Some(false))
    };
    endpoints.filter(is_ready).flat_map(|endpoint| endpoint.addresses).collect()
}
