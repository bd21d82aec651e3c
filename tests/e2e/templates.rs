//! Templates of values, as the controller renders them.

use std::collections::BTreeMap;
use std::time::Duration;

use harness::installation::items;
use harness::{Cluster, Context, Error, Installation, Options, Result, eventually, http};
use kube::ResourceExt;
use sealwright_api::SealedSecret;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn values_are_rendered_over_the_sealed_ones() -> Result<()> {
    let place = Installation::new("templates").await?;
    let url = "postgres://{{ .user | urlquery }}:{{ .password | urlquery }}@db/app";
    let sealed = place.apply(&with_templates(&place, "db", json!({ "url": url }))).await?;
    place.synced(&sealed).await?;
    let expected = json!({
        "user": "a b", "password": "p@ss", "url": "postgres://a+b:p%40ss@db/app",
    });
    assert_eq!(items(&place.secret(&sealed).await?), expected);
    Ok(())
}

#[tokio::test]
async fn what_a_failing_template_works_on_is_in_no_report() -> Result<()> {
    let place = Installation::new("templates-fail").await?;
    for (name, text, told) in [
        ("fail", "{{ fail .password }}", "line 1, column 4: fail"),
        ("range", "\n{{ range .password }}{{ end }}", "line 2, "),
        (
            "unknown",
            "{{ toYaml . }}",
            "template t, line 1, column 4: function \"toYaml\" not defined",
        ),
        ("cycle", "{{ $d := dict }}{{ $_ := set $d \"a\" $d }}{{ $d }}", "itself"),
        (
            "endless",
            "{{ define \"t\" }}{{ template \"t\" . }}{{ end }}{{ template \"t\" . }}",
            "line 1",
        ),
    ] {
        let sealed = place.apply(&with_templates(&place, name, json!({ "t": text }))).await?;
        let message = place.failed(&sealed).await?;
        assert!(message.contains(told), "{name}: {message}");
        assert_eq!(place.secret_now(&sealed).await?, None, "{name}");
        let events = place.events(&sealed).await?;
        let told = events.iter().filter_map(|event| event.message.as_deref());
        let told = told.chain([message.as_str()]).collect::<Vec<_>>().join("\n");
        assert!(!told.contains("p@ss"), "{name}: {told}");
    }
    assert!(!place.controller.log().to_string().contains("p@ss"), "the log holds a value");
    Ok(())
}

/// What nobody could type is made once for each spec.
#[tokio::test]
async fn random_values_stay_until_the_spec_changes() -> Result<()> {
    let place = Installation::new("random").await?;
    stay(place, Options::default()).await
}

#[tokio::test]
async fn random_values_stay_without_status_updates_too() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("random-no-status").await?;
    let options =
        || Options { args: vec!["--update-status=false".to_owned()], ..Options::default() };
    let place = Installation::with(&namespace, options()).await?;
    stay(place, options()).await
}

async fn stay(mut place: Installation, options: Options) -> Result<()> {
    let templates =
        json!({ "token": "{{ randAlphaNum 20 }}", "at": "{{ now | date \"150405.000\" }}" });
    let mut manifest = with_templates(&place, "db", templates);
    let sealed = place.apply(&manifest).await?;
    let made = values_when(&place, &sealed, |values| values.len() == 4).await?;
    assert_eq!(made["token"].len(), 20);
    for round in 0..10 {
        // A look that is under way may have seen the edit already: then it takes another.
        let (before, mut edits) = (looks(&place).await?, 0);
        eventually("the object is looked at again", LIMIT, async || {
            edits += 1;
            let label = json!({ "metadata": { "labels": { "edit": format!("{round}-{edits}") } } });
            place.edit_secret(&sealed, label).await.ok()?;
            (looks(&place).await.ok()? > before).then_some(())
        })
        .await?;
        assert_eq!(values_when(&place, &sealed, |_| true).await?, made, "round {round}");
    }
    place.restart(options).await?;
    place.edit_secret(&sealed, json!({ "stringData": { "user": "edited" } })).await?;
    assert_eq!(values_when(&place, &sealed, |values| values["user"] == "a b").await?, made);

    manifest["spec"]["template"]["data"]["more"] = "{{ randNumeric 5 }}".into();
    let changed = place.apply(&manifest).await?;
    let anew = values_when(&place, &changed, |values| values.len() == 5).await?;
    assert_ne!(anew["token"], made["token"], "a new spec has new values");
    Ok(())
}

/// How often the controller has opened an object.
async fn looks(place: &Installation) -> Result<u64> {
    let metrics = http::get(&format!("{}/metrics", place.controller.metrics_url())).await?;
    let text = String::from_utf8_lossy(metrics.body()).into_owned();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("sealed_secrets_controller_unseal_requests_total "));
    line.and_then(|count| count.parse().ok()).ok_or_else(|| Error::new("there is no such metric"))
}

async fn values_when(
    place: &Installation,
    sealed: &SealedSecret,
    is_so: impl Fn(&BTreeMap<String, String>) -> bool,
) -> Result<BTreeMap<String, String>> {
    let what = format!("the Secret {} is as expected", sealed.name_any());
    eventually(&what, LIMIT, async || {
        let secret = place.secret_now(sealed).await.map_err(|error| format!("{error:#}"))?;
        let items = items(&secret.ok_or("there is none")?);
        let values: BTreeMap<String, String> =
            serde_json::from_value(items).map_err(|error| error.to_string())?;
        if is_so(&values) { Ok(values) } else { Err(format!("{:?}", values.keys())) }
    })
    .await
    .context(|| "cannot look")
}

fn with_templates(place: &Installation, name: &str, templates: Value) -> Value {
    let mut sealed = place.seal(json!({
        "metadata": { "name": name },
        "stringData": { "user": "a b", "password": "p@ss" },
    }));
    sealed["spec"]["template"]["data"] = templates;
    sealed
}
