//! Whether the API server serves SealedSecrets, and whether its schema keeps what the controller reports.

use serde_json::Value;

use super::check::Finding;
use crate::cluster::{Api, Look};

pub(super) const CHECK: &str = "definition";
const GROUP: &str = "/apis/bitnami.com";
const VERSION: &str = "/apis/bitnami.com/v1alpha1";
const DEFINITION: &str =
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/sealedsecrets.bitnami.com";
const OPEN_API: &str = "/openapi/v3/apis/bitnami.com/v1alpha1";
const INSTALL: &str = "kubectl apply --server-side -f charts/sealwright/crds";

/// What the API server says of it.
pub(super) struct Definition {
    /// The versions of the group.
    group: Look<Value>,
    /// What v1alpha1 has.
    version: Look<Value>,
    /// The resource definition, for those who may read it.
    definition: Look<Value>,
    /// The same schema as everybody may read it.
    open_api: Look<Value>,
}

impl Definition {
    pub(super) fn look(api: &Api) -> Self {
        let version = api.look(VERSION);
        let group = if version == Look::Absent { api.look(GROUP) } else { Look::Absent };
        let definition = api.look(DEFINITION);
        let is_enough = version.there().is_none() || definition.there().is_some();
        let open_api = if is_enough { Look::Absent } else { api.look(OPEN_API) };
        Self { group, version, definition, open_api }
    }

    /// Whether SealedSecrets are known not to be there to be asked for.
    pub(super) fn is_absent(&self) -> bool {
        match &self.version {
            Look::There(version) => !has(version, "sealedsecrets"),
            hidden => *hidden == Look::Absent,
        }
    }

    /// `is_ours`: whether the controller is ours, which reports more than upstream's.
    pub(super) fn finding(&self, is_ours: bool) -> Finding {
        match &self.version {
            Look::There(version) if has(version, "sealedsecrets") => {
                self.served(has(version, "sealedsecrets/status"), is_ours)
            }
            Look::There(_) | Look::Absent => self.absent(),
            hidden => Finding::hidden(CHECK, "whether SealedSecrets are served", hidden),
        }
    }

    fn absent(&self) -> Finding {
        let others = self.group.there().and_then(|group| group["versions"].as_array());
        let others = others.into_iter().flatten().filter_map(|version| version["version"].as_str());
        let others: Vec<_> = others.collect();
        if !others.is_empty() {
            let found = format!("bitnami.com is served as {}, not as v1alpha1", others.join(", "));
            return Finding::problem(CHECK, found, INSTALL);
        }
        let conditions = &self.definition.there().unwrap_or(&Value::Null)["status"]["conditions"];
        let mut conditions = conditions.as_array().into_iter().flatten();
        let unmet = conditions.find(|condition| condition["status"] == "False");
        let Some(unmet) = unmet.and_then(|unmet| unmet["message"].as_str()) else {
            let found =
                "the cluster does not know SealedSecrets: sealedsecrets.bitnami.com is missing";
            return Finding::problem(CHECK, found, INSTALL);
        };
        let found = format!("sealedsecrets.bitnami.com is there and not served: {unmet}");
        Finding::problem(CHECK, found, "see `kubectl describe crd sealedsecrets.bitnami.com`")
    }

    fn served(&self, has_status: bool, is_ours: bool) -> Finding {
        if !has_status {
            return Finding::problem(
                CHECK,
                "v1alpha1 is served without status: the controller cannot report",
                INSTALL,
            );
        }
        match self.keeps() {
            Some(true) => Finding::ok(CHECK, "v1alpha1 is served, with all that is reported"),
            Some(false) if is_ours => Finding::warning(
                CHECK,
                "v1alpha1 is served as sealed-secrets has it: it drops which keys an object needs",
                format!("it works; to see them, {INSTALL}"),
            ),
            Some(false) => Finding::ok(CHECK, "v1alpha1 is served as sealed-secrets has it"),
            None => {
                let hidden =
                    if self.open_api == Look::Absent { &self.definition } else { &self.open_api };
                Finding::hidden(CHECK, "v1alpha1 is served; of which schema", hidden)
            }
        }
    }

    /// Whether the schema keeps what our controller adds to status.
    fn keeps(&self) -> Option<bool> {
        let status = match (&self.definition, &self.open_api) {
            (Look::There(definition), _) => {
                let mut versions = definition["spec"]["versions"].as_array()?.iter();
                let version = versions.find(|version| version["name"] == "v1alpha1")?;
                &version["schema"]["openAPIV3Schema"]["properties"]["status"]
            }
            (_, Look::There(open_api)) => {
                let schemas = open_api["components"]["schemas"].as_object()?;
                let (_, schema) =
                    schemas.iter().find(|(name, _)| name.ends_with(".SealedSecret"))?;
                &schema["properties"]["status"]
            }
            _ => return None,
        };
        let is_open = status["x-kubernetes-preserve-unknown-fields"] == true;
        Some(is_open || !status["properties"]["keys"].is_null())
    }
}

fn has(version: &Value, name: &str) -> bool {
    let resources = version["resources"].as_array().into_iter().flatten();
    resources.into_iter().any(|resource| resource["name"] == name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::check::State;
    use super::*;

    fn version(names: &[&str]) -> Look<Value> {
        let resources: Vec<_> = names.iter().map(|name| json!({ "name": name })).collect();
        Look::There(json!({ "resources": resources }))
    }

    fn whole() -> Look<Value> {
        version(&["sealedsecrets", "sealedsecrets/status"])
    }

    fn schema(status: Value) -> Look<Value> {
        let schema = json!({ "openAPIV3Schema": { "properties": { "status": status } } });
        Look::There(json!({ "spec": { "versions": [{ "name": "v1alpha1", "schema": schema }] } }))
    }

    fn open_api(status: Value) -> Look<Value> {
        let schema = json!({ "properties": { "status": status } });
        let other = json!({ "properties": {} });
        Look::There(json!({ "components": { "schemas": {
            "com.bitnami.v1alpha1.SealedSecret": schema,
            "com.bitnami.v1alpha1.SealedSecretList": other,
        } } }))
    }

    fn found(version: Look<Value>, definition: Look<Value>, open_api: Look<Value>) -> Definition {
        Definition { group: Look::Absent, version, definition, open_api }
    }

    #[test]
    fn the_schema_says_whether_all_is_kept() {
        let ours = || json!({ "properties": { "conditions": {}, "keys": {} } });
        let theirs = || json!({ "properties": { "conditions": {} } });
        let open = json!({ "x-kubernetes-preserve-unknown-fields": true });
        let forbidden = || Look::Forbidden("cannot get customresourcedefinitions".to_owned());
        for (definition, schema, is_ours, state, text) in [
            (schema(ours()), Look::Absent, true, State::Ok, "all that is reported"),
            (schema(theirs()), Look::Absent, true, State::Warning, "drops which keys"),
            (schema(theirs()), Look::Absent, false, State::Ok, "as sealed-secrets has it"),
            (schema(open), Look::Absent, true, State::Ok, "all that is reported"),
            (forbidden(), open_api(ours()), true, State::Ok, "all that is reported"),
            (forbidden(), open_api(theirs()), true, State::Warning, "drops which keys"),
            (forbidden(), forbidden(), true, State::Unknown, "of which schema: cannot get"),
            (forbidden(), Look::Absent, true, State::Unknown, "of which schema: cannot get"),
        ] {
            let finding = found(whole(), definition, schema).finding(is_ours);
            assert_eq!(finding.state, state, "{finding:?}");
            assert!(finding.found.contains(text), "{finding:?}");
        }
    }

    #[test]
    fn what_could_not_be_looked_at_may_be_there() {
        let of = |version| found(version, Look::Absent, Look::Absent).is_absent();
        assert!(of(Look::Absent) && of(version(&["others"])));
        assert!(!of(whole()));
        assert!(!of(Look::Failed("it answers 500".to_owned())));
    }

    #[test]
    fn what_is_not_served_cannot_be_used() {
        let stuck = json!({ "status": { "conditions": [
            { "type": "NamesAccepted", "status": "False", "message": "the name is taken" },
        ] } });
        let other = Definition {
            group: Look::There(json!({ "versions": [{ "version": "v1beta1" }] })),
            ..found(Look::Absent, Look::Absent, Look::Absent)
        };
        for (definition, text) in [
            (found(Look::Absent, Look::Absent, Look::Absent), "does not know SealedSecrets"),
            (
                found(version(&["others"]), Look::Absent, Look::Absent),
                "does not know SealedSecrets",
            ),
            (
                found(Look::Absent, Look::There(stuck), Look::Absent),
                "not served: the name is taken",
            ),
            (found(version(&["sealedsecrets"]), Look::Absent, Look::Absent), "without status"),
            (other, "served as v1beta1, not as v1alpha1"),
        ] {
            let finding = definition.finding(true);
            assert_eq!(finding.state, State::Problem, "{finding:?}");
            assert!(finding.found.contains(text), "{finding:?}");
        }
    }
}
