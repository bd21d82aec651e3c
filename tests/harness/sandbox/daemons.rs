//! The control plane's processes and their logs.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use futures::future::{pending, select_all};
use tokio::process::{Child, Command};

use crate::{Context, Error, Result};

/// How many lines of each log a failure shows.
const TAIL: usize = 15;

pub(super) struct Daemons {
    logs: PathBuf,
    running: Vec<(&'static str, Child)>,
}

impl Daemons {
    pub(super) fn new(logs: &Path) -> Result<Self> {
        fs::create_dir_all(logs).context(|| format!("cannot create {}", logs.display()))?;
        Ok(Self { logs: logs.to_owned(), running: Vec::new() })
    }

    /// Starts one in a process group of its own: Ctrl-C is for the command, which still needs an
    /// API server while it ends.
    pub(super) fn start(&mut self, name: &'static str, mut command: Command) -> Result<()> {
        let log = self.log(name);
        let step = || format!("cannot write {}", log.display());
        let stdout = File::create(&log).context(step)?;
        let stderr = stdout.try_clone().context(step)?;
        let child = command
            .stdin(std::process::Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context(|| format!("cannot run {name}"))?;
        self.running.push((name, child));
        Ok(())
    }

    /// Waits for `step`, unless one of them ends meanwhile. A failure shows their last words.
    pub(super) async fn meanwhile<T>(
        &mut self,
        step: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let outcome = tokio::select! {
            outcome = step => outcome,
            name = self.first_to_end() => Err(Error::new(format!("{name} ended by itself"))),
        };
        outcome.map_err(|error| Error::new(format!("{error:#}\n{}", self.last_words())))
    }

    /// Ends them all. Nothing in them is worth an orderly end.
    pub(super) async fn stop(mut self) {
        for (_, child) in &mut self.running {
            // It fails for one that has ended already.
            let _ = child.kill().await;
        }
    }

    async fn first_to_end(&mut self) -> &'static str {
        if self.running.is_empty() {
            return pending().await;
        }
        let ends = self.running.iter_mut().map(|(name, child)| {
            Box::pin(async {
                // That we cannot wait for it tells as much as that it ended.
                let _ = child.wait().await;
                *name
            })
        });
        select_all(ends).await.0
    }

    fn last_words(&self) -> String {
        self.running.iter().map(|(name, _)| tail(name, &self.log(name))).collect()
    }

    fn log(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }
}

fn tail(name: &str, log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    let last = lines.get(lines.len().saturating_sub(TAIL)..).unwrap_or_default();
    format!("--- the end of {name}'s log\n{}\n", last.join("\n"))
}
