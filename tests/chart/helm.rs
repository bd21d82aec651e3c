//! Helm as people run it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use harness::{Context, Error, Result, binaries};
use serde_json::Value;
use tempfile::TempDir;

/// The chart.
pub(crate) const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../charts/sealwright");
/// What belongs to its tests.
pub(crate) const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/chart");

/// Helm, with folders of its own for what it keeps.
pub(crate) struct Helm {
    program: PathBuf,
    home: TempDir,
}

/// What one run left behind.
pub(crate) struct Run {
    pub(crate) is_success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Helm {
    pub(crate) fn find() -> Result<Self> {
        let home = tempfile::tempdir().context(|| "cannot make a folder for Helm")?;
        Ok(Self { program: binaries::HELM.folder()?.join("helm"), home })
    }

    /// Runs it to its end, whatever that is. The cluster is the control plane's, if there is one.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Result<Run> {
        let output = self.command(args).output().context(|| "cannot run helm")?;
        Ok(Run::of(output))
    }

    /// The same for as long as it takes, while others work.
    pub(crate) async fn run_beside<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<String> {
        let mut command = tokio::process::Command::from(self.command(args));
        let output = command.kill_on_drop(true).output().await.context(|| "cannot run helm")?;
        Run::of(output).succeeded()
    }

    fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args).stdin(Stdio::null());
        for kept in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            command.env(kept, self.home.path());
        }
        command
    }

    /// What the chart renders as a release, and what Helm writes.
    pub(crate) fn template(
        &self,
        release: (&str, &str),
        values: &[&Path],
        settings: &[&str],
    ) -> Result<String> {
        self.rendered(&["template"], release, values, settings)
    }

    /// What Helm would say to who installs such a release. It has to reach the cluster, and asks nothing.
    pub(crate) fn notes(
        &self,
        release: (&str, &str),
        values: &[&Path],
        settings: &[&str],
    ) -> Result<String> {
        let install = ["install", "--dry-run=client"];
        let said = self.rendered(&install, release, values, settings)?;
        Ok(said.split_once("NOTES:").map(|(_, notes)| notes.to_owned()).unwrap_or_default())
    }

    fn rendered(
        &self,
        command: &[&str],
        (release, namespace): (&str, &str),
        values: &[&Path],
        settings: &[&str],
    ) -> Result<String> {
        let mut args = [command, &[release, CHART, "--namespace", namespace]].concat();
        let values: Vec<_> = values.iter().map(|file| file.display().to_string()).collect();
        args.extend(values.iter().flat_map(|file| ["--values", file.as_str()]));
        args.extend(settings.iter().flat_map(|setting| ["--set-json", *setting]));
        self.run(args)?.succeeded()
    }
}

impl Run {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self {
            is_success: output.status.success(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Standard output, if it went well.
    pub(crate) fn succeeded(self) -> Result<String> {
        if self.is_success {
            Ok(self.stdout)
        } else {
            Err(Error::new(format!("helm failed\n{}{}", self.stdout, self.stderr)))
        }
    }
}

/// The objects of a manifest of several documents.
pub(crate) fn objects(manifest: &str) -> Result<Vec<Value>> {
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(manifest).context(|| "helm writes YAML that is none")?;
    Ok(documents.into_iter().filter(|document| !document.is_null()).collect())
}

/// The object of a kind and name.
pub(crate) fn find<'a>(objects: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let is_it = |object: &&Value| object["kind"] == kind && object["metadata"]["name"] == name;
    objects.iter().find(is_it).unwrap_or_else(|| panic!("no {kind} {name}"))
}
