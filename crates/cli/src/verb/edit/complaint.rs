//! A word at the top of a sheet that goes back: what is wrong with it, or with the file.

use crate::error::Error;
use crate::manifest::decode;
use crate::table::printable;

/// A first line that begins so is taken out again.
const COMPLAINTS: [&str; 2] = ["#! This cannot be used", "#! Not written: "];

/// The sheet with a word on what is wrong with it at its top, instead of the one before.
pub(super) fn with_complaint(sheet: &[u8], reason: &str) -> Vec<u8> {
    // A line of its own is added above: the one that is named moves down.
    let [unusable, _] = COMPLAINTS;
    headed(sheet, format!("{unusable} (lines are counted without this one): {reason}"))
}

/// The sheet with a word on what kept it from being written, instead of the one before.
pub(super) fn not_written(sheet: &[u8], error: &Error) -> Vec<u8> {
    let remedy = error.remedy().map(|remedy| format!("; {remedy}")).unwrap_or_default();
    let (reason, [_, not_written]) = (error.message(), COMPLAINTS);
    headed(
        sheet,
        format!(
            "{not_written}{reason}{remedy}. Take this line out to try again, or leave all as it is to \
             give up."
        ),
    )
}

fn headed(sheet: &[u8], complaint: String) -> Vec<u8> {
    let head = printable(complaint) + "\n";
    [head.into_bytes(), without_complaint(sheet)].concat()
}

/// The sheet as it was typed.
pub(super) fn without_complaint(sheet: &[u8]) -> Vec<u8> {
    // In UTF-8, whatever the editor made of it, where it is any text.
    let text = decode(sheet.to_vec()).map(|(text, _)| text.into_bytes());
    let text = text.unwrap_or_else(|| sheet.to_vec());
    let is_one = COMPLAINTS.iter().any(|complaint| text.starts_with(complaint.as_bytes()));
    let end = text.iter().position(|byte| *byte == b'\n').map_or(text.len(), |at| at + 1);
    text[if is_one { end } else { 0 }..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_takes_the_place_of_the_one_before() {
        let once = with_complaint(b"a: 5", "one");
        let error = Error::new("t\nwo").hint("three");
        let twice = String::from_utf8(not_written(&once, &error)).unwrap();
        assert!(twice.starts_with("#! Not written: t"), "{twice}");
        assert!(twice.contains("wo; three. ") && twice.lines().count() == 2, "{twice}");
        assert!(twice.ends_with("\na: 5"), "{twice}");
        assert_eq!(without_complaint(twice.as_bytes()), b"a: 5");
    }

    #[test]
    fn other_lines_stay_whatever_they_begin_with() {
        for sheet in ["a: |\n  b\n#! c\n", "#! /bin/sh\na: b\n", "a: b\n#! Not written: x\n", ""] {
            assert_eq!(without_complaint(sheet.as_bytes()), sheet.as_bytes(), "{sheet}");
        }
    }

    #[test]
    fn what_is_no_text_stays_as_it_is_and_any_other_becomes_utf_8() {
        let latin = b"a: x\nb: caf\xe9\n";
        assert!(with_complaint(latin, "one").ends_with(latin));
        let utf16: Vec<u8> = "\u{feff}a: x\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(without_complaint(&utf16), b"a: x\n");
    }
}
