//! kubeseal with a cluster: certificate and validation through the API server's proxy.

use harness::{Cluster, Installation, Options, Result, Rights, controller, kubeseal};
use serde_json::{Value, json};

#[tokio::test]
async fn the_certificate_comes_through_the_proxy_as_it_is() -> Result<()> {
    let place = Installation::new("fetch").await?;
    place.controller.proxied().await?;
    let run = place.kubeseal(&["--fetch-cert"], "").await?;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(run.stdout, place.key.certificate_pem());
    Ok(())
}

#[tokio::test]
async fn what_opens_is_valid() -> Result<()> {
    let place = Installation::new("valid").await?;
    place.controller.proxied().await?;
    let two = format!("---\n{}\n---\n{}", place.seal(secret("one")), place.seal(secret("two")));
    let run = place.kubeseal(&["--validate"], &two).await?;
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
    Ok(())
}

#[tokio::test]
async fn what_does_not_open_is_named() -> Result<()> {
    let place = Installation::new("invalid").await?;
    place.controller.proxied().await?;
    let mut stolen = place.seal(secret("db"));
    stolen["metadata"]["name"] = "thief".into();
    let run = place.kubeseal(&["--validate"], &stolen.to_string()).await?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    let first = run.stderr.lines().next();
    assert_eq!(first, Some("error: unable to decrypt sealed secret: thief"));
    assert_talks_briefly(&run.stderr);
    Ok(())
}

#[tokio::test]
async fn what_the_controller_cannot_read_is_not_called_undecryptable() -> Result<()> {
    let place = Installation::new("unreadable").await?;
    place.controller.proxied().await?;
    let mut damaged = place.seal(secret("db"));
    damaged["spec"]["encryptedData"]["a"] = "!".into();
    let run = place.kubeseal(&["--validate"], &damaged.to_string()).await?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.contains("not a valid SealedSecret"), "{}", run.stderr);
    assert_talks_briefly(&run.stderr);
    Ok(())
}

/// Upstream's role lets everyone who is logged in fetch the certificate; this one is elsewhere.
#[tokio::test]
async fn without_permission_it_says_so() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let (user, other) = (cluster.namespace("nobody").await?, cluster.namespace("closed").await?);
    let nobody = cluster.kubeconfig_for_token(user.name(), "default").await?;
    let place = format!("--controller-namespace={}", other.name());
    for mode in [&["--fetch-cert"][..], &["--validate"], &[]] {
        let args = mode.iter().copied().chain([place.as_str()]);
        let sealed =
            "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: a}, spec: {}}";
        let input =
            if mode == ["--validate"] { sealed.to_owned() } else { secret("db").to_string() };
        let run = kubeseal::run(&nobody, args, &input).await?;
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{mode:?} {}", run.stderr);
        let beginning =
            format!("error: no permission to reach {}/{}", other.name(), controller::NAME);
        assert!(run.stderr.starts_with(&beginning), "{mode:?} {}", run.stderr);
        assert_talks_briefly(&run.stderr);
    }
    Ok(())
}

#[tokio::test]
async fn everyone_who_is_logged_in_may_seal() -> Result<()> {
    let place = Installation::new("everyone").await?;
    place.controller.proxied().await?;
    let cluster = place.namespace.cluster();
    let user = cluster.namespace("user").await?;
    let user = cluster.kubeconfig_for_token(user.name(), "default").await?;
    let args = [format!("--controller-namespace={}", place.namespace.name())];
    let run = kubeseal::run(&user, args, &secret("db").to_string()).await?;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    Ok(())
}

#[tokio::test]
async fn a_wrong_controller_name_brings_helms_to_mind() -> Result<()> {
    // Under upstream's rights there is no published certificate, of which it would speak as well.
    let namespace = Cluster::connect().await?.namespace("misnamed").await?;
    let options = Options { rights: Rights::Upstream, ..Options::default() };
    let place = Installation::with(&namespace, options).await?;
    let run = place.kubeseal(&["--fetch-cert", "--controller-name=nobody"], "").await?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    let first = format!("error: there is no Service {}/nobody", place.namespace.name());
    assert_eq!(run.stderr.lines().next(), Some(first.as_str()));
    assert!(
        run.stderr.contains("Helm's default install is named sealed-secrets"),
        "{}",
        run.stderr
    );
    assert_talks_briefly(&run.stderr);
    Ok(())
}

#[tokio::test]
async fn a_service_without_a_controller_is_told() -> Result<()> {
    let mut place = Installation::new("stopped").await?;
    place.controller.stop().await?;
    let run = place.kubeseal(&["--fetch-cert"], "").await?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    assert_talks_briefly(&run.stderr);
    Ok(())
}

/// One line of what is wrong, and perhaps one of what to do.
fn assert_talks_briefly(stderr: &str) {
    let lines: Vec<_> = stderr.lines().collect();
    let is_brief = match lines[..] {
        [error] => error.starts_with("error: "),
        [error, hint] => error.starts_with("error: ") && hint.starts_with("hint: "),
        _ => false,
    };
    assert!(is_brief, "{stderr}");
}

fn secret(name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": { "name": name },
        "stringData": { "a": "one" },
    })
}
