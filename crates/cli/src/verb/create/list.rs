//! Several words in one, as Go's flags have them: with commas between them, and quotes around a word that
//! has one itself (RFC 4180 §2).

/// Takes it apart. Words that are empty are left out, as kubectl does.
pub(super) fn words(list: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = list;
    while !rest.is_empty() {
        let (word, behind) = match rest.strip_prefix('"').and_then(quoted) {
            Some(found) => found,
            None => {
                let (word, behind) = rest.split_once(',').unwrap_or((rest, ""));
                (word.to_owned(), behind)
            }
        };
        words.push(word);
        rest = behind;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What stands before the quote that ends it, in which two are one; and what is behind the comma.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut end = 0;
    loop {
        end += text[end..].find('"')?;
        match &text[end + 1..] {
            "" => return Some((text[..end].replace("\"\"", "\""), "")),
            more if more.starts_with('"') => end += 2,
            more => return Some((text[..end].replace("\"\"", "\""), more.strip_prefix(',')?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_in_quotes_may_have_commas() {
        for (list, expected) in [
            ("", &[][..]),
            ("a", &["a"]),
            ("a,b=c,", &["a", "b=c"]),
            (r#""k=em,ma",b"#, &["k=em,ma", "b"]),
            (r#"b,"k=em,ma""#, &["b", "k=em,ma"]),
            (r#""a ""b"", c""#, &[r#"a "b", c"#]),
            // Quotes that are none stay.
            (r#"k="a,b"#, &[r#"k="a"#, "b"]),
            (r#""a,b"#, &[r#""a"#, "b"]),
            (r#""a"b,c"#, &[r#""a"b"#, "c"]),
        ] {
            assert_eq!(words(list), expected, "{list}");
        }
    }
}
