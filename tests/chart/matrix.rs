//! What the chart renders under each file of `values`, beside what it rendered before, in `snapshots`.
//! With SEALWRIGHT_SNAPSHOTS=write they are written anew: look at the difference before committing it.

use std::path::{Path, PathBuf};

use harness::{Context, Result};
use serde_json::Value;

use crate::helm::{CHART, HERE, Helm, objects};

/// The release that is rendered: what a default install of the chart of sealed-secrets is called.
pub(crate) const RELEASE: (&str, &str) = ("sealed-secrets", "kube-system");

/// The values of a cluster that has nothing of today's.
pub(crate) const OF_ANOTHER_AGE: &str = "old-kubernetes";

const VARIABLE: &str = "SEALWRIGHT_SNAPSHOTS";

/// A file of values, and what is rendered under it.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) values: Value,
    pub(crate) objects: Vec<Value>,
    text: String,
}

/// All files of values.
pub(crate) fn cases(helm: &Helm) -> Result<Vec<Case>> {
    files("values")?.iter().map(|file| case(helm, file)).collect()
}

/// The files of one folder, in order.
pub(crate) fn files(folder: &str) -> Result<Vec<PathBuf>> {
    let folder = Path::new(HERE).join(folder);
    let entries = folder.read_dir().context(|| format!("cannot read {}", folder.display()))?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    Ok(files)
}

/// A file of YAML.
pub(crate) fn yaml(file: &Path) -> Result<Value> {
    let step = || format!("cannot read {}", file.display());
    let text = std::fs::read_to_string(file).context(step)?;
    serde_saphyr::from_str(&text).context(step)
}

fn case(helm: &Helm, file: &Path) -> Result<Case> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = helm.template(RELEASE, &[file], &[]).context(|| name.clone())?;
    Ok(Case { objects: objects(&text)?, values: yaml(file)?, name, text })
}

#[test]
fn helm_finds_nothing_to_complain_about() -> Result<()> {
    let helm = Helm::find()?;
    for file in files("values")? {
        // What Kubernetes took then is deprecated now, which is what that one is for.
        if file.file_stem().is_some_and(|name| name == OF_ANOTHER_AGE) {
            continue;
        }
        let values = file.display().to_string();
        let said = helm.run(["lint", "--strict", CHART, "--values", &values])?.succeeded()?;
        let complaints = said.lines().filter(|line| line.starts_with('['));
        // A picture would have to be on a web site.
        let complaints: Vec<_> = complaints.filter(|line| !line.contains("icon")).collect();
        assert!(complaints.is_empty(), "{values}: {complaints:?}");
    }
    Ok(())
}

#[test]
fn what_is_rendered_is_what_was_rendered_before() -> Result<()> {
    let folder = Path::new(HERE).join("snapshots");
    let cases = cases(&Helm::find()?)?;
    let mut others = Vec::new();
    for case in &cases {
        let (file, text) = (folder.join(format!("{}.yaml", case.name)), case.snapshot()?);
        if std::env::var(VARIABLE).is_ok_and(|wish| wish == "write") {
            std::fs::write(&file, &text).context(|| format!("cannot write {}", case.name))?;
        }
        if !is_same(&std::fs::read_to_string(&file).unwrap_or_default(), &text) {
            others.push(case.name.as_str());
        }
    }
    assert!(others.is_empty(), "not as in the snapshot: {others:?}; {VARIABLE}=write, git diff");
    let kept = files("snapshots")?;
    assert_eq!(kept.len(), cases.len(), "a snapshot is of no file of values: {kept:?}");
    Ok(())
}

/// Helm 4 writes an empty line between two objects, and Helm 3 does not.
fn is_same(one: &str, other: &str) -> bool {
    let is_written = |line: &&str| !line.is_empty();
    one.lines().filter(is_written).eq(other.lines().filter(is_written))
}

#[test]
fn no_line_is_left_blank_by_a_template() -> Result<()> {
    for case in cases(&Helm::find()?)? {
        let blank = case.text.lines().position(|line| !line.is_empty() && line.trim().is_empty());
        assert_eq!(blank, None, "{}\n{}", case.name, case.text);
    }
    Ok(())
}

impl Case {
    /// Without what differs from run to run or from version to version.
    fn snapshot(&self) -> Result<String> {
        let chart = yaml(&Path::new(CHART).join("Chart.yaml"))?;
        let version = chart["version"].as_str().unwrap_or_default();
        let is_made = self.values["ingress"]["selfSigned"] == true;
        let lines = self.text.lines().map(|line| {
            let key = line.trim_start().split(':').next().unwrap_or_default();
            let is_random = is_made && ["tls.crt", "tls.key", "ca.crt"].contains(&key);
            let line = if is_random { line.split(": ").next().unwrap_or(line) } else { line };
            line.replace(version, "<version>") + "\n"
        });
        Ok(lines.collect())
    }
}
