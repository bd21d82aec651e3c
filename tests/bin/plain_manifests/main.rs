//! `make manifests`: what is applied without Helm, made of what Helm renders.

#![allow(clippy::print_stderr, reason = "a program's main may talk")]

mod plain;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use clap::Parser;
use harness::{Context, Error, Result, binaries};
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const HEADER: &str =
    "# Made of charts/sealwright by `make manifests`; a test holds the two together.\n";

/// Writes controller.yaml, and controller-norbac.yaml for those who bring rights of their own.
#[derive(Parser)]
struct Arguments {
    /// The folder to write into
    #[arg(default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy"))]
    folder: PathBuf,
}

fn main() -> ExitCode {
    match write(&Arguments::parse().folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> Result<()> {
    let objects: Vec<_> = rendered()?.into_iter().map(plain::plain).collect();
    let without_rights = objects.iter().filter(|object| !plain::is_right(object));
    for (file, text) in [
        ("controller.yaml", yaml(objects.iter())?),
        ("controller-norbac.yaml", yaml(without_rights)?),
    ] {
        let path = folder.join(file);
        std::fs::write(&path, text).context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The chart's objects, the resource definition first.
fn rendered() -> Result<Vec<Value>> {
    let home = tempfile::tempdir().context(|| "cannot make a folder for Helm")?;
    let mut helm = Command::new(binaries::HELM.folder()?.join("helm"));
    helm.args(["template", "sealed-secrets", "charts/sealwright", "--include-crds"])
        .args(["--namespace", "kube-system", "--values", "deploy/values.yaml"])
        .current_dir(ROOT)
        .stdin(Stdio::null());
    for kept in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
        helm.env(kept, home.path());
    }
    let output = helm.output().context(|| "cannot run helm")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::new(format!("helm template failed: {}", said.trim_end())));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(&text).context(|| "helm writes YAML that is none")?;
    Ok(documents.into_iter().filter(|document| !document.is_null()).collect())
}

fn yaml<'a>(objects: impl Iterator<Item = &'a Value>) -> Result<String> {
    let mut text = HEADER.to_owned();
    for object in objects {
        let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
        let document = serde_saphyr::to_string_with_options(object, options);
        text += "---\n";
        text += &document.context(|| "an object is no YAML")?;
    }
    Ok(text)
}
