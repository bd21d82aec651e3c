//! What whoever asks may do with SealedSecrets.

use super::super::check::Finding;
use super::super::controller::Service;
use super::{Deed, Who};
use crate::cluster::{Api, Look};

const CHECK: &str = "your rights";

/// A right, and what it is good for.
struct Right {
    what: String,
    deed: Deed,
    /// Whether nobody can seal without a file who does not have it.
    is_needed: bool,
}

/// Asks for each.
pub(in crate::verb::doctor) fn finding(api: &Api, service: &Service, namespace: &str) -> Finding {
    let rights = rights(service, namespace).into_iter();
    let asked: Vec<_> = rights.map(|right| (Who::Caller.may(api, &right.deed), right)).collect();
    told(&asked)
}

fn rights(service: &Service, namespace: &str) -> Vec<Right> {
    let home = &service.namespace;
    let right = |what: String, verb, group, resource, namespace: &str| Right {
        what,
        deed: Deed { verb, group, resource, namespace: namespace.to_owned(), name: String::new() },
        is_needed: false,
    };
    let proxy = |what: &str, verb, name: &str| {
        let port = service.ports.last().map(String::as_str).unwrap_or_default();
        let mut right = right(what.to_owned(), verb, "", "services/proxy", home);
        right.deed.name = format!("http:{name}:{port}");
        right
    };
    let sealed =
        |what, verb, namespace| right(what, verb, "bitnami.com", "sealedsecrets", namespace);
    let mut rights = Vec::new();
    if let Some(name) = service.names.first() {
        let fetch = proxy("fetch the certificate", "get", name);
        rights.push(Right { is_needed: true, ..fetch });
        rights.push(proxy("have values verified and sealed anew", "create", name));
    }
    rights.push(sealed("list SealedSecrets".to_owned(), "list", ""));
    rights.push(sealed(format!("create them in {namespace}"), "create", namespace));
    rights.push(right(format!("read the sealing keys in {home}"), "list", "", "secrets", home));
    rights
}

fn told(asked: &[(Look<bool>, Right)]) -> Finding {
    if let Some((hidden, _)) = asked.iter().find(|(may, _)| may.there().is_none()) {
        return Finding::hidden(CHECK, "what you may do", hidden);
    }
    let those = |wanted: bool| {
        let those = asked.iter().filter(|(may, _)| *may == Look::There(wanted));
        those.map(|(_, right)| right.what.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (may, may_not) = (those(true), those(false));
    let found = match (may.is_empty(), may_not.is_empty()) {
        (false, true) => format!("you may {may}"),
        (false, false) => format!("you may {may}; not {may_not}"),
        (true, _) => format!("you may not {may_not}"),
    };
    let lacks = asked.iter().any(|(may, right)| right.is_needed && *may == Look::There(false));
    if lacks {
        let remedy = "ask for the role sealed-secrets-service-proxier in the controller's namespace, or \
                      seal with --cert and a file";
        return Finding::warning(CHECK, found, remedy);
    }
    Finding::ok(CHECK, found)
}

#[cfg(test)]
mod tests {
    use super::super::super::check::State;
    use super::*;

    fn asked(answers: [bool; 3]) -> Finding {
        let right = |what: &str, is_needed| Right {
            what: what.to_owned(),
            deed: Deed {
                verb: "get",
                group: "",
                resource: "secrets",
                namespace: String::new(),
                name: String::new(),
            },
            is_needed,
        };
        let rights = [right("seal", true), right("list", false), right("read", false)];
        told(&answers.map(Look::There).into_iter().zip(rights).collect::<Vec<_>>())
    }

    #[test]
    fn what_one_may_not_do_is_told_and_only_sealing_is_missed() {
        for (answers, state, text) in [
            ([true, true, true], State::Ok, "you may seal, list, read"),
            ([true, false, false], State::Ok, "you may seal; not list, read"),
            ([false, true, false], State::Warning, "you may list; not seal, read"),
            ([false, false, false], State::Warning, "you may not seal, list, read"),
        ] {
            let finding = asked(answers);
            assert_eq!((finding.state, finding.found.as_str()), (state, text));
        }
    }

    #[test]
    fn who_cannot_ask_does_not_know() {
        let right = Right { what: String::new(), deed: asked_deed(), is_needed: true };
        let finding = told(&[(Look::Forbidden("why".to_owned()), right)]);
        assert_eq!(
            (finding.state, finding.found.as_str()),
            (State::Unknown, "what you may do: why")
        );
    }

    fn asked_deed() -> Deed {
        let (namespace, name) = (String::new(), String::new());
        Deed { verb: "get", group: "", resource: "secrets", namespace, name }
    }
}
