//! Several replicas: one leads and writes, all serve, and another follows when it is gone.

use std::time::{Duration, Instant};

use harness::installation::items;
use harness::{
    Cluster, Context, ControllerProcess, Installation, Options, Result, Rights, Signal, eventually,
    http,
};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(30);
const LEADS: &str = "this replica leads";
const NAME: &str = "sealed-secrets-controller";

#[tokio::test]
async fn one_leads_and_all_serve() -> Result<()> {
    let (place, second) = pair("pair").await?;
    place.bring_about(secret("db")).await?;
    assert_eq!(leaders(&[&place.controller, &second]), 1);
    for replica in [&place.controller, &second] {
        let url = replica.url();
        assert_eq!(http::get(&format!("{url}/v1/cert.pem")).await?.status(), 200);
        let body = place.seal(secret("db")).to_string();
        assert_eq!(http::post(&format!("{url}/v1/verify"), body.clone()).await?.status(), 200);
        assert_eq!(http::post(&format!("{url}/v1/rotate"), body).await?.status(), 200);
        eventually("it is ready", LIMIT, async || {
            (http::get(&format!("{url}/readyz")).await.ok()?.status() == 200).then_some(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn after_a_graceful_stop_another_leads_at_once() -> Result<()> {
    let (mut place, second) = pair("handover").await?;
    let first = place.bring_about(secret("db")).await?;
    let since = Instant::now();
    place.controller.stop().await?;
    // What goes on while nobody may lead yet is made good.
    place.delete_secret(&first).await?;
    let sealed = place.apply(&place.seal(secret("next"))).await?;
    place.synced(&sealed).await?;
    assert!(since.elapsed() < Duration::from_secs(6), "{:?}", since.elapsed());
    place.secret_when(&first, "is there again", |s| items(s) == json!({ "a": "one" })).await?;
    assert_eq!(leaders(&[&second]), 1);
    Ok(())
}

#[tokio::test]
async fn after_the_leader_was_killed_another_leads_within_15_seconds() -> Result<()> {
    let (mut place, second) = pair("killed-leader").await?;
    place.bring_about(secret("db")).await?;
    place.controller.signal(Signal::KILL)?;
    place.controller.ended(LIMIT).await?;
    let since = Instant::now();
    let sealed = place.apply(&place.seal(secret("next"))).await?;
    place.synced(&sealed).await?;
    assert!(since.elapsed() < Duration::from_secs(15), "{:?}", since.elapsed());
    assert_eq!(leaders(&[&second]), 1);
    Ok(())
}

/// What a leader remembers of the time before is not what the other has made of it since.
#[tokio::test]
async fn a_leader_that_was_away_takes_nothing_for_new_that_the_other_brought_about() -> Result<()> {
    let (place, mut second) = pair("away").await?;
    let sealed = place.bring_about(secret("db")).await?;
    place.controller.signal(Signal::STOP)?;
    eventually("the second leads", LIMIT, async || (leaders(&[&second]) == 1).then_some(()))
        .await?;
    let changed = json!({ "metadata": { "name": "db" }, "stringData": { "a": "two" } });
    let changed = place.seal(changed);
    place.edit(&sealed, json!({ "spec": changed["spec"] })).await?;
    place.secret_when(&sealed, "is the new one", |s| items(s) == json!({ "a": "two" })).await?;
    place.edit_secret(&sealed, json!({ "metadata": { "labels": { "of": "others" } } })).await?;

    place.controller.signal(Signal::CONT)?;
    second.stop().await?;
    let leads_again = || place.controller.log().stdout.matches(LEADS).count() > 2;
    eventually("the first leads again", LIMIT, async || leads_again().then_some(())).await?;
    place.edit_secret(&sealed, json!({ "stringData": { "a": "three" } })).await?;
    let healed = |s: &Secret| items(s) == json!({ "a": "two" });
    let secret = place.secret_when(&sealed, "is healed", healed).await?;
    assert_eq!(secret.labels().get("of").map(String::as_str), Some("others"));
    Ok(())
}

#[tokio::test]
async fn without_the_right_to_leases_it_leads_alone_and_says_so_once() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("alone").await?;
    let options = Options { rights: Rights::Upstream, ..Options::default() };
    let place = Installation::with(&namespace, options).await?;
    place.bring_about(secret("db")).await?;
    place.other_work().await?;
    let log = place.controller.log().stdout;
    assert_eq!(log.matches("leads alone").count(), 1, "{log}");
    Ok(())
}

#[tokio::test]
async fn without_leader_election_there_is_no_lease() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("no-lease").await?;
    let args = vec!["--leader-election=false".to_owned()];
    let options = Options { args, rights: Rights::Ours, ..Options::default() };
    let place = Installation::with(&namespace, options).await?;
    place.bring_about(secret("db")).await?;
    let lease = namespace.api::<Lease>().get_opt(NAME).await.context(|| "cannot look")?;
    assert_eq!(lease.map(|lease| lease.name_any()), None);
    Ok(())
}

/// An installation, and a second replica of it, once the first leads.
async fn pair(prefix: &str) -> Result<(Installation, ControllerProcess)> {
    let namespace = Cluster::connect().await?.namespace(prefix).await?;
    let options = || Options { rights: Rights::Ours, ..Options::default() };
    let place = Installation::with(&namespace, options()).await?;
    eventually("the first leads", LIMIT, async || {
        place.controller.log().stdout.contains(LEADS).then_some(())
    })
    .await?;
    let second = place.replica(options()).await?;
    Ok((place, second))
}

fn leaders(replicas: &[&ControllerProcess]) -> usize {
    replicas.iter().filter(|replica| replica.log().stdout.contains(LEADS)).count()
}

fn secret(name: &str) -> Value {
    json!({ "metadata": { "name": name }, "stringData": { "a": "one" } })
}
