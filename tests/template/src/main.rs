//! The differential test as a program. `differential` alone says what it can do.

use std::env;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use differential::renderer::Renderer;
use differential::run::{Run, agree};
use differential::{Context, Error, Result, bench, generate, go, ours, recorded, statistics};

const USAGE: &str = "\
differential diff [--seed S] [--cases N] [--only NUMBER] [--show N]
                                      render random templates with Go and here
differential check FILE [--ours]      render recorded cases with Go, or here
differential stats [--seed S] [--cases N] [--least N]
                                      judge the generator by Go alone
differential show [--seed S] [--cases N]
                                      print what the generator makes
differential try TEMPLATE [KEY=VALUE ...]
                                      render one template with Go and here
differential prepare                  build the Go program, if it is not there yet
differential bench                    time everyday templates
differential serve                    answer requests from stdin with our renderer";

fn main() -> ExitCode {
    match run(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "differential: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<bool> {
    let (command, rest) = arguments.split_first().ok_or_else(|| Error::new(USAGE))?;
    let mut out = io::stdout().lock();
    match command.as_str() {
        "diff" => diff(rest, &mut out),
        "check" => check(rest, &mut out),
        "stats" => stats(rest, &mut out),
        "show" => show(rest, &mut out),
        "try" => try_one(rest, &mut out),
        "prepare" => go::program().map(|_| true),
        "bench" => bench::compare(&mut out).map(|()| true),
        "serve" => ours::serve(io::stdin().lock(), &mut out).map(|()| true),
        _ => Err(Error::new(USAGE)),
    }
}

fn diff(arguments: &[String], out: &mut impl Write) -> Result<bool> {
    let seed = number(arguments, "--seed")?.map_or_else(clock, Ok)?;
    say(out, format_args!("seed {seed}"))?;
    let mut run = Run::new(go::renderer()?, our_renderer()?)?;
    let summary = match number(arguments, "--only")? {
        Some(only) => run.cases(seed, only..=only)?,
        None => run.cases(seed, 0..number(arguments, "--cases")?.unwrap_or(10_000))?,
    };
    let most = number(arguments, "--show")?.unwrap_or(3);
    summary.print(out, usize::try_from(most).unwrap_or(usize::MAX))?;
    Ok(summary.is_clean())
}

fn try_one(arguments: &[String], out: &mut impl Write) -> Result<bool> {
    let (template, values) = arguments.split_first().ok_or_else(|| Error::new(USAGE))?;
    let value = |pair: &String| {
        let (key, value) =
            pair.split_once('=').ok_or_else(|| Error::new("a value is KEY=VALUE"))?;
        Ok((key.to_owned(), value.as_bytes().to_vec()))
    };
    let data = values.iter().map(value).collect::<Result<_>>()?;
    let case = differential::case::Case { name: "t".into(), template: template.clone(), data };
    let (go, ours) = (go::renderer()?.render(&case)?, our_renderer()?.render(&case)?);
    for (who, outcome) in [("Go", &go), ("here", &ours)] {
        let rendered = String::from_utf8_lossy(&outcome.out);
        say(out, format_args!("{who}: {} {rendered:?} {}", outcome.phase.name(), outcome.error))?;
    }
    Ok(agree(&case, &go, &ours))
}

fn check(arguments: &[String], out: &mut impl Write) -> Result<bool> {
    let file = arguments.first().ok_or_else(|| Error::new(USAGE))?;
    let ours = arguments.iter().any(|argument| argument == "--ours");
    let mut renderer = if ours { our_renderer()? } else { go::renderer()? };
    let (count, complaints) = recorded::check(&mut renderer, &PathBuf::from(file))?;
    for complaint in &complaints {
        say(out, format_args!("{complaint}"))?;
    }
    say(out, format_args!("{count} cases, {} rendered otherwise", complaints.len()))?;
    Ok(complaints.is_empty())
}

fn stats(arguments: &[String], out: &mut impl Write) -> Result<bool> {
    let seed = number(arguments, "--seed")?.unwrap_or(1);
    let cases = number(arguments, "--cases")?.unwrap_or(10_000);
    let statistics = statistics::gather(&mut go::renderer()?, seed, cases)?;
    statistics.print(out)?;
    let rare = statistics.rarer_than(number(arguments, "--least")?.unwrap_or(1));
    if !rare.is_empty() {
        say(out, format_args!("too rare: {}", rare.join(" ")))?;
    }
    Ok(rare.is_empty())
}

fn show(arguments: &[String], out: &mut impl Write) -> Result<bool> {
    let seed = number(arguments, "--seed")?.unwrap_or(1);
    for number in 0..number(arguments, "--cases")?.unwrap_or(10) {
        let case = generate::case(seed, number);
        say(out, format_args!("--- {number}\n{}", case.template))?;
        for (key, value) in &case.data {
            say(out, format_args!("    {key} = {:?}", String::from_utf8_lossy(value)))?;
        }
    }
    Ok(true)
}

/// This program itself, so that a template that kills it kills a copy.
fn our_renderer() -> Result<Renderer> {
    let program = env::current_exe().context(|| "cannot find this program".into())?;
    Ok(Renderer::new(program, &["serve"]))
}

fn number(arguments: &[String], name: &str) -> Result<Option<u64>> {
    let Some(at) = arguments.iter().position(|argument| argument == name) else { return Ok(None) };
    let value =
        arguments.get(at + 1).ok_or_else(|| Error::new(format!("{name} takes a number")))?;
    value.parse().map(Some).context(|| format!("{name} takes a number"))
}

fn clock() -> Result<u64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Ok(since.context(|| "the clock is off".into())?.as_secs())
}

fn say(out: &mut impl Write, what: std::fmt::Arguments<'_>) -> Result<()> {
    writeln!(out, "{what}").context(|| "cannot write".into())
}
