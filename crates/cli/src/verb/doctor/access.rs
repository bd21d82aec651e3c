//! What may be done: by whoever asks, and by the controller. The API server is asked, whatever it decides
//! by.

mod controllers;
mod own;
mod strangers;

use serde_json::{Value, json};

use crate::cluster::{Api, Look};
pub(super) use controllers::finding as of_controller;
pub(super) use own::finding as of_caller;
pub(super) use strangers::lines as of_strangers;

const API_VERSION: &str = "authorization.k8s.io/v1";

/// Something that may be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Deed {
    verb: &'static str,
    group: &'static str,
    /// `secrets`, or `sealedsecrets/status`.
    resource: &'static str,
    /// Empty for all of them.
    namespace: String,
    /// Empty for any.
    name: String,
}

/// Who is asked about.
enum Who<'a> {
    Caller,
    User { name: &'a str },
    Account { namespace: &'a str, name: &'a str },
}

impl Deed {
    fn attributes(&self) -> Value {
        let (resource, subresource) = self.resource.split_once('/').unwrap_or((self.resource, ""));
        json!({
            "verb": self.verb,
            "group": self.group,
            "resource": resource,
            "subresource": subresource,
            "namespace": self.namespace,
            "name": self.name,
        })
    }
}

impl Who<'_> {
    /// Where to ask, and what.
    fn review(&self, deed: &Deed) -> (&'static str, Value) {
        let attributes = deed.attributes();
        match self {
            Self::Caller => (
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                json!({
                    "apiVersion": API_VERSION,
                    "kind": "SelfSubjectAccessReview",
                    "spec": { "resourceAttributes": attributes },
                }),
            ),
            Self::User { name } => of_another(name, &["system:authenticated"], &attributes),
            Self::Account { namespace, name } => of_another(
                &format!("system:serviceaccount:{namespace}:{name}"),
                // Those that every ServiceAccount is in.
                &[
                    "system:serviceaccounts",
                    &format!("system:serviceaccounts:{namespace}"),
                    "system:authenticated",
                ],
                &attributes,
            ),
        }
    }

    /// Whether they may do it.
    fn may(&self, api: &Api, deed: &Deed) -> Look<bool> {
        let (path, review) = self.review(deed);
        api.review(path, &review).read(|answer| answer["status"]["allowed"].as_bool())
    }
}

fn of_another(user: &str, groups: &[&str], attributes: &Value) -> (&'static str, Value) {
    let review = json!({
        "apiVersion": API_VERSION,
        "kind": "SubjectAccessReview",
        "spec": { "user": user, "groups": groups, "resourceAttributes": attributes },
    });
    ("/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_what_the_api_server_takes() {
        let deed = Deed {
            verb: "update",
            group: "bitnami.com",
            resource: "sealedsecrets/status",
            namespace: String::new(),
            name: "a".to_owned(),
        };
        let (path, review) = Who::Account { namespace: "n", name: "c" }.review(&deed);
        assert!(path.ends_with("/subjectaccessreviews"));
        assert_eq!(review["spec"]["user"], "system:serviceaccount:n:c");
        assert_eq!(review["spec"]["groups"][1], "system:serviceaccounts:n");
        let attributes = &review["spec"]["resourceAttributes"];
        assert_eq!(attributes["resource"], "sealedsecrets");
        assert_eq!(attributes["subresource"], "status");
        let (path, review) = Who::Caller.review(&deed);
        assert!(path.ends_with("/selfsubjectaccessreviews"));
        assert!(review["spec"]["user"].is_null());
    }
}
