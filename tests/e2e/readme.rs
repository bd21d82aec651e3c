//! README's commands, run as they stand and in their order, in a cluster of their own.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::reader::Ran;
use harness::{
    Cluster, Context, Error, Neighbour, Node, Page, Pods, Reader, Result, eventually, page,
};
use k8s_openapi::api::core::v1::Secret;
use kube::{Api, ResourceExt};
use sealwright_crypto::{Certificate, Envelope, PrivateKey, open};
use serde_json::{Value, json};

/// The namespace that README seals for.
const SHOP: &str = "shop";
const KEY_LABEL: &str = "sealedsecrets.bitnami.com/sealed-secrets-key";
const PASSWORD: &str = "correct horse battery staple";
const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn every_command_does_what_readme_says() -> Result<()> {
    let crds = page::root().join("charts/sealwright/crds");
    let own = Neighbour::start(&Cluster::connect().await?, "readme", &crds).await?;
    let user = User { cluster: own.cluster(), reader: Reader::new(&[own.cluster()])? };
    let logs = tempfile::tempdir().context(|| "cannot make a folder for logs")?;
    Node::new(own.cluster(), Pods::of_controllers()?, logs.path()).beside(follow(&user)).await
}

async fn follow(user: &User<'_>) -> Result<()> {
    let readme = Page::read("README.md")?;
    let blocks: Vec<_> = readme.to_run().map(|block| block.text.as_str()).collect();
    let [
        install,
        fetch,
        seal,
        from_kubectl,
        merge,
        raw,
        apply,
        back_up,
        recover,
        renew,
        through_controller,
        offline,
        retire,
        of_ci,
        validate,
    ] = blocks[..]
    else {
        panic!("README has {} blocks to run", blocks.len());
    };
    install_it(user, install).await?;
    developer(user, [fetch, seal, from_kubectl, merge, raw, apply]).await?;
    let steps = [back_up, recover, renew, through_controller, offline, retire];
    administrator(user, steps).await?;
    ci_step(user, [of_ci, validate]).await
}

/// Whatever is not allowed under `restricted` shows.
async fn install_it(user: &User<'_>, install: &str) -> Result<()> {
    let enforce = "pod-security.kubernetes.io/enforce=restricted";
    user.reader.runs(&format!("kubectl label namespace kube-system {enforce}")).await?;
    user.reader.runs(install).await?;
    user.served().await.map(drop)
}

async fn developer(user: &User<'_>, steps: [&str; 6]) -> Result<()> {
    let [fetch, seal, from_kubectl, merge, raw, apply] = steps;
    let reader = &user.reader;
    reader.runs(fetch).await?;
    let [key] = &user.keys("active").await?[..] else { panic!("one key was made") };
    assert_eq!(reader.text("cert.pem")?, key.certificate);

    reader.runs(seal).await?;
    let sealed = user.yaml("sealed.yaml")?;
    assert_eq!(sealed["metadata"], json!({ "name": "db", "namespace": SHOP }));
    assert_eq!(key.opened(&sealed), json!({ "password": PASSWORD }));
    assert!(!reader.text("sealed.yaml")?.contains(PASSWORD));
    assert!(!reader.folder().join("secret.yaml").exists());

    reader.runs(from_kubectl).await?;
    assert_eq!(key.opened(&user.yaml("sealed-api.yaml")?), json!({ "token": "t0p-s3cret" }));

    reader.runs(merge).await?;
    let merged = user.yaml("sealed.yaml")?;
    let opened = json!({ "password": PASSWORD, "username": "admin" });
    assert_eq!(key.opened(&merged), opened);
    let password = |sealed: &Value| sealed["spec"]["encryptedData"]["password"].clone();
    assert_eq!(password(&merged), password(&sealed), "it stays as it was");

    let value = reader.runs(raw).await?;
    assert_eq!(key.open("shop/db", &value).as_deref(), Some(PASSWORD));

    let told = reader.runs(apply).await?;
    assert!(told.contains("sealedsecret.bitnami.com/db condition met"), "{told}");
    assert_eq!(user.secret("db").await?, opened);
    Ok(())
}

async fn administrator(user: &User<'_>, steps: [&str; 6]) -> Result<()> {
    let [back_up, recover, renew, through_controller, offline, retire] = steps;
    let reader = &user.reader;
    reader.runs(back_up).await?;
    let is_private = |file: &str| {
        let there = std::fs::metadata(reader.folder().join(file));
        there.is_ok_and(|there| there.permissions().mode() & 0o777 == 0o600)
    };
    assert!(is_private("keys.age"));

    let recovered: Value = read_yaml(&reader.runs(recover).await?)?;
    assert!(is_private("keys.yaml"));
    let base64 = |value: &str| STANDARD.encode(value);
    let data = json!({ "password": base64(PASSWORD), "username": base64("admin") });
    assert_eq!((&recovered["kind"], &recovered["data"]), (&json!("Secret"), &data));

    let old = user.only_key("active").await?;
    old.is_of_the_past().await?;
    reader.runs(renew).await?;
    let new = user.new_key(&old).await?;

    let before = reader.text("sealed.yaml")?;
    assert_eq!(reader.text("cert.pem")?, new.certificate);
    reader.runs(through_controller).await?;
    let sealed = user.yaml("sealed.yaml")?;
    assert_eq!(new.opened(&sealed), json!({ "password": PASSWORD, "username": "admin" }));
    assert_eq!(old.opened(&sealed), json!({}));

    reader.runs(offline).await?;
    let sealed = user.yaml("sealed-api.yaml")?;
    assert_eq!(new.opened(&sealed), json!({ "token": "t0p-s3cret" }));
    assert_eq!(old.opened(&sealed), json!({}));
    eventually("both Secrets are there", LIMIT, async || {
        user.secret("db").await?;
        user.secret("api").await
    })
    .await?;

    std::fs::write(reader.folder().join("before.yaml"), &before).context(|| "no copy")?;
    let validate_before = "kubeseal --validate -f before.yaml";
    reader.runs(validate_before).await?;
    let told = reader.runs(retire).await?;
    let line =
        |key: &Key| told.lines().find(|line| line.starts_with(&key.name)).unwrap_or_default();
    let words = |key: &Key| line(key).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!((words(&old)[1].as_str(), words(&old)[4].as_str()), ("active", "0"), "{told}");
    assert_eq!((words(&new)[1].as_str(), words(&new)[4].as_str()), ("newest", "2"), "{told}");
    assert_eq!(user.only_key("retired").await?.name, old.name);
    assert_eq!(user.only_key("active").await?.name, new.name);
    eventually("what is sealed with the old key opens no more", LIMIT, async || {
        let Ran { code, stderr, .. } = reader.tries(validate_before, &[]).await?;
        if code == Some(1) { Ok(()) } else { Err(Error::new(format!("{code:?} {stderr}"))) }
    })
    .await?;
    reader.runs("kubeseal --validate -f sealed.yaml").await?;
    reader.runs("rm before.yaml").await?;
    Ok(())
}

async fn ci_step(user: &User<'_>, [seal, validate]: [&str; 2]) -> Result<()> {
    let reader = &user.reader;
    let nowhere = [("KUBECONFIG", "no-such-file"), ("DEPLOY_TOKEN", "s3cret-of-ci")];
    let Ran { code, stderr, .. } = reader.tries(seal, &nowhere).await?;
    assert_eq!(code, Some(0), "{stderr}");
    let sealed = user.yaml("sealed-deploy.yaml")?;
    let key = user.only_key("active").await?;
    assert_eq!(key.opened(&sealed), json!({ "token": "s3cret-of-ci" }));

    reader.runs(validate).await?;
    let stolen = reader.text("sealed-deploy.yaml")?.replace("name: deploy", "name: stolen");
    // The first of several, and not every shell stops at an error.
    let path = reader.folder().join("sealed-a.yaml");
    std::fs::write(path, stolen).context(|| "cannot write a copy under another name")?;
    let Ran { code, stderr, .. } = reader.tries(&format!("set +e\n{validate}"), &[]).await?;
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("unable to decrypt sealed secret: stolen"), "{stderr}");
    Ok(())
}

/// An administrator of the cluster, and what can be seen of it.
struct User<'a> {
    cluster: &'a Cluster,
    reader: Reader,
}

impl User<'_> {
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

    fn yaml(&self, file: &str) -> Result<Value> {
        read_yaml(&self.reader.text(file)?)
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
