//! `docs/reference.md` against the code: nothing that is there is missing in it, and nothing stands
//! in it that is not there.

use std::collections::BTreeSet;
use std::path::Path;

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
    let text = metrics.text(&keyring(), &Tracker::default(), true);
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
    let code = code();
    let endpoints = table("Endpoints").into_iter().flat_map(|row| quoted(&row[0]));
    let paths: BTreeSet<String> =
        endpoints.filter_map(|request| Some(request.split_once(' ')?.1.to_owned())).collect();
    let routes = code.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let routes: BTreeSet<String> = routes.map(str::to_owned).collect();
    let metrics = BTreeSet::from(["/metrics".to_owned()]);
    assert_eq!(paths.union(&metrics).cloned().collect::<BTreeSet<_>>(), routes);

    let events = table("Events").into_iter().map(|row| (row[0].clone(), quoted(&row[1]).remove(0)));
    assert_eq!(events.collect::<BTreeSet<_>>(), events_of(&code));

    let conditions = table("Status").into_iter().map(|row| quoted(&row[0]).remove(0));
    let constants = include_str!("../../api/src/condition.rs").lines().filter_map(|line| {
        let (_, value) = line.strip_prefix("pub const ")?.split_once(": &str = \"")?;
        Some(value.strip_suffix("\";")?.to_owned())
    });
    assert_eq!(conditions.collect::<BTreeSet<_>>(), constants.collect::<BTreeSet<_>>());
}

#[test]
fn every_annotation_and_label_stands_there() {
    let rows = table("Annotations and labels");
    let in_reference: BTreeSet<_> = rows.iter().map(|row| quoted(&row[0]).remove(0)).collect();
    let code = include_str!("../../api/src/annotations.rs");
    let names = code.split('"').filter(|text| text.contains(".com/") || text.contains(".dev/"));
    assert_eq!(in_reference, names.map(str::to_owned).collect());
}

#[test]
fn the_limits_are_those_of_the_code() {
    let code = code();
    let number = |name: &str| -> u64 {
        let (_, rest) = code.split_once(&format!("const {name}: ")).unwrap();
        let (_, value) = rest.split_once(" = ").unwrap();
        value.split(';').next().unwrap().replace('_', "").parse().unwrap()
    };
    let (rate, burst) = (number("TOTAL_RATE"), number("MAX_COST"));
    let peer_rate = |total: u64| total / 4 * 3;
    let more = format!("{} times that", number("CLIENTS_OF_PEER"));
    let rows = table("Limits").into_iter().filter(|row| row.len() == 4);
    let rows: Vec<_> = rows.map(|row| row[1..].join(" ")).collect();
    assert_eq!(
        rows,
        [
            format!("`--rate-limit` {more} "),
            format!("`--rate-limit-burst` and 1 more {more} "),
            ["CLIENT_MOST", "PEER_MOST", "IN_MEMORY"]
                .map(|name| number(name).to_string())
                .join(" "),
            format!("{} {} {rate}", number("CLIENT_RATE"), peer_rate(rate)),
            format!("{burst} {} {}", peer_rate(2 * burst), 2 * burst),
        ]
    );
    for derived in [
        "PEER_RATE: u32 = TOTAL_RATE / 4 * 3;",
        "PEER_BURST: u32 = TOTAL_BURST / 4 * 3;",
        "TOTAL_BURST: u32 = 2 * MAX_COST;",
        "MAX_BODY: usize = 3 << 20;",
    ] {
        assert!(code.contains(derived), "{derived}");
    }
}

/// The code of this crate without its tests, which quote what they look for.
fn code() -> String {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut code = String::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs") && !path.ends_with("reference.rs") {
                let text = std::fs::read_to_string(path).unwrap();
                code += text.split("#[cfg(test)]\nmod tests").next().unwrap();
            }
        }
    }
    code
}

/// Type and reason of each event: side by side where one is written, or an error's reason.
fn events_of(code: &str) -> BTreeSet<(String, String)> {
    let warning = "Warning".to_owned();
    let (_, of_errors) = code.split_once("fn event_reason(&self)").unwrap();
    let of_errors = of_errors.split("\n    }").next().unwrap();
    let reasons = of_errors.split('"').skip(1).step_by(2);
    let mut events: BTreeSet<_> =
        reasons.map(|reason| (warning.clone(), reason.to_owned())).collect();
    for type_ in ["Normal", "Warning"] {
        let beginning = format!("\"{type_}\", \"");
        let written = code.split(&beginning).skip(1);
        let reasons = written.filter_map(|rest| rest.split('"').next());
        events.extend(reasons.map(|reason| (type_.to_owned(), reason.to_owned())));
    }
    events
}
