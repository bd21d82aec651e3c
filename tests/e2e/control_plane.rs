//! The harness itself, against a real control plane.

use std::time::Duration;

use harness::sandbox::POD_ADDRESS;
use harness::{Cluster, Context, Namespace, Result, eventually, service};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::ResourceExt;
use kube::api::{DeleteParams, PostParams};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn namespaces_are_new_and_named_after_the_test() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let (one, two) = (cluster.namespace("twice").await?, cluster.namespace("twice").await?);
    assert!(one.name().starts_with("twice-"), "{}", one.name());
    assert_ne!(one.name(), two.name());
    one.delete().await;
    two.delete().await;
    Ok(())
}

#[tokio::test]
async fn a_secret_is_collected_after_its_owner() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("garbage").await?;
    let owner = owner(&namespace).await?;
    let secrets = namespace.api::<Secret>();
    let secret = object(json!({
        "metadata": { "name": "owned", "ownerReferences": [{
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": "owner",
            "uid": owner.uid(),
        }] },
        "stringData": { "word": "swordfish" },
    }));
    secrets.create(&PostParams::default(), &secret).await.context(|| "cannot own a Secret")?;

    let maps = namespace.api::<ConfigMap>();
    maps.delete("owner", &DeleteParams::default()).await.context(|| "cannot delete")?;

    eventually("the Secret is collected", LIMIT, async || match secrets.get_opt("owned").await {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err("it is there".to_owned()),
        Err(error) => Err(error.to_string()),
    })
    .await
}

#[tokio::test]
async fn the_service_proxy_reaches_a_server_of_the_tests_own() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("proxy").await?;
    let listener = TcpListener::bind((POD_ADDRESS, 0)).await.context(|| "cannot listen")?;
    let port = listener.local_addr().context(|| "no address")?.port();
    tokio::spawn(answer(listener, "reached"));

    service::declare(&namespace, "server").await?;
    service::add_endpoint(&namespace, "server", port).await?;

    let reached = async || service::proxied(&namespace, "server", "/any").await;
    assert_eq!(eventually("the proxy reaches the server", LIMIT, reached).await?, "reached");
    Ok(())
}

#[tokio::test]
async fn a_service_account_may_only_do_what_it_was_granted() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let namespace = cluster.namespace("token").await?;
    let path = cluster.kubeconfig_for_token(namespace.name(), "default").await?;
    let read = kube::config::Kubeconfig::read_from(path).context(|| "cannot read it")?;
    let config = kube::Config::from_custom_kubeconfig(read, &Default::default()).await;
    let client = kube::Client::try_from(config.context(|| "cannot use it")?);
    let client = client.context(|| "cannot use it")?;
    let secrets = kube::Api::<Secret>::namespaced(client, namespace.name());
    match secrets.list(&Default::default()).await {
        Err(kube::Error::Api(status)) => assert_eq!(status.code, 403, "{status:?}"),
        other => panic!("not refused: {other:?}"),
    }
    Ok(())
}

async fn owner(namespace: &Namespace) -> Result<ConfigMap> {
    let map = object(json!({ "metadata": { "name": "owner" } }));
    let created = namespace.api::<ConfigMap>().create(&PostParams::default(), &map).await;
    created.context(|| "cannot create the owner")
}

fn object<K: DeserializeOwned>(manifest: Value) -> K {
    serde_json::from_value(manifest).expect("a manifest")
}

/// Says the same to everyone.
async fn answer(listener: TcpListener, body: &str) {
    let length = body.len();
    let answer =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut request = [0; 4096];
        // A client that went away is nobody's failure.
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}
