//! What whoever asks may do with SealedSecrets.

use super::super::check::Finding;
use super::super::controller::Service;
use super::{Deed, Who};
use crate::cluster::{Api, Look};

const CHECK: &str = "your rights";

/// A right, and what it is good for.
struct Right {
    what: String,
    /// Any of these will do.
    deeds: Vec<Deed>,
    /// Whether nobody can seal without a file who does not have it.
    is_needed: bool,
}

/// Asks for each.
pub(in crate::verb::doctor) fn finding(api: &Api, service: &Service, namespace: &str) -> Finding {
    let rights = rights(service, namespace).into_iter();
    let asked: Vec<_> = rights.map(|right| (may_any(api, &right.deeds), right)).collect();
    told(&asked)
}

fn may_any(api: &Api, deeds: &[Deed]) -> Look<bool> {
    any(deeds.iter().map(|deed| Who::Caller.may(api, deed)))
}

/// Whether one of them is allowed: no more are asked for then. That one is not known does not count if
/// another is.
fn any(answers: impl Iterator<Item = Look<bool>>) -> Look<bool> {
    let mut none = Look::There(false);
    for answer in answers {
        match answer {
            Look::There(true) => return answer,
            Look::There(false) => {}
            hidden => none = hidden,
        }
    }
    none
}

fn rights(service: &Service, namespace: &str) -> Vec<Right> {
    let home = &service.namespace;
    let right = |what: String, verb, group, resource, namespace: &str| {
        let (namespace, name) = (namespace.to_owned(), String::new());
        Right {
            what,
            deeds: vec![Deed { verb, group, resource, namespace, name }],
            is_needed: false,
        }
    };
    let proxy = |what: &str, verb| Right {
        what: what.to_owned(),
        deeds: proxied(service, verb),
        is_needed: false,
    };
    let sealed =
        |what, verb, namespace| right(what, verb, "bitnami.com", "sealedsecrets", namespace);
    let mut rights = Vec::new();
    if !service.is_absent() {
        rights.push(Right { is_needed: true, ..proxy("fetch the certificate", "get") });
        rights.push(proxy("have values verified and sealed anew", "create"));
    }
    rights.push(sealed("list SealedSecrets".to_owned(), "list", ""));
    rights.push(sealed(format!("create them in {namespace}"), "create", namespace));
    rights.push(right(format!("read the sealing keys in {home}"), "list", "", "secrets", home));
    rights
}

/// To reach the controller by any of the names and ports that it may have.
fn proxied(service: &Service, verb: &'static str) -> Vec<Deed> {
    let of_port = |name: &String, port: &String| Deed {
        verb,
        group: "",
        resource: "services/proxy",
        namespace: service.namespace.clone(),
        name: format!("http:{name}:{port}"),
    };
    let names = service.names.iter();
    names.flat_map(|name| service.ports.iter().map(move |port| of_port(name, port))).collect()
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
        let right =
            |what: &str, is_needed| Right { what: what.to_owned(), deeds: Vec::new(), is_needed };
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
        let right = Right { what: String::new(), deeds: Vec::new(), is_needed: true };
        let finding = told(&[(Look::Forbidden("why".to_owned()), right)]);
        assert_eq!(
            (finding.state, finding.found.as_str()),
            (State::Unknown, "what you may do: why")
        );
    }

    #[test]
    fn one_way_to_the_controller_is_enough() {
        let hidden = || Look::Forbidden("cannot create".to_owned());
        for (answers, expected) in [
            (vec![Look::There(false), Look::There(true)], Look::There(true)),
            (vec![hidden(), Look::There(true)], Look::There(true)),
            (vec![Look::There(false), Look::There(false)], Look::There(false)),
            (vec![hidden(), Look::There(false)], hidden()),
        ] {
            assert_eq!(any(answers.into_iter()), expected);
        }
    }

    #[test]
    fn every_name_and_port_is_a_way() {
        let service = Service::unseen_as("n", &["a", "b"], &["", "http"]);
        let names: Vec<_> = proxied(&service, "get").into_iter().map(|deed| deed.name).collect();
        assert_eq!(names, ["http:a:", "http:a:http", "http:b:", "http:b:http"]);
    }
}
