//! The cluster: its kubeconfig, and the controller behind the API server's service proxy.

mod place;

use std::time::Duration;

use http::{Method, Request, StatusCode};
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use sealwright_crypto::{Certificate, Fingerprint};
use sealwright_sealing::{CONFIG_MAP, Published};
use tokio::runtime::Runtime;

use crate::args::Args;
use crate::error::{Error, Result};
use crate::pins::{Pins, Standing};
use place::Place;

/// Long enough for a distant API server, short enough for a person.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// Seconds to go on asking a controller that is asked too often.
const PATIENCE: u32 = 30;

/// The namespace of the kubeconfig's context, or `None` where there is no kubeconfig.
///
/// # Errors
/// When a kubeconfig was named and cannot be used.
pub(crate) fn context_namespace(args: &Args) -> Result<Option<String>> {
    let Some(kubeconfig) = kubeconfig(args)? else { return Ok(None) };
    let context = args.context.text().map(str::to_owned).or(kubeconfig.current_context);
    let Some(context) = context.filter(|context| !context.is_empty()) else { return Ok(None) };
    let found = kubeconfig.contexts.into_iter().find(|entry| entry.name == context);
    match found {
        Some(entry) => {
            let namespace = entry.context.and_then(|context| context.namespace);
            Ok(namespace.filter(|namespace| !namespace.is_empty()))
        }
        None if args.context.text().is_some() => {
            Err(Error::new(format!("the kubeconfig has no context {context:?}"))
                .hint("list them with `kubectl config get-contexts`"))
        }
        None => Ok(None),
    }
}

fn kubeconfig(args: &Args) -> Result<Option<Kubeconfig>> {
    if let Some(path) = args.kubeconfig.path() {
        return Kubeconfig::read_from(path).map(Some).map_err(|error| {
            Error::new(format!("cannot use kubeconfig {}: {}", path.display(), root_cause(&error)))
                .hint("check the path given with --kubeconfig")
        });
    }
    match Kubeconfig::read() {
        Ok(kubeconfig) => Ok(Some(kubeconfig)),
        Err(kube::config::KubeconfigError::ReadConfig(error, _))
            if error.kind() == std::io::ErrorKind::NotFound =>
        {
            Ok(None)
        }
        Err(kube::config::KubeconfigError::FindPath) => Ok(None),
        Err(error) => Err(Error::new(format!("cannot use the kubeconfig: {}", root_cause(&error)))
            .hint("see $KUBECONFIG and ~/.kube/config")),
    }
}

/// The controller, reached through the API server.
pub(crate) struct Controller<'a> {
    args: &'a Args,
    client: Client,
    cluster: Place,
    runtime: Runtime,
}

impl<'a> Controller<'a> {
    pub(crate) fn connect(args: &'a Args) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::new(format!("cannot start: {error}")))?;
        let (client, cluster) = runtime.block_on(client(args))?;
        Ok(Self { args, client, cluster, runtime })
    }

    /// The PEM text of the newest certificate: from the controller, or, when it cannot be reached,
    /// from its ConfigMap, as far as that can be believed.
    pub(crate) fn certificate(&self) -> Result<String> {
        match self.certificate_by_proxy() {
            Ok(text) => {
                if let Ok(certificate) = Certificate::from_pem(&text) {
                    Pins::load().pin(&self.place(), certificate.fingerprint());
                }
                Ok(text)
            }
            Err(error) => match self.published() {
                Some(published) => self.believed(&published, error),
                None => Err(error),
            },
        }
    }

    /// What the ConfigMap holds, if it can be read.
    fn published(&self) -> Option<Published> {
        let config_maps: Api<ConfigMap> =
            Api::namespaced(self.client.clone(), &self.args.controller_namespace);
        let found = self.runtime.block_on(config_maps.get_opt(CONFIG_MAP)).ok()??;
        Published::read(&found.data?)
    }

    /// A self-signed certificate proves nothing, and others than the controller may write
    /// ConfigMaps: it must be the pinned one, or follow from it, or be trusted by the user.
    fn believed(&self, published: &Published, by_proxy: Error) -> Result<String> {
        let (mut pins, place) = (Pins::load(), self.place());
        let newest = published.newest.fingerprint();
        let refusal = match pins.standing(&place, published) {
            Standing::Known => None,
            Standing::Follows(pinned) => {
                say_that_it_changed(&place, pinned, newest);
                None
            }
            Standing::First if self.args.trust_configmap => None,
            Standing::First => {
                Some(("it is the first from this cluster".to_owned(), FIRST_HINT.to_owned()))
            }
            Standing::Foreign(pinned) => Some((
                format!("it does not follow from {pinned}, which was seen here before"),
                foreign_hint(&pins, &place, self.args.trust_configmap),
            )),
        };
        let Some((why, hint)) = refusal else {
            pins.pin(&place, newest);
            return Ok(published.newest.to_pem().to_owned());
        };
        Err(by_proxy
            .and(format!(
                "ConfigMap {}/{CONFIG_MAP} holds a certificate with the key {newest}, but {why}",
                self.args.controller_namespace
            ))
            .hint(hint))
    }

    /// Names the controller among those of all clusters.
    fn place(&self) -> String {
        self.cluster.name(&self.service())
    }

    fn certificate_by_proxy(&self) -> Result<String> {
        let (status, text) = self.request(Method::GET, "v1/cert.pem", Vec::new())?;
        if status != StatusCode::OK {
            return Err(Error::new(format!(
                "cannot fetch the certificate from {}: the controller answered {status}",
                self.service()
            ))
            .hint(self.other_name_hint()));
        }
        Ok(text)
    }

    /// Sends a manifest to an endpoint; the status is the answer.
    pub(crate) fn post(&self, path: &str, body: Vec<u8>) -> Result<(StatusCode, String)> {
        self.request(Method::POST, path, body)
    }

    /// Asks again while the controller says that it is asked too often: several documents in a row
    /// are over its limit.
    fn request(&self, method: Method, path: &str, body: Vec<u8>) -> Result<(StatusCode, String)> {
        for _ in 0..PATIENCE {
            let answer = self.request_once(method.clone(), path, body.clone())?;
            if answer.0 != StatusCode::TOO_MANY_REQUESTS {
                return Ok(answer);
            }
            std::thread::sleep(Duration::from_secs(1));
        }
        Err(Error::new(format!("{} is asked too often", self.service())).hint("try again later"))
    }

    fn request_once(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<(StatusCode, String)> {
        self.runtime.block_on(async {
            let port = self.port_name().await?;
            let uri = format!(
                "/api/v1/namespaces/{}/services/http:{}:{port}/proxy/{path}",
                self.args.controller_namespace, self.args.controller_name,
            );
            let request = Request::builder()
                .method(method)
                .uri(uri)
                .header("content-type", "application/json")
                .body(body)
                .map_err(|error| {
                    Error::new(format!("cannot ask {}: {error}", self.service()))
                        .hint("check --controller-name and --controller-namespace")
                })?;
            match self.client.request_text(request).await {
                Ok(text) => Ok((StatusCode::OK, text)),
                Err(kube::Error::Api(status)) if is_the_controllers(&status) => {
                    let code = StatusCode::from_u16(status.code).unwrap_or_default();
                    Ok((code, status.message))
                }
                Err(error) => Err(self.explain(&error)),
            }
        })
    }

    /// The name of the Service's first port, or none when the Service may not be read: the API server
    /// then takes the only one.
    async fn port_name(&self) -> Result<String> {
        let services: Api<Service> =
            Api::namespaced(self.client.clone(), &self.args.controller_namespace);
        match services.get(&self.args.controller_name).await {
            Ok(service) => {
                let ports = service.spec.and_then(|spec| spec.ports).unwrap_or_default();
                let first = ports.into_iter().next().and_then(|port| port.name);
                Ok(first.unwrap_or_default())
            }
            Err(kube::Error::Api(status)) if status.code == 403 => Ok(String::new()),
            Err(error) => Err(self.explain(&error)),
        }
    }

    fn explain(&self, error: &kube::Error) -> Error {
        let service = self.service();
        match error {
            kube::Error::Api(status) if status.code == 404 => {
                Error::new(format!("there is no Service {service}")).hint(self.other_name_hint())
            }
            kube::Error::Api(status) if status.code == 403 => {
                Error::new(format!("no permission to reach {service}: {}", status.message)).hint(
                    "ask for the role sealed-secrets-service-proxier, or use --cert with a file",
                )
            }
            kube::Error::Api(status) if status.code == 401 => {
                Error::new(format!("{} does not accept the credentials", self.cluster.server))
                    .hint("log in to the cluster again, or choose another --context")
            }
            kube::Error::Api(status) if status.code == 503 => {
                Error::new(format!("{service} has no running controller: {}", status.message))
                    .hint("see `kubectl get pods` in its namespace")
            }
            kube::Error::Api(status) => {
                Error::new(format!("cannot reach {service}: {}", status.message))
            }
            other => {
                let server = &self.cluster.server;
                Error::new(format!("cannot reach {server}: {}", root_cause(other)))
                    .hint("check the kubeconfig and --context, or seal with --cert and no cluster")
            }
        }
    }

    fn service(&self) -> String {
        format!("{}/{}", self.args.controller_namespace, self.args.controller_name)
    }

    fn other_name_hint(&self) -> &'static str {
        "give --controller-name and --controller-namespace; \
         Helm's default install is named sealed-secrets"
    }
}

const FIRST_HINT: &str =
    "compare it with the sealing key in the controller's log, then give --trust-configmap";

/// What to do about a key that is not the one that was seen before. The flag does not help: it
/// would believe whoever may write ConfigMaps.
fn foreign_hint(pins: &Pins, place: &str, is_trusting: bool) -> String {
    let ask = "ask an administrator whether the keys were replaced; then use --cert";
    match pins.path().filter(|_| is_trusting) {
        Some(path) => format!("{ask}, or remove the line of {place} from {}", path.display()),
        None => ask.to_owned(),
    }
}

#[expect(clippy::print_stderr, reason = "whoever seals should know that the key is another one")]
fn say_that_it_changed(place: &str, old: Fingerprint, new: Fingerprint) {
    eprintln!("note: the sealing key of {place} changed from {old} to {new}");
}

/// The reason that kube gives to an answer which is no `Status` of the API server.
const NO_STATUS: &str = "Failed to parse error data";

/// Whether an answer came from behind the proxy: the controller's are no `Status`.
fn is_the_controllers(status: &kube::core::Status) -> bool {
    status.reason == NO_STATUS
}

async fn client(args: &Args) -> Result<(Client, Place)> {
    let mut context = args.context.text().map(str::to_owned);
    let config = match kubeconfig(args)? {
        Some(kubeconfig) => {
            let options =
                KubeConfigOptions { context: context.clone(), ..KubeConfigOptions::default() };
            context = context.or_else(|| kubeconfig.current_context.clone());
            Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|error| {
                Error::new(format!("cannot use the kubeconfig: {}", root_cause(&error)))
                    .hint("check its current context, or choose one with --context")
            })?
        }
        None => Config::incluster().map_err(|_| {
            Error::new("no cluster: there is no kubeconfig, and this is not a pod")
                .hint("set KUBECONFIG, or seal with --cert and no cluster")
        })?,
    };
    let mut config = config;
    // Somebody waits: what is not there now is told now.
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    config.read_timeout = Some(READ_TIMEOUT);
    let cluster = Place::new(context, &config);
    let client = Client::try_from(config).map_err(|error| {
        Error::new(format!("cannot connect to {}: {}", cluster.server, root_cause(&error)))
    })?;
    Ok((client, cluster))
}

/// The innermost error: the outer ones say no more than that there is one. Its first line only,
/// since further ones quote the file, and a kubeconfig holds credentials.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = cause.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.split(" (os error").next().unwrap_or_default().to_lowercase()
}
