//! The values of the chart of sealed-secrets, 2.19.1: none may be missing, and each has its default.

use std::collections::BTreeSet;
use std::path::Path;

use harness::Result;

use crate::helm::{CHART, HERE};
use crate::matrix::yaml;
use crate::schema::paths;

/// What is not in its table, but is taken.
const UNDOCUMENTED: [&str; 2] = ["service.labels", "metrics.service.labels"];

#[test]
fn every_value_of_upstreams_chart_is_one_of_ours_with_the_same_default() -> Result<()> {
    let theirs = yaml(&Path::new(HERE).join("values/upstream.yaml"))?;
    let ours = yaml(&Path::new(CHART).join("values.yaml"))?;
    let at = |path: &str| format!("/{}", path.replace('.', "/"));
    for path in paths(&theirs, "") {
        let (theirs, ours) = (theirs.pointer(&at(&path)), ours.pointer(&at(&path)));
        assert!(ours.is_some(), "there is no {path}");
        assert_eq!(theirs, ours, "the default of {path}");
    }
    for path in UNDOCUMENTED {
        assert!(ours.pointer(&at(path)).is_some(), "there is no {path}");
    }
    Ok(())
}

/// A value that is not theirs says so in `values.yaml` and in the README.
#[test]
fn what_is_ours_alone_is_marked() -> Result<()> {
    let theirs = yaml(&Path::new(HERE).join("values/upstream.yaml"))?;
    let ours = yaml(&Path::new(CHART).join("values.yaml"))?;
    // The image and the alerts are left out of that file, being its own.
    let left_out =
        ["image.registry", "image.repository", "image.tag", "metrics.prometheusRule.groups"];
    let theirs: BTreeSet<_> = paths(&theirs, "").into_iter().collect();
    let is_theirs = |path: &String| {
        theirs.contains(path)
            || left_out.contains(&path.as_str())
            || UNDOCUMENTED.contains(&path.as_str())
    };
    let readme = std::fs::read_to_string(Path::new(CHART).join("README.md")).unwrap_or_default();
    let marked: BTreeSet<_> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` ★ |"))
        .map(|(path, _)| path)
        .collect();
    for path in paths(&ours, "") {
        let ends = path.match_indices('.').map(|(end, _)| end).chain([path.len()]);
        let is_marked = ends.into_iter().any(|end| marked.contains(&path[..end]));
        assert_eq!(is_marked, !is_theirs(&path), "{path}");
    }
    Ok(())
}
