//! The API server as a test sees it, and namespaces of the test's own.

use std::fmt::Debug;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::authentication::v1::TokenRequest;
use k8s_openapi::api::core::v1::{Namespace as NamespaceObject, ServiceAccount};
use kube::api::{DeleteParams, PostParams};
use kube::{Api, Client, Resource, ResourceExt};
use serde_json::json;

use crate::kubeconfig::{self, Credential, Kubeconfig};
use crate::manifest::from_json;
use crate::sandbox::{ADMIN_KUBECONFIG, CA_CERTIFICATE, SERVER, STATE_VARIABLE, write_private};
use crate::{Context, Error, Result, eventually};

/// Longer than any test run.
const TOKEN_SECONDS: i64 = 24 * 60 * 60;
const ACCOUNT_LIMIT: Duration = Duration::from_secs(30);

/// The folder in which processes that tests start mark the ports and addresses they took.
pub(crate) const CLAIMS: &str = "claims";

/// The control plane's own are below, the kernel's above.
const PORTS: Range<u16> = 20_000..32_768;
/// Of pods that have one each: the last part.
const ADDRESSES: Range<u16> = 10..255;

/// The control plane that this test runs inside of.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    server: String,
    state: PathBuf,
}

impl Cluster {
    /// Connects as an admin (`system:masters`).
    ///
    /// # Errors
    /// When this process does not run inside a control plane.
    pub async fn connect() -> Result<Self> {
        let state = std::env::var_os(STATE_VARIABLE).map(PathBuf::from).ok_or_else(|| {
            Error::new("no control plane here").hint(
                "run `make test`, or `cargo run -p sealwright-tests --bin control-plane -- run \
                 cargo nextest run …`",
            )
        })?;
        Self::of(state, SERVER.to_owned()).await
    }

    /// The one whose state folder this is.
    pub(crate) async fn of(state: PathBuf, server: String) -> Result<Self> {
        let client = kubeconfig::client(&state.join(ADMIN_KUBECONFIG)).await?;
        Ok(Self { client, server, state })
    }

    /// A client that may do everything.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// A client that may do what the user of a kubeconfig may.
    ///
    /// # Errors
    /// When the kubeconfig is none.
    pub async fn client_of(&self, kubeconfig: &Path) -> Result<Client> {
        kubeconfig::client(kubeconfig).await
    }

    /// The admin's kubeconfig, for programs that are run.
    pub fn kubeconfig(&self) -> PathBuf {
        self.state.join(ADMIN_KUBECONFIG)
    }

    /// A new namespace whose name begins with `prefix`, with its `default` ServiceAccount.
    ///
    /// # Errors
    /// When the API server refuses it, or the account does not appear.
    pub async fn namespace(&self, prefix: &str) -> Result<Namespace> {
        let object = from_json(json!({ "metadata": { "generateName": format!("{prefix}-") } }));
        let created = Api::<NamespaceObject>::all(self.client())
            .create(&PostParams::default(), &object)
            .await
            .context(|| format!("cannot create the namespace {prefix}-…"))?;
        let namespace = Namespace { cluster: self.clone(), name: created.name_any() };
        let accounts = namespace.api::<ServiceAccount>();
        let what = format!("{} has its default ServiceAccount", namespace.name);
        eventually(&what, ACCOUNT_LIMIT, async || accounts.get("default").await).await?;
        Ok(namespace)
    }

    /// Writes a kubeconfig whose user is a ServiceAccount, as a pod of it would be.
    ///
    /// # Errors
    /// When the API server grants it no token.
    pub async fn kubeconfig_for_token(
        &self,
        namespace: &str,
        service_account: &str,
    ) -> Result<PathBuf> {
        let name = format!("{namespace}-{service_account}");
        let kubeconfig = Kubeconfig {
            server: self.server.clone(),
            ca_pem: std::fs::read_to_string(self.state.join(CA_CERTIFICATE))
                .context(|| "cannot read the control plane's certificate")?,
            namespace: namespace.to_owned(),
            credential: Credential::Token(self.token(namespace, service_account).await?),
        };
        write_private(self.state.join(format!("{name}.kubeconfig")), &kubeconfig.to_yaml()?)
    }

    /// Where processes that a test starts write their logs.
    pub fn logs(&self) -> PathBuf {
        self.state.join("logs")
    }

    /// Where the control plane keeps what it needs.
    pub(crate) fn state(&self) -> &Path {
        &self.state
    }

    /// A port that nobody else in this network namespace has or gets.
    ///
    /// # Errors
    /// When none is left.
    pub(crate) fn claim_port(&self) -> Result<u16> {
        self.claim("ports", PORTS)
    }

    /// An address that nobody else has: all of this network are the machine's own.
    ///
    /// # Errors
    /// When none is left.
    pub(crate) fn claim_address(&self) -> Result<String> {
        Ok(format!("10.99.0.{}", self.claim("addresses", ADDRESSES)?))
    }

    /// The first number that no process has claimed by a file.
    fn claim(&self, kind: &str, mut numbers: Range<u16>) -> Result<u16> {
        let folder = self.state.join(CLAIMS).join(kind);
        let step = || format!("cannot claim one of the {kind}");
        fs::create_dir_all(&folder).context(step)?;
        let claimed =
            numbers.find_map(|number| match File::create_new(folder.join(number.to_string())) {
                Ok(_) => Some(Ok(number)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => None,
                Err(error) => Some(Err(error)),
            });
        claimed.ok_or_else(|| Error::new(format!("all {kind} were claimed")))?.context(step)
    }

    async fn token(&self, namespace: &str, service_account: &str) -> Result<String> {
        let step = || format!("no token for {namespace}/{service_account}");
        let request: TokenRequest =
            from_json(json!({ "spec": { "audiences": [], "expirationSeconds": TOKEN_SECONDS } }));
        let granted = Api::<ServiceAccount>::namespaced(self.client(), namespace)
            .create_token_request(service_account, &PostParams::default(), &request)
            .await
            .context(step)?;
        granted.status.map(|status| status.token).ok_or_else(|| Error::new(step()))
    }
}

/// A namespace that belongs to one test.
#[derive(Clone)]
pub struct Namespace {
    cluster: Cluster,
    name: String,
}

impl Namespace {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The control plane it is in.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The objects of one kind in it, as an admin.
    pub fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Debug,
    {
        Api::namespaced(self.cluster.client(), &self.name)
    }

    /// Asks for its deletion and does not wait. A test need not: everything is thrown away with
    /// the control plane.
    pub async fn delete(self) {
        let api = Api::<NamespaceObject>::all(self.cluster.client());
        // Best effort, as said above.
        let _ = api.delete(&self.name, &DeleteParams::default()).await;
    }
}
