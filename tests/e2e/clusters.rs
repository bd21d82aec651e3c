//! One Secret for several clusters, and clusters that are out of reach: two controllers in two namespaces
//! stand for two clusters, each with a context of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use harness::kubeseal::{Run, run_with};
use harness::{Cluster, Context, Installation, Options, Result, Signal, eventually};
use sealwright_crypto::Certificate;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(40);
/// Leads nowhere: what is sent through it does not arrive.
const AWAY: &str = "--proxy-url=http://127.0.0.1:1";

/// Two clusters, a kubeconfig for both, and a repository that says which folder is for which.
struct World {
    dev: Installation,
    prod: Installation,
    folder: tempfile::TempDir,
}

impl World {
    async fn new(prefix: &str) -> Result<Self> {
        let dev = installation(&format!("{prefix}-dev")).await?;
        let prod = installation(&format!("{prefix}-prod")).await?;
        let world = Self { dev, prod, folder: tempfile::tempdir().context(|| "no folder")? };
        world.furnish()?;
        Ok(world)
    }

    fn furnish(&self) -> Result<()> {
        let step = || "cannot write a repository";
        for folder in ["repo/.git", "repo/dev", "repo/prod", "settings"] {
            std::fs::create_dir_all(self.path(folder)).context(step)?;
        }
        let rule = |name: &str, place: &Installation| {
            let namespace = place.namespace.name();
            format!("- path: {name}\n  context: {name}\n  controllerNamespace: {namespace}\n")
        };
        let rules = rule("dev", &self.dev) + &rule("prod", &self.prod);
        let rules = format!("version: 1\nrules:\n{rules}");
        std::fs::write(self.path("repo/.sealed-secrets.yaml"), rules).context(step)?;
        let mut kubeconfig = self.administrators()?;
        let context = |name: &str| {
            let context =
                json!({ "cluster": "sealwright", "user": "sealwright", "namespace": name });
            json!({ "name": name, "context": context })
        };
        kubeconfig["contexts"] = json!([context("dev"), context("prod")]);
        kubeconfig["current-context"] = Value::Null;
        let stranger = json!({ "name": "stranger", "user": { "token": "wrong" } });
        kubeconfig["users"].as_array_mut().into_iter().for_each(|all| all.push(stranger.clone()));
        self.write_kubeconfig(&kubeconfig)
    }

    fn administrators(&self) -> Result<Value> {
        let path = self.dev.namespace.cluster().kubeconfig();
        let text = std::fs::read_to_string(path).context(|| "cannot read the kubeconfig")?;
        serde_saphyr::from_str(&text).context(|| "a kubeconfig is YAML")
    }

    fn write_kubeconfig(&self, kubeconfig: &Value) -> Result<()> {
        let written = std::fs::write(self.path("kubeconfig"), kubeconfig.to_string());
        written.context(|| "cannot write a kubeconfig")
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    async fn kubeseal(&self, args: &[&str]) -> Result<Run> {
        run_with(&self.path("kubeconfig"), &self.path("settings"), args, "hunter2").await
    }

    /// `create` into a file of the repository.
    async fn create(&self, file: &str, flags: &[&str]) -> Result<Run> {
        let file = self.path("repo").join(file).display().to_string();
        let args = ["create", "generic", "db", "a=-", "--force", "-w", &file];
        self.kubeseal(&[&args, flags].concat()).await
    }
}

#[tokio::test]
async fn one_secret_is_sealed_for_each_cluster_and_opens_there_alone() -> Result<()> {
    let world = World::new("several").await?;
    let run = world.create("{cluster}/db.yaml", &["--context=dev", "--context=prod"]).await?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    for (at, name) in ["dev", "prod"].into_iter().enumerate() {
        let line = run.stderr.lines().nth(at).unwrap_or_default();
        let rule = format!("of the context {name} (rule {} of ", at + 1);
        assert!(line.starts_with("sealing with SHA256:") && line.contains(&rule), "{line}");
        // The context says the namespace.
        let text = read(&world.path("repo").join(name).join("db.yaml"))?;
        assert!(text.contains(&format!("\n  namespace: {name}\n")), "{text}");
    }
    // Each file is tried by the controller that its rule says.
    let repository = world.path("repo").display().to_string();
    let run = world.kubeseal(&["verify", "--online", &repository]).await?;
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(
        run.stderr
            .ends_with("2 SealedSecrets, every value tried by the controller: nothing found\n"),
        "{}",
        run.stderr
    );
    // In the other's place neither opens.
    let swapped = world.path("repo/prod/db.yaml");
    std::fs::rename(world.path("repo/dev/db.yaml"), &swapped).context(|| "cannot move it")?;
    let run = world.kubeseal(&["verify", "--online", &repository]).await?;
    assert_eq!(run.code, Some(4), "{}{}", run.stdout, run.stderr);
    Ok(())
}

#[tokio::test]
async fn nothing_is_written_where_one_cluster_is_out_of_reach() -> Result<()> {
    let mut world = World::new("all-or-none").await?;
    world.prod.controller.stop().await?;
    let run = world.create("{cluster}/db.yaml", &["--context=dev", "--context=prod"]).await?;
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    for name in ["dev", "prod"] {
        assert!(!world.path("repo").join(name).join("db.yaml").exists(), "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn items_are_set_and_sealed_anew_by_the_rules() -> Result<()> {
    let world = World::new("by-rules").await?;
    world.create("{cluster}/db.yaml", &["--context=dev", "--context=prod"]).await?;
    let file = world.path("repo/prod/db.yaml").display().to_string();
    let run = world.kubeseal(&["set", &file, "b=-"]).await?;
    assert!(
        run.code == Some(0) && run.stderr.contains("of the context prod (rule 2"),
        "{}",
        run.stderr
    );
    // A newer key in one of the two.
    let home = format!("--controller-namespace={}", world.prod.namespace.name());
    let generate = ["keys", "generate", "--key-size=2048", "--context=prod", &home, "-o=json"];
    let made = world.kubeseal(&generate).await?;
    let made: Value = serde_json::from_str(&made.stdout).expect("it is JSON");
    eventually("it is served", LIMIT, async || {
        let served = world.prod.kubeseal(&["--fetch-cert"], "").await.ok()?;
        let served = Certificate::from_pem(&served.stdout).ok()?;
        (made["keys"][0]["fingerprint"] == served.fingerprint().to_string()).then_some(())
    })
    .await?;
    let files = ["repo/dev/db.yaml", "repo/prod/db.yaml"].map(|file| world.path(file));
    let [dev, prod] = [read(&files[0])?, read(&files[1])?];
    let repository = world.path("repo").display().to_string();
    let run = world.kubeseal(&["reencrypt", &repository]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("asking the controller "), "{}", run.stderr);
    assert!(run.stderr.contains("2 values sealed anew, 1 with the newest key"), "{}", run.stderr);
    assert_eq!(read(&files[0])?, dev);
    assert_ne!(read(&files[1])?, prod);
    let run = world.kubeseal(&["verify", "--online", &repository]).await?;
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    Ok(())
}

#[tokio::test]
async fn a_cluster_out_of_reach_is_sealed_for_with_its_last_certificate() -> Result<()> {
    let world = World::new("cached").await?;
    // Not before there is one.
    let run = world.create("dev/db.yaml", &[AWAY]).await?;
    assert!(
        run.code == Some(3) && run.stderr.contains(".sealed-secrets.yaml: cannot reach "),
        "{}",
        run.stderr
    );
    let run = world.create("dev/db.yaml", &[]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let fingerprint = fingerprint(&run).to_owned();
    let run = world.create("dev/away.yaml", &[AWAY]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.starts_with("note: cannot reach "), "{}", run.stderr);
    assert!(run.stderr.contains("using its certificate, which was fetched "), "{}", run.stderr);
    assert!(run.stderr.contains(" from the cache, fetched "), "{}", run.stderr);
    assert!(run.stderr.contains(&fingerprint), "{}", run.stderr);
    let file = world.path("repo/dev/away.yaml").display().to_string();
    let run = world.kubeseal(&["verify", "--online", &file]).await?;
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    // Another cluster's is none, nor does a cluster that answers count as out of reach.
    for (flags, why) in [
        (&["--context=prod", AWAY][..], "cannot reach "),
        (&["--controller-namespace=elsewhere", AWAY], "cannot reach "),
        (&["--user=stranger"], "does not accept the credentials"),
    ] {
        let run = world.create("dev/other.yaml", flags).await?;
        assert_eq!(run.code, Some(3), "{flags:?}: {}", run.stderr);
        assert!(run.stderr.contains(why), "{flags:?}: {}", run.stderr);
        assert!(!world.path("repo/dev/other.yaml").exists());
    }
    // The flat mode knows no cache.
    let namespace = format!("--controller-namespace={}", world.dev.namespace.name());
    let run = world.kubeseal(&["--fetch-cert", "--context=dev", &namespace, AWAY]).await?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{}", run.stderr);
    Ok(())
}

#[tokio::test]
async fn nothing_is_kept_of_a_server_that_anybody_may_be() -> Result<()> {
    let world = World::new("unchecked").await?;
    let run = world.create("dev/db.yaml", &["--insecure-skip-tls-verify"]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let run = world.create("dev/away.yaml", &[AWAY]).await?;
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(!run.stderr.contains("using its certificate"), "{}", run.stderr);
    assert!(!world.path("repo/dev/away.yaml").exists());
    // Nor is the next one told to have changed from it.
    let run = world.create("dev/db.yaml", &[]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(!run.stderr.contains("changed from"), "{}", run.stderr);
    Ok(())
}

#[tokio::test]
async fn a_plugin_that_needs_the_network_is_no_hindrance() -> Result<()> {
    let world = World::new("plugin-away").await?;
    let cluster = world.dev.namespace.cluster();
    let user = cluster.namespace("plugin-user").await?;
    let user = cluster.kubeconfig_for_token(user.name(), "default").await?;
    let user = std::fs::read_to_string(user).context(|| "cannot read it")?;
    let user: Value = serde_saphyr::from_str(&user).context(|| "it is YAML")?;
    let version = "client.authentication.k8s.io/v1";
    let credential = json!({
        "apiVersion": version,
        "kind": "ExecCredential",
        "status": { "token": user["users"][0]["user"]["token"] },
    });
    let file = world.path("credential");
    std::fs::write(&file, credential.to_string()).context(|| "cannot write it")?;
    let text = read(&world.path("kubeconfig"))?;
    let mut kubeconfig: Value = serde_json::from_str(&text).context(|| "it is JSON")?;
    let plugin = json!({
        "apiVersion": version,
        "command": "cat",
        "args": [file],
        "interactiveMode": "Never",
    });
    kubeconfig["users"][0]["user"] = json!({ "exec": plugin });
    world.write_kubeconfig(&kubeconfig)?;
    let run = world.create("dev/db.yaml", &[]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    std::fs::remove_file(&file).context(|| "cannot take it away")?;
    let run = world.create("dev/db.yaml", &[]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("note: the credential plugin cat "), "{}", run.stderr);
    assert!(run.stderr.contains("using its certificate, which was fetched "), "{}", run.stderr);
    Ok(())
}

#[tokio::test]
async fn a_key_that_changed_is_told_once() -> Result<()> {
    let world = World::new("renewed").await?;
    let first = world.create("dev/db.yaml", &[]).await?;
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    world.dev.controller.signal(Signal::USR1)?;
    let changed = eventually("it has another key", LIMIT, async || {
        let run = world.create("dev/db.yaml", &[]).await.ok()?;
        (fingerprint(&run) != fingerprint(&first)).then_some(run)
    })
    .await?;
    let (old, new) = (fingerprint(&first), fingerprint(&changed));
    let note = format!(" of the context dev changed from {old} to {new}\n");
    assert!(
        changed.stderr.starts_with("note: the sealing key of the controller "),
        "{}",
        changed.stderr
    );
    assert!(changed.stderr.contains(&note), "{}", changed.stderr);
    let again = world.create("dev/db.yaml", &[]).await?;
    assert!(again.code == Some(0) && !again.stderr.contains("changed"), "{}", again.stderr);
    // Out of reach, it is the newest one that is used.
    let away = world.create("dev/db.yaml", &[AWAY]).await?;
    assert_eq!((away.code, fingerprint(&away)), (Some(0), new), "{}", away.stderr);
    Ok(())
}

#[tokio::test]
async fn namespaces_are_completed_from_the_cluster() -> Result<()> {
    let world = World::new("complete").await?;
    let ask = async |line: &[&str]| {
        world.kubeseal(&[&["completion", "namespaces", "--"], line].concat()).await
    };
    for line in [
        &["set", "f.yaml", "--context", "dev", "-n"][..],
        &["--context", "=", "prod", "--namespace"],
        &["create", "generic", "--context=dev", "--nonsense", "--namespace"],
    ] {
        let run = ask(line).await?;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{line:?}");
        assert!(
            run.stdout.lines().any(|name| name == world.dev.namespace.name()),
            "{}",
            run.stdout
        );
    }
    for (line, code) in
        [(&["-n"][..], 3), (&["--context", "none", "-n"], 2), (&["--context=dev", AWAY, "-n"], 3)]
    {
        let run = ask(line).await?;
        assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{line:?}: {}", run.stderr);
    }
    Ok(())
}

/// A controller with a key of its own.
async fn installation(prefix: &str) -> Result<Installation> {
    let namespace = Cluster::connect().await?.namespace(prefix).await?;
    let args = vec!["--key-size=2048".to_owned()];
    let options = Options { args, ..Options::default() };
    let place = Installation::without_key(&namespace, options).await?;
    place.controller.proxied().await?;
    Ok(place)
}

fn fingerprint(run: &Run) -> &str {
    let line = run.stderr.lines().find_map(|line| line.strip_prefix("sealing with "));
    line.and_then(|line| line.split(' ').next()).unwrap_or_default()
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).context(|| format!("cannot read {}", path.display()))
}
