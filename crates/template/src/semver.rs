//! Semantic versions and constraints, as github.com/Masterminds/semver/v3 3.3.0 has them: laxer
//! than the standard (`v1.2` is a version), with rules of its own for ranges and prereleases.

mod constraint;
mod error;
mod object;
mod version;

pub(crate) use constraint::Constraints;
pub(crate) use object::{POINTER, pointer};
pub(crate) use version::Version;
