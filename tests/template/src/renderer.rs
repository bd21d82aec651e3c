//! A program that renders, watched over: one that dies or hangs is started anew.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::case::{self, Case, Outcome, Phase};
use crate::{Context, Result};

/// How long a template may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that reads requests and answers them, line by line.
pub struct Renderer {
    program: PathBuf,
    arguments: &'static [&'static str],
    environment: Vec<(&'static str, PathBuf)>,
    patience: Duration,
    running: Option<Running>,
}

struct Running {
    child: Child,
    requests: ChildStdin,
    answers: Receiver<String>,
}

impl Renderer {
    /// A program that is started with the first request.
    #[must_use]
    pub fn new(program: PathBuf, arguments: &'static [&'static str]) -> Self {
        Self { program, arguments, environment: Vec::new(), patience: PATIENCE, running: None }
    }

    /// The same with another patience.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The same with a variable in its environment.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: PathBuf) -> Self {
        self.environment.push((name, value));
        self
    }

    /// What the program makes of the case: `killed` when it died over it or had to be stopped.
    ///
    /// # Errors
    /// When the program cannot be started, or answers what is no answer.
    pub fn render(&mut self, case: &Case) -> Result<Outcome> {
        match self.ask(&case::request(case))? {
            Ok(line) => case::read_answer(&line),
            Err(why) => Ok(Outcome::failed(Phase::Killed, why)),
        }
    }

    /// The line that answers `request`, or why there is none.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn ask(&mut self, request: &str) -> Result<std::result::Result<String, &'static str>> {
        let running = match &mut self.running {
            Some(running) => running,
            None => {
                let started = start(&self.program, self.arguments, &self.environment)?;
                self.running.insert(started)
            }
        };
        let sent = writeln!(running.requests, "{request}").and_then(|()| running.requests.flush());
        let answer = match sent {
            Ok(()) => running.answers.recv_timeout(self.patience),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        };
        let why = match answer {
            Ok(line) => return Ok(Ok(line)),
            Err(RecvTimeoutError::Timeout) => "hung",
            Err(RecvTimeoutError::Disconnected) => "died",
        };
        self.restart();
        Ok(Err(why))
    }

    /// Ends the program; the next request starts it anew.
    pub fn restart(&mut self) {
        self.running = None;
    }
}

fn start(
    program: &PathBuf,
    arguments: &[&str],
    environment: &[(&str, PathBuf)],
) -> Result<Running> {
    let step = || format!("cannot run {}", program.display());
    let mut child = Command::new(program)
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .env("TZ", "UTC")
        .env("GOTRACEBACK", "none")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context(step)?;
    let requests = child.stdin.take().expect("stdin is piped");
    let mut output = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let (sender, answers) = channel();
    thread::spawn(move || {
        let mut line = String::new();
        while output.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
            if sender.send(std::mem::take(&mut line)).is_err() {
                return;
            }
        }
    });
    Ok(Running { child, requests, answers })
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
