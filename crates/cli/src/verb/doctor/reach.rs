//! Whether the cluster is reached, which one it is, and as whom.

use serde_json::json;

use super::check::Finding;
use crate::cluster::{Api, Greeting, Look};
use crate::error::Error;

pub(super) const CHECK: &str = "cluster";
const REVIEWS: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
const ANONYMOUS: &str = "system:anonymous";

/// Nobody answers, or nobody who would let us in.
pub(super) fn unreached(error: &Error) -> Finding {
    let remedy = error.remedy().unwrap_or("check the kubeconfig and --context");
    Finding::problem(CHECK, error.message(), remedy)
}

/// Who we are there, and how the API server is.
pub(super) fn findings(api: &Api, greeting: &Greeting) -> Vec<Finding> {
    let review = api.review(
        REVIEWS,
        &json!({
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "SelfSubjectReview",
        }),
    );
    let user = match &review {
        Look::There(review) => Look::There(name(review)),
        Look::Forbidden(message) if message.contains(ANONYMOUS) => {
            Look::There(ANONYMOUS.to_owned())
        }
        // Older than Kubernetes 1.28, or not to be known.
        _ => Look::Absent,
    };
    let reached = reached(api.server(), api.context(), greeting, user.there().map(String::as_str));
    let ready = not_ready(&api.look_at_text("/readyz"));
    std::iter::once(reached).chain(ready).collect()
}

fn name(review: &serde_json::Value) -> String {
    review["status"]["userInfo"]["username"].as_str().unwrap_or_default().to_owned()
}

fn reached(
    server: &str,
    context: Option<&str>,
    greeting: &Greeting,
    user: Option<&str>,
) -> Finding {
    let context = context.map(|context| format!("context {context}, ")).unwrap_or_default();
    let version = match &greeting.version {
        Some(version) => format!("Kubernetes {version}"),
        None => "Kubernetes of a version that it keeps to itself".to_owned(),
    };
    let place = format!("{server} ({context}{version})");
    match user {
        Some(ANONYMOUS) => Finding::problem(
            CHECK,
            format!("{place} takes you for {ANONYMOUS}: no credentials came with the request"),
            "log in to the cluster, or choose another --context or --user",
        ),
        Some(user) if !user.is_empty() => Finding::ok(CHECK, format!("{place} as {user}")),
        // Nobody says whether the credentials were looked at.
        _ => Finding::unknown(
            CHECK,
            format!("{place} answers; as whom is not known"),
            "see which user the context has in the kubeconfig; Kubernetes tells from 1.28 on",
        ),
    }
}

/// Who may not ask that learns nothing by it.
fn not_ready(ready: &Look<String>) -> Option<Finding> {
    let Look::Failed(why) = ready else { return None };
    Some(Finding::warning(
        CHECK,
        format!("the API server is not ready: {why}"),
        "see `kubectl get --raw '/readyz?verbose'`",
    ))
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    fn told(context: Option<&str>, version: Option<&str>, user: Option<&str>) -> Finding {
        let greeting = Greeting { version: version.map(str::to_owned), date: None };
        reached("https://10.0.0.1", context, &greeting, user)
    }

    #[test]
    fn it_is_told_where_and_who_one_is() {
        let found = told(Some("dev"), Some("v1.33.1"), Some("ann"));
        assert_eq!(found.state, State::Ok);
        assert_eq!(found.found, "https://10.0.0.1 (context dev, Kubernetes v1.33.1) as ann");
        let found = told(None, None, None);
        assert_eq!(found.state, State::Unknown);
        assert!(found.found.ends_with("to itself) answers; as whom is not known"), "{found:?}");
        assert_eq!(told(None, None, Some("")).state, State::Unknown);
    }

    #[test]
    fn to_be_nobody_is_a_problem() {
        let found = told(Some("dev"), Some("v1.33.1"), Some("system:anonymous"));
        assert_eq!(found.state, State::Problem);
        assert!(found.found.contains("takes you for system:anonymous"), "{found:?}");
    }

    #[test]
    fn an_api_server_that_is_not_ready_says_so() {
        let failed = Look::Failed("it answers 500 Internal Server Error".to_owned());
        assert_eq!(not_ready(&failed).unwrap().state, State::Warning);
        for fine in [
            Look::There("ok".to_owned()),
            Look::Forbidden("cannot get path".to_owned()),
            Look::Absent,
        ] {
            assert_eq!(not_ready(&fine), None, "{fine:?}");
        }
    }
}
