//! For whom a value is sealed.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::annotations::{self, CLUSTER_WIDE, NAMESPACE_WIDE};

/// How far a sealed value may be moved and still open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Under this name in this namespace only.
    #[default]
    Strict,
    /// Under any name in this namespace.
    NamespaceWide,
    /// Under any name in any namespace.
    ClusterWide,
}

impl Scope {
    /// What an object's annotations say; cluster-wide wins over namespace-wide.
    pub fn of(annotations: Option<&BTreeMap<String, String>>) -> Self {
        let is_true = |name| annotations.is_some_and(|all| annotations::is_true(all, name));
        if is_true(CLUSTER_WIDE) {
            Self::ClusterWide
        } else if is_true(NAMESPACE_WIDE) {
            Self::NamespaceWide
        } else {
            Self::Strict
        }
    }

    /// The annotation that says so; none for strict.
    pub fn annotation(self) -> Option<&'static str> {
        match self {
            Self::Strict => None,
            Self::NamespaceWide => Some(NAMESPACE_WIDE),
            Self::ClusterWide => Some(CLUSTER_WIDE),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::NamespaceWide => "namespace-wide",
            Self::ClusterWide => "cluster-wide",
        })
    }
}

/// Not the name of a [`Scope`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScope;

impl fmt::Display for UnknownScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scope is strict, namespace-wide or cluster-wide")
    }
}

impl std::error::Error for UnknownScope {}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        [Self::Strict, Self::NamespaceWide, Self::ClusterWide]
            .into_iter()
            .find(|scope| scope.to_string() == text)
            .ok_or(UnknownScope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_decide_and_cluster_wide_wins() {
        for (pairs, expected) in [
            (&[][..], Scope::Strict),
            (&[(NAMESPACE_WIDE, "true")], Scope::NamespaceWide),
            (&[(CLUSTER_WIDE, "true")], Scope::ClusterWide),
            (&[(NAMESPACE_WIDE, "true"), (CLUSTER_WIDE, "true")], Scope::ClusterWide),
            (&[(NAMESPACE_WIDE, "true"), (CLUSTER_WIDE, "false")], Scope::NamespaceWide),
            (&[(CLUSTER_WIDE, "True")], Scope::Strict),
            (&[(CLUSTER_WIDE, "")], Scope::Strict),
        ] {
            let annotations = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
            assert_eq!(Scope::of(Some(&annotations.collect())), expected, "{pairs:?}");
        }
        assert_eq!(Scope::of(None), Scope::Strict);
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for scope in [Scope::Strict, Scope::NamespaceWide, Scope::ClusterWide] {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        for name in ["", "Strict", "cluster", "namespace"] {
            assert_eq!(name.parse::<Scope>(), Err(UnknownScope), "{name}");
        }
    }
}
