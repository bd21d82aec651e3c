//! `kubeseal keys`: what an administrator does with the sealing keys of a cluster.

use std::path::{Path, PathBuf};
use std::process::Command;

use harness::binaries::AGE;
use harness::key::{ACTIVE, sealed};
use harness::kubeseal::Run;
use harness::{
    Cluster, Context, Installation, Key, Namespace, Options, Result, eventually, kubeseal,
};
use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;
use kube::api::{ListParams, Patch, PatchParams};
use sealwright_crypto::{Certificate, Endorsement};
use serde_json::{Value, json};

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
async fn a_key_that_is_needed_or_seals_stays_in_use() -> Result<()> {
    let place = two_keys("needed").await?;
    bring_about(&place, "old", &Key::a()).await?;
    let newest = of(&place, &["retire", &fingerprint(&Key::b())]).await?;
    assert_eq!(newest.code, Some(5), "{}", newest.stderr);
    assert!(newest.stderr.contains("is the newest key, which seals"), "{}", newest.stderr);
    let needed = of(&place, &["retire", "key-a"]).await?;
    assert_eq!(needed.code, Some(5), "{}", needed.stderr);
    assert_eq!(needed.stdout, format!("{}/old: needs the key\n", place.namespace.name()));
    for (word, says) in [("SHA256:", "there is no key"), ("nope", "there is no key")] {
        let run = of(&place, &["retire", word]).await?;
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
    let labels: Vec<_> = keys(&place.namespace).await?.iter().map(label).collect();
    assert_eq!(labels, ["active", "active"]);
    Ok(())
}

#[tokio::test]
async fn a_key_that_nothing_needs_is_relabelled_and_no_more() -> Result<()> {
    let place = two_keys("retired").await?;
    bring_about(&place, "new", &Key::b()).await?;
    let start = &fingerprint(&Key::a())[.."SHA256:".len() + 8];
    let dry = of(&place, &["retire", start, "--dry-run"]).await?;
    assert_eq!((dry.code, dry.stdout.as_str()), (Some(0), ""), "{}", dry.stderr);
    assert!(dry.stderr.contains("Git and other clusters cannot be seen"), "{}", dry.stderr);
    let before = keys(&place.namespace).await?;
    assert_eq!(label(&before[0]), "active");

    let run = of(&place, &["retire", start]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let after = keys(&place.namespace).await?;
    assert_eq!((label(&after[0]), label(&after[1])), ("retired".to_owned(), "active".to_owned()));
    assert_eq!(after[0].data, before[0].data);
    let again = of(&place, &["retire", "key-a"]).await?;
    assert!(again.stderr.contains("retired already"), "{}", again.stderr);
    assert_eq!(again.code, Some(0));
    // The controller has heard of it; and of the way back.
    let old = place.apply(&place.seal(manifest("old"))).await?;
    place.failed(&old).await?;
    let back = json!({ "metadata": { "labels": { ACTIVE.0: ACTIVE.1 } } });
    let secrets = place.namespace.api::<Secret>();
    let patched = secrets.patch("key-a", &PatchParams::default(), &Patch::Merge(back)).await;
    patched.context(|| "cannot label it")?;
    place.synced(&old).await?;
    Ok(())
}

#[tokio::test]
async fn where_nothing_was_looked_at_nothing_is_retired() -> Result<()> {
    let place = two_keys("unseen").await?;
    bring_about(&place, "old", &Key::a()).await?;
    let home = format!("--controller-namespace={}", place.namespace.name());
    let kubeconfig = place.namespace.cluster().kubeconfig();
    let args = ["keys", "retire", "key-a", "--only-namespace=no-such-namespace", &home];
    let run = kubeseal::run(&kubeconfig, args, "").await?;
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("there is no namespace no-such-namespace"), "{}", run.stderr);
    assert_eq!(label(&keys(&place.namespace).await?[0]), "active");
    Ok(())
}

#[tokio::test]
async fn the_key_that_the_controller_says_it_seals_with_stays_in_use() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("order").await?;
    // The older certificate is in the younger Secret: a second apart, as the API server counts.
    Key::b().store(&namespace, "key-b", Some(ACTIVE)).await?;
    let secrets = namespace.api::<Secret>();
    let time = |secret: Secret| secret.metadata.creation_timestamp.map(|time| time.0.as_second());
    let first = time(secrets.get("key-b").await.context(|| "it is not there")?);
    eventually("another second", std::time::Duration::from_secs(5), async || {
        (Some(jiff::Timestamp::now().as_second()) > first).then_some(())
    })
    .await?;
    let args = vec!["--key-order-priority=SecretCreationTimestamp".to_owned()];
    let place = Installation::with(&namespace, Options { args, ..Options::default() }).await?;
    place.controller.proxied().await?;
    let run = of(&place, &["retire", "key-a"]).await?;
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(run.stderr.contains("which seals, as the controller says"), "{}", run.stderr);
    Ok(())
}

#[tokio::test]
async fn all_secrets_of_a_key_are_retired_together() -> Result<()> {
    let place = two_keys("twice").await?;
    Key::a().store(&place.namespace, "key-a-again", Some(ACTIVE)).await?;
    let run = of(&place, &["retire", "key-a-again"]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let labels: Vec<_> = keys(&place.namespace).await?.iter().map(label).collect();
    assert_eq!(labels, ["retired", "retired", "active"]);
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

#[tokio::test]
async fn a_new_key_seals_at_once_and_is_endorsed_by_the_one_before() -> Result<()> {
    let place = two_keys("generated").await?;
    let run = of(&place, &["generate", "--key-size", "2048", "-o", "json"]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let told: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let name = told["keys"][0]["fingerprint"].as_str().unwrap_or_default().to_owned();
    eventually("the controller seals with it", std::time::Duration::from_secs(30), async || {
        let run = place.kubeseal(&["--fetch-cert"], "").await.ok()?;
        let served = Certificate::from_pem(&run.stdout).ok()?;
        (served.fingerprint().to_string() == name).then_some(())
    })
    .await?;
    let secret = told["keys"][0]["secret"].as_str().unwrap_or_default();
    let made = place.namespace.api::<Secret>().get(secret).await.context(|| "it is not there")?;
    assert_eq!(label(&made), "active");
    let word = made.annotations()["sealwright.dev/endorsement"].clone();
    let word = Endorsement::parse(&word).expect("an endorsement");
    let certificate = &made.data.as_ref().expect("it has data")["tls.crt"].0;
    let certificate = std::str::from_utf8(certificate).expect("PEM");
    let certificate = Certificate::from_pem(certificate).expect("a certificate");
    assert!(word.holds(&Key::b().public(), &certificate));
    silent_about_keys(&[run]);
    Ok(())
}

/// Anybody's: nobody opens what is for it here.
const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

/// A controller with keys a and b, of which b is the newer.
async fn two_keys(prefix: &str) -> Result<Installation> {
    let namespace = Cluster::connect().await?.namespace(prefix).await?;
    Key::b().store(&namespace, "key-b", Some(ACTIVE)).await?;
    let place = Installation::with(&namespace, Options::default()).await?;
    place.controller.proxied().await?;
    Ok(place)
}

/// A key Secret that holds no key, and that nobody uses.
async fn retired(namespace: &Namespace, name: &str) -> Result<()> {
    let items = json!({ "tls.crt": "x", "tls.key": "y" });
    harness::key::store(namespace, name, Some((ACTIVE.0, "compromised")), items).await
}

fn manifest(name: &str) -> Value {
    json!({ "metadata": { "name": name }, "stringData": { "a": "value" } })
}

async fn bring_about(place: &Installation, name: &str, key: &Key) -> Result<()> {
    let mut secret = manifest(name);
    secret["metadata"]["namespace"] = place.namespace.name().into();
    let sealed = place.labelled(sealed(&key.public(), secret));
    place.synced(&place.apply(&sealed).await?).await?;
    Ok(())
}

/// `kubeseal keys …` for the keys and objects of one installation: others run beside it.
async fn of(place: &Installation, args: &[&str]) -> Result<Run> {
    let namespace = place.namespace.name();
    let home = format!("--controller-namespace={namespace}");
    let only = format!("--only-namespace={namespace}");
    let looks = ["list", "retire", "verify-backup"].contains(args.first().unwrap_or(&""));
    let only = looks.then_some(only.as_str());
    let args = ["keys"].iter().chain(args).copied().chain([home.as_str()]).chain(only);
    kubeseal::run(&place.namespace.cluster().kubeconfig(), args, "").await
}

async fn restored(to: &Namespace, file: &str, identity: &str, more: &[&str]) -> Result<Run> {
    let home = format!("--controller-namespace={}", to.name());
    let args = ["keys", "restore", file, "-i", identity, home.as_str()];
    let args = args.iter().chain(more).copied();
    kubeseal::run(&to.cluster().kubeconfig(), args, "").await
}

/// The Secrets labelled as keys, by name.
async fn keys(namespace: &Namespace) -> Result<Vec<Secret>> {
    let labelled = ListParams::default().labels(ACTIVE.0);
    let found = namespace.api::<Secret>().list(&labelled).await;
    let mut found = found.context(|| "cannot list keys")?.items;
    found.sort_by_key(ResourceExt::name_any);
    Ok(found)
}

fn label(secret: &Secret) -> String {
    secret.labels()[ACTIVE.0].clone()
}

fn fingerprint(key: &Key) -> String {
    key.public().fingerprint().to_string()
}

/// Nothing of a private key is said, whatever was done with it.
fn silent_about_keys(runs: &[Run]) {
    for run in runs {
        for text in [&run.stdout, &run.stderr] {
            assert!(
                !text.contains("PRIVATE KEY") && !text.contains("LS0tLS1CRUdJTiBSU0E"),
                "{text}"
            );
        }
    }
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).map(|there| there.permissions().mode() & 0o777).unwrap_or_default()
}

/// The real age, with an identity of its own in a folder.
struct Age {
    tools: PathBuf,
    folder: tempfile::TempDir,
}

impl Age {
    fn new() -> Result<Self> {
        let (tools, folder) = (AGE.folder()?, tempfile::tempdir().context(|| "no folder")?);
        let age = Self { tools, folder };
        age.run("age-keygen", &["-o", &age.path("identity.txt").display().to_string()])?;
        Ok(age)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn recipient(&self) -> String {
        let identity = self.path("identity.txt").display().to_string();
        self.run("age-keygen", &["-y", &identity]).unwrap_or_default().trim().to_owned()
    }

    fn decrypted(&self, file: &Path) -> Result<String> {
        let identity = self.path("identity.txt").display().to_string();
        self.run("age", &["-d", "-i", &identity, &file.display().to_string()])
    }

    fn encrypted(&self, file: &Path) -> Result<PathBuf> {
        let to = file.with_extension("age");
        let (from, out) = (file.display().to_string(), to.display().to_string());
        self.run("age", &["-r", &self.recipient(), "-o", &out, &from])?;
        Ok(to)
    }

    fn run(&self, program: &str, args: &[&str]) -> Result<String> {
        let output = Command::new(self.tools.join(program)).args(args).output();
        let output = output.context(|| format!("cannot run {program}"))?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
