//! Where we differ from Go on purpose: the table in crates/template/COMPATIBILITY.md.

use crate::case::{Case, Outcome, Phase};
use crate::{Error, Result};

const TABLE: &str = include_str!("../../../crates/template/COMPATIBILITY.md");

/// One row: what Go and ours come to, what the template holds, and why.
pub struct Difference {
    go: End,
    ours: End,
    holds: Vec<String>,
    /// Why we differ.
    pub reason: String,
}

/// How far a renderer came, and texts that what it rendered or said holds.
struct End {
    phase: String,
    says: Vec<String>,
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
    Ok(Difference { go: end(go), ours: end(ours), holds: quoted(holds), reason: reason.into() })
}

fn end(cell: &str) -> End {
    let phase = cell.split([' ', '`']).next().unwrap_or_default();
    End { phase: phase.into(), says: quoted(cell) }
}

/// The texts in backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

impl Difference {
    /// Whether this row is about this case.
    #[must_use]
    pub fn covers(&self, case: &Case, go: &Outcome, ours: &Outcome) -> bool {
        self.go.is(go)
            && self.ours.is(ours)
            && self.holds.iter().all(|part| case.template.contains(part))
    }
}

impl End {
    fn is(&self, outcome: &Outcome) -> bool {
        let said = match outcome.phase {
            Phase::Ok => String::from_utf8_lossy(&outcome.out),
            _ => outcome.error.as_str().into(),
        };
        let phase = if outcome.limit { "limit" } else { outcome.phase.name() };
        self.phase == phase && self.says.iter().all(|part| said.contains(part))
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
| killed | limit | | dies |
| ok | exec `no` | `a`, `b c` | bad |
";

    #[test]
    fn the_table_of_the_document_is_sound() {
        differences().unwrap();
    }

    #[test]
    fn a_row_covers_what_it_names() {
        let rows = rows(DOCUMENT).unwrap();
        let covers = |row: usize, template: &str, go, ours: &Outcome| {
            let case = Case { template: template.into(), ..Case::default() };
            rows[row].covers(&case, &Outcome::failed(go, ""), ours)
        };
        let refused = Outcome::failed(Phase::Exec, "no, never");
        let limited = Outcome { limit: true, ..refused.clone() };
        assert!(covers(0, "", Phase::Killed, &limited));
        assert!(!covers(0, "", Phase::Killed, &refused));
        assert!(!covers(0, "", Phase::Exec, &limited));
        assert!(!covers(0, "", Phase::Killed, &Outcome::failed(Phase::Killed, "")));
        assert!(covers(1, "a b c", Phase::Ok, &refused));
        assert!(!covers(1, "a b c", Phase::Ok, &limited));
        assert!(!covers(1, "a b c", Phase::Ok, &Outcome::failed(Phase::Exec, "yes")));
        assert!(!covers(1, "a", Phase::Ok, &refused));
    }

    #[test]
    fn a_row_that_lacks_a_cell_is_refused() {
        assert!(rows("| a |\n|---|\n| killed | exec | why |\n").is_err());
    }
}
