//! What a controller is tried with: each trial brings what it needs, begins, and tells when it has come
//! about.

use harness::installation::items;
use harness::key::{ACTIVE, sealed};
use harness::{Context, Error, Installation, Key, Options, Result, http};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{ConfigMap, Event, Secret};
use kube::api::{ListParams, PostParams};
use kube::{Api, ResourceExt};
use sealwright_api::SealedSecret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::installed::Installed;

/// The ConfigMap of the certificate.
const PUBLISHED: &str = "sealed-secrets-cert";

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Trial {
    /// A SealedSecret that is there at the start becomes a Secret.
    Unseal,
    /// A SealedSecret that comes later is seen.
    Notice,
    /// Its status says so.
    Report,
    /// A Secret that was given away by an annotation is overwritten.
    Overwrite,
    /// One of another type is made anew.
    Recreate,
    /// A deleted Secret is made again.
    Heal,
    /// An event tells of a success.
    Event,
    /// One that comes again is counted.
    Repeat,
    /// An additional namespace that does not exist is told.
    Skip,
    /// A key of the first versions opens.
    LegacyKey,
    /// A key that is there is taken.
    Key,
    /// A key that comes later is taken at once.
    LaterKey,
    /// Where there is no key, one is made.
    FirstKey,
    /// An event tells of it.
    KeyEvent,
    /// The Lease is taken and renewed.
    Lead,
    /// The certificate is published.
    Publish,
    /// What stands there instead is overwritten.
    PublishOverAnother,
    /// What cannot be changed is made anew.
    PublishOverAnImmutable,
}

/// A trial that has begun.
pub(super) struct Attempt {
    trial: Trial,
    place: Installation,
    away: harness::Namespace,
    lease: String,
    /// The object that it is about, if there is one.
    sealed: Option<SealedSecret>,
    /// The Secret that was there before, if there was one.
    before: Option<String>,
}

impl Trial {
    /// Starts a controller, and does what a user would.
    pub(super) async fn begin(self, installed: &Installed) -> Result<Attempt> {
        self.prepare(installed).await?;
        let options = Options {
            args: installed.arguments.clone(),
            installed: Some(installed.names.clone()),
            ..Options::default()
        };
        let place = Installation::without_key(&installed.home, options).await?;
        let mut attempt = Attempt {
            trial: self,
            place,
            away: installed.away.clone(),
            lease: installed.home.name().to_owned(),
            sealed: None,
            before: None,
        };
        attempt.act().await?;
        Ok(attempt)
    }

    /// What is there before the controller.
    async fn prepare(self, installed: &Installed) -> Result<()> {
        let (home, away) = (&installed.home, &installed.away);
        match self {
            Self::FirstKey | Self::KeyEvent => {}
            Self::LegacyKey => Key::a().store(home, "sealed-secrets-key", None).await?,
            _ => Key::a().store(home, "key-a", Some(ACTIVE)).await?,
        }
        let given_away = json!({ "sealedsecrets.bitnami.com/managed": "true" });
        match self {
            Self::Overwrite => create_secret(away, given_away, "Opaque").await?,
            Self::Recreate => create_secret(away, given_away, "example.com/other").await?,
            Self::Repeat => create_secret(away, json!({}), "Opaque").await?,
            Self::PublishOverAnother => create_config_map(home, false).await?,
            Self::PublishOverAnImmutable => create_config_map(home, true).await?,
            _ => {}
        }
        Ok(())
    }
}

impl Attempt {
    async fn act(&mut self) -> Result<()> {
        match self.trial {
            Trial::Unseal
            | Trial::Report
            | Trial::Overwrite
            | Trial::Recreate
            | Trial::Event
            | Trial::LegacyKey => self.seal("one").await,
            Trial::Notice => {
                // What is there by then, a list would show.
                let ready = async || self.is_ready().await;
                harness::eventually("it is ready", super::LIMIT, ready).await?;
                self.seal("one").await
            }
            Trial::Heal => {
                self.seal("one").await?;
                let sealed = self.sealed()?;
                let secret = self.place.secret_when(sealed, "is there", |_| true).await?;
                self.place.delete_secret(sealed).await?;
                self.before = secret.uid();
                Ok(())
            }
            Trial::Repeat => {
                self.seal("one").await?;
                self.place.event(self.sealed()?, "ErrUpdateFailed", 1).await?;
                self.seal("two").await
            }
            Trial::LaterKey => {
                let ready = async || self.is_ready().await;
                harness::eventually("it is ready", super::LIMIT, ready).await?;
                Key::b().store(&self.place.namespace, "key-b", Some(ACTIVE)).await
            }
            Trial::Skip
            | Trial::Key
            | Trial::FirstKey
            | Trial::KeyEvent
            | Trial::Lead
            | Trial::Publish
            | Trial::PublishOverAnother
            | Trial::PublishOverAnImmutable => Ok(()),
        }
    }

    /// Whether what was tried is so, or how it is instead.
    pub(super) async fn has_come_about(&self) -> Result<(), String> {
        match self.trial {
            Trial::Unseal | Trial::Notice | Trial::LegacyKey => self.secret(|_| true).await,
            Trial::Overwrite => self.secret(|secret| secret.owner_references().len() == 1).await,
            Trial::Recreate => self.secret(|s| s.type_.as_deref() == Some("Opaque")).await,
            Trial::Heal => self.secret(|secret| secret.uid() != self.before).await,
            Trial::Report => self.is_reported().await,
            Trial::Event => self.has_event("Unsealed", 1).await,
            Trial::Repeat => self.has_event("ErrUpdateFailed", 2).await,
            Trial::KeyEvent => self.has_event("KeyGenerated", 1).await,
            Trial::Skip => says(&self.log(), "-missing does not exist: it is skipped"),
            Trial::Key | Trial::FirstKey => self.serves_a_certificate().await,
            Trial::LaterKey => self.serves(Key::b().certificate_pem()).await,
            Trial::Lead => self.has_renewed_its_lease().await,
            Trial::Publish | Trial::PublishOverAnother | Trial::PublishOverAnImmutable => {
                self.is_published().await
            }
        }
    }

    pub(super) async fn is_ready(&self) -> Option<()> {
        let answer = http::get(&format!("{}/readyz", self.place.controller.url())).await.ok()?;
        (answer.status() == 200).then_some(())
    }

    pub(super) fn log(&self) -> String {
        self.place.controller.log().to_string()
    }

    pub(super) fn with_log(&self, error: Error) -> Error {
        self.place.controller.with_log(error)
    }

    async fn seal(&mut self, value: &str) -> Result<()> {
        let secret = json!({
            "metadata": { "name": "db", "namespace": self.away.name() },
            "stringData": { "a": value },
        });
        let sealed = sealed(&Key::a().public(), secret);
        self.sealed = Some(self.place.apply(&self.place.labelled(sealed)).await?);
        Ok(())
    }

    fn sealed(&self) -> Result<&SealedSecret> {
        self.sealed.as_ref().ok_or_else(|| Error::new("nothing was sealed"))
    }

    /// The Secret holds what was sealed, and is as it should be besides.
    async fn secret(&self, is_so: impl Fn(&Secret) -> bool) -> Result<(), String> {
        let secret =
            self.away.api::<Secret>().get("db").await.map_err(|error| error.to_string())?;
        let is_so = items(&secret) == json!({ "a": "one" }) && is_so(&secret);
        if is_so { Ok(()) } else { Err("the Secret is not as it should be".to_owned()) }
    }

    async fn is_reported(&self) -> Result<(), String> {
        let sealed = self.away.api::<SealedSecret>().get("db").await;
        let status = sealed.map_err(|error| error.to_string())?.status;
        status.map(|_| ()).ok_or_else(|| "there is no status".to_owned())
    }

    async fn has_event(&self, reason: &str, count: i32) -> Result<(), String> {
        let place = if reason == "KeyGenerated" { &self.place.namespace } else { &self.away };
        let of_it = ListParams::default().fields(&format!("reason={reason}"));
        let events = place.api::<Event>().list(&of_it).await.map_err(|error| error.to_string())?;
        let counts: Vec<_> = events.iter().filter_map(|event| event.count).collect();
        if counts == [count] { Ok(()) } else { Err(format!("{counts:?}")) }
    }

    async fn has_renewed_its_lease(&self) -> Result<(), String> {
        let leases: Api<Lease> = self.place.namespace.api();
        let lease = leases.get(&self.lease).await.map_err(|error| error.to_string())?;
        let spec = lease.spec.unwrap_or_default();
        let is_renewed = spec.renew_time.map(|time| time.0) > spec.acquire_time.map(|time| time.0);
        if is_renewed {
            says_nothing(&self.log(), "leads alone")
        } else {
            Err("not yet".to_owned())
        }
    }

    async fn is_published(&self) -> Result<(), String> {
        let map = self.place.namespace.api::<ConfigMap>().get(PUBLISHED).await;
        let data = map.map_err(|error| error.to_string())?.data.unwrap_or_default();
        let is_it = data.get("tls.crt").is_some_and(|text| text == Key::a().certificate_pem());
        if is_it { Ok(()) } else { Err("it is not published".to_owned()) }
    }

    async fn serves_a_certificate(&self) -> Result<(), String> {
        self.certificate().await.map(drop)
    }

    async fn serves(&self, pem: &str) -> Result<(), String> {
        let served = self.certificate().await?;
        if served == pem { Ok(()) } else { Err("another certificate".to_owned()) }
    }

    async fn certificate(&self) -> Result<String, String> {
        let url = format!("{}/v1/cert.pem", self.place.controller.url());
        let answer = http::get(&url).await.map_err(|error| error.to_string())?;
        if answer.status() != 200 {
            return Err(answer.status().to_string());
        }
        Ok(String::from_utf8_lossy(answer.body()).into_owned())
    }
}

fn says(log: &str, words: &str) -> Result<(), String> {
    if log.contains(words) { Ok(()) } else { Err(format!("nothing of {words:?}")) }
}

fn says_nothing(log: &str, words: &str) -> Result<(), String> {
    if log.contains(words) { Err(format!("it says {words:?}")) } else { Ok(()) }
}

async fn create_secret(
    namespace: &harness::Namespace,
    annotations: Value,
    type_: &str,
) -> Result<()> {
    let secret = json!({
        "metadata": { "name": "db", "annotations": annotations },
        "type": type_,
        "stringData": { "a": "before" },
    });
    let secret: Secret = serde_json::from_value(secret).context(|| "no Secret")?;
    let created = namespace.api().create(&PostParams::default(), &secret).await;
    created.context(|| "cannot create the Secret before").map(drop)
}

async fn create_config_map(namespace: &harness::Namespace, is_immutable: bool) -> Result<()> {
    let map = json!({
        "metadata": { "name": PUBLISHED },
        "immutable": is_immutable,
        "data": { "tls.crt": "something else" },
    });
    let map: ConfigMap = serde_json::from_value(map).context(|| "no ConfigMap")?;
    let created = namespace.api().create(&PostParams::default(), &map).await;
    created.context(|| "cannot create the ConfigMap before").map(drop)
}
