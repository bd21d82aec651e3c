//! What may be done: by whoever asks, and by the controller. The API server is asked, whatever it decides
//! by.

mod controllers;
mod own;

use serde_json::{Value, json};

use crate::cluster::{Api, Look};
pub(super) use controllers::finding as of_controller;
pub(super) use own::finding as of_caller;

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
        let api_version = "authorization.k8s.io/v1";
        let attributes = deed.attributes();
        match self {
            Self::Caller => (
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                json!({
                    "apiVersion": api_version,
                    "kind": "SelfSubjectAccessReview",
                    "spec": { "resourceAttributes": attributes },
                }),
            ),
            Self::Account { namespace, name } => (
                "/apis/authorization.k8s.io/v1/subjectaccessreviews",
                json!({
                    "apiVersion": api_version,
                    "kind": "SubjectAccessReview",
                    "spec": {
                        "user": format!("system:serviceaccount:{namespace}:{name}"),
                        // Those that every ServiceAccount is in.
                        "groups": [
                            "system:serviceaccounts",
                            format!("system:serviceaccounts:{namespace}"),
                            "system:authenticated",
                        ],
                        "resourceAttributes": attributes,
                    },
                }),
            ),
        }
    }

    /// Whether they may do it.
    fn may(&self, api: &Api, deed: &Deed) -> Look<bool> {
        let (path, review) = self.review(deed);
        api.review(path, &review).read(|answer| answer["status"]["allowed"].as_bool())
    }
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
