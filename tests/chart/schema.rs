//! What values may be: `values.schema.json` against real values, and what else lists them.

use std::collections::BTreeSet;
use std::path::Path;

use harness::{Context, Result};
use serde_json::Value;

use crate::helm::{CHART, Helm};
use crate::matrix::{RELEASE, files, yaml};

/// Each file of `refused` begins with a line that says what Helm has to say of it.
#[test]
fn what_cannot_be_meant_is_refused_by_name() -> Result<()> {
    let helm = Helm::find()?;
    for file in files("refused")? {
        let name = file.display();
        let text = std::fs::read_to_string(&file).context(|| format!("cannot read {name}"))?;
        let (first, _) = text.split_once('\n').unwrap_or_default();
        let expected = first.strip_prefix("# ").unwrap_or_else(|| panic!("{name} says nothing"));
        let Err(error) = helm.template(RELEASE, &[&file], &[]) else {
            panic!("{name} is accepted");
        };
        let said = error.to_string();
        assert!(said.contains(expected), "{name}: {expected:?} is not in\n{said}");
    }
    Ok(())
}

#[test]
fn every_value_is_in_the_schema() -> Result<()> {
    let values = yaml(&Path::new(CHART).join("values.yaml"))?;
    let schema = std::fs::read_to_string(Path::new(CHART).join("values.schema.json"));
    let schema: Value = serde_json::from_str(&schema.context(|| "no schema")?)
        .context(|| "the schema is no JSON")?;
    for path in paths(&values, "") {
        assert!(describes(&schema, &path), "{path} is not in the schema");
    }
    Ok(())
}

#[test]
fn every_value_stands_in_the_readme_with_its_default() -> Result<()> {
    let values = yaml(&Path::new(CHART).join("values.yaml"))?;
    let readme = std::fs::read_to_string(Path::new(CHART).join("README.md"));
    let readme = readme.context(|| "no README")?;
    let (_, table) = readme.split_once("\n## Values\n").unwrap_or_default();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|r| r.split('|').collect())
        .collect();
    let mut told = BTreeSet::new();
    for row in &rows {
        let (path, default) = (row[1].split('`').nth(1).unwrap_or_default(), row[2].trim());
        told.insert(path);
        let value = values.pointer(&format!("/{}", path.replace('.', "/")));
        let value = value.unwrap_or_else(|| panic!("README has {path}, values.yaml does not"));
        if default != "see values.yaml" {
            assert_eq!(default, format!("`{value}`"), "the default of {path}");
        }
    }
    let is_told = |path: &str| {
        let ends = path.match_indices('.').map(|(end, _)| end).chain([path.len()]);
        ends.into_iter().any(|end| told.contains(&path[..end]))
    };
    let missing: Vec<_> = paths(&values, "").into_iter().filter(|path| !is_told(path)).collect();
    assert!(missing.is_empty(), "not in the README: {missing:?}");
    Ok(())
}

/// The paths of all that has no parts of its own.
pub(crate) fn paths(values: &Value, prefix: &str) -> Vec<String> {
    match values {
        Value::Object(parts) if !parts.is_empty() => {
            let inner = parts.iter().flat_map(|(name, value)| {
                let separator = if prefix.is_empty() { "" } else { "." };
                paths(value, &format!("{prefix}{separator}{name}"))
            });
            inner.collect()
        }
        _ => vec![prefix.to_owned()],
    }
}

/// Whether the schema has something to say of a path, or passes on what is above it.
fn describes(schema: &Value, path: &str) -> bool {
    let mut at = schema;
    for name in path.split('.') {
        if let Some(definition) = at["$ref"].as_str() {
            at = schema.pointer(definition.trim_start_matches('#')).unwrap_or(&Value::Null);
        }
        // What stands beside `enabled`, and in a map, is Kubernetes' to judge.
        let is_map = at["type"] == "object" && at["properties"].is_null();
        let is_passed_on = is_map
            || at["properties"].as_object().is_some_and(|known| {
                known.keys().eq(["enabled"]) && at["description"].is_string() && name != "enabled"
            });
        if is_passed_on {
            return true;
        }
        at = &at["properties"][name];
    }
    at.is_object()
}
