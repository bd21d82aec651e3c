//! What is in `deploy`, beside what the chart gives and what sealed-secrets has.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use harness::{Context, Result, page, program};
use serde_json::Value;

use crate::helm::{HERE, objects};
use crate::own_cluster::what;

/// What the API server refuses to change.
const FIXED: [&str; 2] = ["/spec/selector/matchLabels", "/roleRef"];

#[test]
fn what_is_in_the_repository_is_what_the_chart_gives() -> Result<()> {
    let folder = tempfile::tempdir().context(|| "cannot make a folder")?;
    let made = Command::new(program::built("plain-manifests")?).arg(folder.path()).output();
    let made = made.context(|| "cannot run plain-manifests")?;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for file in ["controller.yaml", "controller-norbac.yaml"] {
        let text = std::fs::read_to_string(folder.path().join(file)).context(|| file)?;
        assert!(text == deployed(file)?, "deploy/{file} is not what `make manifests` writes");
    }
    Ok(())
}

#[test]
fn one_is_the_other_but_for_the_rights() -> Result<()> {
    let mut all = by_name(&deployed("controller.yaml")?)?;
    let without = by_name(&deployed("controller-norbac.yaml")?)?;
    let count = all.len();
    all.retain(|what, _| !what.contains("Role"));
    assert_eq!((&all, count), (&without, without.len() + 6));
    Ok(())
}

#[test]
fn it_has_the_objects_of_sealed_secrets_and_what_is_fixed_of_them() -> Result<()> {
    let ours = by_name(&deployed("controller.yaml")?)?;
    let mut theirs = by_name(&read(&Path::new(HERE).join("upstream-like.yaml"))?)?;
    theirs.extend(by_name(&read(&Path::new(HERE).join("../crds/older/sealedsecrets.yaml"))?)?);
    assert!(ours.keys().eq(theirs.keys()), "{:?}\n{:?}", ours.keys(), theirs.keys());
    for (what, object) in &theirs {
        for field in FIXED {
            assert_eq!(ours[what].pointer(field), object.pointer(field), "{field} of {what}");
        }
        assert_eq!(ours[what]["metadata"]["labels"], object["metadata"]["labels"], "{what}");
    }
    Ok(())
}

#[test]
fn its_pods_are_selected_by_their_one_label() -> Result<()> {
    let ours = by_name(&deployed("controller.yaml")?)?;
    let pod = "Deployment kube-system/sealed-secrets-controller";
    let labels = &ours[pod]["spec"]["template"]["metadata"]["labels"];
    assert_eq!(labels, &serde_json::json!({ "name": "sealed-secrets-controller" }));
    for service in ours.values().filter(|object| object["kind"] == "Service") {
        assert_eq!(&service["spec"]["selector"], labels);
    }
    Ok(())
}

#[test]
fn nothing_is_said_of_helm() -> Result<()> {
    for file in ["controller.yaml", "controller-norbac.yaml"] {
        let text = deployed(file)?.to_lowercase();
        let line = text.lines().find(|line| line.contains("helm") && !line.starts_with('#'));
        assert_eq!(line, None, "{file}");
    }
    Ok(())
}

fn deployed(file: &str) -> Result<String> {
    read(&page::root().join("deploy").join(file))
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).context(|| format!("cannot read {}", file.display()))
}

fn by_name(manifest: &str) -> Result<BTreeMap<String, Value>> {
    Ok(objects(manifest)?.into_iter().map(|object| (what(&object), object)).collect())
}
