//! Random templates render here as they render in Go.
//!
//! `cargo run -p sealwright-template-tests -- diff` tries others, and as many as wanted.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use differential::case::Case;
use differential::renderer::Renderer;
use differential::run::{Run, agree};
use differential::{generate, go, known, recorded, statistics};

const SEED: u64 = 1;
const CASES: u64 = 4000;

/// Recorded from Go by someone else: the Go program beside us has to do the same.
const RECORDED: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/template/tests/vectors/gotemplate.json");

/// A case for each row of the table in COMPATIBILITY.md, in its order, and how many seconds Go gets
/// for it.
const ROWS: &[(&str, u64)] = &[
    ("{{ $d := dict }}{{ $_ := set $d `a` $d }}{{ $d }}", 30),
    // This never ends in Go.
    ("{{ range 9223372036854775807 }}{{ end }}", 5),
    ("{{ range 1048577 }}x{{ end }}", 30),
    ("{{ range 65 }}{{ $_ := bcrypt `a` }}{{ end }}", 60),
    ("{{ $v := semver `1` }}{{ $v.UnmarshalJSON $v.MarshalText }}", 30),
    ("{{ $v := semver `1` }}{{ $v.Scan `18446744073709551616` }}", 30),
    ("{{ $v := semver `1` }}{{ $v.UnmarshalJSON nil | toJson }}", 30),
];

fn ours() -> Renderer {
    Renderer::new(PathBuf::from(env!("CARGO_BIN_EXE_differential")), &["serve"])
}

#[test]
fn random_templates_render_as_in_go() {
    let summary = Run::new(go::renderer().unwrap(), ours()).unwrap().cases(SEED, 0..CASES).unwrap();
    if !summary.is_clean() {
        summary.print(&mut io::stdout(), 3).unwrap();
        panic!("not as in Go (seed {SEED}): see above");
    }
}

#[test]
fn every_row_covers_a_case_that_no_other_covers() {
    let rows = known::differences().unwrap();
    assert_eq!(rows.len(), ROWS.len());
    let mut ours = ours().patient(Duration::from_secs(60));
    for (number, (template, seconds)) in ROWS.iter().enumerate() {
        let mut go = go::renderer().unwrap().patient(Duration::from_secs(*seconds));
        let case = Case { template: (*template).into(), ..Case::default() };
        let (go, ours) = (go.render(&case).unwrap(), ours.render(&case).unwrap());
        assert!(!agree(&case, &go, &ours), "{template}");
        let covering = rows.iter().enumerate().filter(|(_, row)| row.covers(&case, &go, &ours));
        let covering: Vec<_> = covering.map(|(number, _)| number).collect();
        assert_eq!(covering, [number], "{template}: {go:?}, {ours:?}");
    }
}

#[test]
fn the_go_program_renders_what_was_recorded() {
    let mut go = go::renderer().unwrap();
    let (count, complaints) = recorded::check(&mut go, Path::new(RECORDED)).unwrap();
    assert!(count > 300 && complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn most_templates_render_and_every_function_is_called() {
    let statistics = statistics::gather(&mut go::renderer().unwrap(), SEED, CASES).unwrap();
    let share = statistics.rendered();
    assert!((0.6..0.9).contains(&share), "{share} of the templates render");
    assert_eq!(statistics.unreached(), Vec::<&str>::new());
}

#[test]
fn seed_and_number_make_the_case() {
    let cases = |seed| (0..CASES).map(|number| generate::case(seed, number)).collect::<Vec<_>>();
    assert_eq!(cases(SEED), cases(SEED));
    assert_ne!(cases(SEED), cases(SEED + 1));
}
