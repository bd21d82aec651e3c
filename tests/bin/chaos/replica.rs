//! One controller: a process that can be killed and started, with a clock and a road of its own.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use harness::{Context, Error, Namespace, Result, Signal, controller, process, program};
use tokio::sync::Mutex;
use tokio::time::sleep;

use crate::clock::Clock;
use crate::fault::Fault;
use crate::road::{Road, Weather};

/// How much of its log a failure shows.
const TAIL: usize = 40;

/// A controller, as a kubelet keeps it running.
pub(crate) struct Replica {
    namespace: Namespace,
    arguments: Vec<String>,
    clock: Clock,
    road: Road,
    log: PathBuf,
    child: Mutex<Option<Child>>,
    ended: AtomicUsize,
}

impl Replica {
    /// Starts it.
    pub(crate) async fn start(
        namespace: &Namespace,
        (number, seed): (usize, u64),
        arguments: &[String],
    ) -> Result<Self> {
        let cluster = namespace.cluster();
        let account = cluster.kubeconfig_for_token(namespace.name(), controller::NAME).await?;
        let file = |kind| cluster.logs().join(format!("{}-{number}.{kind}", namespace.name()));
        let road = Road::to(cluster.client_of(&account).await?, seed, file("kubeconfig")).await?;
        let replica = Self {
            namespace: namespace.clone(),
            arguments: arguments.to_vec(),
            clock: Clock::new(file("clock"))?,
            road,
            log: file("log"),
            child: Mutex::new(None),
            ended: AtomicUsize::new(0),
        };
        replica.run().await?;
        Ok(replica)
    }

    /// Lets a fault strike, and ends it unless it lasts.
    pub(crate) async fn suffer(&self, fault: Fault) -> Result<()> {
        match fault {
            Fault::Kill(time) => {
                self.kill().await;
                sleep(time).await;
                self.run().await?;
            }
            Fault::Pause(time) => {
                self.signal(Signal::STOP).await;
                sleep(time).await;
                self.signal(Signal::CONT).await;
            }
            Fault::Outage(time) => self.road.for_a_while(Weather::Closed, time).await,
            Fault::Cut => self.road.cut(),
            Fault::Refusals(percent, time) => {
                self.road.for_a_while(Weather::Refusals(percent), time).await;
            }
            Fault::Losses(percent, time) => {
                self.road.for_a_while(Weather::Losses(percent), time).await;
            }
            Fault::Clock(offset) => self.clock.show(offset)?,
            Fault::Renewal | Fault::ApiServer(_) => {}
        }
        Ok(())
    }

    /// Moves its clock to a time, in seconds since 1970 UTC.
    pub(crate) fn move_clock_to(&self, time: i64) -> Result<()> {
        self.clock.show(time - jiff::Timestamp::now().as_second())
    }

    /// Starts it unless it runs. One that ended by itself is started too, as a kubelet does.
    pub(crate) async fn run(&self) -> Result<()> {
        let mut child = self.child.lock().await;
        match child.as_mut().map(Child::try_wait) {
            Some(Ok(None)) => return Ok(()),
            Some(Ok(Some(status))) => {
                // Whoever cannot start says so and ends; nothing else ends by itself.
                if status.code() != Some(1) {
                    return Err(Error::new(format!("a controller ended by itself: {status}")));
                }
                self.ended.fetch_add(1, Ordering::Relaxed);
            }
            Some(Err(_)) | None => {}
        }
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.context(|| "cannot write a controller's log")?;
        let started = Command::new(program::built("controller")?)
            .args(["--listen-addr=127.0.0.1:0", "--listen-metrics-addr=127.0.0.1:0"])
            .args(&self.arguments)
            .env("KUBECONFIG", self.road.kubeconfig())
            .env("POD_NAMESPACE", self.namespace.name())
            .envs(self.clock.environment())
            .stdin(Stdio::null())
            .stdout(log.try_clone().context(|| "cannot write a controller's log")?)
            .stderr(log)
            .spawn();
        *child = Some(started.context(|| "cannot run the controller")?);
        Ok(())
    }

    async fn kill(&self) {
        if let Some(mut child) = self.child.lock().await.take() {
            // Both fail for one that has ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    async fn signal(&self, signal: Signal) {
        if let Some(child) = &*self.child.lock().await {
            // It fails for one that has ended by itself.
            let _ = process::signal(child.id(), signal);
        }
    }

    /// How often it ended by itself.
    pub(crate) fn ended(&self) -> usize {
        self.ended.load(Ordering::Relaxed)
    }

    /// Whether it ever panicked.
    pub(crate) fn has_panicked(&self) -> bool {
        self.said().contains("panicked")
    }

    /// The end of what it said.
    pub(crate) fn last_words(&self) -> String {
        let said = self.said();
        let lines: Vec<_> = said.lines().collect();
        lines[lines.len().saturating_sub(TAIL)..].join("\n")
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.get_mut().take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
