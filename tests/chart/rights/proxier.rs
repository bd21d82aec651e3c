//! What those who seal may do: each verb has its use, and only that one is lost with it.

use std::time::Duration;

use harness::{Cluster, Context, Error, Installation, Key, Options, Result, eventually, key};
use http::Request;
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::{Api, Client};
use serde_json::{Value, json};

use super::installed::{Granted, Installed, Mode, withdraw};
use crate::helm::{Helm, find, objects};
use crate::objects::kubectl;

const LIMIT: Duration = Duration::from_secs(30);

/// What a user does, by the verb that it takes.
const USES: [(&str, Use); 4] = [
    ("configmaps get", Use::ReadTheConfigMap),
    ("services get", Use::ReadTheService),
    ("services/proxy create", Use::Verify),
    ("services/proxy get", Use::FetchTheCertificate),
];

#[derive(Clone, Copy, Debug)]
enum Use {
    /// kubeseal's way when the proxy leads nowhere.
    ReadTheConfigMap,
    /// For the name of its port.
    ReadTheService,
    Verify,
    FetchTheCertificate,
}

#[tokio::test]
async fn who_is_logged_in_may_do_what_each_verb_is_for() -> Result<()> {
    let (helm, cluster) = (Helm::find()?, Cluster::connect().await?);
    let installed = Installed::new(&cluster, &helm, Mode::Everywhere, None).await?;
    Key::a().store(&installed.home, "key-a", Some(key::ACTIVE)).await?;
    let options = Options {
        args: installed.arguments.clone(),
        installed: Some(installed.names.clone()),
        ..Options::default()
    };
    let place = Installation::without_key(&installed.home, options).await?;
    let user = cluster.namespace("user").await?;
    let user = cluster.kubeconfig_for_token(user.name(), "default").await?;
    let user = cluster.client_of(&user).await?;
    for withdrawn in std::iter::once(None).chain(USES.map(|(verb, _)| Some(verb))) {
        let mut role = role(&helm, place.namespace.name(), false)?;
        if let Some(verb) = withdrawn {
            withdraw(&mut role, &Granted { role: "service-proxier".into(), verb: verb.into() });
        }
        kubectl(&cluster, &["replace", "-f-"], &role).await?;
        for (verb, what) in USES {
            let expected = withdrawn != Some(verb);
            eventually(&format!("{what:?} without {withdrawn:?}"), LIMIT, async || {
                let done = what.done(&user, &place).await;
                if done.is_ok() == expected { Ok(()) } else { Err(format!("{done:?}")) }
            })
            .await?;
        }
    }
    Ok(())
}

#[test]
fn for_the_certificate_alone_nothing_is_created() -> Result<()> {
    let helm = Helm::find()?;
    let mut verbs = USES.map(|(verb, _)| verb).to_vec();
    assert_eq!(granted(&role(&helm, "home", false)?), verbs);
    verbs.retain(|verb| *verb != "services/proxy create");
    assert_eq!(granted(&role(&helm, "home", true)?), verbs);
    Ok(())
}

impl Use {
    async fn done(self, user: &Client, place: &Installation) -> Result<()> {
        let home = place.namespace.name();
        let proxy = format!("/api/v1/namespaces/{home}/services/http:{home}:http/proxy");
        let refused = || "refused";
        match self {
            Self::ReadTheConfigMap => {
                let maps = Api::<ConfigMap>::namespaced(user.clone(), home);
                maps.get("sealed-secrets-cert").await.context(refused).map(drop)
            }
            Self::ReadTheService => {
                let services = Api::<Service>::namespaced(user.clone(), home);
                services.get(home).await.context(refused).map(drop)
            }
            Self::Verify => {
                let secret = json!({ "metadata": { "name": "x" }, "stringData": { "a": "b" } });
                let sealed = place.seal(secret).to_string().into_bytes();
                let request = Request::post(format!("{proxy}/v1/verify")).body(sealed);
                let request = request.context(|| "no request")?;
                user.request_text(request).await.context(refused).map(drop)
            }
            Self::FetchTheCertificate => {
                let request = Request::get(format!("{proxy}/v1/cert.pem")).body(Vec::new());
                let request = request.context(|| "no request")?;
                let served = user.request_text(request).await.context(refused)?;
                let is_it = served == Key::a().certificate_pem();
                if is_it { Ok(()) } else { Err(Error::new("another certificate")) }
            }
        }
    }
}

fn role(helm: &Helm, home: &str, is_narrow: bool) -> Result<Value> {
    let name = format!("fullnameOverride=\"{home}\"");
    let narrow = format!("rbac.serviceProxier.certificateOnly={is_narrow}");
    let rendered = objects(&helm.template(("sealed-secrets", home), &[], &[&name, &narrow])?)?;
    Ok(find(&rendered, "Role", &format!("{home}-service-proxier")).clone())
}

/// Resources and verbs, in order.
fn granted(role: &Value) -> Vec<String> {
    let rules = role["rules"].as_array().into_iter().flatten();
    let verbs = rules.flat_map(|rule| {
        let resource = rule["resources"][0].as_str().unwrap_or_default();
        let verbs = rule["verbs"].as_array().into_iter().flatten().filter_map(Value::as_str);
        verbs.map(move |verb| format!("{resource} {verb}"))
    });
    let mut verbs: Vec<_> = verbs.collect();
    verbs.sort();
    verbs
}
