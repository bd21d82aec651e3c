//! `kubeseal keys list`.

use harness::{Key, Result, kubeseal};
use serde_json::{Value, json};

use crate::place::{RECIPIENT, bring_about, fingerprint, of, retired, silent_about_keys, two_keys};

#[tokio::test]
async fn keys_are_listed_with_what_needs_each() -> Result<()> {
    let place = two_keys("listed").await?;
    retired(&place.namespace, "key-c").await?;
    for (name, key) in [("one", &Key::a()), ("two", &Key::a()), ("three", &Key::b())] {
        bring_about(&place, name, key).await?;
    }
    let foreign = json!({ "metadata": { "name": "moved" }, "stringData": { "a": "x" } });
    let mut foreign = place.seal(foreign);
    foreign["metadata"]["name"] = "elsewhere".into();
    place.apply(&foreign).await?;

    let run = of(&place, &["list", "-o", "json"]).await?;
    let told: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let line = |secret: &str| {
        let mut keys = told["keys"].as_array().into_iter().flatten();
        let key = keys.find(|key| key["secret"] == secret).expect("the key is listed");
        (key["state"].as_str().unwrap_or_default().to_owned(), key["objects"].as_u64())
    };
    assert_eq!(line("key-a"), ("active".to_owned(), Some(2)));
    assert_eq!(line("key-b"), ("newest".to_owned(), Some(1)));
    assert_eq!(line("key-c"), ("unreadable".to_owned(), None));
    assert_eq!(told["keys"][0]["fingerprint"], fingerprint(&Key::b()));
    assert_eq!(told["unopened"], json!([format!("{}/elsewhere", place.namespace.name())]));
    assert_eq!(run.code, Some(0));
    assert!(run.stderr.contains("no key opens") && run.stderr.contains("key-c cannot be used"));

    let table = of(&place, &["list"]).await?;
    assert!(table.stdout.starts_with("SECRET  STATE"), "{}", table.stdout);
    silent_about_keys(&[run, table]);
    Ok(())
}

#[tokio::test]
async fn who_may_not_see_keys_is_told_so() -> Result<()> {
    let place = two_keys("no-rights").await?;
    let namespace = place.namespace.name();
    let kubeconfig = place.namespace.cluster().kubeconfig_for_token(namespace, "default").await?;
    let home = format!("--controller-namespace={namespace}");
    for verb in [&["list"][..], &["generate"], &["retire", "key-a"], &["backup", "-r", RECIPIENT]] {
        let args = ["keys"].iter().chain(verb).copied().chain([home.as_str()]);
        let run = kubeseal::run(&kubeconfig, args, "").await?;
        assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""), "{verb:?} {}", run.stderr);
        let beginning = format!("error: no permission to list the key Secrets in {namespace}: ");
        assert!(run.stderr.starts_with(&beginning), "{}", run.stderr);
    }
    Ok(())
}
