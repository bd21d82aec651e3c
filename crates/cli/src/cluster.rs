//! The cluster: its kubeconfig, and the controller behind the API server's service proxy.

use std::time::Duration;

use http::{Method, Request, StatusCode};
use k8s_openapi::api::core::v1::Service;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use tokio::runtime::Runtime;

use crate::args::Args;
use crate::error::{Error, Result};

/// Long enough for a distant API server, short enough for a person.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// The namespace of the kubeconfig's context, or `None` where there is no kubeconfig.
///
/// # Errors
/// When a kubeconfig was named and cannot be used.
pub(crate) fn context_namespace(args: &Args) -> Result<Option<String>> {
    let Some(kubeconfig) = kubeconfig(args)? else { return Ok(None) };
    let context = args.context.clone().or(kubeconfig.current_context);
    let Some(context) = context.filter(|context| !context.is_empty()) else { return Ok(None) };
    let found = kubeconfig.contexts.into_iter().find(|entry| entry.name == context);
    match found {
        Some(entry) => Ok(entry.context.and_then(|context| context.namespace)),
        None if args.context.is_some() => {
            Err(Error::new(format!("the kubeconfig has no context {context:?}"))
                .hint("list them with `kubectl config get-contexts`"))
        }
        None => Ok(None),
    }
}

fn kubeconfig(args: &Args) -> Result<Option<Kubeconfig>> {
    if let Some(path) = &args.kubeconfig {
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
    server: String,
    runtime: Runtime,
}

impl<'a> Controller<'a> {
    pub(crate) fn connect(args: &'a Args) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::new(format!("cannot start: {error}")))?;
        let (client, server) = runtime.block_on(client(args))?;
        Ok(Self { args, client, server, runtime })
    }

    /// The PEM text of the newest certificate.
    pub(crate) fn certificate(&self) -> Result<String> {
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

    fn request(&self, method: Method, path: &str, body: Vec<u8>) -> Result<(StatusCode, String)> {
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

    /// The Service's port by name: `http`, unless it says otherwise or may not be read.
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
                Error::new(format!("{} does not accept the credentials", self.server))
                    .hint("log in to the cluster again, or choose another --context")
            }
            kube::Error::Api(status) if status.code == 503 => {
                Error::new(format!("{service} has no running controller: {}", status.message))
                    .hint("see `kubectl get pods` in its namespace")
            }
            kube::Error::Api(status) => {
                Error::new(format!("cannot reach {service}: {}", status.message))
            }
            other => Error::new(format!("cannot reach {}: {}", self.server, root_cause(other)))
                .hint("check the kubeconfig and --context, or seal with --cert and no cluster"),
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

/// Whether an error came from behind the proxy: the API server's own have a reason.
fn is_the_controllers(status: &kube::core::Status) -> bool {
    status.reason.is_empty() || status.reason == "Failed to parse error data"
}

async fn client(args: &Args) -> Result<(Client, String)> {
    let config = match kubeconfig(args)? {
        Some(kubeconfig) => {
            let options =
                KubeConfigOptions { context: args.context.clone(), ..KubeConfigOptions::default() };
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
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    config.read_timeout = Some(READ_TIMEOUT);
    let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
    let client = Client::try_from(config).map_err(|error| {
        Error::new(format!("cannot connect to {server}: {}", root_cause(&error)))
    })?;
    Ok((client, server))
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
