//! What is looked for: each rule with its weight and its remedy.

/// How much harm is done by who has read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// It opens nothing by itself, or not for long.
    Low,
    /// A value of one Secret.
    Medium,
    /// It lets somebody in.
    High,
    /// It opens everything that was ever sealed for a cluster.
    Critical,
}

impl Weight {
    /// For people and programs.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// SARIF's level (§3.27.10).
    pub(super) fn level(self) -> &'static str {
        if self == Self::Low { "warning" } else { "error" }
    }

    /// What GitHub sorts by, in CVSS's scale.
    pub(super) fn score(self) -> &'static str {
        match self {
            Self::Low => "4.0",
            Self::Medium => "7.0",
            Self::High => "8.5",
            Self::Critical => "9.9",
        }
    }
}

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Its name, in output, ignores and baselines: it never changes.
    pub(super) id: &'static str,
    pub(super) weight: Weight,
    /// What it is.
    pub(super) title: &'static str,
    /// What to do about it.
    pub(super) remedy: &'static str,
}

macro_rules! rules {
    ($($name:ident: $id:literal, $weight:ident, $title:literal, $remedy:literal;)*) => {
        $(pub(super) const $name: &Rule =
            &Rule { id: $id, weight: Weight::$weight, title: $title, remedy: $remedy };)*
        /// All of them, the gravest first.
        pub(super) const RULES: &[&Rule] = &[$($name),*];
    };
}

rules! {
    SEALING_KEY: "sealing-key", Critical, "private key of a controller",
        "it opens everything that was sealed for that cluster: take it out of the repository, make a \
         new key, seal everything anew with it, and change every value that was sealed";
    PRIVATE_KEY: "private-key", High, "private key",
        "make a new key pair in its place, and seal the new one: kubeseal create tls or ssh-auth";
    AGE_KEY: "age-key", High, "private key of age",
        "encrypt what it opens to a new one, and keep that outside of the repository";
    AWS: "aws-access-key", High, "access key of AWS",
        "deactivate it in IAM, then seal the new one";
    GITHUB: "github-token", High, "token of GitHub",
        "revoke it in GitHub's developer settings, then seal the new one";
    GITLAB: "gitlab-token", High, "token of GitLab",
        "revoke it in GitLab's access tokens, then seal the new one";
    SLACK: "slack-token", High, "token of Slack",
        "revoke it at api.slack.com/apps, then seal the new one";
    SLACK_WEBHOOK: "slack-webhook", High, "webhook of Slack",
        "remove it at api.slack.com/apps, then seal the new one";
    STRIPE: "stripe-key", High, "live key of Stripe",
        "roll it in Stripe's dashboard, then seal the new one";
    GOOGLE: "google-api-key", High, "API key of Google",
        "delete it in the Cloud console, or restrict it, then seal the new one";
    GOOGLE_OAUTH: "google-oauth-secret", High, "OAuth client secret of Google",
        "reset it in the Cloud console, then seal the new one";
    NPM: "npm-token", High, "token of npm",
        "revoke it with npm token revoke, then seal the new one";
    PYPI: "pypi-token", High, "token of PyPI",
        "remove it in the account settings of PyPI, then seal the new one";
    DOCKER: "docker-token", High, "token of Docker Hub",
        "delete it in Docker Hub's settings, then seal the new one: kubeseal create docker-registry";
    VAULT: "vault-token", High, "token of Vault",
        "revoke it with vault token revoke, then seal the new one";
    SENDGRID: "sendgrid-key", High, "API key of SendGrid",
        "delete it in SendGrid's settings, then seal the new one";
    DIGITALOCEAN: "digitalocean-token", High, "token of DigitalOcean",
        "delete it in the control panel, then seal the new one";
    PLAIN_SECRET: "plain-secret", Medium, "value of a Secret that is not sealed",
        "seal it: kubeseal -f FILE -w SEALED-FILE, and commit that one only; whoever could read the \
         repository knows the value, so change it if it was pushed";
    ENCRYPTED_KEY: "encrypted-private-key", Low, "private key behind a passphrase",
        "it is as safe as its passphrase: keep it outside of the repository";
    JWT: "jwt", Low, "signed token (JWT)",
        "if it does not expire by itself, revoke it, then seal the new one";
}

/// The rule of that name.
pub(super) fn named(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_come_first_and_no_name_stands_twice() {
        assert!(RULES.is_sorted_by(|one, other| one.weight >= other.weight));
        for (at, rule) in RULES.iter().enumerate() {
            assert!(!RULES[..at].iter().any(|other| other.id == rule.id), "{}", rule.id);
            assert_eq!(named(rule.id), Some(*rule));
            assert!(rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
        }
    }
}
