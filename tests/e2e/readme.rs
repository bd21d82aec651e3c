//! README's commands for a developer, an administrator and a CI step, run as they stand and in
//! their order, beside the controller of `deploy/controller.yaml`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::node::{Node, Pods};
use harness::{Cluster, Context, Error, Result, eventually};
use k8s_openapi::api::core::v1::Secret;
use kube::{Api, ResourceExt};
use sealwright_crypto::{Certificate, Envelope, PrivateKey, open};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

const README: &str = include_str!("../../README.md");
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// The namespace that README seals for.
const SHOP: &str = "shop";
const KEY_LABEL: &str = "sealedsecrets.bitnami.com/sealed-secrets-key";
const PASSWORD: &str = "correct horse battery staple";
const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn every_command_does_what_readme_says() -> Result<()> {
    let reader = Reader::new().await?;
    reader.install().await?;
    let arguments = ["--all-namespaces=false", "--additional-namespaces=shop"];
    let pods = Pods {
        namespace: "kube-system",
        selector: "name=sealed-secrets-controller",
        program: reader.programs.join("controller"),
        arguments: arguments.map(str::to_owned).to_vec(),
    };
    let logs = tempfile::tempdir().context(|| "cannot make a folder for the log")?;
    let mut node = Node::new(&reader.cluster, pods, logs.path());
    node.beside(async {
        reader.rolled_out().await?;
        developer(&reader).await?;
        administrator(&reader).await?;
        ci_step(&reader).await
    })
    .await
}

async fn developer(reader: &Reader) -> Result<()> {
    let [fetch, seal, from_kubectl, merge, raw, apply] = blocks("A developer");
    reader.runs(fetch).await?;
    let [key] = &reader.keys("active").await?[..] else { panic!("one key was made") };
    assert_eq!(reader.text("cert.pem")?, key.certificate);

    reader.runs(seal).await?;
    let sealed = reader.yaml("sealed.yaml")?;
    assert_eq!(sealed["metadata"], json!({ "name": "db", "namespace": SHOP }));
    assert_eq!(key.opened(&sealed), json!({ "password": PASSWORD }));
    assert!(!reader.text("sealed.yaml")?.contains(PASSWORD));
    assert!(!reader.folder.path().join("secret.yaml").exists());

    reader.runs(from_kubectl).await?;
    assert_eq!(key.opened(&reader.yaml("sealed-api.yaml")?), json!({ "token": "t0p-s3cret" }));

    reader.runs(merge).await?;
    let merged = reader.yaml("sealed.yaml")?;
    let opened = json!({ "password": PASSWORD, "username": "admin" });
    assert_eq!(key.opened(&merged), opened);
    let password = |sealed: &Value| sealed["spec"]["encryptedData"]["password"].clone();
    assert_eq!(password(&merged), password(&sealed), "it stays as it was");

    let value = reader.runs(raw).await?;
    assert_eq!(key.open("shop/db", &value).as_deref(), Some(PASSWORD));

    let told = reader.runs(apply).await?;
    assert!(told.contains("sealedsecret.bitnami.com/db condition met"), "{told}");
    assert_eq!(reader.secret("db").await?, opened);
    Ok(())
}

async fn administrator(reader: &Reader) -> Result<()> {
    let [back_up, recover, renew, through_controller, offline, look, retire] =
        blocks("An administrator");
    reader.runs(back_up).await?;
    let mode = std::fs::metadata(reader.folder.path().join("keys.yaml"));
    assert_eq!(mode.context(|| "no backup")?.permissions().mode() & 0o777, 0o600);

    let recovered: Value = read_yaml(&reader.runs(recover).await?)?;
    let base64 = |value: &str| STANDARD.encode(value);
    let data = json!({ "password": base64(PASSWORD), "username": base64("admin") });
    assert_eq!((&recovered["kind"], &recovered["data"]), (&json!("Secret"), &data));

    let old = reader.only_key("active").await?;
    old.is_of_the_past().await?;
    reader.runs(renew).await?;
    let new = reader.new_key(&old).await?;

    let before = reader.text("sealed.yaml")?;
    reader.runs(through_controller).await?;
    assert_eq!(reader.text("cert.pem")?, new.certificate);
    let sealed = reader.yaml("sealed.yaml")?;
    assert_eq!(new.opened(&sealed), json!({ "password": PASSWORD, "username": "admin" }));
    assert_eq!(old.opened(&sealed), json!({}));

    reader.runs(offline).await?;
    let sealed = reader.yaml("sealed-api.yaml")?;
    assert_eq!(new.opened(&sealed), json!({ "token": "t0p-s3cret" }));
    assert_eq!(old.opened(&sealed), json!({}));
    eventually("both Secrets are there", LIMIT, async || {
        reader.secret("db").await?;
        reader.secret("api").await
    })
    .await?;

    std::fs::write(reader.folder.path().join("before.yaml"), &before).context(|| "no copy")?;
    let validate_before = "kubeseal --validate -f before.yaml";
    reader.runs(validate_before).await?;
    let told = reader.runs(look).await?;
    let of_shop = |name: &str| told.lines().any(|l| l.starts_with(SHOP) && l.contains(name));
    assert!(of_shop("db") && of_shop("api"), "{told}");
    reader.runs(retire).await?;
    assert_eq!(reader.only_key("retired").await?.name, old.name);
    assert_eq!(reader.only_key("active").await?.name, new.name);
    eventually("what is sealed with the old key opens no more", LIMIT, async || {
        let (code, _, stderr) = reader.tries(validate_before, &[]).await?;
        if code == Some(1) { Ok(()) } else { Err(Error::new(format!("{code:?} {stderr}"))) }
    })
    .await?;
    reader.runs("kubeseal --validate -f sealed.yaml").await?;
    reader.runs("rm before.yaml").await?;
    Ok(())
}

async fn ci_step(reader: &Reader) -> Result<()> {
    let [seal, validate] = blocks("A CI step");
    let nowhere = [("KUBECONFIG", "no-such-file"), ("DEPLOY_TOKEN", "s3cret-of-ci")];
    let (code, _, stderr) = reader.tries(seal, &nowhere).await?;
    assert_eq!(code, Some(0), "{stderr}");
    let sealed = reader.yaml("sealed-deploy.yaml")?;
    let key = reader.only_key("active").await?;
    assert_eq!(key.opened(&sealed), json!({ "token": "s3cret-of-ci" }));

    reader.runs(validate).await?;
    let stolen = reader.text("sealed-deploy.yaml")?.replace("name: deploy", "name: stolen");
    // The first of several, and not every shell stops at an error.
    let path = reader.folder.path().join("sealed-a.yaml");
    std::fs::write(path, stolen).context(|| "cannot write a copy under another name")?;
    let (code, _, stderr) = reader.tries(&format!("set +e\n{validate}"), &[]).await?;
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("unable to decrypt sealed secret: stolen"), "{stderr}");
    Ok(())
}

/// The commands under a heading, block by block.
fn blocks<const COUNT: usize>(heading: &str) -> [&'static str; COUNT] {
    let (_, section) = README.split_once(&format!("\n## {heading}\n")).expect("the heading");
    let section = section.split("\n## ").next().unwrap_or_default();
    let blocks = section.split("\n```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let blocks: Vec<_> = blocks.collect();
    let count = blocks.len();
    blocks.try_into().unwrap_or_else(|_| panic!("{count} blocks under {heading}, not {COUNT}"))
}

/// Somebody who follows README in a folder of their own, as an administrator of the cluster.
struct Reader {
    cluster: Cluster,
    folder: TempDir,
    programs: PathBuf,
}

impl Reader {
    async fn new() -> Result<Self> {
        let cluster = Cluster::connect().await?;
        let folder = tempfile::tempdir().context(|| "cannot make a folder")?;
        let own = std::env::current_exe().context(|| "cannot find this program")?;
        // This one is in target/<profile>/deps.
        let programs = own.ancestors().nth(2).map(Path::to_owned);
        let programs = programs.ok_or_else(|| Error::new("no folder of programs"))?;
        Ok(Self { cluster, folder, programs })
    }

    /// What README says of the controller in the cluster, but for the resource definition, which
    /// is there. Whatever is not allowed under `restricted` shows.
    async fn install(&self) -> Result<()> {
        let commands = format!(
            "kubectl label namespace kube-system pod-security.kubernetes.io/enforce=restricted
             kubectl apply -f '{ROOT}/deploy/rbac.yaml' -f '{ROOT}/deploy/controller.yaml'"
        );
        self.runs(&commands).await.map(drop)
    }

    async fn rolled_out(&self) -> Result<()> {
        let deployment = "deploy/sealed-secrets-controller";
        self.runs(&format!("kubectl -n kube-system rollout status {deployment}")).await?;
        self.served().await.map(drop)
    }

    /// The certificate that the API server's proxy brings.
    async fn served(&self) -> Result<String> {
        let path = "/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:http/\
                    proxy/v1/cert.pem";
        eventually("the controller is reached through its Service", LIMIT, async || {
            let request = http::Request::get(path).body(Vec::new());
            let request = request.map_err(kube::Error::HttpError)?;
            self.cluster.client().request_text(request).await
        })
        .await
    }

    /// Runs commands that must succeed; what they print.
    async fn runs(&self, commands: &str) -> Result<String> {
        match self.tries(commands, &[]).await? {
            (Some(0), stdout, _) => Ok(stdout),
            (code, stdout, stderr) => {
                Err(Error::new(format!("{code:?} from\n{commands}\n{stdout}\n{stderr}")))
            }
        }
    }

    /// Runs commands as a shell script; exit code, standard output, standard error.
    async fn tries(
        &self,
        commands: &str,
        variables: &[(&str, &str)],
    ) -> Result<(Option<i32>, String, String)> {
        let ours = std::env::vars_os()
            .filter(|(name, _)| !name.to_string_lossy().starts_with("SEALED_SECRETS_"))
            .filter(|(name, _)| name != "XDG_CONFIG_HOME");
        let ended = Command::new("bash")
            .args(["-euo", "pipefail", "-c", commands])
            .env_clear()
            .envs(ours)
            .env("PATH", self.path()?)
            .env("HOME", self.folder.path())
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .envs(variables.iter().copied())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let ended = tokio::time::timeout(LIMIT, ended).await;
        let output = ended.context(|| format!("no end within {LIMIT:?}: {commands}"))?;
        let output = output.context(|| "cannot run bash")?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok((output.status.code(), text(output.stdout), text(output.stderr)))
    }

    fn path(&self) -> Result<OsString> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.programs.clone()).chain(std::env::split_paths(&path));
        std::env::join_paths(folders).context(|| "cannot put kubeseal into PATH")
    }

    fn text(&self, file: &str) -> Result<String> {
        let text = std::fs::read_to_string(self.folder.path().join(file));
        text.context(|| format!("cannot read {file}"))
    }

    fn yaml(&self, file: &str) -> Result<Value> {
        read_yaml(&self.text(file)?)
    }

    /// The values of a Secret in the shop.
    async fn secret(&self, name: &str) -> Result<Value> {
        let secrets = Api::<Secret>::namespaced(self.cluster.client(), SHOP);
        let secret = secrets.get(name).await.context(|| format!("no Secret {name}"))?;
        Ok(harness::installation::items(&secret))
    }

    /// The key Secrets that are labelled so.
    async fn keys(&self, label: &str) -> Result<Vec<Key>> {
        let secrets = Api::<Secret>::namespaced(self.cluster.client(), "kube-system");
        let labelled = kube::api::ListParams::default().labels(&format!("{KEY_LABEL}={label}"));
        let found = secrets.list(&labelled).await.context(|| "cannot list the keys")?;
        found.into_iter().map(|secret| Key::of(&secret)).collect()
    }

    async fn only_key(&self, label: &str) -> Result<Key> {
        let mut keys = self.keys(label).await?;
        match (keys.pop(), keys.pop()) {
            (Some(key), None) => Ok(key),
            _ => Err(Error::new(format!("there is not one key that is {label}"))),
        }
    }

    /// The key that was made beside another one, once it is served.
    async fn new_key(&self, old: &Key) -> Result<Key> {
        eventually("a new key is served", LIMIT, async || {
            let served = self.served().await?;
            let mut keys = self.keys("active").await?.into_iter();
            let new = keys.find(|key| key.certificate == served && key.name != old.name);
            new.ok_or_else(|| Error::new("the old one is"))
        })
        .await
    }
}

fn read_yaml(text: &str) -> Result<Value> {
    serde_saphyr::from_str(text.trim_start_matches("---\n")).context(|| "no YAML")
}

/// A sealing key, from its Secret.
struct Key {
    name: String,
    certificate: String,
    private: PrivateKey,
}

impl Key {
    fn of(secret: &Secret) -> Result<Self> {
        let items: BTreeMap<_, _> = secret.data.clone().unwrap_or_default();
        let text = |item: &str| {
            let value = items.get(item).map(|value| String::from_utf8_lossy(&value.0).into_owned());
            value.ok_or_else(|| Error::new(format!("no {item} in {}", secret.name_any())))
        };
        let private = PrivateKey::from_pem(&text("tls.key")?).context(|| "no private key")?;
        Ok(Self { name: secret.name_any(), certificate: text("tls.crt")?, private })
    }

    /// Waits until the second in which it was made is over: a cutoff is a whole second.
    async fn is_of_the_past(&self) -> Result<()> {
        let certificate = Certificate::from_pem(&self.certificate);
        let born = certificate.context(|| "no certificate")?.validity().not_before;
        eventually("the key is of the past", LIMIT, async || {
            (jiff::Timestamp::now().as_second() > born).then_some(())
        })
        .await
    }

    /// A value in clear, if this key opens it.
    fn open(&self, label: &str, sealed: &str) -> Option<String> {
        let bytes = STANDARD.decode(sealed).ok()?;
        let value = open(&self.private, label.as_bytes(), &Envelope::parse(&bytes).ok()?).ok()?;
        String::from_utf8(value.expose().to_vec()).ok()
    }

    /// The items of a strict SealedSecret that this key opens.
    fn opened(&self, sealed: &Value) -> Value {
        let text = |field: &str| sealed["metadata"][field].as_str().unwrap_or_default();
        let label = format!("{}/{}", text("namespace"), text("name"));
        let items = sealed["spec"]["encryptedData"].as_object().into_iter().flatten();
        let opened = items.filter_map(|(item, value)| {
            Some((item.clone(), self.open(&label, value.as_str()?)?.into()))
        });
        Value::Object(opened.collect())
    }
}
