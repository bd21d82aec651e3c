//! kubeseal's verbs that ask a cluster, on a real one.

use std::path::{Path, PathBuf};

use harness::installation::items;
use harness::key::ACTIVE;
use harness::kubeseal::{self, Run};
use harness::{Cluster, Context, Installation, Key, Options, Result};
use serde_json::{Value, json};

#[tokio::test]
async fn values_are_tried_by_the_controller() -> Result<()> {
    let place = two_keys("verified", &[]).await?;
    let folder = Folder::new()?;
    folder.write("good.yaml", &manifest(&place, "good", &Key::a()))?;
    let run = verb(&place, &["verify", "--online", &folder.path()]).await?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    assert!(run.stderr.contains("every value tried by the controller"), "{}", run.stderr);

    let mut moved = manifest(&place, "moved", &Key::a());
    moved["metadata"]["name"] = "elsewhere".into();
    folder.write("moved.yaml", &moved)?;
    let run = verb(&place, &["verify", "--online", "-o", "json", &folder.path()]).await?;
    assert_eq!(run.code, Some(4), "{}", run.stderr);
    let told: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let findings = told["findings"].as_array().cloned().unwrap_or_default();
    assert_eq!(findings.len(), 1, "{told}");
    assert_eq!(findings[0]["weight"], "sealed");
    let at = findings[0]["place"].as_str().unwrap_or_default();
    assert!(at.ends_with("moved.yaml (elsewhere)"), "{at}");
    Ok(())
}

#[tokio::test]
async fn only_values_of_older_keys_are_sealed_anew() -> Result<()> {
    let place = two_keys("outdated", &[]).await?;
    let folder = Folder::new()?;
    let mut object = manifest(&place, "mixed", &Key::a());
    let newer = manifest(&place, "mixed", &Key::b());
    object["spec"]["encryptedData"]["b"] = newer["spec"]["encryptedData"]["a"].clone();
    let file = folder.write("mixed.json", &object)?;
    folder.write("new.json", &manifest(&place, "new", &Key::b()))?;
    let new = folder.read("new.json")?;

    let dry = verb(&place, &["reencrypt", "--dry-run", &folder.path()]).await?;
    assert_eq!(dry.code, Some(0), "{}", dry.stderr);
    assert_eq!(folder.object("mixed.json")?, object);
    let run = verb(&place, &["reencrypt", &folder.path()]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.stdout, format!("{} (mixed): a\n", file.display()));
    assert!(
        run.stderr.contains("1 value sealed anew, 2 with the newest key already"),
        "{}",
        run.stderr
    );
    let after = folder.object("mixed.json")?;
    let item = |object: &Value, key: &str| object["spec"]["encryptedData"][key].clone();
    assert_ne!(item(&after, "a"), item(&object, "a"));
    assert_eq!(item(&after, "b"), item(&object, "b"));
    assert_eq!(folder.read("new.json")?, new);

    let again = verb(&place, &["reencrypt", &folder.path()]).await?;
    assert!(again.stderr.contains("0 values sealed anew, 3 with"), "{}", again.stderr);
    let applied = place.synced(&place.apply(&place.labelled(after)).await?).await?;
    let values = items(&place.secret(&applied).await?);
    assert_eq!(values, json!({ "a": "mixed", "b": "mixed" }));
    Ok(())
}

#[tokio::test]
async fn a_controller_that_is_asked_too_often_is_waited_for() -> Result<()> {
    let place = two_keys("patient", &["--rate-limit=2", "--rate-limit-burst=2"]).await?;
    let folder = Folder::new()?;
    for index in 0..6 {
        let name = format!("s{index}");
        folder.write(&format!("{name}.json"), &manifest(&place, &name, &Key::a()))?;
    }
    let run = verb(&place, &["reencrypt", "--jobs", "4", &folder.path()]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("6 values sealed anew"), "{}", run.stderr);
    Ok(())
}

#[tokio::test]
async fn what_is_created_and_set_with_the_clusters_key_opens_there() -> Result<()> {
    let place = two_keys("created", &[]).await?;
    let folder = Folder::new()?;
    folder.write_text("value", "hunter2")?;
    let file = folder.0.path().join("db.json").display().to_string();
    let value = format!("password=@{}", folder.0.path().join("value").display());
    let namespace = place.namespace.name();
    let args = ["create", "generic", "db", &value, "-n", namespace, "-w", &file];
    let run = verb(&place, &args).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let other = format!("user=@{}", folder.0.path().join("value").display());
    let run = verb(&place, &["set", &file, &other]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let sealed = place.labelled(folder.object("db.json")?);
    let applied = place.synced(&place.apply(&sealed).await?).await?;
    let values = items(&place.secret(&applied).await?);
    assert_eq!(values, json!({ "password": "hunter2", "user": "hunter2" }));
    Ok(())
}

#[tokio::test]
async fn whoever_may_read_the_secret_edits_its_values() -> Result<()> {
    let place = two_keys("revealed", &[]).await?;
    let folder = Folder::new()?;
    let mut object = place.labelled(manifest(&place, "db", &Key::a()));
    place.synced(&place.apply(&object).await?).await?;
    // The file is ahead of the cluster in one item.
    let ahead = manifest(&place, "db", &Key::b());
    object["spec"]["encryptedData"]["new"] = ahead["spec"]["encryptedData"]["a"].clone();
    folder.write("db.json", &object)?;
    let seen = folder.0.path().join("seen");
    let editor = format!("cp \"$1\" {0}; sed -i 's/^a: .*/a: changed/' \"$1\"", seen.display());
    folder.write_text("editor.sh", &editor)?;
    let run = edited(&place, &folder, &place.namespace.cluster().kubeconfig()).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stderr.contains("not shown, since the cluster has something else than the file: new")
    );
    let sheet = folder.read("seen")?;
    assert!(sheet.contains("\na: db\n") && sheet.contains("\nnew: <sealed>\n"), "{sheet}");
    let after = folder.object("db.json")?;
    assert_eq!(after["spec"]["encryptedData"]["new"], object["spec"]["encryptedData"]["new"]);
    let applied = place.synced(&place.apply(&after).await?).await?;
    let values = items(&place.secret(&applied).await?);
    assert_eq!(values, json!({ "a": "changed", "new": "db" }));
    Ok(())
}

#[tokio::test]
async fn whoever_may_not_read_the_secret_is_shown_nothing() -> Result<()> {
    let place = two_keys("hidden", &[]).await?;
    let folder = Folder::new()?;
    let object = place.labelled(manifest(&place, "db", &Key::a()));
    folder.write("db.json", &object)?;
    folder.write_text("editor.sh", "exit 7")?;
    let before = folder.read("db.json")?;
    let admin = place.namespace.cluster().kubeconfig();
    let absent = edited(&place, &folder, &admin).await?;
    assert_eq!(absent.code, Some(4), "{}", absent.stderr);
    assert!(absent.stderr.contains("there is no SealedSecret"), "{}", absent.stderr);

    place.synced(&place.apply(&object).await?).await?;
    let (cluster, namespace) = (place.namespace.cluster(), place.namespace.name());
    let kubeconfig = cluster.kubeconfig_for_token(namespace, "default").await?;
    let run = edited(&place, &folder, &kubeconfig).await?;
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(
        run.stderr.starts_with("error: no permission to read the SealedSecret"),
        "{}",
        run.stderr
    );
    assert_eq!(folder.read("db.json")?, before);
    Ok(())
}

/// A controller with keys a and b, of which b is the newer.
async fn two_keys(prefix: &str, args: &[&str]) -> Result<Installation> {
    let namespace = Cluster::connect().await?.namespace(prefix).await?;
    Key::b().store(&namespace, "key-b", Some(ACTIVE)).await?;
    let args = args.iter().map(|arg| (*arg).to_owned()).collect();
    let options = Options { args, ..Options::default() };
    let place = Installation::with(&namespace, options).await?;
    place.controller.proxied().await?;
    Ok(place)
}

/// A SealedSecret whose item `a` is its name.
fn manifest(place: &Installation, name: &str, key: &Key) -> Value {
    let secret = json!({ "metadata": { "name": name }, "stringData": { "a": name } });
    place.seal_with(key, secret)
}

async fn verb(place: &Installation, args: &[&str]) -> Result<Run> {
    let home = format!("--controller-namespace={}", place.namespace.name());
    let args = args.iter().copied().chain([home.as_str()]);
    kubeseal::run(&place.namespace.cluster().kubeconfig(), args, "").await
}

/// `edit --reveal db.json` with the folder's editor.
async fn edited(place: &Installation, folder: &Folder, kubeconfig: &Path) -> Result<Run> {
    let home = format!("--controller-namespace={}", place.namespace.name());
    let file = folder.0.path().join("db.json").display().to_string();
    let cert = folder.write_text("cert.pem", Key::b().certificate_pem())?.display().to_string();
    let editor = format!("sh {}", folder.0.path().join("editor.sh").display());
    let args = ["edit", "--reveal", &file, "--cert", &cert, &home];
    kubeseal::run_in(kubeconfig, &[("EDITOR", &editor), ("VISUAL", &editor)], args, "").await
}

/// Files of a test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Result<Self> {
        Ok(Self(tempfile::tempdir().context(|| "cannot make a folder")?))
    }

    fn path(&self) -> String {
        self.0.path().display().to_string()
    }

    fn write(&self, name: &str, object: &Value) -> Result<PathBuf> {
        self.write_text(name, &format!("{object:#}\n"))
    }

    fn write_text(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).context(|| format!("cannot write {name}"))?;
        Ok(path)
    }

    fn read(&self, name: &str) -> Result<String> {
        std::fs::read_to_string(self.0.path().join(name)).context(|| format!("cannot read {name}"))
    }

    fn object(&self, name: &str) -> Result<Value> {
        Ok(serde_json::from_str(&self.read(name)?).expect("it is JSON"))
    }
}
