//! How long parsing and rendering an everyday template takes, in Go and here.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::case::{self, Case, Phase};
use crate::renderer::Renderer;
use crate::{Context, Error, Result, go, ours};

const EVERYDAY: &str = include_str!("../everyday.json");
const SAMPLES: usize = 51;
const SAMPLE: Duration = Duration::from_millis(4);

#[derive(Deserialize)]
struct Everyday {
    data: BTreeMap<String, String>,
    templates: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Measure {
    nanoseconds: f64,
    shared: f64,
    #[serde(default)]
    error: String,
}

/// The templates of everyday.json.
///
/// # Errors
/// When the file is not sound.
pub fn everyday() -> Result<Vec<Case>> {
    let everyday: Everyday =
        serde_json::from_str(EVERYDAY).context(|| "cannot read everyday.json".into())?;
    let data: BTreeMap<_, _> =
        everyday.data.into_iter().map(|(key, value)| (key, value.into_bytes())).collect();
    let case = |(name, template)| Case { name, template, data: data.clone() };
    Ok(everyday.templates.into_iter().map(case).collect())
}

/// Writes a table of the medians and of how many times faster we are: than Go when it gives the
/// functions to each template anew, as sealed-secrets does, and when it gives them once.
///
/// # Errors
/// When a template does not render.
pub fn compare(out: &mut impl Write) -> Result<()> {
    let mut go = Renderer::new(go::program()?, &["bench"]);
    let mut say = |line: String| writeln!(out, "{line}").context(|| "cannot write".into());
    say(format!(
        "{:<20} {:>10} {:>7} {:>10} {:>7} {:>10}",
        "template", "Go ns", "ratio", "shared ns", "ratio", "ours ns"
    ))?;
    let mut logarithms = (0.0, 0.0);
    let cases = everyday()?;
    for case in &cases {
        let (go, ours) = (measure_go(&mut go, case)?, measure_ours(case)?);
        let ratios = (go.nanoseconds / ours, go.shared / ours);
        logarithms = (logarithms.0 + ratios.0.ln(), logarithms.1 + ratios.1.ln());
        say(format!(
            "{:<20} {:>10.0} {:>7.2} {:>10.0} {:>7.2} {ours:>10.0}",
            case.name, go.nanoseconds, ratios.0, go.shared, ratios.1
        ))?;
    }
    let mean = |sum: f64| (sum / cases.len() as f64).exp();
    let (each, shared) = (mean(logarithms.0), mean(logarithms.1));
    say(format!("{:<20} {:>10} {each:>7.2} {:>10} {shared:>7.2}", "geometric mean", "", ""))
}

fn measure_go(go: &mut Renderer, case: &Case) -> Result<Measure> {
    let line = go
        .ask(&case::request(case))?
        .map_err(|why| Error::new(format!("{}: Go {why}", case.name)))?;
    let measure: Measure = serde_json::from_str(&line).context(|| "not a measure".into())?;
    if measure.error.is_empty() {
        return Ok(measure);
    }
    Err(Error::new(format!("{}: Go says {}", case.name, measure.error)))
}

fn measure_ours(case: &Case) -> Result<f64> {
    let first = ours::render(case);
    if first.phase != Phase::Ok {
        return Err(Error::new(format!("{}: ours says {}", case.name, first.error)));
    }
    let count = count(case);
    let mut times: Vec<_> = (0..SAMPLES)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..count {
                black_box(ours::attempt(black_box(case)));
            }
            start.elapsed().as_nanos() as f64 / f64::from(count)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    Ok(times[SAMPLES / 2])
}

/// How many runs fill one sample, after as many to warm up.
fn count(case: &Case) -> u32 {
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < SAMPLE * 5 {
        black_box(ours::attempt(black_box(case)));
        count += 1;
    }
    (count / 5).max(1)
}
