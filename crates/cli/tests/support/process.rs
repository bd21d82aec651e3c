//! A process, held at its end: it has done everything, and its memory is still there.

use std::fs;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use nix::sys::ptrace::{self, Event, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// More than any run takes; after it, a run that hangs is killed and fails the test.
const PATIENCE: Duration = Duration::from_secs(60);

/// The kernel's PTRACE_EVENT_EXIT.
const AT_THE_END: i32 = Event::PTRACE_EVENT_EXIT as i32;

/// A command whose process stops before it runs `program`, so that it can be taken hold of.
pub(crate) fn stopped_first(program: &Path) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", r#"kill -STOP $$; exec "$0" "$@""#]).arg(program);
    command
}

/// A process held at its end.
pub(crate) struct Ended {
    pid: Pid,
    /// Ends the watch over its time when it is dropped.
    _watch: mpsc::Sender<()>,
}

impl Ended {
    /// Runs a command that is [`stopped_first`], and gives it `input`.
    #[expect(clippy::zombie_processes, reason = "exit_code waits for it")]
    pub(crate) fn run(command: &mut Command, input: Vec<u8>) -> Self {
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let pid = Pid::from_raw(child.id().try_into().unwrap());
        let ended = Self { pid, _watch: watched(pid) };

        let stopped = waitpid(pid, Some(WaitPidFlag::WUNTRACED)).unwrap();
        assert_eq!(stopped, WaitStatus::Stopped(pid, Signal::SIGSTOP));
        ptrace::seize(pid, Options::PTRACE_O_TRACEEXIT | Options::PTRACE_O_EXITKILL)
            .expect("whoever started a process may trace it");
        kill(pid, Signal::SIGCONT).unwrap();

        let mut stdin = child.stdin.take().unwrap();
        // A run that fails early does not read its input; that is no failure of the test.
        let giver = std::thread::spawn(move || drop(stdin.write_all(&input)));
        loop {
            match waitpid(pid, None).unwrap() {
                WaitStatus::PtraceEvent(_, _, AT_THE_END) => break,
                WaitStatus::PtraceEvent(..) => ptrace::cont(pid, None).unwrap(),
                WaitStatus::Stopped(_, Signal::SIGCONT) => ptrace::cont(pid, None).unwrap(),
                WaitStatus::Stopped(_, signal) => ptrace::cont(pid, signal).unwrap(),
                other => panic!("{other:?}"),
            }
        }
        drop(giver);
        ended
    }

    /// A file of its folder in /proc.
    pub(crate) fn proc(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.pid))
    }

    /// The memory that it could write to or has made, with the names of the mappings.
    pub(crate) fn memory(&self) -> Vec<(String, Vec<u8>)> {
        let maps = fs::read_to_string(self.proc("maps")).unwrap();
        let memory = fs::File::open(self.proc("mem")).unwrap();
        let mappings = maps.lines().filter_map(Mapping::parse).filter(Mapping::is_its_own);
        let read = |mapping: Mapping| {
            let mut bytes = vec![0; mapping.length];
            memory.read_exact_at(&mut bytes, mapping.start).unwrap();
            (mapping.name, bytes)
        };
        mappings.map(read).collect()
    }

    /// Lets it go.
    pub(crate) fn exit_code(self) -> i32 {
        ptrace::cont(self.pid, None).unwrap();
        match waitpid(self.pid, None).unwrap() {
            WaitStatus::Exited(_, code) => code,
            other => panic!("{other:?}"),
        }
    }
}

/// Kills a process when its time is up, unless the sender has gone by then.
fn watched(pid: Pid) -> mpsc::Sender<()> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        if receiver.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            let _ = kill(pid, Signal::SIGKILL);
        }
    });
    sender
}

/// A line of /proc/PID/maps (proc_pid_maps(5)).
struct Mapping {
    start: u64,
    length: usize,
    permissions: String,
    is_of_a_file: bool,
    name: String,
}

impl Mapping {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let (start, end) =
            (u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?);
        Some(Self {
            start,
            length: usize::try_from(end - start).ok()?,
            permissions: words.next()?.to_owned(),
            is_of_a_file: words.nth(2)? != "0",
            name: words.collect::<Vec<_>>().join(" "),
        })
    }

    /// Not the program's text, nor what the kernel puts in.
    fn is_its_own(&self) -> bool {
        let is_readable = self.permissions.starts_with('r') && self.permissions.ends_with('p');
        let is_written = self.permissions.contains('w') || !self.is_of_a_file;
        is_readable && is_written && !self.name.starts_with("[v")
    }
}
