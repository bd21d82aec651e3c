//! Paths with `*`, `?` and `**`.

use std::fmt;

/// Longer than any path of a repository.
const MAX_LENGTH: usize = 1024;
/// What other globs have, and may be meant.
const OTHERS: [char; 6] = ['[', ']', '{', '}', '\\', '!'];

/// A pattern: `*` is anything within a name, `?` one character of it, and `**` any number of folders. What
/// it says of a folder holds for all that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// `**`
    Folders,
    Name(Vec<char>),
    /// A name in which nothing stands for anything.
    Literal(Vec<char>),
}

/// Why a pattern is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unusable(String);

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Glob {
    /// Reads one that is seen from a folder.
    ///
    /// # Errors
    /// When it leads out of it, or cannot be meant.
    pub(super) fn relative(text: &str) -> Result<Self, Unusable> {
        if text.starts_with(['/', '~']) {
            return Err(Unusable("it is seen from the folder of this file".to_owned()));
        }
        Self::parse(text)
    }

    /// Reads one that is a whole path, with `~` for the home.
    ///
    /// # Errors
    /// When it is seen from nowhere, or cannot be meant.
    pub(super) fn whole(text: &str, home: Option<&str>) -> Result<Self, Unusable> {
        if let Some(below) = text.strip_prefix('~').filter(|below| below.starts_with('/')) {
            let home = home.ok_or_else(|| Unusable("there is no home".to_owned()))?;
            let (home, below) = (Self::literal(home), Self::parse(below)?);
            return Ok(Self([home.0, below.0].concat()));
        }
        let is_drive = text.chars().nth(1) == Some(':');
        if !(text.starts_with('/') || text.starts_with("**") || is_drive) {
            return Err(Unusable("it begins with /, ~/ or **".to_owned()));
        }
        Self::parse(text)
    }

    fn parse(text: &str) -> Result<Self, Unusable> {
        let wrong = |why: &str| Err(Unusable(why.to_owned()));
        if text.len() > MAX_LENGTH {
            return wrong("it is too long");
        }
        if let Some(other) = text.chars().find(|c| OTHERS.contains(c)) {
            return wrong(&format!("{other} means nothing here: *, ? and ** are there"));
        }
        let mut parts = Vec::new();
        for name in text.trim_matches('/').split('/') {
            parts.push(match name {
                "" => return wrong("a name in it is empty"),
                "." | ".." => return wrong("it leads nowhere by . or .."),
                "**" => Part::Folders,
                name if name.contains("**") => return wrong("** stands for whole folders"),
                name => Part::Name(name.chars().collect()),
            });
        }
        Ok(Self(parts))
    }

    /// The path itself.
    fn literal(path: &str) -> Self {
        // As Windows tells whole paths; what is matched comes without it.
        let path = path.strip_prefix(r"\\?\").unwrap_or(path).replace('\\', "/");
        let names = path.split('/').filter(|name| !name.is_empty());
        Self(names.map(|name| Part::Literal(name.chars().collect())).collect())
    }

    /// Whether a path is one of those.
    pub(super) fn matches(&self, path: &str) -> bool {
        let names: Vec<Vec<char>> =
            path.trim_start_matches('/').split('/').map(|name| name.chars().collect()).collect();
        // Of the names, how many the parts before may have stood for.
        let mut reached = vec![false; names.len() + 1];
        reached[0] = true;
        for part in &self.0 {
            reached = match part {
                Part::Folders => {
                    let first = reached.iter().position(|is| *is).unwrap_or(reached.len());
                    (0..reached.len()).map(|at| at >= first).collect()
                }
                Part::Name(pattern) => one_further(&reached, |at| fits(pattern, &names[at])),
                Part::Literal(name) => one_further(&reached, |at| names[at] == *name),
            };
        }
        reached.contains(&true)
    }
}

/// What is reached by one name more, if that is the one.
fn one_further(reached: &[bool], is_it: impl Fn(usize) -> bool) -> Vec<bool> {
    (0..reached.len()).map(|at| at > 0 && reached[at - 1] && is_it(at - 1)).collect()
}

/// Whether a name is what `*` and `?` stand for. Goes back to the last `*` only, so that no pattern
/// takes long.
fn fits(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut read, mut star) = (0, 0, None);
    while read < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(c) if *c == '?' || *c == name[read] => (at, read) = (at + 1, read + 1),
            _ => match star {
                Some((back, from)) => {
                    star = Some((back, from + 1));
                    (at, read) = (back + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_of_windows_is_found() {
        let glob = Glob::whole("~/work/**", Some(r"\\?\C:\Users\me")).unwrap();
        assert!(glob.matches("C:/Users/me/work/a.yaml"));
        assert!(!glob.matches("C:/Users/you/work/a.yaml"));
    }

    #[test]
    fn paths_are_matched() {
        for (glob, paths, others) in [
            ("**", &["a", "a/b", ""][..], &[][..]),
            (
                "clusters/prod/**",
                &["clusters/prod/a", "clusters/prod/a/b", "clusters/prod/"],
                &["clusters/prod2/a", "clusters/a", "x/clusters/prod/a", "prod"],
            ),
            (
                "clusters/prod",
                &["clusters/prod/a", "clusters/prod/a/b", "clusters/prod"],
                &["clusters/production", "clusters"],
            ),
            ("clusters/prod/", &["clusters/prod/a"], &["clusters/prod.yaml"]),
            ("*.yaml", &["a.yaml", ".yaml"], &["a/b.yaml", "a.yml", "a.yaml.orig"]),
            ("**/*.yaml", &["a.yaml", "a/b/c.yaml"], &["a.json", "a/b"]),
            ("a/**/b", &["a/b", "a/x/b", "a/x/y/b", "a/x/b/c"], &["b", "a/xb", "x/a/b"]),
            ("prod-?/*", &["prod-1/a", "prod-ü/a"], &["prod-/a", "prod-12/a"]),
            ("a*b*c", &["abc", "axbxc", "abbc", "abcc"], &["ab", "abcd", "acb"]),
            ("**/**", &["a", "a/b"], &[]),
        ] {
            let parsed = Glob::relative(glob).unwrap();
            for path in paths {
                assert!(parsed.matches(path), "{glob} {path}");
            }
            for path in others {
                assert!(!parsed.matches(path), "{glob} {path}");
            }
        }
    }

    #[test]
    fn whole_paths_begin_at_the_root_or_at_home() {
        for (glob, path, expected) in [
            ("/srv/**", "/srv/a", true),
            ("/srv/**", "/home/srv/a", false),
            ("~/work", "/home/me*/work/a", true),
            ("~/work", "/home/men/work/a", false),
            ("**/prod", "/srv/x/prod/a", true),
            ("C:/work", "C:/work/a", true),
        ] {
            let parsed = Glob::whole(glob, Some("/home/me*")).unwrap();
            assert_eq!(parsed.matches(path), expected, "{glob} {path}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let long = "a/".repeat(1000);
        for glob in [
            "", "/", "/etc/**", "~/x", "../x", "a/../b", "./a", "a//b", "[ab]", "{a,b}", "!a",
            "a\\b", "a**", "***", &long,
        ] {
            assert!(Glob::relative(glob).is_err(), "{glob}");
        }
        for glob in ["", "work/**", "~me/x", "*", "~/../x"] {
            assert!(Glob::whole(glob, Some("/home/me")).is_err(), "{glob}");
        }
        assert!(Glob::whole("~/x", None).is_err());
    }

    #[test]
    fn no_pattern_takes_long() {
        let (stars, folders) = ("*a".repeat(500), "**/a/".repeat(200));
        let name = "a".repeat(4000) + "b";
        assert!(!Glob::relative(&stars).unwrap().matches(&name));
        assert!(!Glob::relative(&(folders + "c")).unwrap().matches(&"a/".repeat(2000)));
    }
}
