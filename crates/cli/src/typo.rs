//! What may have been meant by a word that is not known.

/// The known word that is nearest to what was written, if no more than every third letter is wrong.
/// Capitals and hyphens do not count.
pub(crate) fn meant<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let written = letters(written);
    let wrong = |known| strsim::osa_distance(&written, &letters(known));
    let (wrong, nearest) =
        known.into_iter().map(|known| (wrong(known), known)).min_by_key(|(wrong, _)| *wrong)?;
    (wrong * 3 <= written.len()).then_some(nearest)
}

fn letters(word: &str) -> String {
    word.chars().filter(|c| !"-_".contains(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_near_are_found_and_others_are_not() {
        let known = ["cert", "scope", "raw", "as", "fetch-cert", "controller-name", "stringData"];
        for (written, nearest) in [
            ("crt", Some("cert")),
            ("--rwa", Some("raw")),
            ("fetchCert", Some("fetch-cert")),
            ("--contoler-name", Some("controller-name")),
            ("stringdata", Some("stringData")),
            ("string_dta", Some("stringData")),
            ("nope", None),
            ("-a", None),
            ("string", None),
            ("", None),
        ] {
            assert_eq!(meant(written, known), nearest, "{written}");
        }
        assert_eq!(meant("cert", []), None);
    }
}
