//! What a person sees while something takes minutes: one moving line on a terminal, plain lines
//! in a log.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const FRAMES: [char; 4] = ['|', '/', '-', '\\'];
const FRAME: Duration = Duration::from_millis(200);

/// Where progress is told.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    terminal: bool,
}

impl Progress {
    /// Talks on standard error.
    pub fn stderr() -> Self {
        Self { terminal: std::io::stderr().is_terminal() }
    }

    /// Tells one line.
    pub fn say(self, line: &str) {
        // Nobody is left to be told when standard error is closed.
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    /// Tells that `task` has begun; the line moves on a terminal until the returned value is
    /// finished or dropped.
    #[must_use]
    pub fn begin(self, task: &str) -> Task {
        if !self.terminal {
            self.say(&format!("{task} …"));
        }
        let moving = self.terminal.then(|| Moving::start(task.to_owned()));
        Task { progress: self, name: task.to_owned(), since: Instant::now(), moving }
    }
}

/// A task that takes a while.
pub struct Task {
    progress: Progress,
    name: String,
    since: Instant,
    moving: Option<Moving>,
}

impl Task {
    /// Tells that the task has ended well, and how long it took.
    pub fn finish(mut self) {
        drop(self.moving.take());
        self.progress.say(&format!("{}: done in {}", self.name, elapsed(self.since.elapsed())));
    }
}

/// The thread that draws; dropping it wipes the line.
struct Moving {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Moving {
    fn start(task: String) -> Self {
        let (stop, stopped) = channel();
        let since = Instant::now();
        let thread = std::thread::spawn(move || {
            for frame in FRAMES.iter().cycle() {
                let time = elapsed(since.elapsed());
                draw(&format!("\r{frame} {task} {time} "));
                if stopped.recv_timeout(FRAME) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            draw("\r\x1b[K");
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Moving {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It only draws: that it panicked changes nothing.
            let _ = thread.join();
        }
    }
}

fn draw(text: &str) {
    let mut stderr = std::io::stderr().lock();
    // Nobody is left to be told when standard error is closed.
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

fn elapsed(time: Duration) -> String {
    format!("{}:{:02} min", time.as_secs() / 60, time.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_and_seconds() {
        assert_eq!(elapsed(Duration::from_millis(59_999)), "0:59 min");
        assert_eq!(elapsed(Duration::from_secs(455)), "7:35 min");
    }
}
