//! Findings as people read them: a line each, what else there is to it below.

use super::check::{Finding, State, count};
use crate::colour::{Colour, Paint};
use crate::program::Called;
use crate::table::printable;

/// Lines below a finding, for people. Programs get all of them.
const MOST: usize = 20;

/// All findings. `paint` is there on a terminal: marks then stand for the words.
pub(super) fn table(findings: &[Finding], paint: Paint) -> String {
    let width = findings.iter().map(|finding| finding.check.chars().count()).max();
    let width = width.unwrap_or_default();
    findings.iter().map(|finding| lines(finding, width, paint)).collect()
}

fn lines(finding: &Finding, width: usize, paint: Paint) -> String {
    let sign = if paint.is_terminal() {
        paint.paint(colour(finding.state), mark(finding.state))
    } else {
        format!("{:<7}", finding.state.word())
    };
    let found = printable(finding.found.clone());
    let mut text = format!("{sign}  {:<width$}  {found}\n", finding.check);
    let details = finding.details.iter().take(MOST);
    let details = details.map(|detail| printable(detail.clone()));
    let more = finding.details.len().saturating_sub(MOST);
    let more = (more > 0).then(|| format!("and {more} more: --output json has all"));
    for line in details.chain(more) {
        text.push_str(&format!("     - {line}\n"));
    }
    if let Some(remedy) = &finding.remedy {
        text.push_str(&format!("     → {}\n", printable(Called::now().in_text(remedy))));
    }
    text
}

/// What it comes to in all, in a line.
pub(super) fn sum(findings: &[Finding]) -> String {
    let of = |state| findings.iter().filter(|finding| finding.state == state).count();
    let parts = [
        (of(State::Problem), "problem"),
        (of(State::Warning), "warning"),
        (of(State::Unknown), "unknown"),
        (of(State::Ok), "ok"),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts = parts.map(|(number, word)| match word {
        "problem" | "warning" => count(number, word),
        _ => format!("{number} {word}"),
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn mark(state: State) -> &'static str {
    match state {
        State::Ok => "✓",
        State::Warning => "!",
        State::Problem => "✗",
        State::Unknown => "?",
    }
}

fn colour(state: State) -> Colour {
    match state {
        State::Ok => Colour::Green,
        State::Warning => Colour::Yellow,
        State::Problem => Colour::Red,
        State::Unknown => Colour::Cyan,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> Vec<Finding> {
        vec![
            Finding::ok("cluster", "here"),
            Finding::warning("key readers", "2 more\u{1b}[2J", "take them off")
                .with(vec!["User a".to_owned(), "User b".to_owned()]),
            Finding::unknown("at rest", "hidden", "ask"),
        ]
    }

    #[test]
    fn what_is_read_by_programs_has_words() {
        let expected = "\
ok       cluster      here
warning  key readers  2 more\\u{1b}[2J
     - User a
     - User b
     → take them off
unknown  at rest      hidden
     → ask
";
        assert_eq!(table(&findings(), Paint::Nothing), expected);
    }

    #[test]
    fn on_a_terminal_there_are_marks_and_colour_unless_it_is_unwanted() {
        let plain = table(&findings(), Paint::Marks);
        assert!(plain.starts_with("✓  cluster      here\n!  key readers"), "{plain}");
        let painted = table(&findings(), Paint::Colours);
        assert!(painted.starts_with("\u{1b}[32m✓\u{1b}[0m  cluster      here\n"), "{painted}");
    }

    #[test]
    fn a_long_list_is_cut_short_for_people() {
        let details = (0..MOST + 5).map(|number| number.to_string()).collect();
        let text = table(&[Finding::ok("a", "b").with(details)], Paint::Nothing);
        assert!(text.ends_with("- 19\n     - and 5 more: --output json has all\n"), "{text}");
    }

    #[test]
    fn the_sum_begins_with_what_is_worst() {
        assert_eq!(sum(&findings()), "1 warning, 1 unknown, 1 ok");
        assert_eq!(sum(&vec![Finding::problem("a", "b", "c"); 2]), "2 problems");
    }
}
