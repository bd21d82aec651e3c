//! The controller as a process: how it starts, how it ends, and what flags change.

use std::time::Duration;

use futures::future::try_join_all;
use harness::installation::items;
use harness::{Cluster, Context, ControllerProcess, Installation, Options, Rbac, Result, Signal};
use harness::{eventually, sandbox};
use kube::ResourceExt;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// Kubernetes kills after half a minute.
const LIMIT: Duration = Duration::from_secs(25);

#[tokio::test]
async fn asked_to_end_it_ends_well_and_says_so() -> Result<()> {
    for (signal, name) in [(Signal::TERM, "SIGTERM"), (Signal::INT, "SIGINT")] {
        let mut place = Installation::new("end").await?;
        place.bring_about(secret("db", "one")).await?;
        place.controller.signal(signal)?;
        let status = place.controller.ended(LIMIT).await?;
        let log = place.controller.log();
        assert_eq!(status.code(), Some(0), "{log}");
        for word in [name, "stopped"] {
            assert!(log.to_string().contains(word), "{word} is not told\n{log}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_that_nobody_uses_does_not_keep_it() -> Result<()> {
    let mut place = Installation::new("idle").await?;
    place.bring_about(secret("db", "one")).await?;
    let port = place.controller.url().rsplit(':').next().and_then(|port| port.parse().ok());
    let address = (sandbox::POD_ADDRESS, port.unwrap_or_default());
    let _idle = TcpStream::connect(address).await.context(|| "cannot connect")?;
    place.controller.signal(Signal::TERM)?;
    let status = place.controller.ended(LIMIT).await?;
    let log = place.controller.log();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.to_string().contains("unfinished"), "{log}");
    Ok(())
}

/// Upstream's namespaced mode allows no watch in the own namespace.
#[tokio::test]
async fn a_watch_that_never_began_does_not_delay_the_end() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let (own, added) = (cluster.namespace("own").await?, cluster.namespace("added").await?);
    let options = Options {
        rbac: Rbac::Namespaced,
        additional_namespaces: vec![added.name().to_owned()],
        ..Options::default()
    };
    let mut place = Installation::with(&own, options).await?;
    let status = place.controller.stop().await?;
    let log = place.controller.log();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.to_string().contains("unfinished"), "{log}");
    Ok(())
}

#[tokio::test]
async fn work_in_hand_is_done_whole_and_the_rest_at_the_next_start() -> Result<()> {
    const OBJECTS: usize = 40;
    let mut place = Installation::new("in-hand").await?;
    let manifests: Vec<_> =
        (0..OBJECTS).map(|index| place.seal(secret(&format!("s{index}"), "one"))).collect();
    let applied = try_join_all(manifests.iter().map(|manifest| place.apply(manifest))).await?;
    place.controller.signal(Signal::TERM)?;
    let status = place.controller.ended(LIMIT).await?;
    assert_eq!(status.code(), Some(0), "{}", place.controller.log());
    for sealed in &applied {
        if let Some(secret) = place.secret_now(sealed).await? {
            assert_eq!(items(&secret), values("one"));
            assert_eq!(secret.owner_references().len(), 1);
        }
    }

    place.start_again(Options::default()).await?;
    for sealed in &applied {
        place.synced(sealed).await?;
        assert_eq!(items(&place.secret(sealed).await?), values("one"));
    }
    Ok(())
}

#[tokio::test]
async fn killed_in_the_middle_it_leaves_nothing_half_done() -> Result<()> {
    let mut place = Installation::new("killed").await?;
    let manifests: Vec<_> =
        (0..20).map(|index| place.seal(secret(&format!("s{index}"), "one"))).collect();
    let applied = try_join_all(manifests.iter().map(|manifest| place.apply(manifest))).await?;
    place.controller.signal(Signal::KILL)?;
    place.controller.ended(LIMIT).await?;
    place.start_again(Options::default()).await?;
    for sealed in &applied {
        place.synced(sealed).await?;
        assert_eq!(items(&place.secret(sealed).await?), values("one"));
    }
    Ok(())
}

#[tokio::test]
async fn a_start_that_cannot_succeed_fails_with_the_reason() -> Result<()> {
    let cluster = Cluster::connect().await?;
    for (argument, reason) in [
        ("--label-selector=a in", "--label-selector: "),
        ("--key-size=1024", "--key-size"),
        ("--listen-addr=192.0.2.1:1", "cannot listen on 192.0.2.1:1"),
        ("--listen-addr=192.0.2.1:2", "; choose another address with --listen-addr"),
    ] {
        let namespace = cluster.namespace("no-start").await?;
        let options = Options { args: vec![argument.to_owned()], ..Options::default() };
        let Err(error) = ControllerProcess::start(&namespace, options).await else {
            panic!("{argument}: it started");
        };
        let told = format!("{error:#}");
        assert!(told.contains("ended") && told.contains(reason), "{argument}: {told}");
        assert!(!told.contains("panicked"), "{argument}: {told}");
    }
    Ok(())
}

#[tokio::test]
async fn without_status_updates_there_is_a_secret_and_an_event() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("no-status").await?;
    let place = Installation::with(&namespace, with_args(&["--update-status=false"])).await?;
    let sealed = place.apply(&place.seal(secret("db", "one"))).await?;
    place.event(&sealed, "Unsealed", 1).await?;
    assert_eq!(items(&place.secret(&sealed).await?), values("one"));
    let now = place.sealed_secrets(&sealed).get("db").await.context(|| "cannot get it")?;
    assert_eq!(now.status, None);

    let changed = place.apply(&place.seal(secret("db", "two"))).await?;
    place.secret_when(&changed, "follows", |secret| items(secret) == values("two")).await?;
    Ok(())
}

#[tokio::test]
async fn the_deprecated_form_can_be_turned_off() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("no-v1-data").await?;
    let options = with_args(&["--accept-deprecated-v1-data=false"]);
    let place = Installation::with(&namespace, options).await?;
    let mut sealed =
        place.seal(json!({ "metadata": { "name": "db" }, "stringData": { "data": "{}" } }));
    let data = sealed["spec"]["encryptedData"]["data"].take();
    sealed["spec"] = json!({ "data": data, "encryptedData": {} });
    let message = place.failed(&place.apply(&sealed).await?).await?;
    assert!(message.contains("deprecated"), "{message}");
    Ok(())
}

#[tokio::test]
async fn a_flag_can_be_a_variable_and_the_flag_wins() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("environment").await?;
    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let options = Options {
        env: vec![
            variable("SEALED_SECRETS_LOG_LEVEL", "ERROR"),
            variable("SEALED_SECRETS_UPDATE_STATUS", "false"),
            // Kubernetes puts it there beside a Service named sealed-secrets.
            variable("SEALED_SECRETS_PORT", "tcp://10.96.0.1:8080"),
        ],
        ..with_args(&["--update-status=true"])
    };
    let place = Installation::with(&namespace, options).await?;
    place.bring_about(secret("db", "one")).await?;
    let log = place.controller.log();
    assert_eq!((log.stdout.as_str(), log.stderr.as_str()), ("", ""));
    Ok(())
}

#[tokio::test]
async fn two_replicas_do_not_disturb_each_other() -> Result<()> {
    let place = Installation::new("replicas").await?;
    let second = Installation::with(&place.namespace, Options::default()).await?;
    let sealed = place.bring_about(secret("db", "one")).await?;
    place.other_work().await?;
    second.other_work().await.map_err(|error| place.controller.with_log(error))?;
    let what = "status says synced and nothing else was reported";
    eventually(what, LIMIT, async || {
        let events = place.events(&sealed).await.map_err(|error| format!("{error:#}"))?;
        let reasons: Vec<_> = events.iter().filter_map(|event| event.reason.as_deref()).collect();
        if reasons.iter().all(|reason| *reason == "Unsealed") {
            Ok(())
        } else {
            Err(format!("{reasons:?}"))
        }
    })
    .await?;
    assert_eq!(items(&place.secret(&sealed).await?), values("one"));
    Ok(())
}

fn with_args(args: &[&str]) -> Options {
    Options { args: args.iter().map(|arg| (*arg).to_owned()).collect(), ..Options::default() }
}

fn secret(name: &str, value: &str) -> Value {
    json!({ "metadata": { "name": name }, "stringData": values(value) })
}

fn values(value: &str) -> Value {
    json!({ "a": value, "b": value, "c": value })
}
