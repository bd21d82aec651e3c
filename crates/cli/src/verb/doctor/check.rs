//! What a check comes to.

use serde_json::{Value, json};

use crate::cluster::Look;
use crate::verb::Ending;

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// It works, and may not be what is wanted.
    Warning,
    /// It does not work, or is dangerous.
    Problem,
    /// It cannot be seen from here.
    Unknown,
}

/// One line of the diagnosis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// What was looked at.
    pub(super) check: &'static str,
    pub(super) state: State,
    /// What was found.
    pub(super) found: String,
    /// The same one by one, where it is many.
    pub(super) details: Vec<String>,
    /// What to do about it.
    pub(super) remedy: Option<String>,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
            Self::Unknown => "unknown",
        }
    }
}

impl Finding {
    pub(super) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), details: Vec::new(), remedy: None }
    }

    pub(super) fn warning(
        check: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let remedy = Some(remedy.into());
        Self { state: State::Warning, remedy, ..Self::ok(check, found) }
    }

    pub(super) fn problem(
        check: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { state: State::Problem, ..Self::warning(check, found, remedy) }
    }

    pub(super) fn unknown(
        check: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { state: State::Unknown, ..Self::warning(check, found, remedy) }
    }

    /// Of `what` nothing can be told. That a right is missing, which the API server names, is nobody's
    /// fault; that the API server fails is.
    pub(super) fn hidden<T>(check: &'static str, what: &str, look: &Look<T>) -> Self {
        let why = look.hindrance().unwrap_or("it is not there");
        let (found, remedy) = (format!("{what}: {why}"), hidden_remedy(look));
        match look {
            Look::Failed(_) => Self::warning(check, found, remedy),
            _ => Self::unknown(check, found, remedy),
        }
    }

    pub(super) fn with(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }

    pub(super) fn json(&self) -> Value {
        let mut json =
            json!({ "check": self.check, "state": self.state.word(), "found": self.found });
        if !self.details.is_empty() {
            json["details"] = self.details.clone().into();
        }
        if let Some(remedy) = &self.remedy {
            json["remedy"] = remedy.clone().into();
        }
        json
    }
}

fn hidden_remedy<T>(look: &Look<T>) -> &'static str {
    match look {
        Look::Forbidden(_) => "ask for that right, or let somebody look who has it",
        _ => "see the API server's log",
    }
}

/// What all of them come to: what is unknown is nobody's fault.
pub(super) fn ending(findings: &[Finding]) -> Ending {
    let is_bad = |finding: &Finding| matches!(finding.state, State::Warning | State::Problem);
    if findings.iter().any(is_bad) { Ending::Findings } else { Ending::Clean }
}

/// `1 pod`, `2 pods`.
pub(super) fn count(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_a_finding_and_what_is_unknown_is_none() {
        let all = [
            (Finding::ok("a", "b"), Ending::Clean),
            (Finding::unknown("a", "b", "c"), Ending::Clean),
            (Finding::warning("a", "b", "c"), Ending::Findings),
            (Finding::problem("a", "b", "c"), Ending::Findings),
        ];
        for (finding, expected) in all {
            assert_eq!(ending(&[Finding::ok("a", ""), finding.clone()]), expected, "{finding:?}");
        }
        assert_eq!(ending(&[]), Ending::Clean);
    }

    #[test]
    fn a_request_that_fails_is_a_finding() {
        let failed = Look::<()>::Failed("it answers 500".to_owned());
        let finding = Finding::hidden("keys", "whether it is the newest", &failed);
        assert_eq!(finding.state, State::Warning);
        assert_eq!(finding.found, "whether it is the newest: it answers 500");
        assert_eq!(Finding::hidden("keys", "a", &Look::<()>::Absent).state, State::Unknown);
    }

    #[test]
    fn a_missing_right_is_named() {
        let look = Look::<()>::Forbidden("cannot list secrets".to_owned());
        let finding = Finding::hidden("keys", "whether it is the newest", &look);
        assert_eq!(finding.state, State::Unknown);
        assert_eq!(finding.found, "whether it is the newest: cannot list secrets");
        assert_eq!(finding.json()["remedy"], "ask for that right, or let somebody look who has it");
    }
}
