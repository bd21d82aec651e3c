//! What `helm test` runs, under the rights that the chart gives it.

use std::time::Duration;

use harness::{Cluster, Context, Installation, Namespace, Options, Result, program};
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{DynamicObject, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use sealwright_api::SealedSecret;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::helm::{Helm, objects};
use crate::matrix::cases;

/// A canary that is sealed and opened, as whoever Helm would run it.
struct Canary {
    place: Installation,
    pod: Value,
}

#[tokio::test]
async fn a_canary_is_opened_and_taken_away() -> Result<()> {
    let canary = Canary::new("canary").await?;
    // One that was cut short has left another behind.
    let left = canary.place.seal(json!({
        "metadata": { "name": canary.name() }, "stringData": { "canary": "left over" },
    }));
    let left = canary.place.apply(&left).await?;
    canary.place.synced(&left).await?;

    let run = canary.run(&[]).await?;
    assert_eq!((run.0, run.2.as_str()), (Some(0), ""), "{}", run.1);
    assert!(run.1.contains(" became its Secret in "), "{}", run.1);
    let namespace = &canary.place.namespace;
    let sealed = namespace.api::<SealedSecret>().get_opt(canary.name()).await;
    assert!(sealed.context(|| "cannot look")?.is_none());
    let secret = namespace.api::<Secret>().get_opt(canary.name()).await;
    assert!(secret.context(|| "cannot look")?.is_none());
    Ok(())
}

#[tokio::test]
async fn a_canary_that_nobody_opens_says_what_was_seen() -> Result<()> {
    let canary = Canary::new("silent").await?;
    let run = canary.run(&["--labels=suite=another", "--timeout=2s"]).await?;
    assert_eq!((run.0, run.1.as_str()), (Some(1), ""));
    let expected =
        "error: cannot see the canary opened: there is no Secret; the controller has not";
    assert!(run.2.starts_with(expected), "{}", run.2);
    let there = canary.place.namespace.api::<SealedSecret>().get_opt(canary.name()).await;
    assert!(there.context(|| "cannot look")?.is_none(), "it was not taken away");
    Ok(())
}

#[tokio::test]
async fn a_secret_that_holds_something_else_is_not_taken_for_the_canary() -> Result<()> {
    let canary = Canary::new("foreign").await?;
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": { "name": canary.name() }, "stringData": { "canary": "somebody's" },
    });
    create(&canary.place.namespace, secret).await?;
    let run = canary.run(&["--timeout=2s"]).await?;
    assert_eq!((run.0, run.1.as_str()), (Some(1), ""));
    let expected = "error: cannot see the canary opened: the Secret holds something else; ";
    assert!(run.2.starts_with(expected), "{}", run.2);
    Ok(())
}

#[tokio::test]
async fn without_a_controller_it_says_so() -> Result<()> {
    let mut canary = Canary::new("nobody").await?;
    canary.place.controller.stop().await?;
    let run = canary.run(&["--timeout=1s"]).await?;
    assert_eq!((run.0, run.1.as_str()), (Some(1), ""));
    assert!(run.2.starts_with("error: cannot fetch the certificate: http://"), "{}", run.2);
    Ok(())
}

/// The other tests tell it the controller's own address: here is nobody who knows a Service by name.
#[test]
fn it_asks_the_service_that_there_is() -> Result<()> {
    for case in cases(&Helm::find()?)? {
        let Some(pod) = case.objects.iter().find(|object| is_hook(object, "Pod")) else { continue };
        let args = pod["spec"]["containers"][0]["args"].as_array().into_iter().flatten();
        let urls = args.filter_map(|arg| arg.as_str()?.strip_prefix("--url="));
        let services = case.objects.iter().filter(|object| object["kind"] == "Service");
        let there = services.filter_map(|service| {
            let (metadata, ports) = (&service["metadata"], service["spec"]["ports"].as_array()?);
            let port = ports.iter().find(|port| port["name"] == "http")?["port"].as_u64()?;
            let (name, namespace) = (metadata["name"].as_str()?, metadata["namespace"].as_str()?);
            Some(format!("http://{name}.{namespace}.svc:{port}"))
        });
        assert_eq!(urls.collect::<Vec<_>>(), there.collect::<Vec<_>>(), "{}", case.name);
    }
    Ok(())
}

/// Each right that the test has is one that it needs.
#[tokio::test]
async fn without_any_of_its_rights_it_fails() -> Result<()> {
    let helm = Helm::find()?;
    let rules = |objects: &[Value]| hook(objects, "Role")["rules"].clone();
    let verbs: Vec<(usize, usize)> = rules(&objects(&rendered(&helm, "any")?)?)
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
        .flat_map(|(rule, verbs)| {
            let count = verbs["verbs"].as_array().map_or(0, Vec::len);
            (0..count).map(move |verb| (rule, verb))
        })
        .collect();
    assert_eq!(verbs.len(), 4);
    for (rule, verb) in verbs {
        let canary = Canary::with("withdrawn", |rules| {
            let rules = rules.as_array_mut().expect("rules are a list");
            match rules[rule]["verbs"].as_array_mut() {
                Some(verbs) if verbs.len() > 1 => drop(verbs.remove(verb)),
                // None may be without verbs.
                _ => drop(rules.remove(rule)),
            }
        })
        .await?;
        // A status that cannot be read is missed only when there is something to say.
        let reads_status = (rule, verb) == (1, 0);
        let silent = ["--labels=suite=another", "--timeout=2s"];
        let run = canary.run(if reads_status { &silent } else { &["--timeout=5s"] }).await?;
        assert_eq!(run.0, Some(1), "without {rule} {verb}: {}", run.1);
        assert!(run.2.contains("forbidden"), "without {rule} {verb}: {}", run.2);
    }
    Ok(())
}

impl Canary {
    async fn new(prefix: &str) -> Result<Self> {
        Self::with(prefix, |_| {}).await
    }

    /// With the rules of its Role changed.
    async fn with(prefix: &str, change: impl Fn(&mut Value)) -> Result<Self> {
        let namespace = Cluster::connect().await?.namespace(prefix).await?;
        let place = Installation::with(&namespace, Options::default()).await?;
        let mut objects = objects(&rendered(&Helm::find()?, namespace.name())?)?;
        objects.retain(|object| object["metadata"]["annotations"]["helm.sh/hook"] == "test");
        let pod = hook(&objects, "Pod").clone();
        for mut object in objects.into_iter().filter(|object| object["kind"] != "Pod") {
            if object["kind"] == "Role" {
                change(&mut object["rules"]);
            }
            create(&namespace, object).await?;
        }
        Ok(Self { place, pod })
    }

    fn name(&self) -> &str {
        self.pod["metadata"]["name"].as_str().unwrap_or_default()
    }

    /// Runs the pod's command; later flags win. Exit code, standard output and error.
    async fn run(&self, more: &[&str]) -> Result<(Option<i32>, String, String)> {
        let container = &self.pod["spec"]["containers"][0];
        let words = |field: &str| {
            let words = container[field].as_array().into_iter().flatten();
            words.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        let namespace = &self.place.namespace;
        let account = self.pod["spec"]["serviceAccountName"].as_str().unwrap_or_default();
        let cluster = namespace.cluster();
        let kubeconfig = cluster.kubeconfig_for_token(namespace.name(), account).await?;
        let output = Command::new(program::built("controller")?)
            .args(&words("command")[1..])
            .args(words("args"))
            .arg(format!("--url={}", self.place.controller.url()))
            .args(more)
            .env("KUBECONFIG", kubeconfig)
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(Duration::from_secs(60), output).await;
        let output = output.context(|| "it does not end")?.context(|| "cannot run it")?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok((output.status.code(), text(output.stdout), text(output.stderr)))
    }
}

fn rendered(helm: &Helm, namespace: &str) -> Result<String> {
    let selector = format!("labelSelector=\"suite={namespace}\"");
    let labels = format!("canary.labels={{\"suite\":\"{namespace}\"}}");
    helm.template(("sealed-secrets", namespace), &[], &[&selector, &labels])
}

fn hook<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    let found = objects.iter().find(|object| is_hook(object, kind));
    found.unwrap_or_else(|| panic!("no {kind} of the test"))
}

fn is_hook(object: &Value, kind: &str) -> bool {
    object["kind"] == kind && object["metadata"]["annotations"]["helm.sh/hook"] == "test"
}

async fn create(namespace: &Namespace, object: Value) -> Result<()> {
    let (version, kind) = (&object["apiVersion"], &object["kind"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (group, version) = match text(version).split_once('/') {
        Some((group, version)) => (group.to_owned(), version.to_owned()),
        None => (String::new(), text(version)),
    };
    let kind = ApiResource::from_gvk(&GroupVersionKind { group, version, kind: text(kind) });
    let api: Api<DynamicObject> =
        Api::namespaced_with(namespace.cluster().client(), namespace.name(), &kind);
    let object: DynamicObject = serde_json::from_value(object).context(|| "no object")?;
    let created = api.create(&PostParams::default(), &object).await;
    created.context(|| "cannot create what the test needs").map(drop)
}
