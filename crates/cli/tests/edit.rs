//! `edit` when it is ended from outside: what was typed is gone, and the file is as it was.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "runs are made otherwise here")]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::{KUBESEAL, Opener};

/// More than a start takes.
const LIMIT: Duration = Duration::from_secs(30);

const SEALED: &str = "\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: db, namespace: prod}
spec: {encryptedData: {}}
";

/// An editor that types a value, says where, and stays until it is told to go.
const EDITOR: &str = "echo 'a: hunter2' >>\"$1\"\necho \"$1\" >typed.part\nmv typed.part typed\n\
                      while [ ! -e go ] && [ -e s.yaml ]; do sleep 0.02; done\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("s.yaml"), SEALED).unwrap();
    std::fs::write(folder.path().join("edit.sh"), EDITOR).unwrap();
    std::fs::write(folder.path().join("cert.pem"), &support::common().files["cert.pem"]).unwrap();
    folder
}

/// Starts it, and waits until the value lies on the desk.
fn typed(folder: &Path) -> (Child, PathBuf) {
    let child = kubeseal(folder).spawn().unwrap();
    (child, typed_on(folder))
}

/// Where it lies, once it is typed.
fn typed_on(folder: &Path) -> PathBuf {
    let typed = eventually(|| std::fs::read_to_string(folder.join("typed")).ok());
    PathBuf::from(typed.trim())
}

fn kubeseal(folder: &Path) -> Command {
    called(KUBESEAL.as_ref(), folder)
}

fn called(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(["edit", "s.yaml", "--cert", "cert.pem"])
        .current_dir(folder)
        .env("EDITOR", "sh ./edit.sh")
        .env_remove("VISUAL")
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn eventually<T>(what: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(there) = what() {
            return there;
        }
        assert!(start.elapsed() < LIMIT, "it does not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
}

#[test]
fn told_to_end_it_wipes_the_desk_and_changes_nothing() {
    for signal in [
        Signal::SIGTERM,
        Signal::SIGHUP,
        Signal::SIGUSR1,
        Signal::SIGUSR2,
        Signal::SIGALRM,
        Signal::SIGVTALRM,
        Signal::SIGPROF,
        Signal::SIGXCPU,
        Signal::SIGXFSZ,
        Signal::SIGIO,
        Signal::SIGPWR,
        Signal::SIGSTKFLT,
    ] {
        let folder = folder();
        let (mut child, sheet) = typed(folder.path());
        assert!(std::fs::read_to_string(&sheet).unwrap().contains("hunter2"));
        send(&child, signal);
        assert_eq!(child.wait().unwrap().code(), Some(2), "{signal}");
        std::fs::write(folder.path().join("go"), "").unwrap();
        assert!(!sheet.parent().unwrap().exists(), "{signal}");
        assert_eq!(std::fs::read_to_string(folder.path().join("s.yaml")).unwrap(), SEALED);
    }
}

#[test]
fn an_interrupt_is_the_editors() {
    let folder = folder();
    let (mut child, sheet) = typed(folder.path());
    send(&child, Signal::SIGINT);
    send(&child, Signal::SIGQUIT);
    std::fs::write(folder.path().join("go"), "").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!sheet.parent().unwrap().exists());
    assert_ne!(std::fs::read_to_string(folder.path().join("s.yaml")).unwrap(), SEALED);
}

#[test]
fn what_a_kill_leaves_is_wiped_at_the_next_start() {
    let folder = folder();
    // A place of its own: every kubeseal that starts meanwhile sweeps the others.
    let place = tempfile::tempdir_in("/dev/shm").unwrap();
    let mut command = kubeseal(folder.path());
    let mut child = command.env("XDG_RUNTIME_DIR", place.path()).spawn().unwrap();
    let sheet = typed_on(folder.path());
    assert!(sheet.starts_with(place.path()), "{}", sheet.display());
    send(&child, Signal::SIGKILL);
    child.wait().unwrap();
    std::fs::write(folder.path().join("go"), "").unwrap();
    assert!(sheet.exists(), "a killed process wipes nothing");
    let mut next = Command::new(KUBESEAL);
    let next = next.arg("--version").env("XDG_RUNTIME_DIR", place.path()).output().unwrap();
    assert!(next.status.success() && next.stderr.is_empty());
    assert!(!sheet.parent().unwrap().exists());
}

/// Asks for every copy that vim can keep, again when the file is read and written.
const VIMRC: &str = "\
autocmd!
set undofile undodir=~/kept backup writebackup backupdir=~/kept patchmode=.orig
set swapfile updatecount=1 directory=~/kept viminfo='100,<50 viminfofile=~/kept/viminfo
autocmd BufReadPost * setlocal undofile swapfile
autocmd BufWritePre * set backup undofile viminfofile=~/kept/viminfo
";

/// Nothing is tested where there is no vim.
#[test]
fn no_vimrc_makes_vim_keep_what_is_typed() {
    let Ok(vim) = Command::new("vim").arg("--version").output() else { return };
    let folder = folder();
    let kept = folder.path().join("kept");
    std::fs::create_dir(&kept).unwrap();
    std::fs::write(folder.path().join(".vimrc"), VIMRC).unwrap();
    std::fs::remove_file(folder.path().join("edit.sh")).unwrap();
    // The second time there is an old text to be kept; a register holds what is yanked.
    let typing = "vim --not-a-term -T dumb -c 'normal Goa: hunter2' -c yank -c write \
                  -c 'normal GAhunter2' -c wq";
    let edited = kubeseal(folder.path())
        .env("EDITOR", typing)
        .env("HOME", folder.path())
        .stdout(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(edited.status.code(), Some(0), "{}", String::from_utf8_lossy(&vim.stdout));
    let written = std::fs::read_to_string(folder.path().join("s.yaml")).unwrap();
    let written = Opener::new(&support::common()).readable(&written);
    assert!(written.contains("<sealed 'prod/db' aHVudGVyMmh1bnRlcjI=>"), "{written}");
    let kept = support::files(&kept).into_iter().map(|(name, _)| name);
    assert_eq!(kept.collect::<Vec<_>>(), Vec::<String>::new());
    for (name, bytes) in support::files(folder.path()) {
        assert!(!String::from_utf8_lossy(&bytes).contains("hunter2"), "{name}");
    }
}

#[test]
fn edits_at_one_time_leave_each_other_alone_whatever_the_program_is_called() {
    let folder = folder();
    let plugin = folder.path().join("kubectl-seal");
    // A link would do for the name by which it is called, not for the one that the kernel knows.
    std::fs::copy(KUBESEAL, &plugin).unwrap();
    let mut child = called(&plugin, folder.path()).spawn().unwrap();
    let sheet = typed_on(folder.path());
    let other = tempfile::tempdir().unwrap();
    for name in ["s.yaml", "cert.pem"] {
        std::fs::copy(folder.path().join(name), other.path().join(name)).unwrap();
    }
    let beside = called(&plugin, other.path()).env("EDITOR", "true").status().unwrap();
    assert!(beside.success());
    assert!(sheet.exists());
    std::fs::write(folder.path().join("go"), "").unwrap();
    assert!(child.wait().unwrap().success());
    assert_ne!(std::fs::read_to_string(folder.path().join("s.yaml")).unwrap(), SEALED);
}

/// An editor that changes nothing, and shows that it was there.
const STARTED: &str = "touch started";

#[test]
fn a_folder_that_cannot_be_written_is_told_before_anything_is_typed() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let folder = folder();
    let mode = |mode| std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(folder.path(), mode(0o555)).unwrap();
    let mut command = kubeseal(folder.path());
    command.env("EDITOR", STARTED).stderr(Stdio::piped());
    if std::fs::metadata(folder.path()).unwrap().uid() == 0 {
        // Whoever is root may write everywhere; this is nobody.
        command.uid(65534).gid(65534);
    }
    let output = command.output().unwrap();
    std::fs::set_permissions(folder.path(), mode(0o755)).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("error: cannot write s.yaml: permission denied\nhint: "), "{said}");
    assert_eq!(output.status.code(), Some(2));
    assert!(!folder.path().join("started").exists());
}
