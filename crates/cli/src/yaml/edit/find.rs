//! Where things stand in a text, for messages.

use super::Step;
use super::tree::{Node, documents};

/// The line on which a value of the first document begins, with its key or dash. `None` for what is not
/// written there, but merged or an alias.
pub(crate) fn line_of(text: &str, path: &[Step]) -> Option<usize> {
    let documents = documents(text)?;
    let (mut node, mut start) = (&documents.first()?.root, None);
    for step in path {
        let collection = node.collection()?;
        let member = match step {
            Step::Key(key) => collection.keys().get(key.as_str()).copied()?,
            Step::Index(index) => *index,
        };
        let member = collection.members.get(member)?;
        (node, start) = (&member.value, Some(member.range.start));
    }
    Some(text.get(..start?)?.matches('\n').count() + 1)
}

/// A key that is twice in one map of the first document, and the line of the second.
pub(crate) fn repeated_key(text: &str) -> Option<(usize, String)> {
    let documents = documents(text)?;
    repeated(text, &documents.first()?.root)
}

fn repeated(text: &str, node: &Node) -> Option<(usize, String)> {
    let collection = node.collection()?;
    let mut seen = std::collections::HashSet::new();
    collection.members.iter().find_map(|member| {
        let again = member.key.as_ref().filter(|key| !seen.insert(key.as_str()));
        let line = || text.get(..member.range.start).map(|before| before.matches('\n').count() + 1);
        let here = again.and_then(|key| Some((line()?, key.clone())));
        here.or_else(|| repeated(text, &member.value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# a\nversion: 1\nrules:\n- path: x\n  scope: y\n-\n  path: z\n- {path: a, path: b}\n";

    #[test]
    fn lines_are_those_of_the_key_or_dash() {
        let key = |name: &str| Step::Key(name.to_owned());
        for (path, expected) in [
            (vec![key("version")], Some(2)),
            (vec![key("rules")], Some(3)),
            (vec![key("rules"), Step::Index(0)], Some(4)),
            (vec![key("rules"), Step::Index(0), key("scope")], Some(5)),
            (vec![key("rules"), Step::Index(1), key("path")], Some(7)),
            (vec![key("rules"), Step::Index(7)], None),
            (vec![key("none")], None),
            (vec![], None),
        ] {
            assert_eq!(line_of(TEXT, &path), expected, "{path:?}");
        }
    }

    #[test]
    fn a_key_that_is_there_twice_is_found() {
        assert_eq!(repeated_key(TEXT), Some((8, "path".to_owned())));
        assert_eq!(repeated_key("a: 1\nb: {a: 1}\n"), None);
        assert_eq!(repeated_key("a: 1\n\na: 1\n"), Some((3, "a".to_owned())));
    }
}
