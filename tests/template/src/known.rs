//! Where we differ from Go on purpose: the table in crates/template/COMPATIBILITY.md.

use crate::case::{Case, Outcome};
use crate::{Error, Result};

const TABLE: &str = include_str!("../../../crates/template/COMPATIBILITY.md");

/// One row: both phases, what the template holds, and why.
pub struct Difference {
    go: String,
    ours: String,
    holds: Vec<String>,
    /// Why we differ.
    pub reason: String,
}

/// The rows of the table.
///
/// # Errors
/// When a row has not four cells.
pub fn differences() -> Result<Vec<Difference>> {
    rows(TABLE)
}

fn rows(document: &str) -> Result<Vec<Difference>> {
    let rows = document.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(row).collect()
}

fn row(line: &str) -> Result<Difference> {
    let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
    let [go, ours, holds, reason] = cells[..] else {
        return Err(Error::new(format!("not a row of four cells in COMPATIBILITY.md: {line}")));
    };
    let holds = holds.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    Ok(Difference { go: go.into(), ours: ours.into(), holds, reason: reason.into() })
}

impl Difference {
    /// Whether this row is about this case.
    #[must_use]
    pub fn covers(&self, case: &Case, go: &Outcome, ours: &Outcome) -> bool {
        self.go == go.phase.name()
            && self.ours == ours.phase.name()
            && self.holds.iter().all(|part| case.template.contains(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Phase;

    const DOCUMENT: &str = "\
Words.

| Go | here | template holds | why |
|---|---|---|---|
| killed | exec | | dies |
| ok | exec | `a`, `b c` | bad |
";

    #[test]
    fn the_table_of_the_document_is_sound() {
        differences().unwrap();
    }

    #[test]
    fn a_row_covers_what_it_names() {
        let rows = rows(DOCUMENT).unwrap();
        let case = |text: &str| Case { template: text.into(), ..Case::default() };
        let outcome = |phase| Outcome::failed(phase, "");
        assert!(rows[0].covers(&case(""), &outcome(Phase::Killed), &outcome(Phase::Exec)));
        assert!(!rows[0].covers(&case(""), &outcome(Phase::Killed), &outcome(Phase::Ok)));
        assert!(!rows[1].covers(&case("a"), &outcome(Phase::Ok), &outcome(Phase::Exec)));
        assert_eq!(rows[1].holds, ["a", "b c"]);
    }

    #[test]
    fn a_row_that_lacks_a_cell_is_refused() {
        assert!(rows("| a |\n|---|\n| killed | exec | why |\n").is_err());
    }
}
