//! Values that the chart does not have: they are let through, and NOTES name them.

use std::collections::BTreeSet;
use std::path::Path;

use harness::{Cluster, Context, Result};
use serde_json::Value;

use crate::helm::{CHART, Helm, objects};
use crate::matrix::{RELEASE, files, yaml};

/// Those that Helm itself gives to every chart, and to one that is part of another.
const HELMS: [&str; 3] = ["enabled", "global", "tags"];

/// An object of the user's that holds what would be told.
const TOLD: &str = r#"extraDeploy=["{kind: Told, apiVersion: v1, all: {{ include \"sealwright.unknownValues\" . | quote }}}"]"#;

/// Each file of `unknown` begins with the lines that NOTES have of it.
#[tokio::test]
async fn what_means_nothing_is_told_with_what_may_be_meant() -> Result<()> {
    // Helm 3 wants to know that there is a cluster, even if it asks it nothing.
    let _cluster = Cluster::connect().await?;
    let helm = Helm::find()?;
    for file in files("unknown")? {
        let name = file.display();
        let text = std::fs::read_to_string(&file).context(|| format!("cannot read {name}"))?;
        let expected = text.lines().map_while(|line| line.strip_prefix("# "));
        let expected: Vec<_> = expected.filter(|line| line.starts_with("WARNING")).collect();
        assert_eq!(warnings(&helm.notes(RELEASE, &[&file], &[])?), expected, "{name}");
    }
    Ok(())
}

/// Not by NOTES: with them Helm 3 asks the cluster whether it has all that would be installed.
#[test]
fn of_values_that_there_are_nothing_is_told() -> Result<()> {
    let helm = Helm::find()?;
    for file in files("values")? {
        let rendered = helm.template(RELEASE, &[&file], &[TOLD])?;
        let told = objects(&rendered)?.into_iter().find(|object| object["kind"] == "Told");
        assert_eq!(told.map(|told| told["all"].clone()), Some("".into()), "{}", file.display());
    }
    Ok(())
}

#[test]
fn they_change_nothing_else() -> Result<()> {
    let helm = Helm::find()?;
    let rendered = helm.template(RELEASE, &[], &["replicaCounts=2", r#"global={"a":1}"#])?;
    assert_eq!(objects(&rendered)?, objects(&helm.template(RELEASE, &[], &[])?)?);
    Ok(())
}

#[test]
fn the_list_of_known_names_is_that_of_the_values() -> Result<()> {
    let template = std::fs::read_to_string(Path::new(CHART).join("templates/_unknown.tpl"));
    let template = template.context(|| "no templates/_unknown.tpl")?;
    let (_, rest) = template.split_once("\"sealwright.knownValues\" -}}").unwrap_or_default();
    let list = rest.split("{{- end").next().unwrap_or_default();
    let listed: Value = serde_saphyr::from_str(list).context(|| "the list is no YAML")?;
    let mut paths = BTreeSet::new();
    for (place, names) in listed.as_object().into_iter().flatten() {
        let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
        let names = names.filter(|name| !(place.is_empty() && HELMS.contains(name)));
        paths.extend(names.map(|name| joined(place, name)));
    }
    let values = yaml(&Path::new(CHART).join("values.yaml"))?;
    let mut there = BTreeSet::new();
    gather(&values, "", &mut there);
    assert_eq!(paths, there);
    Ok(())
}

fn warnings(notes: &str) -> Vec<&str> {
    notes.lines().filter(|line| line.contains("WARNING")).collect()
}

/// The paths of all values, but for those in maps that are passed on.
fn gather(map: &Value, place: &str, paths: &mut BTreeSet<String>) {
    for (name, value) in map.as_object().into_iter().flatten() {
        let path = joined(place, name);
        let is_passed_on =
            name == "resources" || name.ends_with("Probe") || name.ends_with("SecurityContext");
        if !is_passed_on {
            gather(value, &path, paths);
        }
        paths.insert(path);
    }
}

fn joined(place: &str, name: &str) -> String {
    let separator = if place.is_empty() { "" } else { "." };
    format!("{place}{separator}{name}")
}
