//! `kubeseal keys backup`, `verify-backup` and `restore`, with the real age tool.

use harness::key::ACTIVE;
use harness::{Cluster, Context, Key, Result};
use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;
use serde_json::{Value, json};

use crate::age::Age;
use crate::place::{
    bring_about, fingerprint, keys, label, mode, of, restored, retired, silent_about_keys, two_keys,
};

#[tokio::test]
async fn a_backup_opens_with_the_age_tool_and_brings_everything_back() -> Result<()> {
    let place = two_keys("backed-up").await?;
    bring_about(&place, "one", &Key::a()).await?;
    bring_about(&place, "two", &Key::b()).await?;
    let age = Age::new()?;
    let file = age.path("keys.age");
    let (shown, recipient) = (file.display().to_string(), age.recipient());
    let backup = of(&place, &["backup", "-r", &recipient, "-w", &shown]).await?;
    assert_eq!((backup.code, backup.stdout.as_str()), (Some(0), ""), "{}", backup.stderr);
    assert!(backup.stderr.contains("2 keys encrypted for 1 recipient"), "{}", backup.stderr);
    assert_eq!(mode(&file), 0o600);
    let before = std::fs::read(&file).context(|| "cannot read it")?;
    let again = of(&place, &["backup", "-r", &recipient, "-w", &shown]).await?;
    assert_eq!(again.code, Some(5), "{}", again.stderr);
    assert_eq!(std::fs::read(&file).context(|| "cannot read it")?, before);

    let opened = age.decrypted(&file)?;
    assert_eq!(opened.matches("sealedsecrets.bitnami.com/sealed-secrets-key: active").count(), 2);
    assert!(!opened.contains("resourceVersion") && !opened.contains("uid:"), "{opened}");

    let identity = age.path("identity.txt").display().to_string();
    let tried = of(&place, &["verify-backup", &shown, "-i", &identity]).await?;
    assert_eq!((tried.code, tried.stdout.as_str()), (Some(0), ""), "{}", tried.stderr);
    assert!(tried.stderr.contains("all 2 SealedSecrets in backed-up-"), "{}", tried.stderr);

    // Elsewhere: another cluster, as far as keys go.
    let other = Cluster::connect().await?.namespace("restored").await?;
    let there = restored(&other, &shown, &identity, &["--dry-run"]).await?;
    assert_eq!(there.code, Some(0), "{}", there.stderr);
    assert!(keys(&other).await?.is_empty());
    let there = restored(&other, &shown, &identity, &[]).await?;
    assert_eq!(there.code, Some(0), "{}", there.stderr);
    let first = keys(&other).await?;
    assert_eq!(first.iter().map(ResourceExt::name_any).collect::<Vec<_>>(), ["key-a", "key-b"]);
    let again = restored(&other, &shown, &identity, &["-o", "json"]).await?;
    let told: Value = serde_json::from_str(&again.stdout).expect("it is JSON");
    let fates: Vec<_> =
        told.as_array().into_iter().flatten().map(|step| &step["becomes"]).collect();
    assert_eq!(fates, ["there already", "there already"]);
    let versions =
        |keys: &[Secret]| keys.iter().map(ResourceExt::resource_version).collect::<Vec<_>>();
    assert_eq!(versions(&keys(&other).await?), versions(&first));
    silent_about_keys(&[backup, tried, there, again]);
    Ok(())
}

#[tokio::test]
async fn a_backup_that_lacks_a_key_says_what_would_be_lost() -> Result<()> {
    let place = two_keys("lacking").await?;
    bring_about(&place, "kept", &Key::a()).await?;
    let age = Age::new()?;
    let plain = age.path("plain.yaml");
    let only_a = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": { "name": "key-a", "labels": { ACTIVE.0: ACTIVE.1 } },
        "stringData": { "tls.key": Key::a().private_key_pem(), "tls.crt": Key::a().certificate_pem() },
    });
    std::fs::write(&plain, only_a.to_string()).context(|| "cannot write it")?;
    let file = age.encrypted(&plain)?.display().to_string();
    let identity = age.path("identity.txt").display().to_string();
    let missing = of(&place, &["verify-backup", &file, "-i", &identity]).await?;
    assert_eq!(missing.code, Some(1), "{}", missing.stderr);
    assert!(missing.stdout.starts_with("key-b: not in use in the backup"), "{}", missing.stdout);

    bring_about(&place, "lost", &Key::b()).await?;
    let lost = of(&place, &["verify-backup", &file, "-i", &identity, "-o", "json"]).await?;
    assert_eq!(lost.code, Some(4), "{}", lost.stderr);
    let told: Value = serde_json::from_str(&lost.stdout).expect("it is JSON");
    let object = format!("{}/lost", place.namespace.name());
    assert_eq!(told["lost"], json!([{ "object": object, "items": ["a"] }]));
    silent_about_keys(&[missing, lost]);
    Ok(())
}

#[tokio::test]
async fn restoring_leaves_other_secrets_and_retired_keys_alone() -> Result<()> {
    let place = two_keys("from").await?;
    let age = Age::new()?;
    let file = age.path("keys.age").display().to_string();
    let backup = of(&place, &["backup", "-r", &age.recipient(), "-w", &file]).await?;
    assert_eq!(backup.code, Some(0), "{}", backup.stderr);
    let identity = age.path("identity.txt").display().to_string();

    let other = Cluster::connect().await?.namespace("taken").await?;
    Key::b().store(&other, "retired-b", Some((ACTIVE.0, "compromised"))).await?;
    harness::key::store(&other, "key-a", None, json!({ "tls.crt": "x", "tls.key": "y" })).await?;
    let run = restored(&other, &file, &identity, &["-o", "json"]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let told: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let steps: Vec<_> = told.as_array().into_iter().flatten().collect();
    assert_eq!(steps[0]["becomes"], "restored");
    assert_eq!(
        (&steps[1]["secret"], &steps[1]["becomes"]),
        (&json!("retired-b"), &json!("there, retired"))
    );
    let name = steps[0]["secret"].as_str().unwrap_or_default();
    assert!(name.starts_with("sealed-secrets-key-"), "{name}");
    let taken = other.api::<Secret>().get("key-a").await.context(|| "it is gone")?;
    assert_eq!(taken.data.unwrap_or_default()["tls.crt"].0, b"x");
    let labelled: Vec<_> = keys(&other).await?.iter().map(ResourceExt::name_any).collect();
    assert_eq!(labelled, ["retired-b", name]);
    Ok(())
}

#[tokio::test]
async fn what_is_no_key_in_a_backup_keeps_no_other_out() -> Result<()> {
    let place = two_keys("junk").await?;
    retired(&place.namespace, "key-0").await?;
    let legacy =
        json!({ "tls.crt": Key::a().certificate_pem(), "tls.key": Key::a().private_key_pem() });
    harness::key::store(&place.namespace, "sealed-secrets-key", None, legacy).await?;
    let age = Age::new()?;
    let file = age.path("keys.age").display().to_string();
    let backup = of(&place, &["backup", "-r", &age.recipient(), "-w", &file]).await?;
    assert_eq!(backup.code, Some(0), "{}", backup.stderr);
    assert!(backup.stderr.contains("warning: key-0 cannot be used as a key"), "{}", backup.stderr);
    let identity = age.path("identity.txt").display().to_string();
    bring_about(&place, "one", &Key::a()).await?;
    let tried = of(&place, &["verify-backup", &file, "-i", &identity]).await?;
    assert_eq!(tried.code, Some(0), "{}", tried.stderr);
    assert!(tried.stderr.contains("(key-0), which is retired, holds no key"), "{}", tried.stderr);

    let other = Cluster::connect().await?.namespace("from-junk").await?;
    let run = restored(&other, &file, &identity, &[]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let all: Vec<_> = keys(&other).await?.iter().map(|key| (key.name_any(), label(key))).collect();
    let active = |name: &str| (name.to_owned(), "active".to_owned());
    assert_eq!(all, [active("key-a"), active("key-b")]);
    Ok(())
}

#[tokio::test]
async fn what_only_a_retired_key_of_the_backup_opens_is_told() -> Result<()> {
    let place = two_keys("out-of-use").await?;
    bring_about(&place, "one", &Key::a()).await?;
    let age = Age::new()?;
    let key = |name: &str, key: &Key, label: &str| {
        json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": { "name": name, "labels": { ACTIVE.0: label } },
            "stringData": { "tls.key": key.private_key_pem(), "tls.crt": key.certificate_pem() },
        })
    };
    let plain = age.path("plain.yaml");
    let all = [key("key-a", &Key::a(), "compromised"), key("key-b", &Key::b(), "active")];
    std::fs::write(&plain, all.map(|key| format!("---\n{key}\n")).concat())
        .context(|| "no file")?;
    let file = plain.display().to_string();
    let run = of(&place, &["verify-backup", &file, "-o", "json"]).await?;
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let told: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert_eq!(told["needRetired"], json!([format!("{}/one", place.namespace.name())]));
    assert_eq!(
        (&told["lost"], &told["missingKeys"]),
        (&json!([]), &json!([fingerprint(&Key::a())]))
    );
    Ok(())
}
