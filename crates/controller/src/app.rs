//! Starting and stopping: keys, watches, HTTP server.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use kube::api::ListParams;
use kube::client::ClientBuilder;
use kube::{Api, Client, Config};
use sealwright_api::SealedSecret;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::api_limit::ApiLimit;
use crate::api_patience::ApiPatience;
use crate::args::{Args, KeyOrder};
use crate::error::Error;
use crate::http::{self, Awaited, Readiness, Server, Shared};
use crate::keys::{self, Change, Keys, Signals, mark_of_cluster};
use crate::leader::{self, Leading};
use crate::metrics::Metrics;
use crate::places::Places;
use crate::publish;
use crate::report::Reporter;
use crate::secrets::Secrets;
use crate::tracker::Tracker;
use crate::watch::{self as watches, Watched};

/// Where a pod's service account says which namespace it lives in.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
/// How long work in hand may take once the process is told to stop.
const GRACE: Duration = Duration::from_secs(20);

/// What every reconciliation shares.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) keys: Arc<Keys>,
    pub(crate) reporter: Reporter,
    pub(crate) tracker: Arc<Tracker>,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) readiness: Arc<Readiness>,
    /// Whether this replica writes.
    pub(crate) leading: Leading,
    pub(crate) places: Places,
    pub(crate) accept_deprecated_data: bool,
    pub(crate) skip_recreate: bool,
    pub(crate) old_gc_behavior: bool,
}

impl Context {
    /// Whether this replica writes now.
    pub(crate) fn leads(&self) -> bool {
        *self.leading.borrow()
    }

    /// What follows from keys that came or went.
    async fn keys_changed(&self, change: Change) {
        self.tracker.keys_changed(&change);
        if let Some(secret) = change.made {
            self.metrics.key_renewals.inc();
            self.reporter.key_made(secret).await;
        }
    }
}

/// Runs until SIGTERM or SIGINT.
///
/// # Errors
/// When the start fails: no cluster, no permission to read keys, no address to listen on.
pub(crate) async fn run(args: Args) -> Result<(), Error> {
    let (stop, stopping) = watch::channel(false);
    // Before anything takes long: as process 1, a signal that nobody listens for is lost.
    let (terminate, interrupt) =
        (listen_for(SignalKind::terminate()), listen_for(SignalKind::interrupt()));
    let renew = listen_for(SignalKind::user_defined1());
    tokio::spawn(stop_on_signal(stop, terminate, interrupt));
    let mut early = stopping.clone();
    let started = tokio::select! {
        started = start(&args) => started?,
        () = stopped(&mut early) => {
            info!("stopped before the start was over");
            return Ok(());
        }
    };
    serve_and_watch(started, &args, renew, stopping).await;
    Ok(())
}

/// What the start comes to.
struct Started {
    context: Arc<Context>,
    own_namespace: String,
    candidacy: watch::Sender<bool>,
    listener: TcpListener,
    metrics_listener: TcpListener,
    key_watch: Awaited,
    watched: Vec<Watched>,
}

async fn start(args: &Args) -> Result<Started, Error> {
    say_what_is_superseded(args);
    let (client, cluster) = connect(args).await?;
    let own_namespace = own_namespace();
    info!("sealwright controller v{} in {own_namespace}", env!("CARGO_PKG_VERSION"));
    check_label_selector(&client, &args.label_selector, &own_namespace).await?;
    let listener = http::listen(&args.listen_addr).await?;
    let metrics_listener = http::listen(&args.listen_metrics_addr).await?;

    let (candidacy, leading) = watch::channel(!args.leader_election);
    let context = Arc::new(context(client, &cluster, args, &own_namespace, leading).await?);
    // Before the first request can ask for readiness.
    let key_watch = context.readiness.await_one();
    let namespaces = watched_namespaces(&context.client, args, &own_namespace).await.into_iter();
    let watched = namespaces.map(|namespace| Watched::new(namespace, &context.readiness)).collect();
    Ok(Started {
        context,
        own_namespace,
        candidacy,
        listener,
        metrics_listener,
        key_watch,
        watched,
    })
}

async fn serve_and_watch(
    started: Started,
    args: &Args,
    renew: Signal,
    stopping: watch::Receiver<bool>,
) {
    let Started {
        context,
        own_namespace,
        candidacy,
        listener,
        metrics_listener,
        key_watch,
        watched,
    } = started;
    let campaign = campaign(&context, args, &own_namespace, candidacy, stopping.clone());
    let finished = async {
        tokio::join!(
            campaign,
            serve(listener, metrics_listener, &context, args, &stopping),
            keep_keys(&context, own_namespace.clone(), key_watch, renew, stopping.clone()),
            publish_certificate(&context, &own_namespace, stopping.clone()),
            watch_all(&context, watched, args, &stopping),
        )
    };
    tokio::select! {
        _ = finished => info!("stopped"),
        () = overdue(stopping.clone()) => {
            warn!("stopped with work unfinished after {} s", GRACE.as_secs());
        }
    }
}

async fn context(
    client: Client,
    cluster: &str,
    args: &Args,
    own_namespace: &str,
    leading: Leading,
) -> Result<Context, Error> {
    let order = args.key_order().unwrap_or_else(|warning| {
        warn!("{warning}");
        KeyOrder::CertNotBefore
    });
    let secrets = Api::namespaced(client.clone(), own_namespace);
    let metrics = Arc::new(Metrics::new(args.metrics_omit_secret_labels));
    let (keys, change) = Keys::open(secrets, args, order, cluster).await?;
    let tracker = Arc::<Tracker>::default();
    let settings = (args.update_status, args.accept_deprecated_v1_data);
    let reporter = Reporter::new(client.clone(), metrics.clone(), tracker.clone(), settings);
    let context = Context {
        keys: Arc::new(keys),
        reporter,
        client,
        places: Places::new(tracker.clone()),
        tracker,
        secrets: Arc::default(),
        metrics,
        readiness: Arc::default(),
        leading,
        accept_deprecated_data: args.accept_deprecated_v1_data,
        skip_recreate: args.skip_recreate,
        old_gc_behavior: args.old_gc_behavior,
    };
    context.keys_changed(change).await;
    Ok(context)
}

async fn serve(
    listener: TcpListener,
    metrics_listener: TcpListener,
    context: &Arc<Context>,
    args: &Args,
    stopping: &watch::Receiver<bool>,
) {
    let shared = Arc::new(Shared::new(
        context.keys.clone(),
        context.metrics.clone(),
        context.tracker.clone(),
        context.readiness.clone(),
        args,
    ));
    let read_timeout = args.read_timeout;
    let public = Server { listener, router: http::public(shared.clone()), read_timeout };
    let metrics =
        Server { listener: metrics_listener, router: http::metrics(shared), read_timeout };
    tokio::join!(public.serve(stopping.clone()), metrics.serve(stopping.clone()));
}

/// Seeks to lead, or leads alone where that is not wanted.
async fn campaign(
    context: &Context,
    args: &Args,
    own_namespace: &str,
    candidacy: watch::Sender<bool>,
    mut stopping: watch::Receiver<bool>,
) {
    if args.leader_election {
        let lease = (own_namespace, args.lease_name.as_str());
        leader::campaign(context.client.clone(), lease, candidacy, stopping).await;
    } else {
        stopped(&mut stopping).await;
    }
}

async fn keep_keys(
    context: &Arc<Context>,
    own_namespace: String,
    awaited: Awaited,
    renew: Signal,
    stopping: watch::Receiver<bool>,
) {
    keys::keep(
        context.keys.clone(),
        context.client.clone(),
        own_namespace,
        awaited,
        Signals { demands: renew, leading: context.leading.clone(), stopping },
        async |change| context.keys_changed(change).await,
    )
    .await;
}

async fn publish_certificate(
    context: &Arc<Context>,
    own_namespace: &str,
    stopping: watch::Receiver<bool>,
) {
    let config_maps = Api::namespaced(context.client.clone(), own_namespace);
    publish::keep(context.keys.clone(), config_maps, context.leading.clone(), stopping).await;
}

async fn watch_all(
    context: &Arc<Context>,
    watched: Vec<Watched>,
    args: &Args,
    stopping: &watch::Receiver<bool>,
) {
    let watches = watched.into_iter().map(|watched| {
        watches::run(watched, &args.label_selector, context.clone(), stopping.clone())
    });
    futures::future::join_all(watches).await;
}

/// Upstream's flags that mean nothing here are taken, so that an upgrade in place starts.
fn say_what_is_superseded(args: &Args) {
    if args.watch_for_secrets {
        info!("--watch-for-secrets is superseded: keys are always watched");
    }
    if args.max_unseal_retries != 5 {
        info!("--max-unseal-retries is superseded: what can heal is tried for as long as it takes");
    }
}

/// The client, and what tells its cluster from others.
async fn connect(args: &Args) -> Result<(Client, String), Error> {
    let no_cluster = |error: &dyn std::error::Error| Error::NoCluster(error.to_string());
    let mut config = Config::infer().await.map_err(|error| no_cluster(&error))?;
    config.connect_timeout = Some(Duration::from_secs(10));
    // Longer than any watch, which ends and is begun again after less than five minutes.
    config.read_timeout = Some(Duration::from_secs(300));
    let cluster = mark_of_cluster(&config);
    let builder = ClientBuilder::try_from(config).map_err(|error| no_cluster(&error))?;
    let builder = builder.with_layer(&ApiPatience::default());
    let client = match ApiLimit::new(args.kubeclient_qps, args.kubeclient_burst) {
        Some(limit) => builder.with_layer(&limit).build(),
        None => builder.build(),
    };
    Ok((client, cluster))
}

fn own_namespace() -> String {
    let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let variable = std::env::var("POD_NAMESPACE").ok().and_then(given);
    let file = || std::fs::read_to_string(SERVICE_ACCOUNT).ok().and_then(given);
    variable.or_else(file).unwrap_or_else(|| {
        warn!(
            "neither POD_NAMESPACE nor a pod says which namespace the keys are in: default it is"
        );
        "default".to_owned()
    })
}

/// The namespaces to watch, `None` standing for all of them.
async fn watched_namespaces(client: &Client, args: &Args, own: &str) -> Vec<Option<String>> {
    let additional = args.additional_namespaces.iter().filter(|name| !name.is_empty());
    let mut additional: Vec<&String> = additional.collect();
    additional.sort();
    additional.dedup();
    if args.all_namespaces && additional.is_empty() {
        return vec![None];
    }
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let mut watched = vec![Some(own.to_owned())];
    for name in additional.into_iter().filter(|name| *name != own) {
        match namespaces.get_opt(name).await {
            Ok(None) => warn!("additional namespace {name} does not exist: it is skipped"),
            // Without the right to look, watching is the only way to find out.
            Ok(Some(_)) | Err(_) => watched.push(Some(name.clone())),
        }
    }
    watched
}

/// Lets the API server read the selector, which would else fail in every watch.
async fn check_label_selector(
    client: &Client,
    selector: &str,
    namespace: &str,
) -> Result<(), Error> {
    let objects: Api<SealedSecret> = Api::namespaced(client.clone(), namespace);
    let one = ListParams::default().labels(selector).limit(1);
    match objects.list(&one).await {
        Err(kube::Error::Api(status)) if status.code == 400 => {
            Err(Error::LabelSelector(status.message))
        }
        _ => Ok(()),
    }
}

async fn stop_on_signal(stop: watch::Sender<bool>, mut terminate: Signal, mut interrupt: Signal) {
    tokio::select! {
        _ = terminate.recv() => info!("SIGTERM: finishing the work in hand"),
        _ = interrupt.recv() => info!("SIGINT: finishing the work in hand"),
    }
    stop.send_replace(true);
}

fn listen_for(kind: SignalKind) -> Signal {
    signal(kind).expect("the runtime can listen for signals")
}

async fn overdue(mut stopping: watch::Receiver<bool>) {
    stopped(&mut stopping).await;
    tokio::time::sleep(GRACE).await;
}

/// Resolves once the process is told to stop.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    if stopping.wait_for(|stop| *stop).await.is_err() {
        // The sender is gone only when the process is on its way out.
        std::future::pending::<()>().await;
    }
}
