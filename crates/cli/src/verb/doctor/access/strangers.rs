//! Whether just anybody may read Secrets, by whatever authorizer: the API server is asked about those that
//! nobody has heard of.

use super::{Deed, Who};
use crate::cluster::{Api, Look};

/// A name that nothing is granted to.
const NOBODY: &str = "kubeseal-doctor-asks-for-nobody";
const READING: [&str; 2] = ["get", "list"];

/// What anybody may do with Secrets in a namespace, a line for each kind of anybody.
pub(in crate::verb::doctor) fn lines(api: &Api, namespace: &str) -> Look<Vec<String>> {
    let strangers = [
        (Who::User { name: NOBODY }, "whoever is logged in".to_owned()),
        (Who::Account { namespace, name: NOBODY }, format!("every ServiceAccount of {namespace}")),
    ];
    let mut lines = Vec::new();
    for (who, title) in strangers {
        let mut verbs = Vec::new();
        for verb in READING {
            match who.may(api, &deed(verb, namespace)) {
                Look::There(true) => verbs.push(verb),
                Look::There(false) | Look::Absent => {}
                Look::Forbidden(why) => return Look::Forbidden(why),
                Look::Failed(why) => return Look::Failed(why),
            }
        }
        lines.extend(line(&title, &verbs));
    }
    Look::There(lines)
}

fn deed(verb: &'static str, namespace: &str) -> Deed {
    let (namespace, name) = (namespace.to_owned(), String::new());
    Deed { verb, group: "", resource: "secrets", namespace, name }
}

fn line(title: &str, verbs: &[&str]) -> Option<String> {
    let is_any = !verbs.is_empty();
    is_any.then(|| format!("{title} may {}, as the API server answers", verbs.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_may_nothing_are_not_named() {
        assert_eq!(line("whoever is logged in", &[]), None);
        let expected = "whoever is logged in may get, list, as the API server answers";
        assert_eq!(line("whoever is logged in", &READING).as_deref(), Some(expected));
    }

    #[test]
    fn a_stranger_is_in_the_groups_of_everybody_and_in_no_other() {
        let (_, review) = Who::User { name: NOBODY }.review(&deed("list", "vault"));
        assert_eq!(review["spec"]["user"], NOBODY);
        assert_eq!(review["spec"]["groups"], serde_json::json!(["system:authenticated"]));
        assert_eq!(review["spec"]["resourceAttributes"]["resource"], "secrets");
        assert_eq!(review["spec"]["resourceAttributes"]["namespace"], "vault");
    }
}
