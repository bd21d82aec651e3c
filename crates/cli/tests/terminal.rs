//! kubeseal at a terminal: what it asks, what it shows of the answers, and what becomes of them.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "runs are made otherwise here")]
mod support;

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::pty::openpty;
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, tcgetattr};
use nix::unistd::Pid;
use support::{KUBESEAL, Opener};

/// More than any answer takes.
const LIMIT: Duration = Duration::from_secs(30);

const SEALED: &str = "\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: db, namespace: prod}
spec:
  encryptedData: {} # none yet
";

/// What was on the screen, the exit code, and what the terminal is like then.
struct Session {
    screen: String,
    code: Option<i32>,
    /// Whether it shows what is typed.
    shows: bool,
    /// What was typed and nobody has read: the shell would.
    left: String,
}

/// What is done once a prompt is there.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Type(&'static str),
    Kill(Signal),
    /// Somebody else writes the file.
    Write(&'static str),
}
use Answer::{Kill, Type, Write as Overwrite};

/// Runs kubeseal with a terminal of its own, and types each answer once its prompt is on the screen.
fn at_a_terminal(folder: &Path, args: &[&str], answers: &[(&str, Answer)]) -> Session {
    let terminal = openpty(None, None).unwrap();
    let mut slave = File::from(terminal.slave);
    let end = || Stdio::from(slave.try_clone().unwrap());
    // util-linux's setsid makes it the terminal that /dev/tty is.
    let mut child = Command::new("setsid")
        .args(["--ctty", "--wait", KUBESEAL])
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .stdin(end())
        .stdout(end())
        .stderr(end())
        .spawn()
        .unwrap();
    let mut master = File::from(terminal.master);
    let mut reader = master.try_clone().unwrap();
    let (sender, pieces) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        // At the end of the other side Linux says EIO.
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            let _ = sender.send(String::from_utf8_lossy(&buffer[..count]).into_owned());
        }
    });
    let mut screen = String::new();
    for (prompt, answer) in answers {
        let seen = screen.len();
        while !screen[seen..].contains(prompt) {
            let piece = pieces.recv_timeout(LIMIT);
            screen += &piece.unwrap_or_else(|_| panic!("{prompt:?} does not come: {screen:?}"));
        }
        match answer {
            Type(text) => master.write_all(text.as_bytes()).unwrap(),
            Kill(signal) => kill(child_of(child.id()), *signal).unwrap(),
            Overwrite(text) => {
                std::fs::write(folder.join("s.yaml"), text).unwrap();
                master.write_all(b"hunter2\n").unwrap();
            }
        }
    }
    let code = child.wait().unwrap().code();
    let shows =
        tcgetattr(&slave).unwrap().local_flags.contains(LocalFlags::ECHO | LocalFlags::ICANON);
    // An end for whoever reads, if nothing else is left.
    master.write_all(b"\x04").unwrap();
    let mut left = [0; 256];
    let count = slave.read(&mut left).unwrap();
    let left = String::from_utf8_lossy(&left[..count]).into_owned();
    drop(slave);
    while let Ok(piece) = pieces.recv_timeout(LIMIT) {
        screen += &piece;
    }
    Session { screen, code, shows, left }
}

/// The program that setsid waits for, or has become.
fn child_of(setsid: u32) -> Pid {
    let children = format!("/proc/{setsid}/task/{setsid}/children");
    let children = std::fs::read_to_string(children).unwrap();
    let child = children.split_whitespace().next().map(|child| child.parse().unwrap());
    Pid::from_raw(child.unwrap_or_else(|| setsid.try_into().unwrap()))
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("s.yaml"), SEALED).unwrap();
    std::fs::write(folder.path().join("cert.pem"), &support::common().files["cert.pem"]).unwrap();
    folder
}

const SET: [&str; 5] = ["set", "s.yaml", "password", "--cert", "cert.pem"];

const FIRST: &str = "value of password: ";
const SECOND: &str = "the same again: ";

#[test]
fn a_value_is_asked_for_twice_sealed_and_never_shown() {
    let folder = folder();
    let answers = [(FIRST, Type("hunter2\n")), (SECOND, Type("hunter2\n"))];
    let session = at_a_terminal(folder.path(), &SET, &answers);
    assert_eq!(session.code, Some(0), "{}", session.screen);
    assert!(!session.screen.contains("hunter2"), "{}", session.screen);
    assert!(session.shows);
    let written = std::fs::read_to_string(folder.path().join("s.yaml")).unwrap();
    let written = Opener::new(&support::common()).readable(&written);
    let sealed = "# none yet\n    password: <sealed 'prod/db' aHVudGVyMg==>\n";
    assert_eq!(written, SEALED.replace("{} # none yet\n", sealed));
}

#[test]
fn whoever_mistypes_gives_up_or_is_killed_changes_nothing() {
    for answers in [
        &[(FIRST, Type("hunter2\n")), (SECOND, Type("hunter3\n"))][..],
        &[(FIRST, Type("hunter2\n")), (SECOND, Type("hunter2\u{3}"))],
        &[(FIRST, Type("hunter2\u{3}"))],
        &[(FIRST, Type("\u{4}"))],
        &[(FIRST, Type("hunter2\u{17}"))],
        &[(FIRST, Type("\u{1b}[200~hunter2\u{1b}[201~\n"))],
        &[(FIRST, Kill(Signal::SIGTERM))],
        &[(FIRST, Kill(Signal::SIGHUP))],
        &[(FIRST, Type("hunter2\n")), (SECOND, Kill(Signal::SIGINT))],
        &[(FIRST, Kill(Signal::SIGQUIT))],
    ] {
        let folder = folder();
        let session = at_a_terminal(folder.path(), &SET, answers);
        assert_eq!(session.code, Some(2), "{answers:?}: {}", session.screen);
        assert!(session.screen.contains("nothing was changed"), "{}", session.screen);
        assert!(!session.screen.contains("hunter"), "{}", session.screen);
        assert!(session.shows, "{answers:?}");
        assert_eq!(session.left, "", "{answers:?}");
        let text = std::fs::read_to_string(folder.path().join("s.yaml")).unwrap();
        assert_eq!(text, SEALED, "{answers:?}");
    }
}

#[test]
fn of_several_lines_that_are_pasted_none_is_left_to_the_shell() {
    let folder = folder();
    let answers = [(FIRST, Type("hunter2\n")), (SECOND, Type("hunter2\nhunter3\nrm -rf x\n"))];
    let session = at_a_terminal(folder.path(), &SET, &answers);
    assert_eq!((session.code, session.left.as_str()), (Some(0), ""), "{}", session.screen);
}

#[test]
fn what_somebody_else_writes_meanwhile_is_not_lost() {
    const OTHER: &str =
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: new}\n";
    let folder = folder();
    let answers = [(FIRST, Type("hunter2\n")), (SECOND, Overwrite(OTHER))];
    let session = at_a_terminal(folder.path(), &SET, &answers);
    assert_eq!(session.code, Some(2), "{}", session.screen);
    assert!(session.screen.contains("changed meanwhile"), "{}", session.screen);
    assert_eq!(std::fs::read_to_string(folder.path().join("s.yaml")).unwrap(), OTHER);
}

#[test]
fn what_somebody_else_creates_meanwhile_is_not_replaced() {
    let folder = folder();
    std::fs::remove_file(folder.path().join("s.yaml")).unwrap();
    let args = ["create", "generic", "db", "password", "--cert", "cert.pem", "-w", "s.yaml"];
    let answers = [(FIRST, Type("hunter2\n")), (SECOND, Overwrite(SEALED))];
    let session = at_a_terminal(folder.path(), &args, &answers);
    assert_eq!(session.code, Some(5), "{}", session.screen);
    assert!(session.screen.contains("s.yaml is there already"), "{}", session.screen);
    assert_eq!(std::fs::read_to_string(folder.path().join("s.yaml")).unwrap(), SEALED);
}

/// What is created, what it asks for, and what of it is sealed.
const CREATED: [(&[&str], &str, &str); 3] = [
    (&["generic", "db", "token"], "value of token: ", "token: <sealed 'default/db' aHVudGVyMg==>"),
    (
        &["basic-auth", "db", "--username=shop"],
        "value of password: ",
        "password: <sealed 'default/db' aHVudGVyMg==>",
    ),
    (
        &["docker-registry", "db", "--docker-username=me", "--docker-server=x"],
        "value of the password: ",
        // {"auths":{"x":{"username":"me","password":"hunter2","auth":"bWU6aHVudGVyMg=="}}}
        ".dockerconfigjson: <sealed 'default/db' eyJhdXRocyI6eyJ4Ijp7InVzZXJuYW1lIjoibWUiLCJwYXNzd29yZCI6Imh1bnRlcjIiLCJhdXRoIjoiYldVNmFIVnVkR1Z5TWc9PSJ9fX0=>",
    ),
];

fn create<'a>(noun: &[&'a str]) -> Vec<&'a str> {
    [&["create"], noun, &["--cert", "cert.pem", "-w", "new.yaml"]].concat()
}

#[test]
fn what_is_created_is_asked_for_twice_and_never_shown() {
    for (noun, prompt, sealed) in CREATED {
        let folder = folder();
        let answers = [(prompt, Type("hunter2\n")), (SECOND, Type("hunter2\n"))];
        let session = at_a_terminal(folder.path(), &create(noun), &answers);
        assert_eq!(session.code, Some(0), "{noun:?}: {}", session.screen);
        assert!(!session.screen.contains("hunter2"), "{}", session.screen);
        let written = std::fs::read_to_string(folder.path().join("new.yaml")).unwrap();
        let written = Opener::new(&support::common()).readable(&written);
        assert!(written.contains(sealed), "{written}");
    }
}

#[test]
fn whoever_gives_up_creates_nothing() {
    for (noun, prompt, _) in CREATED {
        for second in ["hunter3\n", "\u{3}"] {
            let folder = folder();
            let answers = [(prompt, Type("hunter2\n")), (SECOND, Type(second))];
            let session = at_a_terminal(folder.path(), &create(noun), &answers);
            assert_eq!(session.code, Some(2), "{noun:?}: {}", session.screen);
            assert!(!session.screen.contains("hunter"), "{}", session.screen);
            assert!(!folder.path().join("new.yaml").exists());
        }
    }
}

#[test]
fn nobody_is_asked_in_vain() {
    let folder = folder();
    std::fs::write(folder.path().join("new.yaml"), "old").unwrap();
    for (noun, _, _) in CREATED {
        let session = at_a_terminal(folder.path(), &create(noun), &[]);
        assert_eq!(session.code, Some(5), "{noun:?}: {}", session.screen);
        assert!(session.screen.contains("new.yaml is there already"), "{}", session.screen);
    }
}

#[test]
fn the_passphrase_of_a_backup_is_asked_for_and_never_shown() {
    const PROMPT: &str = "passphrase of the backup: ";
    for (typed, code, says) in [
        // Opened; and then there is no cluster to restore into.
        ("correct horse battery\n", 3, "no cluster"),
        ("wrong horse battery\n", 4, "the passphrase is another one"),
        ("horse battery\u{3}", 2, "interrupted"),
        ("\n", 2, "the passphrase is empty"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let backup = include_str!("backups/passphrase.age");
        std::fs::write(folder.path().join("keys.age"), backup).unwrap();
        let session = at_a_terminal(
            folder.path(),
            &["keys", "restore", "keys.age"],
            &[(PROMPT, Type(typed))],
        );
        assert_eq!(session.code, Some(code), "{typed:?}: {}", session.screen);
        assert!(session.screen.contains(says), "{typed:?}: {}", session.screen);
        assert!(!session.screen.contains("horse"), "{}", session.screen);
        assert!(session.shows);
    }
}

#[test]
fn on_a_terminal_the_doctor_has_marks_and_colours() {
    let folder = tempfile::tempdir().unwrap();
    let session = at_a_terminal(folder.path(), &["doctor"], &[]);
    assert_eq!(session.code, Some(3), "{}", session.screen);
    let line = "\u{1b}[31m✗\u{1b}[0m  cluster  no cluster: there is no kubeconfig";
    assert!(session.screen.starts_with(line), "{:?}", session.screen);
}
