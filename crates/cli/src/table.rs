//! Columns of text, as wide as what stands in them.

/// Rows below a heading. The last column is not padded; numbers are not aligned to the right, since
/// names may stand among them.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    indent: usize,
}

/// Blanks between columns.
const GAP: usize = 2;

impl Table {
    /// An empty table with that heading, all of it moved to the right by `indent` blanks.
    pub(crate) fn new(heading: &[&str], indent: usize) -> Self {
        Self { rows: vec![heading.iter().map(|text| (*text).to_owned()).collect()], indent }
    }

    /// One without a heading.
    pub(crate) fn bare(indent: usize) -> Self {
        Self { rows: Vec::new(), indent }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(printable).to_vec());
    }

    /// The text, a line for each row.
    pub(crate) fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<_> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(self.indent);
            for (cell, width) in row.iter().zip(&widths) {
                let blanks = width + GAP - cell.chars().count();
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', blanks));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// Names come out of files that anybody may have written: what steers a terminal is shown, not done.
pub(crate) fn printable(text: String) -> String {
    if !text.contains(steers) {
        return text;
    }
    text.chars()
        .flat_map(|c| if steers(c) { c.escape_default().collect() } else { vec![c] })
        .collect()
}

/// A name within a sentence, in one line: in quotes where something of it could be taken for the sentence.
pub(crate) fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./\\:~@%+=?&[]<>*#".contains(c);
    let name = printable(name.to_owned());
    if !name.is_empty() && name.chars().all(is_plain) { name } else { format!("\"{name}\"") }
}

/// Whether nothing in a text steers a terminal or breaks a line.
pub(crate) fn is_printable(text: &str) -> bool {
    !text.contains(steers)
}

/// Control characters, and those that turn the direction of text or take no room.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["ITEM", "BYTES"], 2);
        table.row(["pässword".to_owned(), "12".to_owned()]);
        table.row(["a".to_owned(), String::new()]);
        assert_eq!(table.text(), "  ITEM      BYTES\n  pässword  12\n  a\n");
    }

    #[test]
    fn what_steers_a_terminal_is_shown() {
        assert_eq!(printable("a\u{1b}[2Jb\n".to_owned()), "a\\u{1b}[2Jb\\n");
        assert_eq!(printable("a\u{202e}b".to_owned()), "a\\u{202e}b");
        assert_eq!(printable("ü".to_owned()), "ü");
    }

    #[test]
    fn a_name_is_told_from_what_is_said_of_it() {
        for (name, expected) in [
            ("certs/prod.pem", "certs/prod.pem"),
            (r"C:\certs\ü.pem", r"C:\certs\ü.pem"),
            ("a.pem (rule 1 of b)", "\"a.pem (rule 1 of b)\""),
            ("a\nsealing with", "\"a\\nsealing with\""),
            ("", "\"\""),
        ] {
            assert_eq!(quoted(name), expected);
        }
    }
}
