//! `docs/reference.md` against the code: nothing that is there is missing in it, and nothing stands
//! in it that is not there.

use std::collections::BTreeSet;

use clap::CommandFactory;

use sealwright_crypto::{Keyring, PrivateKey, SealingKey};

use crate::args::Args;
use crate::metrics::Metrics;
use crate::tracker::Tracker;

const REFERENCE: &str = include_str!("../../../docs/reference.md");

/// The cells of each row of the table under a heading, without the table's head.
fn table(heading: &str) -> Vec<Vec<String>> {
    let (_, section) = REFERENCE.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    let cell = |cell: &str| cell.trim().to_owned();
    rows.map(|row| row.trim_matches('|').split('|').map(cell).collect()).collect()
}

/// The words in backticks of a cell.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// One key: a metric without series does not show.
fn keyring() -> Keyring {
    let vectors = include_str!("../../crypto/tests/vectors/v1.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let private = PrivateKey::from_pem(vectors["keys"][0]["private_key_pem"].as_str().unwrap());
    Keyring::new([SealingKey::opening(private.unwrap())])
}

#[test]
fn every_flag_stands_there_with_its_default() {
    let command = Args::command();
    let in_code: BTreeSet<(String, String)> = command
        .get_arguments()
        .filter_map(|argument| {
            let flag = argument.get_long().filter(|flag| *flag != "help")?;
            let default =
                argument.get_default_values().first().map(|value| value.to_string_lossy());
            let default = if flag == "version" { "".into() } else { default.unwrap_or_default() };
            Some((format!("--{flag}"), default.into_owned()))
        })
        .collect();
    let in_reference = table("Flags").into_iter().map(|row| {
        let default = quoted(&row[1]).into_iter().next().unwrap_or_default();
        (quoted(&row[0]).remove(0), default)
    });
    assert_eq!(in_reference.collect::<BTreeSet<_>>(), in_code);
}

#[test]
fn every_metric_stands_there_with_its_labels() {
    let metrics = Metrics::new(false);
    metrics.count_status_error("n");
    metrics.count_request("/healthz", "GET", 200, std::time::Duration::ZERO);
    metrics.set_condition(&sealwright_api::SealedSecret::new("s", Default::default()), true);
    let text = metrics.text(&keyring(), &Tracker::default());
    let prefix = "sealed_secrets_controller_";
    let described = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let in_code: BTreeSet<String> = described
        .map(|line| {
            let (name, kind) = line.split_once(' ').unwrap();
            let ending = match kind {
                "counter" => "_total",
                "info" => "_info",
                _ => "",
            };
            format!("{}{ending}", name.strip_prefix(prefix).unwrap())
        })
        .collect();
    let rows = table("Metrics");
    let in_reference: BTreeSet<String> = rows.iter().map(|row| quoted(&row[0]).remove(0)).collect();
    assert_eq!(in_reference, in_code);
    for row in &rows {
        let name = quoted(&row[0]).remove(0);
        let sample = text.lines().find(|line| line.starts_with(&format!("{prefix}{name}{{")));
        for label in row[1].split(',').map(str::trim).filter(|label| !label.is_empty()) {
            let is_there = sample.is_none_or(|sample| sample.contains(&format!("{label}=\"")));
            assert!(is_there, "{name} has no label {label}: {sample:?}");
        }
    }
}

#[test]
fn every_path_event_and_condition_stands_there() {
    let sources = [
        include_str!("http.rs"),
        include_str!("report.rs"),
        include_str!("error.rs"),
        include_str!("../../api/src/condition.rs"),
    ]
    .concat();
    let endpoints = table("Endpoints").into_iter().flat_map(|row| quoted(&row[0]));
    let paths: BTreeSet<String> =
        endpoints.filter_map(|request| Some(request.split_once(' ')?.1.to_owned())).collect();
    let routes = sources.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let routes: BTreeSet<String> = routes.map(str::to_owned).collect();
    let metrics = BTreeSet::from(["/metrics".to_owned()]);
    assert_eq!(paths.union(&metrics).cloned().collect::<BTreeSet<_>>(), routes);

    let reasons = table("Events").into_iter().map(|row| quoted(&row[1]).remove(0));
    let conditions = table("Status").into_iter().map(|row| quoted(&row[0]).remove(0));
    for word in reasons.chain(conditions) {
        assert!(sources.contains(&format!("\"{word}\"")), "{word} is not in the code");
    }
}
