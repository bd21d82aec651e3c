//! `keys` before API servers that answer in odd ways: nothing is taken out of use on the strength of an
//! answer that says nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// What a server says to a request, `METHOD PATH?QUERY`, that it has not answered so often yet.
type Answer = fn(&str, usize) -> (u16, String);

const SECRETS: &str = "/api/v1/namespaces/kube-system/secrets";
const SEALED: &str = "/apis/bitnami.com/v1alpha1/sealedsecrets";

/// What time it has: none of any key of the vectors, and not today.
const DATE: &str = "Tue, 01 Jan 2041 00:00:00 GMT";

/// A server on the loopback address, for as many requests as one run makes.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    /// Objects that it was given.
    posted: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let posted = Arc::new(Mutex::new(Vec::new()));
        let (log, given) = (asked.clone(), posted.clone());
        // It ends with the process: each test has one of its own.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = serve(stream.unwrap(), &log, &given, answer);
            }
        });
        Self { url, asked, posted }
    }

    fn run(&self, args: &[&str]) -> Output {
        let folder = tempfile::tempdir().unwrap();
        let mut kubeseal = Command::new(env!("CARGO_BIN_EXE_kubeseal"));
        kubeseal.arg("keys").args(args).args(["--server", &self.url, "--kubeconfig", "/dev/null"]);
        kubeseal.env_clear().env("HOME", folder.path()).output().unwrap()
    }

    /// How often something was asked for that begins so.
    fn count(&self, beginning: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| asked.starts_with(beginning)).count()
    }
}

fn serve(
    stream: TcpStream,
    log: &Mutex<Vec<String>>,
    given: &Mutex<Vec<Value>>,
    answer: Answer,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let asked = request.rsplit_once(' ').map_or("", |(asked, _)| asked).to_owned();
    let before = log.lock().unwrap().iter().filter(|other| **other == asked).count();
    log.lock().unwrap().push(asked.clone());
    if asked.starts_with("POST") {
        given.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    }
    let (status, body) = answer(&asked, before);
    let more = if status == 429 { "Retry-After: 1\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{more}\
         Date: {DATE}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    (&stream).write_all((head + &body).as_bytes())
}

fn status(code: u16, reason: &str) -> (u16, String) {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code,
        "message": reason,
    });
    (code, status.to_string())
}

fn list(kind: &str, items: &[Value], next: &str) -> (u16, String) {
    let list = json!({ "kind": kind, "apiVersion": "v1", "metadata": { "continue": next }, "items": items });
    (200, list.to_string())
}

/// The key Secrets of the vectors: the second is the newest.
fn key(index: usize) -> Value {
    let vectors: Value =
        serde_json::from_str(include_str!("../../crypto/tests/vectors/v1.json")).unwrap();
    let key = &vectors["keys"][index];
    let text = |field: &str| STANDARD.encode(key[field].as_str().unwrap());
    json!({
        "kind": "Secret", "apiVersion": "v1",
        "metadata": {
            "name": format!("key-{index}"),
            "resourceVersion": "7",
            "labels": { "sealedsecrets.bitnami.com/sealed-secrets-key": "active" },
        },
        "data": { "tls.key": text("private_key_pem"), "tls.crt": text("certificate_pem") },
    })
}

/// The keys, and nothing under the name of the first versions.
fn keys(asked: &str) -> (u16, String) {
    let is_legacy = asked.contains("fieldSelector");
    list("SecretList", if is_legacy { Vec::new() } else { vec![key(0), key(1)] }.as_slice(), "")
}

fn is_of(asked: &str, path: &str) -> bool {
    asked.strip_prefix("GET ").is_some_and(|asked| asked.starts_with(path))
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn on_an_answer_that_is_no_list_nothing_is_retired() {
    const NO_LISTS: [Answer; 6] = [
        |_, _| (200, r#"{"status":"ok"}"#.to_owned()),
        |_, _| (200, "[]".to_owned()),
        |_, _| (200, "<html>".to_owned()),
        |_, _| (200, r#"{"kind":"SealedSecretList"}"#.to_owned()),
        |_, _| (500, "no".to_owned()),
        |_, _| status(404, "NotFound"),
    ];
    fn answer<const N: usize>(asked: &str, before: usize) -> (u16, String) {
        if is_of(asked, SECRETS) {
            keys(asked)
        } else if is_of(asked, SEALED) {
            NO_LISTS[N](asked, before)
        } else {
            status(404, "NotFound")
        }
    }
    for answer in [answer::<0>, answer::<1>, answer::<2>, answer::<3>, answer::<4>, answer::<5>] {
        let server = Server::start(answer);
        let output = server.run(&["retire", "key-0"]);
        assert_eq!(output.status.code(), Some(3), "{}", told(&output));
        assert_eq!((server.count("PATCH"), server.count(&format!("GET {SEALED}"))), (0, 1));
    }
}

#[test]
fn a_list_is_read_to_its_last_page_and_anew_when_it_grew_old() {
    let server = Server::start(|asked, before| {
        if is_of(asked, SECRETS) {
            return keys(asked);
        }
        match asked.split_once("&continue=").map(|(_, token)| token) {
            None => list("SealedSecretList", &[sealed("one")], "a/b"),
            Some("a%2Fb") if before == 0 => status(410, "Expired"),
            Some("a%2Fb") => list("SealedSecretList", &[sealed("two")], "c"),
            Some(_) => list("SealedSecretList", &[sealed("three")], ""),
        }
    });
    let output = server.run(&["list", "-o", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["unopened"], json!(["shop/one", "shop/two", "shop/three"]));
}

fn sealed(name: &str) -> Value {
    json!({
        "metadata": { "namespace": "shop", "name": name },
        "spec": { "encryptedData": { "a": "AA" } },
    })
}

#[test]
fn a_list_without_an_end_is_given_up() {
    let server = Server::start(|asked, _| {
        if is_of(asked, SECRETS) { keys(asked) } else { list("SealedSecretList", &[], "again") }
    });
    let output = server.run(&["list"]);
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    assert_eq!(server.count(&format!("GET {SEALED}")), 2);
}

#[test]
fn a_server_that_is_asked_too_often_is_asked_again() {
    let server = Server::start(|asked, before| {
        if is_of(asked, SEALED) && before == 0 {
            status(429, "TooManyRequests")
        } else if is_of(asked, SEALED) {
            list("SealedSecretList", &[], "")
        } else {
            keys(asked)
        }
    });
    let output = server.run(&["list"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
}

#[test]
fn a_key_that_somebody_changed_meanwhile_is_left_alone() {
    let server = Server::start(|asked, _| {
        if asked.starts_with("PATCH") {
            status(409, "Conflict")
        } else if is_of(asked, SEALED) {
            list("SealedSecretList", &[], "")
        } else if is_of(asked, SECRETS) {
            keys(asked)
        } else {
            status(404, "NotFound")
        }
    });
    let output = server.run(&["retire", "key-0"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(told(&output).contains("it was changed meanwhile"), "{}", told(&output));
    assert_eq!(server.count("PATCH"), 1);
}

#[test]
fn what_is_applied_while_a_key_is_retired_brings_it_back() {
    let server = Server::start(|asked, before| {
        if asked.starts_with("PATCH") {
            (200, key(0).to_string())
        } else if is_of(asked, SEALED) {
            let applied = [late()];
            list("SealedSecretList", &applied[..before.min(1)], "")
        } else if is_of(asked, SECRETS) {
            keys(asked)
        } else {
            status(404, "NotFound")
        }
    });
    let output = server.run(&["retire", "key-0"]);
    assert_eq!(output.status.code(), Some(5), "{}", told(&output));
    assert!(told(&output).contains("the key is in use again"), "{}", told(&output));
    assert_eq!(server.count("PATCH"), 2);
}

#[test]
fn a_new_key_is_of_the_servers_time() {
    let server = Server::start(|asked, _| {
        if asked.starts_with("POST") {
            return (201, key(1).to_string());
        }
        match asked {
            "GET /version" => (200, r#"{"gitVersion":"v1.34.4"}"#.to_owned()),
            _ if is_of(asked, SECRETS) => keys(asked),
            _ => (200, "ok".to_owned()),
        }
    });
    let output = server.run(&["generate", "--key-size", "2048"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(told(&output).contains("this machine's clock is not the API server's"));
    let made = server.posted.lock().unwrap().pop().unwrap();
    let certificate = made["data"]["tls.crt"].as_str().unwrap();
    let certificate = String::from_utf8(STANDARD.decode(certificate).unwrap()).unwrap();
    let certificate = sealwright_crypto::Certificate::from_pem(&certificate).unwrap();
    assert_eq!(certificate.validity().not_before, 2_240_611_200);
}

/// An object that only the older key opens.
fn late() -> Value {
    let vectors: Value =
        serde_json::from_str(include_str!("../../crypto/tests/vectors/v1.json")).unwrap();
    let certificate = vectors["keys"][0]["certificate_pem"].as_str().unwrap();
    let certificate = sealwright_crypto::Certificate::from_pem(certificate).unwrap();
    let value = sealwright_crypto::Plaintext::new(b"value".to_vec());
    let value = sealwright_crypto::seal(certificate.public_key(), b"shop/late", &value);
    json!({
        "metadata": { "namespace": "shop", "name": "late", "uid": "u", "generation": 1 },
        "spec": { "encryptedData": { "a": STANDARD.encode(value) } },
    })
}
