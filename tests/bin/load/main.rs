//! `load`: a cluster full of SealedSecrets, and what the controller makes of it.

#![allow(clippy::print_stdout, reason = "a program's main may talk")]

mod api;
mod fill;
mod latency;
mod process;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use harness::{Cluster, Error, Installation, Namespace, Options, Result, eventually, http};

use fill::Filling;

/// Longer than a large filling takes.
const LIMIT: Duration = Duration::from_secs(3600);

/// Fills the control plane that it runs in, starts the controller, and prints what that takes.
#[derive(Parser)]
struct Arguments {
    /// SealedSecrets
    #[arg(long, default_value = "2000")]
    objects: usize,
    /// Items of each
    #[arg(long, default_value = "3")]
    items: usize,
    /// Sealing keys of 4096 bits
    #[arg(long, default_value = "24")]
    keys: usize,
    /// Which keys the objects are sealed with
    #[arg(long, value_enum, default_value = "random")]
    sealed_with: SealedWith,
    /// Secrets of 10 KiB that are none of the controller's business
    #[arg(long, default_value = "0")]
    foreign: usize,
    /// Objects to apply at 20 a second, for the latency from apply to Secret
    #[arg(long, default_value = "200")]
    applied: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SealedWith {
    /// Any of them, each object with one
    Random,
    /// The newest
    Newest,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { objects, items, keys, foreign, applied, sealed_with } = *arguments;
    let is_random = sealed_with == SealedWith::Random;
    let sealed_with = if is_random { "any of them" } else { "the newest" };
    println!(
        "{objects} objects x {items} items, {keys} keys, sealed with {sealed_with}, {foreign} \
         foreign Secrets"
    );
    let namespace = Cluster::connect().await?.namespace("load").await?;
    let filling = Filling::new(keys).await;
    println!("RSA operations a second, on one core: {:.0}", filling.rsa_per_second());
    filling.store_keys(&namespace).await?;
    fill::foreign(&namespace, foreign).await?;
    filling.objects(&namespace, "s", objects, items, is_random).await?;

    let (place, cold) = started(&namespace, objects).await?;
    println!("cold: all Secrets after {:.1} s", cold.as_secs_f64());
    report(&place, &namespace).await?;

    let (place, restart) = restarted(place).await?;
    println!("restart: ready after {:.1} s", restart.as_secs_f64());
    report(&place, &namespace).await?;
    free(&place, &namespace).await?;

    let steady = latency::measure(&filling, &place, "l", applied, items).await?;
    println!("apply to Secret at 20/s: {steady}");

    // The same while a start works through a backlog.
    let mut place = place;
    place.controller.stop().await?;
    filling.objects(&namespace, "b", objects, items, is_random).await?;
    let place = Installation::without_key(&namespace, options()).await?;
    let busy = latency::measure(&filling, &place, "m", applied, items).await?;
    println!("the same while a start works through {objects} unsynced objects: {busy}");
    println!("peak memory: {} KiB", process::peak_memory(place.controller.id()));
    Ok(())
}

/// Starts a controller and waits until every object has its Secret.
async fn started(namespace: &Namespace, objects: usize) -> Result<(Installation, Duration)> {
    api::mark(namespace).await;
    let since = Instant::now();
    let place = Installation::without_key(namespace, options()).await?;
    latency::appeared(namespace, "s", objects).await?;
    Ok((place, since.elapsed()))
}

async fn restarted(mut place: Installation) -> Result<(Installation, Duration)> {
    settled(&place).await?;
    place.controller.stop().await?;
    api::mark(&place.namespace).await;
    let since = Instant::now();
    place.start_again(options()).await?;
    settled(&place).await?;
    Ok((place, since.elapsed()))
}

/// Ready, and with everything looked at.
async fn settled(place: &Installation) -> Result<()> {
    let (ready, metrics) = (place.controller.url() + "/readyz", place.controller.metrics_url());
    eventually("everything was looked at", LIMIT, async || {
        let ready = http::get(&ready).await.ok()?.status() == 200;
        let metrics = http::get(&format!("{metrics}/metrics")).await.ok()?;
        let text = String::from_utf8_lossy(metrics.body()).into_owned();
        (ready && text.contains("objects_by_key{")).then_some(())
    })
    .await
}

async fn report(place: &Installation, namespace: &Namespace) -> Result<()> {
    let metrics = Metrics::of(place).await?;
    println!("  RSA operations: {}", metrics.value("rsa_operations_total"));
    println!("  objects opened: {}", metrics.value("unseal_requests_total"));
    println!("  CPU seconds: {:.1}", process::cpu_seconds(place.controller.id()));
    println!("  peak memory: {} KiB", process::peak_memory(place.controller.id()));
    println!("  API requests: {}", api::told(&api::since_mark(namespace).await));
    Ok(())
}

/// A restart over objects that have their Secrets opens nothing and writes nothing to them.
async fn free(place: &Installation, namespace: &Namespace) -> Result<()> {
    let metrics = Metrics::of(place).await?;
    let operations = metrics.value("rsa_operations_total");
    let requests = api::since_mark(namespace).await;
    let writes = requests.into_iter().filter(api::is_write).collect::<Vec<_>>();
    if operations == "0" && writes.is_empty() {
        return Ok(());
    }
    let writes = api::told(&writes);
    Err(Error::new(format!("the restart cost {operations} RSA operations, and {writes}")))
}

/// What the controller counts.
struct Metrics(String);

impl Metrics {
    async fn of(place: &Installation) -> Result<Self> {
        let metrics = http::get(&format!("{}/metrics", place.controller.metrics_url())).await?;
        Ok(Self(String::from_utf8_lossy(metrics.body()).into_owned()))
    }

    fn value(&self, name: &str) -> &str {
        let name = format!("sealed_secrets_controller_{name} ");
        self.0.lines().find_map(|line| line.strip_prefix(&name)).unwrap_or_default()
    }
}

fn options() -> Options {
    Options::default()
}
